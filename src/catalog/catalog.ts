import { readFileSync } from 'node:fs';
import { AI_WORDS, endsWithAi } from './ai-words.ts';
import { formOf, nameForms } from './normalise.ts';
import { packageForm } from './package-name.ts';
import { skeletonOf, weightOf } from './skeleton.ts';

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
  /** An ordinary word or a first name: within a longer name it means something else. */
  whole: boolean;
}

/** A name of the catalog that was found. */
export interface FoundName {
  /** As it stands in the catalog. */
  form: string;
  claims: readonly Claim[];
}

/** The compiled catalog: every lookup is one access to a hash table. */
export interface Catalog {
  /** Names the content: stored with every scan, so that an old verdict can be explained. */
  hash: string;
  claims(type: string, value: string): readonly Claim[];
  /** The longest display name that begins with the word at `from`, and the index after its last word. */
  nameAt(words: readonly string[], from: number): (FoundName & { end: number }) | undefined;
  /** The display name that looks like the first so many words, for the first of the counts for which there is one; longest first. */
  nameLike(words: readonly string[], counts: readonly number[]): (FoundName & { count: number }) | undefined;
  /** Whether a word begins a display name or is one that speaks of AI: most names have none, and need no second look. */
  isTelling(word: string): boolean;
  /** How many words the longest display name has that begins with the word; 0 where none does. */
  mostWords(first: string): number;
  product(id: string): KnownProduct | undefined;
  /** The id under which a product goes now, whatever it was called in an earlier catalog. */
  currentId(id: string): string;
  /** The ids under which a product went in earlier catalogs. */
  formerIds(id: string): readonly string[];
  /** Does the catalog know identifiers of this type for the product? */
  knows(id: string, type: string): boolean;
  /** Types of the identifiers by which the catalog knows a product alone, names among them. */
  identifiedBy(id: string): readonly string[];
  products(): Iterable<KnownProduct>;
  isNegative(id: string): boolean;
}

/**
 * The form that tools/compile-catalog.ts writes. A claim is an id, after `?` where it is ambiguous, `=` where it holds for the whole name only,
 * and `!` where it is of the negative catalog.
 */
export interface CompiledCatalog {
  hash: string;
  products: Readonly<Record<string, readonly [name: string, vendor: string, category: string, tier: 'ai' | 'ai_feature']>>;
  claims: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Former ids of products, and the present ones. */
  former?: Readonly<Record<string, string>>;
}

/** Loads the compiled catalog that the package carries. */
export function loadCatalog(): Catalog {
  return createCatalog(readCompiled());
}

/** The compiled catalog as the package carries it. */
export function readCompiled(): CompiledCatalog {
  return JSON.parse(readFileSync(new URL('./compiled.json', import.meta.url), 'utf8')) as CompiledCatalog;
}

export function createCatalog(compiled: CompiledCatalog): Catalog {
  const known = new Map<string, KnownProduct>();
  const product = (id: string): KnownProduct | undefined => {
    const row = known.has(id) || !Object.hasOwn(compiled.products, id) ? undefined : compiled.products[id];
    if (row) known.set(id, { id, name: row[0], vendor: row[1], category: row[2], tier: row[3] });
    return known.get(id);
  };
  const table = lazily((type: string) => new Map(Object.entries(Object.hasOwn(compiled.claims, type) ? compiled.claims[type]! : {})));
  const identified = lazily((type: string) => new Set([...table(type).values()].flat()));
  let index: NameIndex | undefined;
  const names = () => (index ??= indexOf(table('app_name')));
  return {
    hash: compiled.hash,
    currentId: (id) => (compiled.former && Object.hasOwn(compiled.former, id) ? compiled.former[id]! : id),
    formerIds: (id) => Object.entries(compiled.former ?? {}).flatMap(([former, now]) => (now === id ? [former] : [])),
    claims: (type, value) => (type === 'app_name' ? names().forms.get(value) : claimsOf(table(type).get(value))) ?? NONE,
    nameAt(words, from) {
      const { forms, mostWords } = names();
      const most = mostWords.get(words[from]!);
      if (most === undefined) return undefined;
      for (let end = Math.min(from + most, words.length); end > from; end--) {
        const form = end === from + 1 ? words[from]! : words.slice(from, end).join(' ');
        const found = forms.get(form);
        if (found !== undefined) return { form, claims: found, end };
      }
      return undefined;
    },
    mostWords: (first) => names().mostWords.get(first) ?? 0,
    nameLike(words, counts) {
      const { forms, numbers, bySkeleton } = names();
      let number = 0;
      let possible = false;
      for (let word = 0, shortest = counts.length - 1; shortest >= 0 && !possible; shortest--) {
        for (; word < counts[shortest]!; word++) number = (number + numberOf(words[word]!)) | 0;
        possible = numbers.has(number);
      }
      if (!possible) return undefined;
      for (const count of counts) {
        const form = bySkeleton(skeletonOf(formOf(words, count)));
        if (form !== undefined) return { form, claims: forms.get(form)!, count };
      }
      return undefined;
    },
    isTelling: (word) => names().mostWords.has(word) || endsWithAi(word),
    product,
    knows: (id, type) => identified(type).has(id),
    identifiedBy: (id) => Object.keys(compiled.claims).filter((type) => identified(type).has(id)),
    products: () => Object.keys(compiled.products).map((id) => product(id)!),
    isNegative: (id) => id.startsWith('!'),
  };
}

