import type { Signal } from '../connector/index.ts';
import type { Catalog } from './catalog.ts';
import { reasonsOfDisplayName } from './display-name.ts';
import { reasonsOf } from './reasons.ts';

/**
 * How sure a match is. `exact`: an immutable id. `strong`: something that only the vendor controls, or an unambiguous
 * namespaced name. `likely`: a display name that is no common word. `suspected`: AI-like, or an ambiguous name. `no`: nothing matched.
 */
export type Grade = 'exact' | 'strong' | 'likely' | 'suspected' | 'no';

/** `ai_feature` = a general product with AI features: it is shown, and never counts as unsanctioned AI by itself. */
export type Verdict = 'ai' | 'ai_feature' | 'suspected' | 'not_ai' | 'unknown';

export interface Reason {
  signal: Signal;
  grade: Grade;
  /** Id of the product, or of the entry of the negative catalog, that the signal speaks for. */
  speaksFor: string;
  why: string;
  /** What the match has to say of itself if it rests on this. */
  flag?: Flag;
}

/** What the catalog makes of the signals of one app: never a bare yes or no. */
export interface Match {
  verdict: Verdict;
  grade: Grade;
  /** `vendor/product`; absent where more than one is possible, or none. */
  product?: string;
  productName?: string;
  vendor?: string;
  /** Products that it may be, the likeliest first. */
  candidates: readonly string[];
  reasons: readonly Reason[];
  /**
   * `name_differs`: the id is known and the app calls itself something else, so it was renamed or impersonates.
   * `disguised`: the name only matches once look-alike letters or invisible characters are taken out.
   * `id_differs`: it bears a name that the vendor controls, but not one of the ids that the catalog knows of the vendor's app.
   */
  flags: readonly Flag[];
}

export type Flag = 'name_differs' | 'disguised' | 'id_differs';

/** Signals that anybody can choose. */
export const NAMES: ReadonlySet<string> = new Set(['app_name', 'extension_name']);
const RANK: Readonly<Record<Grade, number>> = { exact: 4, strong: 3, likely: 2, suspected: 1, no: 0 };

const UNKNOWN: Match = Object.freeze({ verdict: 'unknown', grade: 'no', candidates: [], reasons: [], flags: [] });

/** Matches what is known about one app, immutable ids first; a name never outvotes an id. */
export function match(catalog: Catalog, signals: readonly Signal[]): Match {
  const reasons = signals.length === 1 ? reasonsOf(catalog, signals[0]!) : reasonsOfAll(catalog, signals);
  return reasons.length === 0 ? UNKNOWN : decided(catalog, signals, reasons);
}

/** What several signals say; three names of one pattern are one reason, told once. */
function reasonsOfAll(catalog: Catalog, signals: readonly Signal[]): Reason[] {
  const told = new Map<string, Reason>();
  for (const signal of signals)
    for (const reason of reasonsOf(catalog, signal)) {
      const key = `${signal.type} ${reason.grade} ${reason.speaksFor} ${reason.why}`;
      if (!told.has(key)) told.set(key, reason);
    }
  return [...told.values()];
}

function decided(catalog: Catalog, signals: readonly Signal[], reasons: readonly Reason[]): Match {
  const negative: Reason[] = [];
  const positive: Reason[] = [];
  for (const reason of reasons)
    if (catalog.isNegative(reason.speaksFor)) negative.push(reason);
    else positive.push(signals.length === 1 ? reason : withoutForeignId(catalog, reason, signals));
  if (positive.length > 1) positive.sort((a, b) => RANK[b.grade] - RANK[a.grade]);
  const best = positive[0];
  const flags = flagsOf(catalog, signals, positive);
  // The negative catalog outranks names, but not ids; by an id it outranks all but ids.
  const outranked = negative.some((reason) => best && RANK[best.grade] <= (reason.grade === 'exact' ? RANK.strong : RANK.likely));
  if (!best || outranked) return { verdict: 'not_ai', grade: 'no', candidates: [], reasons: negative, flags };
  const candidates = distinct(positive.map((reason) => reason.speaksFor)).filter((id) => id !== '');
  const contradicted = best.grade !== 'exact' && positive.some((rival) => rival.grade === best.grade && rival.speaksFor !== best.speaksFor);
  const grade: Grade = contradicted ? 'suspected' : best.grade;
  if (grade === 'suspected') {
    // Whichever of them it is, AI is not what it is for.
    const general = positive.every((reason) => catalog.product(reason.speaksFor)?.tier === 'ai_feature');
    return { verdict: general ? 'ai_feature' : 'suspected', grade, candidates, reasons: positive, flags };
  }
  const product = catalog.product(best.speaksFor)!;
  return {
    verdict: product.tier,
    grade,
    product: product.id,
    productName: product.name,
    vendor: product.vendor,
    candidates,
    reasons: positive,
    flags,
  };
}

function distinct(ids: string[]): string[] {
  return ids.length === 1 ? ids : [...new Set(ids)];
}

/** Names that go with an id: a name can be given up and taken by somebody else, the id cannot. */
const GOES_WITH: Readonly<Record<string, string>> = { github_app: 'github_app_id', bot_login: 'bot_user_id' };

/** A name that the vendor controls says little where the id beside it is not the vendor's. */
function withoutForeignId(catalog: Catalog, reason: Reason, signals: readonly Signal[]): Reason {
  const idType = GOES_WITH[reason.signal.type];
  const id = signals.find((signal) => signal.type === idType);
  if (reason.grade !== 'strong' || !idType || !id || !catalog.knows(reason.speaksFor, idType)) return reason;
  if (catalog.claims(idType, id.value).some((claim) => claim.id === reason.speaksFor)) return reason;
  return { ...reason, grade: 'likely', why: `${reason.why}, with an id that is not known to be its own`, flag: 'id_differs' };
}

function flagsOf(catalog: Catalog, signals: readonly Signal[], positive: readonly Reason[]): Flag[] {
  const flags: Flag[] = [];
  const known = signals.length > 1 ? positive.find((reason) => reason.grade === 'exact') : undefined;
  const name = known && signals.find((signal) => NAMES.has(signal.type));
  if (name && !reasonsOfDisplayName(catalog, name).some((reason) => reason.speaksFor === known.speaksFor)) flags.push('name_differs');
  for (const { flag } of positive) if (flag !== undefined && !flags.includes(flag)) flags.push(flag);
  return flags;
}
