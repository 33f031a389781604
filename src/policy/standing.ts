import { POWER, type Integration, type Reach } from './integration.ts';
import { isOver, type Approval, type Denial, type Policy } from './policy.ts';

/** What the policy says about an integration. */
export type Standing =
  | { is: 'denied'; denial: Denial }
  | { is: 'approved'; approval: Approval }
  /** Approved still, and its day of review is over. */
  | { is: 'review-due'; approval: Approval }
  | { is: 'exceeded'; approval: Approval; excess: readonly string[] }
  | { is: 'expired'; approval: Approval }
  /** It calls itself like an approved product, and nothing else speaks for it. */
  | { is: 'look-alike'; approval: Approval }
  | { is: 'undecided' };

/**
 * Compares an integration with the policy. An approval covers it only if its match is `exact` or `strong`, or if the
 * approval lists the app's own id: a name that anybody can choose approves nothing.
 */
export function standingOf(integration: Integration, policy: Policy, now: Date): Standing {
  const denial = policy.denials.find(
    (entry) => holdsHere(entry, integration) && (isAbout(entry, integration, 'likely') || isAlso(entry, integration)),
  );
  if (denial) return { is: 'denied', denial };
  const covering = policy.approvals.filter((entry) => holdsHere(entry, integration) && isAbout(entry, integration, 'strong'));
  const inForce = covering.filter((entry) => !isOver(entry.expires, now));
  const judged = inForce.map((approval) => ({ approval, excess: excessOf(approval, integration) }));
  const within = judged.filter(({ excess }) => excess.length === 0).map(({ approval }) => approval);
  const reviewed = within.find((approval) => !isOver(approval.review, now));
  if (reviewed) return { is: 'approved', approval: reviewed };
  if (within[0]) return { is: 'review-due', approval: within[0] };
  const exceeded = judged.sort((a, b) => a.excess.length - b.excess.length)[0];
  if (exceeded) return { is: 'exceeded', ...exceeded };
  if (covering[0]) return { is: 'expired', approval: covering[0] };
  const imitated = policy.approvals.find((entry) => holdsHere(entry, integration) && namesLike(entry, integration));
  return imitated ? { is: 'look-alike', approval: imitated } : { is: 'undecided' };
}

function holdsHere(entry: Approval | Denial, { connector, account }: Integration): boolean {
  return (entry.connectors?.includes(connector) ?? true) && (entry.accounts?.includes(account) ?? true);
}

/** An entry that lists ids is about these apps and no others; one that names a product is, where the match is at least of that grade. */
function isAbout(entry: Approval | Denial, { appId, match }: Integration, least: 'strong' | 'likely'): boolean {
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
  const live = integration.things.filter((thing) => thing.state !== 'gone' && !thing.logOnly);
  const holders = new Set(live.flatMap((thing) => thing.holder?.id ?? []));
  if (population && holders.size > population.most) excess.push(`${holders.size} holders, approved for ${population.most}`);
  return excess;
}

/** A name and an address are what signing in costs; no ceiling needs to speak of them. */
function harmless(reach: Reach): boolean {
  return reach.dataClass === 'profile' && reach.access === 'read';
}
