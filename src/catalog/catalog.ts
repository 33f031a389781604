import { readFileSync } from 'node:fs';
import { nameForms } from './normalise.ts';

/** What is known of a product once it is matched. */
export interface KnownProduct {
  id: string;
  name: string;
  vendor: string;
  category: string;
  tier: 'ai' | 'ai_feature';
}

export interface Claim {
  /** Id of the product, or of the entry of the negative catalog. */
  id: string;
  /** Others use the value too: it may raise a suspicion, it never decides alone. */
  ambiguous: boolean;
}

/** The compiled catalog: every lookup is one access to a hash table. */
export interface Catalog {
  /** Names the content: stored with every scan, so that an old verdict can be explained. */
  hash: string;
  claims(type: string, value: string): readonly Claim[];
  product(id: string): KnownProduct | undefined;
  /** Does the catalog know identifiers of this type for the product? */
  knows(id: string, type: string): boolean;
  products(): Iterable<KnownProduct>;
  isNegative(id: string): boolean;
}

/** The form that tools/compile-catalog.ts writes. An id that starts with `?` is an ambiguous claim, one with `!` a negative one. */
export interface CompiledCatalog {
  hash: string;
  products: Readonly<Record<string, readonly [name: string, vendor: string, category: string, tier: 'ai' | 'ai_feature']>>;
  claims: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Loads the compiled catalog that the package carries. */
export function loadCatalog(): Catalog {
  return createCatalog(JSON.parse(catalogText()) as CompiledCatalog);
}

/** The compiled catalog as it is carried: kept once with the scans that it judged. */
export function catalogText(): string {
  return readFileSync(new URL('./compiled.json', import.meta.url), 'utf8');
}

export function createCatalog(compiled: CompiledCatalog): Catalog {
  const tables = new Map(Object.entries(compiled.claims).map(([type, values]) => [type, new Map(Object.entries(values))]));
  const product = (id: string): KnownProduct | undefined => {
    const row = Object.hasOwn(compiled.products, id) ? compiled.products[id] : undefined;
    return row && { id, name: row[0], vendor: row[1], category: row[2], tier: row[3] };
  };
  const identifiedByType = new Map<string, ReadonlySet<string>>();
  const identified = (type: string): ReadonlySet<string> => {
    let ids = identifiedByType.get(type);
    if (!ids) identifiedByType.set(type, (ids = new Set([...(tables.get(type)?.values() ?? [])].flat())));
    return ids;
  };
  return {
    hash: compiled.hash,
    claims(type, value) {
      const found = tables.get(type)?.get(value);
      if (found === undefined) return [];
      return (typeof found === 'string' ? [found] : found).map(claimOf);
    },
    product,
    knows: (id, type) => identified(type).has(id),
    products: () => Object.keys(compiled.products).map((id) => product(id)!),
    isNegative: (id) => id.startsWith('!'),
  };
}

function claimOf(text: string): Claim {
  return text.startsWith('?') ? { id: text.slice(1), ambiguous: true } : { id: text, ambiguous: false };
}

/** The spelling under which a claimed value is looked up. */
export function lookupForm(type: string, value: string): string {
  if (type === 'app_name') return nameForms(value).plain[0] ?? '';
  if (type === 'action') return value.toLowerCase();
  return value;
}
