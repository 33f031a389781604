import type { Signal } from '../connector/index.ts';
import type { Catalog, Claim } from './catalog.ts';
import { aiLike, nameForms, secretForms } from './normalise.ts';

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

/** Ids that are given once and never again. */
const IMMUTABLE = new Set([
  'oauth_client_id',
  'github_app_id',
  'bot_user_id',
  'extension_id',
  'aws_account_id',
  'credential_service',
  'github_product',
]);
const NAMES = new Set(['app_name', 'extension_name']);
const RANK: Readonly<Record<Grade, number>> = { exact: 4, strong: 3, likely: 2, suspected: 1, no: 0 };

/** Matches what is known about one app, immutable ids first; a name never outvotes an id. */
export function match(catalog: Catalog, signals: readonly Signal[]): Match {
  const reasons = signals.flatMap((signal) => reasonsFor(catalog, signal)).map((reason) => withoutForeignId(catalog, reason, signals));
  const negative = reasons.filter((reason) => catalog.isNegative(reason.speaksFor));
  const positive = reasons.filter((reason) => !catalog.isNegative(reason.speaksFor)).sort((a, b) => RANK[b.grade] - RANK[a.grade]);
  const best = positive[0];
  const flags = flagsOf(catalog, signals, positive);
  // The negative catalog outranks names, but not ids.
  if (negative.length > 0 && (!best || RANK[best.grade] <= RANK.likely))
    return { verdict: 'not_ai', grade: 'no', candidates: [], reasons: negative, flags };
  if (!best) return { verdict: 'unknown', grade: 'no', candidates: [], reasons: [], flags };
  const candidates = [...new Set(positive.filter((reason) => reason.speaksFor !== '').map((reason) => reason.speaksFor))];
  const rivals = new Set(positive.filter((reason) => reason.grade === best.grade).map((reason) => reason.speaksFor));
  const contradicted = best.grade !== 'exact' && rivals.size > 1;
  const grade: Grade = contradicted ? 'suspected' : best.grade;
  if (grade === 'suspected') {
    // Whichever of them it is, AI is not what it is for.
    const general = candidates.length > 0 && candidates.every((id) => catalog.product(id)?.tier === 'ai_feature');
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

/** Names that go with an id: a name can be given up and taken by somebody else, the id cannot. */
const GOES_WITH: Readonly<Record<string, string>> = { github_app: 'github_app_id', bot_login: 'bot_user_id' };

/** A name that the vendor controls says little where the id beside it is not the vendor's. */
function withoutForeignId(catalog: Catalog, reason: Reason, signals: readonly Signal[]): Reason {
  const idType = GOES_WITH[reason.signal.type];
  const id = signals.find((signal) => signal.type === idType);
  if (reason.grade !== 'strong' || !idType || !id || !catalog.knows(reason.speaksFor, idType)) return reason;
  if (catalog.claims(idType, id.value).some((claim) => claim.id === reason.speaksFor)) return reason;
  return { ...reason, grade: 'likely', why: `${reason.why}${FOREIGN_ID}` };
}

const FOREIGN_ID = ', with an id that is not known to be its own';

function reasonsFor(catalog: Catalog, signal: Signal): Reason[] {
  if (NAMES.has(signal.type)) return nameReasons(catalog, signal);
  if (signal.type === 'secret_name') return secretReasons(catalog, signal);
  if (signal.type === 'domain' || signal.type === 'webhook_host' || signal.type === 'oidc_issuer') return hostReasons(catalog, signal);
  if (signal.type === 'iam_name') return prefixReasons(catalog, signal);
  const value = signal.type === 'action' ? signal.value.toLowerCase().replace(/[@].*$/, '') : signal.value;
  return catalog
    .claims(signal.type, value)
    .map((claim) => reason(signal, claim, IMMUTABLE.has(signal.type) ? 'exact' : 'strong', `${signal.type} ${value}`));
}

function reason(signal: Signal, claim: Claim, grade: Grade, why: string): Reason {
  return {
    signal,
    grade: claim.ambiguous ? 'suspected' : grade,
    speaksFor: claim.id,
    why: claim.ambiguous ? `${why}, which others use too` : why,
  };
}

function nameReasons(catalog: Catalog, signal: Signal): Reason[] {
  const { plain, undisguised } = nameForms(signal.value);
  for (const form of plain) {
    const claims = catalog.claims('app_name', form);
    if (claims.length > 0) return claims.map((claim) => reason(signal, claim, 'likely', `calls itself "${form}"`));
  }
  for (const form of undisguised) {
    const claims = catalog.claims('app_name', form);
    if (claims.length > 0) return claims.map((claim) => reason(signal, claim, 'likely', `calls itself "${form}" in disguised letters`));
  }
  const word = aiLike(plain[0] ?? '');
  return word === undefined ? [] : [{ signal, grade: 'suspected', speaksFor: '', why: `its name speaks of AI ("${word}")` }];
}

function secretReasons(catalog: Catalog, signal: Signal): Reason[] {
  for (const form of secretForms(signal.value)) {
    const claims = catalog.claims('secret_name', form);
    if (claims.length > 0) return claims.map((claim) => reason(signal, claim, 'strong', `secret named ${form}`));
  }
  return [];
}

/** The host itself and every parent domain, on label borders: `notopenai.com` is not below `openai.com`. */
function hostReasons(catalog: Catalog, signal: Signal): Reason[] {
  const labels = signal.value.toLowerCase().replace(/\.$/, '').split('.');
  for (let first = 0; first < labels.length - 1; first++) {
    const host = labels.slice(first).join('.');
    const claims = [...catalog.claims(signal.type, host), ...(signal.type === 'domain' ? [] : catalog.claims('domain', host))];
    if (claims.length > 0) return claims.map((claim) => reason(signal, claim, 'strong', `host ${host}`));
  }
  return [];
}

function prefixReasons(catalog: Catalog, signal: Signal): Reason[] {
  const whole = catalog.claims(signal.type, signal.value);
  if (whole.length > 0) return whole.map((claim) => reason(signal, claim, 'likely', `named ${signal.value}`));
  for (let end = signal.value.length; end > 3; end--) {
    const claims = catalog.claims(signal.type, `${signal.value.slice(0, end)}*`);
    if (claims.length > 0) return claims.map((claim) => reason(signal, claim, 'likely', `named ${signal.value.slice(0, end)}…`));
  }
  return [];
}

function flagsOf(catalog: Catalog, signals: readonly Signal[], positive: readonly Reason[]): Flag[] {
  const flags: Flag[] = [];
  const known = positive.find((candidate) => candidate.grade === 'exact');
  const name = signals.find((signal) => NAMES.has(signal.type));
  if (known && name) {
    const claimed = nameReasons(catalog, name).map((candidate) => candidate.speaksFor);
    if (!claimed.includes(known.speaksFor)) flags.push('name_differs');
  }
  if (positive.some((candidate) => candidate.why.endsWith('in disguised letters'))) flags.push('disguised');
  if (positive.some((candidate) => candidate.why.endsWith(FOREIGN_ID))) flags.push('id_differs');
  return flags;
}
