import { ConfigError } from '../connector/index.ts';
import { POWER } from './integration.ts';
import { isOver, isTooFar, MOST_DAYS_BETWEEN_REVIEWS, type Approval, type Denial, type Policy } from './policy.ts';
import { holdsHere } from './standing.ts';

/** A finding, as far as a decision about it goes. */
export interface Decidable {
  key: string;
  connector: string;
  account: string;
  appId: string;
  /** Undefined = the catalog does not know which it is. */
  product?: string;
  /** How sure it is that the app is of its product. */
  grade: string;
  /** What the app can do now. */
  ceiling: { data: NonNullable<NonNullable<Approval['ceiling']>['data']> };
}

/** A change of policy.json; `set`, `append` and `remove` are paths in the file. */
type Edit = { set: Path; value: unknown } | { append: Path; value: unknown } | { remove: Path };
type Path = readonly (string | number)[];

export interface Decision {
  list: 'approvals' | 'denials' | 'exceptions';
  /** Place of the entry in the list, counted from 0. */
  index: number;
  /**
   * `widened` = an entry of the same product and day says the same of this app too; `renewed` = the app's own entry says something else;
   * `parted` = the app is taken out of an entry that it shared, into one of its own.
   */
  how: 'added' | 'widened' | 'renewed' | 'parted';
  edits: readonly Edit[];
}

/** Facts of an entry that whoever decides gives; keys as in the file. */
export type Given<Entry> = { [Key in keyof Entry]?: Entry[Key] | undefined };
export type ApprovalFacts = Given<Omit<Approval, 'product' | 'apps' | 'connectors' | 'accounts' | 'ceiling' | 'decided' | 'reviewed'>>;
export type DenialFacts = Given<Omit<Denial, 'product' | 'apps' | 'connectors' | 'accounts' | 'decided'>>;
export type ExceptionFacts = Given<Omit<Policy['exceptions'][number], 'finding'>>;

interface Circumstances {
  now: Date;
  /** An entry of its own is added, whatever is there. */
  separate?: boolean | undefined;
  /** For every account: ids such as that of a service are the same in each. Absent = for the account of the finding alone. */
  everywhere?: boolean | undefined;
  /** An entry that lists other apps too is renewed for all of them. */
  all?: boolean | undefined;
}

/**
 * Approves the app of a finding, by its own id and in its account, for what it can do now. An entry of the app alone is renewed, and from
 * one that it shares it is taken out; an entry of the same product that says the same since today is widened by its id, unless only a name
 * ties the app to the product; else one is added.
 */
export function approve(found: Decidable, policy: Policy, facts: ApprovalFacts, circumstances: Circumstances): Decision {
  const { now, separate, all } = circumstances;
  refuseUnfit(facts);
  refuseOver(facts, ['expires', 'review'], now);
  if (facts.review !== undefined && facts.reviewEvery !== undefined)
    throw new ConfigError('--review and --review-every do not go together', { fix: 'Give one of the two.' });
  const entries = policy.approvals;
  const inForce = (entry: Approval) => !isOver(entry.expires, now);
  const today = dayOf(now);
  const own = separate ? -1 : ownOf('approvals', entries, found, circumstances, inForce);
  if (own >= 0) {
    const entry = entries[own]!;
    const said = {
      ...facts,
      ...(facts.population && { population: { ...entry.population, ...facts.population } }),
      ...((facts.reviewEvery ?? entry.reviewEvery) !== undefined && facts.review === undefined && { reviewed: today }),
    };
    const needed = entry.stage === 'probation' && facts.stage === 'approved' ? (['expires'] as const) : [];
    required(facts, ['approver', 'reason', ...needed], hasEnd({ ...entry, ...given(facts) }));
    const changes = [...renewal(entry, own, found, said)];
    if (changes.length === 0) throw saidAlready('approvals', own);
    if (all || entry.apps!.length === 1) return { list: 'approvals', index: own, how: 'renewed', edits: changes };
    const dropped: readonly string[] = superseded(facts);
    const kept = Object.fromEntries(Object.entries(entry).filter(([key]) => !dropped.includes(key)));
    return parted('approvals', entries, own, found, {
      ...kept,
      ...given(said),
      ceiling: { ...entry.ceiling, ...found.ceiling },
      decided: today,
    });
  }
  const kin = separate ? -1 : kinOf(entries, found, facts, circumstances, inForce);
  if (kin >= 0) {
    required(facts, ['approver', 'reason']);
    return widened('approvals', kin, found);
  }
  const trial = facts.stage === 'probation';
  required(facts, ['owner', 'approver', 'reason', ...(trial ? (['expires'] as const) : [])], trial || hasEnd(facts));
  const looked = facts.reviewEvery === undefined ? {} : { reviewed: today };
  const target = targetOf(found, circumstances);
  return addition('approvals', entries.length, { ...target, ceiling: found.ceiling, ...given(facts), decided: today, ...looked });
}

