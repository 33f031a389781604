import { POWER, type Integration, type Reach } from './integration.ts';
import { canonicalJson, DATA_CLASSES, type Json } from '../connector/index.ts';
import { isOver, reviewDay, type Approval, type Denial, type Policy } from './policy.ts';
import { populationExcess } from './population.ts';

/** What the policy says about an integration. */
export type Standing =
  | { is: 'denied'; denial: Denial }
  /** `within` = all approvals that it keeps to; absent = that one alone. */
  | { is: 'approved'; approval: Approval; within?: readonly Approval[] }
  /** Approved still, and its day of review is over. */
  | { is: 'review-due'; approval: Approval; within?: readonly Approval[] }
  | { is: 'exceeded'; approval: Approval; excess: readonly string[] }
  | { is: 'expired'; approval: Approval }
  /** It was on trial, and the trial has ended. */
  | { is: 'probation-over'; approval: Approval }
  /** It calls itself like an approved product, and nothing else speaks for it. */
  | { is: 'look-alike'; approval: Approval }
  | { is: 'undecided' };

/** Has somebody said in an approval how much it may do, and does it keep to that? Another approval without a limit takes nothing back. */
export function isLimited(standing: Standing): boolean {
  return keptTo(standing).some(setsLimit);
}

/** Does an approval say how much an app may do? A ceiling that allows everything is none. */
export function setsLimit({ ceiling }: Approval): boolean {
  const { data, permissions } = ceiling ?? {};
  return permissions !== undefined || (data !== undefined && DATA_CLASSES.some((one) => data[one] !== 'admin'));
}

/** The approvals in force that it keeps to. */
export function keptTo(standing: Standing): readonly Approval[] {
  return standing.is === 'approved' || standing.is === 'review-due' ? (standing.within ?? [standing.approval]) : [];
}

/**
 * Compares an integration with the policy. An approval covers it only if its match is `exact` or `strong`, or if the
 * approval lists the app's own id: a name that anybody can choose approves nothing. In whichever order the entries stand, it is the same.
 */
export function standingOf(integration: Integration, policy: Policy, now: Date): Standing {
  const here = (entry: Approval | Denial) => holdsHere(entry, integration);
  const denial = first(
    policy.denials.filter((entry) => denies(entry, integration) || (here(entry) && isAlso(entry, integration))),
    () => 0,
  );
  if (denial) return { is: 'denied', denial };
  const covering = policy.approvals.filter((entry) => covers(entry, integration));
  const judged = covering
    .filter((entry) => !isOver(entry.expires, now))
    .map((approval) => ({ approval, excess: excessOf(approval, integration) }));
  const within = judged.filter(({ excess }) => excess.length === 0).map(({ approval }) => approval);
  // What was reviewed last is due last.
  const approval = first(within, (a, b) => latestDay(reviewDay(a), reviewDay(b)));
  if (approval) return { is: isOver(reviewDay(approval), now) ? 'review-due' : 'approved', approval, ...(within.length > 1 && { within }) };
  const exceeded = first(judged, (a, b) => a.excess.length - b.excess.length);
  if (exceeded) return { is: 'exceeded', ...exceeded };
  const ended = first(covering, (a, b) => latestDay(a.expires, b.expires));
  if (ended) return { is: ended.stage === 'probation' ? 'probation-over' : 'expired', approval: ended };
  const imitated = first(
    policy.approvals.filter((entry) => here(entry) && namesLike(entry, integration)),
    () => 0,
  );
  return imitated ? { is: 'look-alike', approval: imitated } : { is: 'undecided' };
}

/** The first by an order; of equals the first by spelling, so that the order in the file does not matter. */
function first<Entry extends object>(entries: readonly Entry[], order: (a: Entry, b: Entry) => number): Entry | undefined {
  if (entries.length < 2) return entries[0];
  const spelled = entries.map((entry) => ({ entry, spelling: canonicalJson(entry as unknown as Json) }));
  return spelled.sort((a, b) => order(a.entry, b.entry) || (a.spelling < b.spelling ? -1 : 1))[0]!.entry;
}

/** The latest first; no day at all is later than any. */
function latestDay(a = '9999-99-99', b = '9999-99-99'): number {
  return a === b ? 0 : a < b ? 1 : -1;
}

/** Does an approval cover an app, whatever its limits? */
export function covers(entry: Approval, app: Recognised): boolean {
  return holdsHere(entry, app) && isAbout(entry, app, 'strong');
}

/** Does a denial name an app, by its id or its product? */
export function denies(entry: Denial, app: Recognised): boolean {
  return holdsHere(entry, app) && isAbout(entry, app, 'likely');
}

/** An app, as far as it takes to say which entries are about it. */
export type Recognised = Pick<Integration, 'connector' | 'account' | 'appId'> & { match: Pick<Integration['match'], 'product' | 'grade'> };

export function holdsHere(
  entry: Pick<Approval, 'connectors' | 'accounts'>,
  { connector, account }: Pick<Recognised, 'connector' | 'account'>,
): boolean {
  return (entry.connectors?.includes(connector) ?? true) && (entry.accounts?.includes(account) ?? true);
}

/** An entry that lists ids is about these apps and no others; one that names a product is, where the match is at least of that grade. */
function isAbout(entry: Approval | Denial, { appId, match }: Recognised, least: 'strong' | 'likely'): boolean {
  if (entry.apps !== undefined) return entry.apps.includes(appId);
  if (entry.product === undefined || entry.product !== match.product) return false;
  return match.grade === 'exact' || match.grade === 'strong' || (least === 'likely' && match.grade === 'likely');
}

function isAlso(entry: Denial, { alsoIs }: Integration): boolean {
  return entry.apps === undefined && entry.product !== undefined && entry.product === alsoIs;
}

function namesLike(entry: Approval, { match }: Integration): boolean {
  return (
    entry.product !== undefined && match.candidates.includes(entry.product) && (match.grade === 'likely' || match.grade === 'suspected')
  );
}

function excessOf(approval: Approval, integration: Integration): string[] {
  const excess: string[] = [];
  const { ceiling, population } = approval;
  if (ceiling?.data) {
    for (const reach of integration.reach) {
      const most = ceiling.data[reach.dataClass];
      if (harmless(reach) || (most && POWER[reach.access] <= POWER[most])) continue;
      excess.push(`${reach.dataClass}: ${reach.access}, approved for ${most ?? 'nothing'}`);
    }
  }
  if (ceiling?.permissions) {
    const beyond = integration.reach
      .flatMap((reach) => reach.permissions)
      .filter((permission) => !ceiling.permissions!.includes(permission));
    excess.push(...beyond.sort().map((permission) => `permission ${permission}`));
  }
  excess.push(...populationExcess(population, integration));
  return excess;
}

/** A name and an address are what signing in costs; no ceiling needs to speak of them. */
export function harmless(reach: Pick<Reach, 'dataClass' | 'access'>): boolean {
  return reach.dataClass === 'profile' && reach.access === 'read';
}
