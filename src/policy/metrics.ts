import { SUPERVISION, SUPERVISION_IDS, type Supervision, type SupervisionId } from './supervision.ts';

/** An AI integration that is there, as it was judged. `supervision` absent = an earlier program judged it. */
export interface Measured {
  name: string;
  supervision?: Supervision;
}

/** A share with its two numbers: none is told where there is nothing to share. */
export interface Share {
  part: number;
  of: number;
}

export interface Metrics {
  /** Power that nobody watches over: the sum of power × (1 − supervision). */
  trustDebt: number;
  /** Of all AI integrations, those with an owner. */
  owned: Share;
  /** Of all AI integrations, those that no approval in force covers. */
  unsanctioned: Share;
  /** Of all keys of AI integrations, those that are not known to end. */
  standing: Share;
}

/** What nobody judged is as powerful as it can be, and nobody is known to watch over it. */
const UNJUDGED: Supervision = {
  tier: 4,
  breadth: 3,
  answers: Object.fromEntries(SUPERVISION_IDS.map((id) => [id, 'unknown'])) as Supervision['answers'],
  sanctioned: false,
  keys: { count: 0, ending: 0 },
};

/** Pure, and independent of the order of what is measured. */
export function metricsOf(measured: readonly Measured[]): Metrics {
  const all = measured.map(({ supervision = UNJUDGED }) => supervision);
  const count = (is: (one: Supervision) => boolean): Share => ({ part: all.filter(is).length, of: all.length });
  const keys = all.reduce((sum, one) => sum + one.keys.count, 0);
  return {
    trustDebt: all.reduce((sum, one) => sum + sixthsOf(one), 0) / SUPERVISION_IDS.length,
    owned: count(({ answers }) => answers.owner === 'yes'),
    unsanctioned: count(({ sanctioned }) => !sanctioned),
    standing: { part: keys - all.reduce((sum, one) => sum + one.keys.ending, 0), of: keys },
  };
}

/** The debt of one in whole sixths, so that sums are exact. */
function sixthsOf(one: Supervision): number {
  return one.tier * one.breadth * missing(one).length;
}

function missing({ answers }: Supervision): SupervisionId[] {
  return SUPERVISION_IDS.filter((id) => answers[id] !== 'yes');
}

/** The debt of one integration as it is worked out by hand. */
export function debtTold(supervision: Supervision = UNJUDGED): string {
  const { tier, breadth, answers } = supervision;
  const met = SUPERVISION_IDS.filter((id) => answers[id] === 'yes').length;
  const of = SUPERVISION_IDS.length;
  return `${tier} × ${breadth} × (1 − ${met}/${of}) = ${(sixthsOf(supervision) / of).toFixed(1)}`;
}

/** What is owed by one of several groups. */
export interface Debt {
  name: string;
  integrations: number;
  trustDebt: number;
}

/** Who owes how much, the most first; what belongs to several groups counts in each, and what belongs to none in none. */
export function debtsOf<One extends Measured>(measured: readonly One[], groups: (one: One) => readonly string[]): Debt[] {
  const told = measured.flatMap((one) => groups(one).map((name) => ({ name, one })));
  return [...Map.groupBy(told, ({ name }) => name)]
    .map(([name, own]) => ({ name, integrations: own.length, trustDebt: metricsOf(own.map(({ one }) => one)).trustDebt }))
    .sort((a, b) => b.trustDebt - a.trustDebt || (a.name < b.name ? -1 : 1));
}

export interface Lever {
  name: string;
  does: string;
  /** By how much the debt falls; where what it may do is narrowed, at least. */
  gain: number;
}

/** What takes most debt away for the least work, at most so many, and one of each integration. */
export function leversOf(measured: readonly Measured[], most = 3): Lever[] {
  const levers = measured.flatMap(({ name, supervision = UNJUDGED }) => {
    const sixths = sixthsOf(supervision);
    if (supervision.denied) return [{ name, does: 'Take it away: it is denied', gain: sixths / SUPERVISION_IDS.length, effort: 2 }];
    // Of two that cost the same, the one that is asked for first.
    const cheapest = missing(supervision).toSorted((a, b) => SUPERVISION[a].effort - SUPERVISION[b].effort)[0];
    if (cheapest === undefined) return [];
    const gain = (sixths - sixthsOf(supervisedBy(cheapest, supervision))) / SUPERVISION_IDS.length;
    return [{ name, does: SUPERVISION[cheapest].lever, gain, effort: SUPERVISION[cheapest].effort }];
  });
  return levers
    .sort((a, b) => b.gain / b.effort - a.gain / a.effort || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ effort: _effort, ...lever }) => lever);
}

/** As it is after the lever: who approves an app as it is has named its owner, and the app keeps to that. What reaches everything does not when it is narrowed. */
function supervisedBy(lever: SupervisionId, before: Supervision): Supervision {
  const met = lever === 'owner' ? (['owner', 'review'] as const) : [lever];
  return {
    ...before,
    breadth: lever === 'scoped' ? Math.min(before.breadth, 2) : before.breadth,
    answers: { ...before.answers, ...Object.fromEntries(met.map((id) => [id, 'yes'])) },
  };
}
