import { isOver, isTooFar, reviewDay, type Approval, type Denial, type Policy } from './policy.ts';
import { covers, holdsHere, setsLimit, type Recognised } from './standing.ts';
import type { Workflow } from './workflow.ts';
import { belongs } from './workflow-map.ts';

/** A rule about an entry of the policy as data: what it is called, why it matters, what to do. */
export const ENTRY_RULES = {
  'unknown-product': {
    title: 'names a product that the catalog does not know',
    why: 'It is about nothing that will ever be recognised.',
    remedy: 'Correct the id; `noctule catalog lookup <name>` tells it.',
  },
  'unknown-connector': {
    title: 'holds for a connector that there is not',
    why: 'It holds nowhere.',
    remedy: 'Correct the name of the connector.',
  },
  'bound-by-name': {
    title: 'is bound by a name alone',
    why: 'A name approves nothing, because anybody can take it: the entry covers no app.',
    remedy: 'List the ids of the apps: `noctule approve <finding>` writes the one that was seen.',
  },
  'over-broad': {
    title: 'sets no limit to what the app may do',
    why: 'It approves whatever the app asks for next, and nobody is told.',
    remedy: 'Give it a "ceiling"; `noctule show <finding>` prints what the app can do now.',
  },
  endless: {
    title: 'has no end and no day of review',
    why: 'Nobody will ever look at it again.',
    remedy: 'Give it "expires", "review", or "reviewed" with "reviewEvery".',
  },
  contradicted: {
    title: 'approves what is denied',
    why: 'The denial goes before it, and whoever reads the approval is misled.',
    remedy: 'Take one of the two out, or take the app out of one of them.',
  },
  'said-twice': {
    title: 'is about what another entry is about too',
    why: 'The wider of two approvals counts, and any of two exceptions: the limits of the other are none.',
    remedy: 'Make one entry of the two.',
  },
  ended: {
    title: 'has ended',
    why: 'It decides nothing any more.',
    remedy: 'Renew it, or take it out: its history is in version control and in the audit trail.',
  },
  'too-long': {
    title: 'is to last longer than a year',
    why: 'It covers nothing until its end is a year away: an exception without an end in sight is an approval that nobody gave.',
    remedy: 'Give it an end within a year.',
  },
  'matches-nothing': {
    title: 'matches nothing',
    why: 'It waits for whoever comes to fit it, long after the reason for it has gone.',
    remedy: 'Correct what it is about, or take it out.',
  },
} as const;
export type EntryRuleId = keyof typeof ENTRY_RULES;

/** Something that is wrong with an entry of the policy. */
export interface EntryFault {
  rule: EntryRuleId;
  list: 'approvals' | 'denials' | 'exceptions' | 'workflows';
  /** Place in the list, counted from 0. */
  index: number;
  /** What exactly, in one sentence or less. */
  detail: string;
}

/** What entries are held against. */
export interface Known {
  isProduct(id: string): boolean;
  /** The id that was likely meant. */
  closestProduct(id: string): string | undefined;
  /** Does the catalog know the product by nothing that only its vendor controls? */
  isKnownByNameOnly(id: string): boolean;
  connectors: readonly string[];
  /** What was seen; undefined = nothing was scanned yet. */
  seen?: Seen | undefined;
}

/** How many scans in a row have to see nothing that an entry is about. */
export const ENOUGH_SCANS = 3;

interface Seen {
  /** In how many scans. */
  scans: number;
  apps: readonly Recognised[];
  accounts: readonly { connector: string; account: string; whole: boolean }[];
  /** The policy of the first of these scans: what was entered after it had no time to match. */
  policy: Policy;
  /** What became of the findings whose ids begin so; empty = there never was one. */
  findings(prefix: string): readonly string[];
}

/** What is wrong with the entries of a policy, in their order. Products stand in it under their present ids. Pure. */
export function entryFaults(policy: Policy, known: Known, now: Date): EntryFault[] {
  return [
    ...policy.approvals.flatMap((entry, index) => named('approvals', index, approvalFaults(entry, index, policy, known, now))),
    ...policy.denials.flatMap((entry, index) => named('denials', index, targetFaults(entry, known))),
    ...policy.exceptions.flatMap((entry, index) => named('exceptions', index, exceptionFaults(entry, index, policy, known, now))),
    ...(policy.workflows ?? []).flatMap((entry, index) => named('workflows', index, workflowFaults(entry, known))),
  ];
}

type Fault = readonly [rule: EntryRuleId, detail: string];

function named(list: EntryFault['list'], index: number, faults: readonly Fault[]): EntryFault[] {
  return faults.map(([rule, detail]) => ({ rule, list, index, detail }));
}

function targetFaults({ product, connectors }: Approval | Denial, known: Known): Fault[] {
  return idFaults(product === undefined ? [] : [product], connectors, known);
}

function idFaults(products: readonly string[], connectors: readonly string[] | undefined, known: Known): Fault[] {
  const strange = (connectors ?? []).filter((id) => !known.connectors.includes(id));
  return [
    ...products.filter((id) => !known.isProduct(id)).map((id) => unknownProduct(id, known.closestProduct(id))),
    ...strange.map((id): Fault => ['unknown-connector', `${id}; there are ${known.connectors.join(', ')}`]),
  ];
}

function unknownProduct(product: string, closest: string | undefined): Fault {
  return ['unknown-product', closest === undefined ? product : `${product}; did you mean ${closest}?`];
}