/** Denies the app of a finding, by its own id and in its account. */
export function deny(found: Decidable, policy: Policy, facts: DenialFacts, circumstances: Circumstances): Decision {
  const { now, separate, all } = circumstances;
  refuseUnfit(facts);
  const entries = policy.denials;
  const own = separate ? -1 : ownOf('denials', entries, found, circumstances);
  if (own >= 0) {
    const entry = entries[own]!;
    const changes = settings(entry, ['denials', own], facts);
    if (changes.length === 0) throw saidAlready('denials', own);
    if (all || entry.apps!.length === 1) return { list: 'denials', index: own, how: 'renewed', edits: changes };
    return parted('denials', entries, own, found, { ...entry, ...given(facts), decided: dayOf(now) });
  }
  required(facts, ['reason']);
  const kin = separate ? -1 : kinOf(entries, found, facts, circumstances);
  if (kin >= 0) return widened('denials', kin, found);
  return addition('denials', entries.length, { ...targetOf(found, circumstances), ...given(facts), decided: dayOf(now) });
}

/** Accepts a finding until a day. */
export function except(found: Decidable, policy: Policy, facts: ExceptionFacts, now: Date): Decision {
  refuseUnfit(facts);
  required(facts, ['owner', 'reason', 'until']);
  refuseOver(facts, ['until'], now);
  if (isTooFar(facts.until!, now))
    throw new ConfigError(`An exception holds for a year at most, and ${facts.until} is later`, {
      fix: 'Give a day within a year with --until.',
    });
  const own = policy.exceptions.findIndex(({ finding }) => found.key.startsWith(finding));
  if (own >= 0) {
    const changes = settings(policy.exceptions[own]!, ['exceptions', own], facts);
    if (changes.length === 0) throw saidAlready('exceptions', own);
    return { list: 'exceptions', index: own, how: 'renewed', edits: changes };
  }
  return addition('exceptions', policy.exceptions.length, { finding: found.key, ...given(facts) });
}

/** What an entry is about: bound to the id that was seen, because a name can be taken by anybody. */
function targetOf({ product, appId, connector, account }: Decidable, { everywhere }: Circumstances): object {
  return {
    ...(product !== undefined && { product }),
    apps: [appId],
    connectors: [connector],
    ...(!everywhere && { accounts: [account] }),
  };
}

function addition(list: Decision['list'], index: number, entry: object): Decision {
  return { list, index, how: 'added', edits: [{ append: [list], value: entry }] };
}

function widened(list: 'approvals' | 'denials', index: number, { appId }: Decidable): Decision {
  return { list, index, how: 'widened', edits: [{ append: [list, index, 'apps'], value: appId }] };
}

/** What is decided of the others in an entry is not changed by the way. */
function parted(
  list: 'approvals' | 'denials',
  entries: readonly (Approval | Denial)[],
  index: number,
  { appId }: Decidable,
  entry: object,
): Decision {
  const places = entries[index]!.apps!.flatMap((app, at) => (app === appId ? [at] : [])).reverse();
  const removals = places.map((at): Edit => ({ remove: [list, index, 'apps', at] }));
  return { list, index: entries.length, how: 'parted', edits: [...removals, { append: [list], value: { ...entry, apps: [appId] } }] };
}

/** The limits of an approval that is renewed are raised to what the app can do now, where they are lower. */
function renewal(entry: Approval, index: number, { ceiling }: Decidable, facts: ApprovalFacts): Edit[] {
  const most = entry.ceiling?.data;
  const raised = Object.entries(most ? ceiling.data : {}).flatMap(([key, access]): Edit[] => {
    const allowed = most![key as keyof typeof most];
    return allowed && POWER[allowed] >= POWER[access] ? [] : [{ set: ['approvals', index, 'ceiling', 'data', key], value: access }];
  });
  const gone = superseded(facts).filter((key) => entry[key] !== undefined);
  const removed = gone.map((key): Edit => ({ remove: ['approvals', index, key] }));
  return [...raised, ...removed, ...settings(entry, ['approvals', index], facts)];
}

/** A day of review stands instead of a number of days, and the other way round. */
function superseded({ review, reviewEvery }: ApprovalFacts): ('review' | 'reviewEvery')[] {
  if (reviewEvery !== undefined) return ['review'];
  return review === undefined ? [] : ['reviewEvery'];
}

function settings(entry: object, path: Path, facts: object): Edit[] {
  return differing(entry, facts).map(({ key, value }) => ({ set: [...path, key], value }));
}

function saidAlready(list: string, index: number): ConfigError {
  return new ConfigError(`${list}[${index}] of the policy says so already`, { fix: 'Nothing was written.' });
}

function differing(entry: object, facts: object): { key: string; value: unknown }[] {
  return Object.entries(given(facts)).flatMap(([key, value]) =>
    JSON.stringify((entry as Record<string, unknown>)[key]) === JSON.stringify(value) ? [] : [{ key, value }],
  );
}

