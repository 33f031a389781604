import { ConfigError } from '../connector/index.ts';
import { POWER } from './integration.ts';
import { isOver, isTooFar, type Approval, type Denial, type Policy } from './policy.ts';
import { holdsHere } from './standing.ts';

/** A finding, as far as a decision about it goes. */
export interface Decidable {
  key: string;
  connector: string;
  account: string;
  appId: string;
  /** How sure it is that the app is of its product. */
  grade: string;
  /** The entries that it offers, without whoever decides. */
  target: { product?: string; apps: readonly string[]; connectors: readonly string[] };
  ceiling: { data: NonNullable<NonNullable<Approval['ceiling']>['data']> };
}

/** A change of policy.json; `set` and `append` are paths in the file. */
type Edit = { set: Path; value: unknown } | { append: Path; value: unknown };
type Path = readonly (string | number)[];

export interface Decision {
  list: 'approvals' | 'denials' | 'exceptions';
  /** Place in the list, counted from 0. */
  index: number;
  /** `widened` = an entry of the same product holds for this app too; `renewed` = the app's own entry says something else. */
  how: 'added' | 'widened' | 'renewed';
  edits: readonly Edit[];
}

/** Facts of an entry that whoever decides gives; keys as in the file. */
export type Given<Entry> = { [Key in keyof Entry]?: Entry[Key] | undefined };
export type ApprovalFacts = Given<Omit<Approval, 'product' | 'apps' | 'connectors' | 'accounts' | 'ceiling' | 'decided' | 'reviewed'>>;
export type DenialFacts = Given<Omit<Denial, 'product' | 'apps' | 'connectors' | 'accounts' | 'decided'>>;
export type ExceptionFacts = Given<Omit<Policy['exceptions'][number], 'finding'>>;

/**
 * Approves the app of a finding, by its own id, for what it can do now. An entry that lists the app is renewed; one of the same product
 * is widened by its id, unless only a name ties the app to the product; else one is added. `separate` = always added.
 */
export function approve(found: Decidable, policy: Policy, facts: ApprovalFacts, { now, separate }: Circumstances): Decision {
  refuseOver(facts, ['expires', 'review'], now);
  const entries = policy.approvals;
  const inForce = (entry: Approval) => !isOver(entry.expires, now);
  const today = now.toISOString().slice(0, 10);
  const own = separate ? -1 : lastOf(entries, (entry) => listsHere(entry, found), inForce);
  if (own >= 0) {
    required(facts, ['approver', 'reason']);
    const entry = entries[own]!;
    if (entry.stage === 'probation' && facts.stage === 'approved') required(facts, ['expires']);
    const looked = (facts.reviewEvery ?? entry.reviewEvery) === undefined ? facts : { ...facts, reviewed: today };
    return { list: 'approvals', index: own, how: 'renewed', edits: renewal(entry, own, found, looked) };
  }
  const kin = separate ? -1 : entries.findIndex((entry) => inForce(entry) && isOfProduct(entry, found));
  if (kin >= 0) return widened('approvals', entries[kin]!, kin, found, facts);
  required(facts, ['owner', 'approver', 'reason', ...(facts.stage === 'probation' ? (['expires'] as const) : [])]);
  const looked = facts.reviewEvery === undefined ? {} : { reviewed: today };
  return addition('approvals', entries.length, { ...found.target, ceiling: found.ceiling, ...given(facts), decided: today, ...looked });
}

/** Denies the app of a finding, by its own id. */
export function deny(found: Decidable, policy: Policy, facts: DenialFacts, { now, separate }: Circumstances): Decision {
  const entries = policy.denials;
  const own = separate ? -1 : lastOf(entries, (entry) => listsHere(entry, found));
  if (own >= 0) return { list: 'denials', index: own, how: 'renewed', edits: settings(entries[own]!, ['denials', own], facts) };
  const kin = separate ? -1 : entries.findIndex((entry) => isOfProduct(entry, found));
  if (kin >= 0) return widened('denials', entries[kin]!, kin, found, facts);
  required(facts, ['reason']);
  return addition('denials', entries.length, { ...found.target, ...given(facts), decided: now.toISOString().slice(0, 10) });
}

