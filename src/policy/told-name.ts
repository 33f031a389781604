/** The product, and the app's own name where that says more: an account may hold twenty things of one cloud service. */
export function toldName(productName: string | undefined, name: string): string {
  if (productName === undefined) return name;
  const [product, own] = [productName, name].map((text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')) as [string, string];
  return own.startsWith(product) || product.startsWith(own) ? productName : `${productName} (${name})`;
}
