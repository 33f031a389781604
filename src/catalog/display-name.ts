import type { Signal } from '../connector/index.ts';
import { aiWordByCapitals, aiWordOf, categoryWordOf } from './ai-words.ts';
import type { Catalog, Claim } from './catalog.ts';
import type { Grade, Reason } from './match.ts';
import { formOf, readDisguised, readName, type ReadName } from './normalise.ts';

/** What a display name says: the whole of it first, then what it looks like, then the names within it, then the words that it uses. */
export function reasonsOfDisplayName(catalog: Catalog, signal: Signal): Reason[] {
  const name = readName(signal.value);
  const whole = named(catalog, signal, name);
  if (whole.length > 0) return whole;
  const alike = lookingLike(catalog, signal, name);
  if (alike.length > 0) return alike;
  return reasonsWithinOrOfAi(catalog, signal, name, { start: 'likely', elsewhere: 'suspected', general: 'likely' });
}

/** Names within the name; where they only raise a suspicion, or there are none, also the words that speak of AI. */
export function reasonsWithinOrOfAi(catalog: Catalog, signal: Signal, { given, words, all = words }: Spoken, grades: Grades): Reason[] {
  const telling = all.some((word) => catalog.isTelling(word));
  const within = telling ? reasonsWithin(catalog, signal, words, grades) : NONE;
  if (within.some(({ grade }) => grade !== 'suspected')) return within;
  const word = (telling ? aiWordOf(all) : undefined) ?? aiWordByCapitals(given);
  if (word === undefined) return within;
  return [...within, { signal, grade: 'suspected', speaksFor: '', why: `its name speaks of AI ("${word}")` }];
}

interface Spoken {
  given: string;
  words: readonly string[];
  /** Also the words of the namespace, where the name stands in one. */
  all?: readonly string[];
}

/** How sure a distinctive name within a longer one makes. */
interface Grades {
  start: Grade;
  elsewhere: Grade;
  /** The same of a general product's name at the start; absent where that says nothing, as of a credential. */
  general?: Grade;
}

const NONE: Reason[] = [];

function named(catalog: Catalog, signal: Signal, { words, counts }: ReadName): Reason[] {
  // Every spelling begins with the first word; most first words begin no name of the catalog.
  const most = words.length === 0 ? 0 : catalog.mostWords(words[0]!);
  for (const count of counts) {
    if (count > most) continue;
    const form = formOf(words, count);
    const claims = catalog.claims('app_name', form);
    if (claims.length > 0) return told(catalog, signal, claims, words.slice(count), `calls itself "${form}"`);
  }
  return NONE;
}

/**
 * A name that others use too needs a second signal; a word of AI, or of the product's category, in the same name is one.
 * Where it speaks for one product alone, that is the one.
 */
function told(catalog: Catalog, signal: Signal, claims: readonly Claim[], others: readonly string[], why: string): Reason[] {
  const second = new Map<string, string>();
  if (others.length > 0)
    for (const { id, ambiguous } of claims) {
      const product = catalog.product(id);
      const word = ambiguous && product?.tier === 'ai' ? (aiWordOf(others) ?? categoryWordOf(others, product.category)) : undefined;
      if (word !== undefined) second.set(id, word);
    }
  return claims.map((claim): Reason => {
    const word = second.size === 1 ? second.get(claim.id) : undefined;
    if (word !== undefined) return { signal, grade: 'likely', speaksFor: claim.id, why: `${why} and says "${word}"` };
    return {
      signal,
      grade: claim.ambiguous ? 'suspected' : 'likely',
      speaksFor: claim.id,
      why: claim.ambiguous ? `${why}, which others use too` : why,
    };
  });
}

/** Shorter names look like too much else. */
const SHORTEST_LOOK = 5;
/** With letters of another script, or some that cannot be seen, chance is less likely. */
const SHORTEST_SEEN = 3;

/** A name of the catalog that the eye would take this one for. Spaces alone are no disguise: "Chat GPT" is ChatGPT. */
function lookingLike(catalog: Catalog, signal: Signal, name: ReadName): Reason[] {
  const seen = readDisguised(name);
  const { words, counts } = seen ?? name;
  const found = catalog.nameLike(words, counts);
  if (!found || found.form.length < (seen ? SHORTEST_SEEN : SHORTEST_LOOK)) return NONE;
  const bare = withoutSpaces(found.form);
  // Where nothing was hidden, and the letters are the same, only the spaces differ.
  const spelt =
    (!seen || seen.words.join(' ') === name.words.join(' ')) &&
    name.counts.some((count) => withoutSpaces(formOf(name.words, count)) === bare);
  const why = `calls itself "${found.form}" ${spelt ? 'with other spaces' : 'in disguised letters'}`;
  const reasons = told(catalog, signal, found.claims, words.slice(found.count), why);
  return spelt ? reasons : reasons.map((reason) => ({ ...reason, flag: 'disguised' }));
}

function withoutSpaces(form: string): string {
  return form.replaceAll(' ', '');
}

/**
 * Names of products within a longer name, longest first. A distinctive one at the start says whose the app is; further on it may be
 * what the app works with. Ordinary words and first names need a word of AI beside them.
 */
function reasonsWithin(catalog: Catalog, signal: Signal, words: readonly string[], grades: Grades): Reason[] {
  let found: Reason[] | undefined;
  for (let at = 0; at < words.length;) {
    const span = catalog.nameAt(words, at);
    if (!span) {
      at++;
      continue;
    }
    const aiWord = aiWordOf(words.filter((_, index) => index < at || index >= span.end));
    for (const claim of span.claims) {
      const grade = gradeWithin(catalog, claim, { at, form: span.form, aiWord, only: span.claims.length === 1 }, grades);
      if (grade === undefined) continue;
      const why = `names "${span.form}"${aiWord === undefined ? '' : ` and says "${aiWord}"`}`;
      (found ??= []).push({ signal, grade, speaksFor: claim.id, why });
    }
    at = span.end;
  }
  return found ?? NONE;
}

interface Span {
  at: number;
  form: string;
  aiWord: string | undefined;
  /** Whether one product alone claims it. */
  only: boolean;
}

function gradeWithin(catalog: Catalog, claim: Claim, span: Span, grades: Grades): Grade | undefined {
  const several = span.form.includes(' ');
  if (catalog.isNegative(claim.id)) return several ? 'likely' : undefined;
  const start = span.at === 0;
  const distinctive = !claim.ambiguous && !claim.whole && (several || span.form.length >= SHORTEST_LOOK);
  if (catalog.product(claim.id)!.tier === 'ai_feature') {
    // A general tool's name beside a word of AI: whose AI that is, nobody can say.
    if (!distinctive || !start) return undefined;
    return span.aiWord === undefined ? grades.general : 'suspected';
  }
  if (distinctive) return start ? grades.start : grades.elsewhere;
  if (span.aiWord === undefined) return undefined;
  return start && span.only ? 'likely' : 'suspected';
}
