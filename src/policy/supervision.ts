import { POWER, powerOf, WEIGHT, type Integration, type Reach, type Thing } from './integration.ts';
import type { Standing } from './standing.ts';

/** What supervises an AI integration, what to do where it is missing, and how much work that is, from 1 (a line in a file) to 3. */
export const SUPERVISION = {
  owner: { asks: 'Somebody answers for it', lever: 'Name an owner in an approval', effort: 1 },
  review: {
    asks: 'Its approval is in force, it keeps to it, and no review is overdue',
    lever: 'Review it, and approve it as it is or less',
    effort: 1,
  },
  evidence: { asks: 'The approval names evidence or a ticket', lever: 'Enter the evidence or the ticket of the approval', effort: 1 },
  ends: { asks: 'Everything that it holds ends by itself', lever: 'Exchange what it holds for something that ends', effort: 2 },
  scoped: {
    asks: 'It administers nothing, reaches chosen places, and every permission is known',
    lever: 'Narrow what it may do',
    effort: 2,
  },
  use: { asks: 'A list or a log that is read tells when it was used', lever: 'Read the log or report of its use', effort: 3 },
} as const;
export type SupervisionId = keyof typeof SUPERVISION;
export const SUPERVISION_IDS = Object.keys(SUPERVISION) as SupervisionId[];

/** `unknown` counts like `no`, and is told apart: what was not read is not known to be there. */
type Answer = 'yes' | 'no' | 'unknown';

/** How an AI integration is watched over, as it was judged; kept with it. */
export interface Supervision {
  /** From 1 for little to 4 for what can change everything. */
  tier: number;
  /** 1 = one holder, chosen places; 2 = several holders; 3 = everybody or everywhere. */
  breadth: number;
  answers: Readonly<Record<SupervisionId, Answer>>;
  /** An approval in force covers it, and it keeps to that. */
  sanctioned: boolean;
  /** A denial is about it, which no approval takes back. Absent = none is, or an earlier program judged it. */
  denied?: true;
  /** YYYY-MM-DD; when the approval that counts was decided, in force or not. Absent where there is none, or it does not say. */
  decided?: string;
  /** Its keys that can be used, and how many of them are known to end. */
  keys: { count: number; ending: number };
}

export function supervisionOf(integration: Integration, standing: Standing): Supervision {
  const live = integration.things.filter(({ state, logOnly }) => state !== 'gone' && !logOnly);
  const approval = standing.is === 'look-alike' || !('approval' in standing) ? undefined : standing.approval;
  const sanctioned = standing.is === 'approved' || standing.is === 'review-due';
  const says = (so: boolean): Answer => (so ? 'yes' : 'no');
  const keys = live.filter(({ kind, use }) => kind === 'api_key' && use === undefined);
  return {
    tier: tierOf(integration),
    breadth: breadthOf(live),
    answers: {
      owner: says(approval !== undefined),
      review: says(standing.is === 'approved'),
      evidence: says(approval !== undefined && (approval.evidence !== undefined || approval.ticket !== undefined)),
      ends: all(live, ({ expiresAt }) => (expiresAt === undefined ? 'unknown' : says(expiresAt !== 'never'))),
      scoped: scopedOf(integration, live),
      use: all(live, ({ lastUsedAt }) => (lastUsedAt === undefined ? 'unknown' : 'yes')),
    },
    sanctioned,
    ...(standing.is === 'denied' && { denied: true }),
    ...(approval?.decided !== undefined && { decided: approval.decided }),
    keys: {
      count: keys.length,
      ending: keys.filter(({ state, expiresAt }) => state === 'present' && expiresAt !== undefined && expiresAt !== 'never').length,
    },
  };
}

/** What a thing said that was not read tonight is not known to be so still. No things tell nothing. */
function all(live: readonly Thing[], of: (thing: Thing) => Answer): Answer {
  const answers = new Set(live.map((thing) => (thing.state === 'present' ? of(thing) : 'unknown')));
  if (answers.has('no')) return 'no';
  return answers.has('unknown') || answers.size === 0 ? 'unknown' : 'yes';
}

function scopedOf({ reach }: Integration, live: readonly Thing[]): Answer {
  if (breadthOf(live) === 3 || reach.some(({ dataClass, access }) => dataClass === 'admin' || access === 'admin')) return 'no';
  if (reach.length === 0 || reach.some(({ known }) => !known)) return 'unknown';
  return all(live, () => 'yes');
}

/** Nobody knows what an unknown permission does, so it weighs as if it could change mail. */
export const UNKNOWN_WEIGHS = 8;
type Weighed = Pick<Reach, 'dataClass' | 'access' | 'known'>;

function weightOf(one: Weighed): number {
  return one.known ? powerOf(one) : Math.max(UNKNOWN_WEIGHS, powerOf(one));
}

function tierOf({ reach }: Pick<Integration, 'reach'>): number {
  const power = Math.max(0, ...reach.map(weightOf));
  return reach.length === 0 ? UNTOLD_TIER : TIERS.find(({ from }) => power >= from)!.tier;
}

/** The tier of whose greatest reach is at least so much. */
export const TIERS = [
  { tier: 4, from: 12 },
  { tier: 3, from: 8 },
  { tier: 2, from: 4 },
  { tier: 1, from: 0 },
] as const;
/** Where no permission tells what it reaches. */
export const UNTOLD_TIER = 2;

/** Tier and breadth of the debt of one integration as they are worked out by hand. */
export function powerTold(
  { tier, breadth }: Pick<Supervision, 'tier' | 'breadth'>,
  reach: readonly Weighed[],
): [tier: string, breadth: string] {
  const greatest = reach.toSorted((a, b) => weightOf(b) - weightOf(a))[0];
  return [
    `tier ${tier}: ${greatest ? greatestTold(greatest) : 'no permission tells what it reaches'}`,
    `breadth ${breadth}: ${BREADTHS[breadth]}`,
  ];
}

function greatestTold(greatest: Weighed): string {
  const { dataClass, access, known } = greatest;
  const worked = `${dataClass}, ${access} = ${WEIGHT[dataClass]} × ${POWER[access]} = ${powerOf(greatest)}`;
  return known ? worked : `${worked}, of which nobody knows what it means: at least ${UNKNOWN_WEIGHS}`;
}

export const BREADTHS: Readonly<Record<number, string>> = {
  1: 'one holder, chosen places',
  2: 'several holders',
  3: 'everybody, or every place',
};

function breadthOf(live: readonly Thing[]): number {
  const everywhere = live.some(
    ({ kind, attributes }) => kind === 'delegation' || attributes['repositorySelection'] === 'all' || attributes['visibility'] === 'all',
  );
  if (everywhere) return 3;
  return new Set(live.map(({ holder }) => holder?.id)).size > 1 ? 2 : 1;
}
