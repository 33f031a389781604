import { lookupForm } from './catalog.ts';
import type { NegativeCatalog, VendorFile } from './product.ts';

/** A mistake that no schema can see: in which file and where, what is wrong, what to do. */
export interface CatalogFault {
  file: string;
  path: (string | number)[];
  message: string;
  fix: string;
}

interface NamedFile {
  /** As it is told to the reader. */
  file: string;
  content: VendorFile;
}

/** What is wrong with files of vendors that each keep to the schema: ids, order, and identifiers that two products claim. */
export function vendorFaults(files: readonly NamedFile[], negative: NegativeCatalog): CatalogFault[] {
  const faults = files.flatMap(({ file, content }) => ownFaults(content).map((fault) => ({ file, ...fault })));
  const ids = new Map<string, string>();
  const claimed = new Map<string, { product: string; ambiguous: boolean }>();
  for (const entry of negative.entries)
    for (const [type, values] of Object.entries(entry.signals))
      for (const value of values)
        claimed.set(`${type} ${lookupForm(type, value)}`, { product: `the negative catalog (${entry.id})`, ambiguous: false });
  for (const { file, content } of files)
    for (const [index, product] of content.products.entries()) {
      for (const [at, id] of [product.id, ...(product.formerIds ?? [])].entries()) {
        const path = ['products', index, ...(at === 0 ? ['id'] : ['formerIds', at - 1])];
        if (ids.has(id)) faults.push({ file, path, message: `the id "${id}" is taken, in ${ids.get(id)}`, fix: 'Choose another id.' });
        ids.set(id, file);
      }
      for (const [type, rows] of Object.entries(product.signals))
        for (const [at, row] of (rows ?? []).entries()) {
          const key = `${type} ${lookupForm(type, row.value)}`;
          const other = claimed.get(key);
          const mine = { product: product.id, ambiguous: row.ambiguous === true };
          claimed.set(key, other ?? mine);
          if (!other || (type === 'app_name' && (other.product === product.id || (other.ambiguous && mine.ambiguous)))) continue;
          const fix =
            type === 'app_name'
              ? 'Keep it with the product that goes by this name alone, or mark it "ambiguous": true at both.'
              : 'Keep it with the product that it identifies, and remove it from the other.';
          faults.push({
            file,
            path: ['products', index, 'signals', type, at, 'value'],
            message: `${type} "${row.value}" is claimed by ${other.product} too`,
            fix,
          });
        }
    }
  return faults;
}

function ownFaults({ vendor, products }: VendorFile): Omit<CatalogFault, 'file'>[] {
  const faults: Omit<CatalogFault, 'file'>[] = [];
  const fix = 'Put it in its place: files are sorted, so that a change shows as the lines that changed.';
  for (const [index, product] of products.entries()) {
    const before = products[index - 1];
    if (!product.id.startsWith(`${vendor.id}/`))
      faults.push({
        path: ['products', index, 'id'],
        message: `"${product.id}" is no id of ${vendor.id}`,
        fix: `Begin it with "${vendor.id}/".`,
      });
    if (before && before.id >= product.id)
      faults.push({ path: ['products', index, 'id'], message: `"${product.id}" stands after "${before.id}"`, fix });
    const types = Object.keys(product.signals);
    for (const [at, type] of types.entries())
      if (at > 0 && types[at - 1]! > type)
        faults.push({ path: ['products', index, 'signals', type], message: `"${type}" stands after "${types[at - 1]}"`, fix });
    for (const [type, rows] of Object.entries(product.signals))
      for (const [at, row] of (rows ?? []).entries())
        if (at > 0 && rows![at - 1]!.value >= row.value)
          faults.push({
            path: ['products', index, 'signals', type, at, 'value'],
            message: `"${row.value}" stands after "${rows![at - 1]!.value}"`,
            fix,
          });
  }
  return faults;
}