/** Accepts a finding until a day. */
export function except(found: Decidable, policy: Policy, facts: ExceptionFacts, now: Date): Decision {
  required(facts, ['owner', 'reason', 'until']);
  refuseOver(facts, ['until'], now);
  if (isTooFar(facts.until!, now))
    throw new ConfigError(`An exception holds for a year at most, and ${facts.until} is later`, {
      fix: 'Give a day within a year with --until.',
    });
  const own = policy.exceptions.findIndex(({ finding }) => found.key.startsWith(finding));
  if (own >= 0)
    return { list: 'exceptions', index: own, how: 'renewed', edits: settings(policy.exceptions[own]!, ['exceptions', own], facts) };
  return addition('exceptions', policy.exceptions.length, { finding: found.key, ...given(facts) });
}

interface Circumstances {
  now: Date;
  separate: boolean;
}

function addition(list: Decision['list'], index: number, entry: object): Decision {
  return { list, index, how: 'added', edits: [{ append: [list], value: entry }] };
}

/** What is decided of the others in an entry is not changed by the way. */
function widened(list: 'approvals' | 'denials', entry: object, index: number, { appId }: Decidable, facts: object): Decision {
  const other = differing(entry, facts)[0];
  if (other)
    throw new ConfigError(`${list}[${index}] of the policy is about the same product, and says otherwise: ${other.key} is ${other.says}`, {
      fix: `Leave out ${option(other.key)} to widen that entry by the app, or give --separate for an entry of its own.`,
    });
  return { list, index, how: 'widened', edits: [{ append: [list, index, 'apps'], value: appId }] };
}

/** The limits of an approval that is renewed are raised to what the app can do now, where they are lower. */
function renewal(entry: Approval, index: number, { ceiling }: Decidable, facts: ApprovalFacts): Edit[] {
  const most = entry.ceiling?.data;
  const raised = Object.entries(most ? ceiling.data : {}).flatMap(([key, access]): Edit[] => {
    const allowed = most![key as keyof typeof most];
    return allowed && POWER[allowed] >= POWER[access] ? [] : [{ set: ['approvals', index, 'ceiling', 'data', key], value: access }];
  });
  const set = settings(entry, ['approvals', index], facts, raised.length > 0);
  return [...raised, ...set];
}

function settings(entry: object, path: Path, facts: object, elseToo = false): Edit[] {
  const changes = differing(entry, facts);
  if (changes.length === 0 && !elseToo)
    throw new ConfigError(`${path.join('.')} of the policy says so already`, { fix: 'Nothing was written.' });
  return changes.map(({ key, value }) => ({ set: [...path, key], value }));
}

function differing(entry: object, facts: object): { key: string; value: unknown; says: string }[] {
  return Object.entries(given(facts)).flatMap(([key, value]) => {
    const says = JSON.stringify((entry as Record<string, unknown>)[key]);
    return says === JSON.stringify(value) ? [] : [{ key, value, says: says ?? 'not said' }];
  });
}

function given(facts: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function required<Facts extends object>(facts: Facts, keys: readonly (keyof Facts & string)[]): void {
  const missing = keys.filter((key) => facts[key] === undefined);
  if (missing.length === 0) return;
  throw new ConfigError(`A decision needs ${missing.map(option).join(', ')}`, {
    fix: 'Say who decides, and why: it stands in the policy.',
  });
}

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

function listsHere(entry: Approval | Denial, found: Decidable): boolean {
  return holdsHere(entry, found) && entry.apps?.includes(found.appId) === true;
}

/** An entry that lists no ids holds for every app of its product: one id would make it narrower, not wider. */
function isOfProduct(entry: Approval | Denial, found: Decidable): boolean {
  const isSure = found.grade === 'exact' || found.grade === 'strong';
  return (
    isSure && holdsHere(entry, found) && entry.apps !== undefined && entry.product !== undefined && entry.product === found.target.product
  );
}