function given(facts: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function required<Facts extends object>(facts: Facts, keys: readonly (keyof Facts & string)[], ends = true): void {
  const missing = [
    ...keys.filter((key) => facts[key] === undefined).map(option),
    ...(ends ? [] : ['an end (--expires) or a review (--review, --review-every)']),
  ];
  if (missing.length === 0) return;
  throw new ConfigError(`A decision needs ${missing.join(', ')}`, {
    fix: 'Say who decides, why, and until when: it stands in the policy.',
  });
}

/** An approval without an end and without a review is never looked at again. */
function hasEnd({ expires, review, reviewEvery }: Pick<ApprovalFacts, 'expires' | 'review' | 'reviewEvery'>): boolean {
  return expires !== undefined || review !== undefined || reviewEvery !== undefined;
}

/** What the file could not take is told by the name of its option. */
export function refuseUnfit(facts: object): void {
  const { population, ...others } = facts as { population?: { most?: number } };
  for (const [key, value] of Object.entries({ ...others, ...population })) {
    const texts = Array.isArray(value) ? (value as unknown[]) : [value];
    if (texts.some((text) => typeof text === 'string' && text.trim() === ''))
      throw new ConfigError(`${option(key)} is empty`, { fix: 'Give a text, or leave it out.' });
    const most = MOST[key];
    if (typeof value === 'number' && most !== undefined && (value < 1 || value > most))
      throw new ConfigError(`${option(key)} ${value} is too ${value < 1 ? 'little' : 'much'}`, {
        fix: `Give a whole number from 1 to ${most}.`,
      });
  }
}

/** Of options that take a number; what is a day or a word is checked where the command line is read. */
const MOST: Readonly<Record<string, number>> = { reviewEvery: MOST_DAYS_BETWEEN_REVIEWS, most: 999_999_999 };

/** What is over as soon as it is written decides nothing. */
function refuseOver<Facts extends object>(facts: Facts, days: readonly (keyof Facts & string)[], now: Date): void {
  for (const key of days)
    if (isOver(facts[key] as string | undefined, now))
      throw new ConfigError(`${option(key)} is over already: ${String(facts[key])}`, { fix: 'Give a day to come.' });
}

function option(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function lastOf<Entry>(entries: readonly Entry[], ...tests: ((entry: Entry) => boolean)[]): number {
  const best = entries.findLastIndex((entry) => tests.every((test) => test(entry)));
  return best >= 0 ? best : entries.findLastIndex(tests[0]!);
}

/** The entry that lists the app for just that place. One that does for more accounts than are meant decides about these too. */
function ownOf<Entry extends Approval | Denial>(
  list: 'approvals' | 'denials',
  entries: readonly Entry[],
  found: Decidable,
  { everywhere }: Circumstances,
  ...better: ((entry: Entry) => boolean)[]
): number {
  const listsIt = (entry: Entry) => holdsHere(entry, found) && entry.apps?.includes(found.appId) === true;
  const own = lastOf(entries, (entry) => listsIt(entry) && isOfPlace(entry, everywhere), ...better);
  if (own >= 0 || everywhere) return own;
  const wider = entries.findLastIndex(listsIt);
  if (wider < 0) return -1;
  const accounts = entries[wider]!.accounts?.join(', ');
  throw new ConfigError(
    `${list}[${wider}] of the policy is about this app in ${accounts === undefined ? 'every account' : `the accounts ${accounts}`}, and the finding is of ${found.account}`,
    {
      fix:
        accounts === undefined
          ? 'Give --everywhere to decide for every account, or --separate for an entry of this account alone.'
          : 'Give --separate for an entry of this account alone, or change that entry by hand.',
    },
  );
}

/** Of an entry that holds there: does it hold nowhere else? */
function isOfPlace({ accounts }: Approval | Denial, everywhere: boolean | undefined): boolean {
  return everywhere ? accounts === undefined : accounts?.length === 1;
}

/**
 * The entry of other apps of the product, in the same place, that says what is given now. One that lists no ids holds for every app of
 * its product: one id would make it narrower, not wider. Of one that was decided on another day, the app would seem decided since then.
 */
function kinOf<Entry extends Approval | Denial>(
  entries: readonly Entry[],
  found: Decidable,
  facts: object,
  { now, everywhere }: Circumstances,
  isInForce: (entry: Entry) => boolean = () => true,
): number {
  if (found.product === undefined || (found.grade !== 'exact' && found.grade !== 'strong')) return -1;
  return entries.findIndex(
    (entry) =>
      isInForce(entry) &&
      entry.apps !== undefined &&
      entry.product === found.product &&
      entry.decided === dayOf(now) &&
      holdsHere(entry, found) &&
      isOfPlace(entry, everywhere) &&
      differing(entry, facts).length === 0,
  );
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
