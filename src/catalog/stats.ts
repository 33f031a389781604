import type { CompiledCatalog } from './catalog.ts';

export interface CatalogStats {
  hash: string;
  vendors: number;
  products: number;
  /** With a signal other than a display name, and how many vendors those have. */
  identified: number;
  vendorsIdentified: number;
  /** With two types of signal or more beside the display name. */
  twoTypes: number;
  nameOnly: number;
  /** Entries of the negative catalog. */
  negative: number;
  identifiers: Record<string, number>;
}

/** How large a catalog is, counted by what its products can be recognised by. */
export function statsOf(catalog: CompiledCatalog): CatalogStats {
  const types = new Map<string, Set<string>>(Object.keys(catalog.products).map((id) => [id, new Set()]));
  const negative = new Set<string>();
  for (const [type, values] of Object.entries(catalog.claims))
    for (const id of Object.values(values).flat()) {
      if (id.startsWith('!')) negative.add(id);
      else if (type !== 'app_name') types.get(id.replace(/^[?=]/, ''))!.add(type);
    }
  const identified = [...types].filter(([, of]) => of.size > 0).map(([id]) => id);
  return {
    hash: catalog.hash,
    vendors: new Set(Object.values(catalog.products).map(([, vendor]) => vendor)).size,
    products: types.size,
    identified: identified.length,
    vendorsIdentified: new Set(identified.map((id) => catalog.products[id]![1])).size,
    twoTypes: [...types.values()].filter((of) => of.size > 1).length,
    nameOnly: types.size - identified.length,
    negative: negative.size,
    identifiers: Object.fromEntries(Object.entries(catalog.claims).map(([type, values]) => [type, Object.keys(values).length])),
  };
}