function approvalFaults(entry: Approval, index: number, policy: Policy, known: Known, now: Date): Fault[] {
  const { apps } = entry;
  const denial = policy.denials.findIndex((one) => placesMeet(one, entry) && voids(one, entry));
  const nameOnly = apps === undefined ? namedOnly(entry, known) : undefined;
  const twice = apps === undefined ? undefined : listedBefore(entry, policy.approvals.slice(0, index));
  return [
    ...targetFaults(entry, known),
    ...(nameOnly === undefined ? [] : [['bound-by-name', nameOnly] as const]),
    ...(setsLimit(entry) ? [] : [['over-broad', everywhere(entry)] as const]),
    ...(entry.expires === undefined && reviewDay(entry) === undefined ? [['endless', `${entry.owner} answers for it`] as const] : []),
    ...(denial < 0 ? [] : [['contradicted', `by denials[${denial}]`] as const]),
    ...(twice ? [['said-twice', `${twice.app} stands in approvals[${twice.index}]`] as const] : []),
    ...(isOver(entry.expires, now)
      ? [['ended', `the ${entry.stage === 'probation' ? 'probation' : 'approval'} ended on ${entry.expires}`] as const]
      : unmatched(entry, known.seen)),
  ];
}

/** Why an entry of a product, without ids, covers nothing but names; undefined = it may cover more. */
function namedOnly(entry: Approval, { isProduct, isKnownByNameOnly, seen }: Known): string | undefined {
  const { product } = entry;
  if (product === undefined || !isProduct(product)) return undefined;
  if (isKnownByNameOnly(product)) return `the catalog knows ${product} by names only`;
  const apps = seen?.apps.filter((app) => app.match.product === product && holdsHere(entry, app)) ?? [];
  if (apps.length === 0 || apps.some((app) => covers(entry, app))) return undefined;
  return `${apps.length} that ${apps.length === 1 ? 'was' : 'were'} seen bear the name of ${product}, and none is known by an id`;
}

function everywhere({ apps, connectors, accounts, population }: Approval): string {
  const whose = apps === undefined ? 'any app of the product' : `${apps.length} ${apps.length === 1 ? 'app' : 'apps'}`;
  return `${whose}${connectors || accounts ? '' : ', everywhere'}${population ? '' : ', for anybody'}`;
}

/** Some of what the approval is about is denied; a denial of single apps only makes an approval of their product narrower. */
function voids(denial: Denial, approval: Approval): boolean {
  if (denial.apps !== undefined) return approval.apps?.some((app) => denial.apps!.includes(app)) ?? false;
  return denial.product === approval.product;
}

function listedBefore(entry: Approval, before: readonly Approval[]): { app: string; index: number } | undefined {
  for (const [index, other] of before.entries()) {
    const app = placesMeet(other, entry) ? entry.apps!.find((id) => other.apps?.includes(id)) : undefined;
    if (app !== undefined) return { app, index };
  }
  return undefined;
}

function placesMeet(a: Approval | Denial, b: Approval | Denial): boolean {
  return meet(a.connectors, b.connectors) && meet(a.accounts, b.accounts);
}

/** Absent = everywhere. */
function meet(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a === undefined || b === undefined || a.some((one) => b.includes(one));
}

function unmatched(entry: Approval, seen: Seen | undefined): Fault[] {
  const stood = (policy: Policy) => policy.approvals.some((old) => targetOf(old) === targetOf(entry));
  return nothingOf(entry, seen, (app) => covers(entry, app), stood);
}

/** A workflow is declared of what is used, so one of which nothing is there is a word about the past. */
function workflowFaults(entry: Workflow, known: Known): Fault[] {
  const target = ({ products, apps, connectors, accounts }: Workflow) => JSON.stringify([products, apps, connectors, accounts]);
  const stood = (policy: Policy) => policy.workflows?.some((old) => target(old) === target(entry)) ?? false;
  const isOf = ({ match, ...app }: Recognised) => belongs(entry, { ...app, product: match.product ?? null });
  return [...idFaults(entry.products ?? [], entry.connectors, known), ...nothingOf(entry, known.seen, isOf, stood)];
}

/** That nothing was there is only known of places that were read whole, and of an entry that stood there all the time. */
function nothingOf(
  entry: Pick<Approval, 'connectors' | 'accounts'>,
  seen: Seen | undefined,
  isAbout: (app: Recognised) => boolean,
  stood: (policy: Policy) => boolean,
): Fault[] {
  if (!seen || seen.apps.some(isAbout)) return [];
  const places = seen.accounts.filter(({ connector, account }) => meet(entry.connectors, [connector]) && meet(entry.accounts, [account]));
  const isRead = seen.scans >= ENOUGH_SCANS && places.length > 0 && places.every(({ whole }) => whole);
  return isRead && stood(seen.policy)
    ? [['matches-nothing', `in the last ${seen.scans} scans, which read ${places.length} accounts whole`]]
    : [];
}

function targetOf({ product, apps, connectors, accounts }: Approval): string {
  return JSON.stringify([product, apps, connectors, accounts]);
}

function exceptionFaults(
  { finding, until }: Policy['exceptions'][number],
  index: number,
  policy: Policy,
  known: Known,
  now: Date,
): Fault[] {
  const other = policy.exceptions.slice(0, index).findIndex((one) => one.finding.startsWith(finding) || finding.startsWith(one.finding));
  const states = known.seen?.findings(finding);
  return [
    ...(isTooFar(until, now) ? [['too-long', `until ${until}`] as const] : []),
    ...(other < 0 ? [] : [['said-twice', `exceptions[${other}] is about the same finding`] as const]),
    ...(isOver(until, now) ? [['ended', `on ${until}`] as const] : []),
    ...(states?.length === 0 ? [['matches-nothing', `there is no finding ${finding.slice(0, 8)}`] as const] : []),
    ...(states && states.length > 0 && states.every((state) => state === 'resolved')
      ? [['matches-nothing', `finding ${finding.slice(0, 8)} is resolved`] as const]
      : []),
  ];
}
