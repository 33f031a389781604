import type { Hit } from './hit.ts';
import { POWER, powerOf, type Integration, type Reach, type Thing } from './integration.ts';
import { SEVERITIES } from './judged.ts';

/** One part of the risk of a finding: so many points, and why. `unknown` = it was not read, and is counted as said. */
export interface Summand {
  points: number;
  why: string;
  unknown?: true;
}

/** Of what nobody knows it is assumed that it reads something that matters: as much as to read mail. */
const UNKNOWN_REACH = 4;
/** No crowd weighs more than to administer the organisation does. */
const MOST_FOR_HOLDERS = 12;

/** For each step of severity above low. */
const A_STEP = 3;
const ADMINISTRATORS = 4;
const LEAVERS = 3;
const EVERLASTING = 3;

/** The parts of a risk, and how many points each has. */
export const RISK_PARTS: readonly (readonly [part: string, points: string])[] = [
  [
    'Each class of data that it reaches',
    `weight of the class × level (read ${POWER.read}, write ${POWER.write}, admin ${POWER.admin}); at least ${UNKNOWN_REACH} where nobody knows what a permission means`,
  ],
  ['No permission tells what it reaches', `${UNKNOWN_REACH}, marked as unknown`],
  ['How wrong it is', SEVERITIES.map((severity, step) => `${severity} ${step * A_STEP}`).join(', ')],
  ['Holders', `twice the logarithm to base 2 of their number, rounded up, at most ${MOST_FOR_HOLDERS}`],
  ['Administrators, people who left, keys that never end', `${ADMINISTRATORS}, ${LEAVERS}, ${EVERLASTING} where there is one`],
  ['What it took', '2 for each power of ten of bytes from a megabyte on, as far as logs were read; 0 and marked as unknown where none was'],
  ['How surely it is what it is called', '2 for an exact or strong match, 1 for a weaker one: whoever means harm chooses the name'],
];

/**
 * The risk of a finding, part by part; the risk is their sum. What it can reach comes first, then who holds it and how it is held.
 * What it is called counts least: whoever means harm chooses the name.
 */
export function riskOf(
  { reach, match, things }: Pick<Integration, 'reach' | 'match' | 'things'>,
  hit: Pick<Hit, 'severity' | 'things'>,
  holders: { count: number; leavers: number; administrators: number },
): Summand[] {
  const live = things.filter(({ state, logOnly }) => state !== 'gone' && !logOnly);
  const everlasting = live.filter(({ expiresAt, use }) => expiresAt === 'never' && use === undefined).length;
  const unverified = hit.things.filter(({ state }) => state === 'unverified').length;
  const summands: Summand[] = [
    ...(reach.length === 0
      ? [{ points: UNKNOWN_REACH, why: 'What it can reach is not told by any permission', unknown: true as const }]
      : reach.map(ofReach)),
    { points: A_STEP * SEVERITIES.indexOf(hit.severity), why: `What is wrong is ${hit.severity}` },
    { points: Math.min(MOST_FOR_HOLDERS, Math.ceil(2 * Math.log2(Math.max(1, holders.count)))), why: `Held by ${holders.count}` },
    { points: holders.administrators > 0 ? ADMINISTRATORS : 0, why: `${holders.administrators} of them administer the account` },
    { points: holders.leavers > 0 ? LEAVERS : 0, why: `${holders.leavers} of them left` },
    { points: everlasting > 0 ? EVERLASTING : 0, why: `${everlasting} of its keys never end` },
    { points: NAMED[match.grade], why: `Known as what it is called by a ${match.grade} match` },
  ];
  return [
    ...summands.filter(({ points, unknown }) => points > 0 || unknown),
    ...(unverified > 0
      ? [{ points: 0, why: `${unverified} of ${hit.things.length} could not be read this time`, unknown: true as const }]
      : []),
  ];
}

const NAMED: Readonly<Record<Integration['match']['grade'], number>> = { exact: 2, strong: 2, likely: 1, suspected: 1, no: 0 };

function ofReach(reach: Reach): Summand {
  const points = powerOf(reach);
  const why = `${reach.plain} (${reach.dataClass}, ${reach.access})`;
  return reach.known ? { points, why } : { points: Math.max(points, UNKNOWN_REACH), why, unknown: true };
}

/** Bytes that things took, as far as logs were read: a whole number as text, or `unknown`. */
export function takenOf(things: readonly Thing[]): string {
  const told = things.flatMap(({ taken }) => (taken === undefined ? [] : [BigInt(taken)]));
  return told.length > 0 ? String(told.reduce((sum, one) => sum + one, 0n)) : 'unknown';
}

/** What is stored of the risk in a finding; absent in bodies of an earlier program. */
interface Weighed {
  risk?: readonly Summand[];
  taken?: string;
}

/** All summands with what it took: two points for each power of ten from a megabyte on, for data that left cannot be called back. */
export function summandsOf({ risk = [], taken = 'unknown' }: Weighed): Summand[] {
  if (risk.length === 0) return [];
  if (taken === 'unknown') return [...risk, { points: 0, why: 'What it took is in no log that was read', unknown: true }];
  return [...risk, { points: 2 * Math.max(0, taken.length - 6), why: `It took ${taken} bytes` }];
}

export function totalOf(weighed: Weighed): number {
  return summandsOf(weighed).reduce((sum, { points }) => sum + points, 0);
}