/** Nothing is built before it is asked for: most commands look up few types, and many none. */
function lazily<Key, Value>(build: (key: Key) => Value): (key: Key) => Value {
  const built = new Map<Key, Value>();
  return (key) => {
    let value = built.get(key);
    if (value === undefined) built.set(key, (value = build(key)));
    return value;
  };
}

interface NameIndex {
  forms: ReadonlyMap<string, readonly Claim[]>;
  /** How many words the longest name has that begins with a word. */
  mostWords: ReadonlyMap<string, number>;
  bySkeleton(skeleton: string): string | undefined;
  /** The sums of the weights of each name's letters. */
  numbers: ReadonlySet<number>;
}

function indexOf(compiled: ReadonlyMap<string, string | readonly string[]>): NameIndex {
  const forms = new Map([...compiled].map(([form, ids]) => [form, claimsOf(ids)]));
  // The words that speak of AI stand here too, so that one look-up a word answers both.
  const mostWords = new Map<string, number>([...AI_WORDS].map((word) => [word, 0]));
  for (const form of forms.keys()) {
    const words = form.split(' ');
    mostWords.set(words[0]!, Math.max(words.length, mostWords.get(words[0]!) ?? 0));
  }
  // The dearest of these, and asked only where the number of a name is that of a known one.
  let skeletons: ReadonlyMap<string, string> | undefined;
  const bySkeleton = (skeleton: string) => (skeletons ??= new Map([...forms.keys()].map((form) => [skeletonOf(form), form]))).get(skeleton);
  return { forms, mostWords, bySkeleton, numbers: new Set([...forms.keys()].map(numberOf)) };
}

function numberOf(form: string): number {
  let number = 0;
  for (let at = 0; at < form.length; at++) number = (number + weightOf(form.charCodeAt(at))) | 0;
  return number;
}

const NONE: readonly Claim[] = [];

function claimsOf(found: string | readonly string[] | undefined): readonly Claim[] {
  if (found === undefined) return NONE;
  return (typeof found === 'string' ? [found] : found).map(claimOf);
}

function claimOf(text: string): Claim {
  const mark = text[0];
  const marked = mark === '?' || mark === '=';
  return { id: marked ? text.slice(1) : text, ambiguous: mark === '?', whole: mark === '=' };
}

/** The spelling under which a claimed value is looked up. */
export function lookupForm(type: string, value: string): string {
  switch (type) {
    case 'app_name':
    case 'extension_name':
      return nameForms(value)[0] ?? '';
    case 'action':
    case 'bot_login':
    case 'commit_email':
    case 'github_owner':
      return value.toLowerCase();
    case 'commit_trailer':
      return trailerForm(value);
    case 'package':
      return packageForm(value);
    default:
      return value;
  }
}

/** A line that a tool signs commits with: without a picture before it and the address behind its link, which change from release to release. */
function trailerForm(line: string): string {
  return line
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .replace(/[.\s]+$/, '');
}
