import { holds, type Collector, type Connector, type Gap, type Operation, type Permission } from '../connector/index.ts';
import { MOST_REQUESTS, type Watch } from './tap.ts';

/** What is known of one permission after its operations were tried. */
export interface PermissionProbe {
  permission: string;
  /** Permissions of another kind of credential that open the same places: one of all is enough. */
  orElse: readonly string[];
  purpose: string;
  required: boolean;
  /**
   * `granted`: every operation that needs it was really answered. `missing`: it was refused.
   * `not_reached`: neither was seen, so nothing is claimed.
   */
  state: 'granted' | 'missing' | 'not_reached';
  /** Missing: what stays invisible. Not reached: why. Granted: what still has to be known of it. */
  effect: string | null;
  /** The place that the refusal concerns; null where it was not refused. */
  scope: string | null;
}

interface Found {
  gaps: readonly Gap[];
  /** Why the collector broke off, where it did. */
  failed?: string | undefined;
  usedUp: boolean;
}

/** The state of each declared permission of a collector, and of any other that the provider named. */
export function permissionProbes(
  collector: Collector,
  { operations, collectors }: Pick<Connector, 'operations' | 'collectors'>,
  watch: Pick<Watch, 'answered' | 'refused'>,
  found: Found,
): PermissionProbe[] {
  const read = operations.filter(({ id }) => collector.operations.includes(id));
  const opening = operations.filter(({ id }) => !collectors.some((one) => one.operations.includes(id)));
  const declared = collector.permissions.map((permission): PermissionProbe => {
    const own = read.filter(({ permission: needs }) => needs === permission.id);
    // The source is open: what only its opening asks was answered.
    if (own.length === 0 && opening.some(({ permission: needs }) => needs === permission.id))
      return { ...said(permission), state: 'granted', effect: null, scope: null };
    const state = own.length > 0 ? stateOf(permission, own, watch, found) : stateWithin(permission, { read, watch, found, collector });
    return { ...said(permission), ...state };
  });
  const known = new Set(collector.permissions.flatMap(idsOf));
  const others = found.gaps.filter((gap) => isRefusal(gap) && gap.permission !== undefined && !known.has(gap.permission));
  const undeclared = Map.groupBy(others, (gap) => gap.permission!);
  return [
    ...declared,
    ...[...undeclared].map(([permission, gaps]): PermissionProbe => {
      const { effect, scope } = widest(gaps);
      return { permission, orElse: [], purpose: 'The provider asks for it', required: true, state: 'missing', effect, scope };
    }),
  ];
}

function said({ id, orElse = [], purpose, required }: Permission) {
  return { permission: id, orElse, purpose, required };
}

function idsOf({ id, orElse = [] }: Permission): string[] {
  return [id, ...orElse];
}

function stateOf(
  permission: Permission,
  own: readonly Operation[],
  { answered, refused }: Pick<Watch, 'answered' | 'refused'>,
  found: Found,
): Pick<PermissionProbe, 'state' | 'effect' | 'scope'> {
  const named = found.gaps.filter((gap) => gap.permission !== undefined && idsOf(permission).includes(gap.permission));
  const refusals = named.filter(isRefusal);
  if (own.length > 0 && own.every(({ id }) => answered.has(id))) {
    if (refusals.length > 0) return { state: 'granted', effect: `${placesText(refusals)} refused all the same`, scope: null };
    const first = permission.orElse && own.some(({ id }) => refused.has(id));
    return { state: 'granted', effect: first ? 'One credential was refused; the next one opens it' : null, scope: null };
  }
  if (refusals.length > 0) {
    const { effect, scope } = widest(refusals);
    const within = refusals.every((gap) => holds(scope, gap.scope));
    return { state: 'missing', effect: within ? effect : `${effect} (${placesText(refusals)} refused)`, scope };
  }
  return { state: 'not_reached', effect: whyNotReached(named, found), scope: null };
}

/**
 * Of a permission that no operation needs as a whole: it opens a part of answers that others share, as the fields of a GraphQL query.
 * That such an answer came proves it only where no part of it was refused, for of several refusals a gap names one.
 */
function stateWithin(
  permission: Permission,
  {
    read,
    watch,
    found,
    collector,
  }: { read: readonly Operation[]; watch: Pick<Watch, 'answered' | 'refused'>; found: Found; collector: Collector },
): Pick<PermissionProbe, 'state' | 'effect' | 'scope'> {
  const shared = read.filter(({ permission: needs }) => needs === undefined);
  const siblings = new Set(collector.permissions.flatMap(idsOf));
  const isDoubtful = found.gaps.some((gap) => isRefusal(gap) && gap.permission !== undefined && siblings.has(gap.permission));
  return stateOf(permission, isDoubtful ? [] : shared, watch, found);
}

function isRefusal({ reason }: Gap): boolean {
  return reason === 'permission_denied' || reason === 'not_observable';
}

function widest(gaps: readonly Gap[]): Gap {
  return gaps.reduce((wide, gap) => (gap.scope.length < wide.scope.length ? gap : wide));
}

function placesText(gaps: readonly Gap[]): string {
  const places = new Set(gaps.map(({ scope }) => scope)).size;
  return places === 1 ? 'one place was' : `${places} places were`;
}

function whyNotReached(named: readonly Gap[], { gaps, failed, usedUp }: Found): string {
  const unavailable = named.find(({ reason }) => reason === 'not_licensed');
  if (unavailable) return `The plan does not have it: ${unavailable.effect}`;
  if (failed !== undefined) return `The collector broke off: ${failed}`;
  if (usedUp) return `${MOST_REQUESTS} requests did not lead to it`;
  const refused = gaps.find(isRefusal);
  if (refused) return `What leads to it was refused: ${refused.effect}`;
  const fault = gaps.find(({ reason }) => reason !== 'over_budget');
  if (fault) return `The provider gave no usable answer: ${fault.effect}`;
  return 'Nothing was listed that it would be needed for';
}
