import { z } from 'zod';
import { parseItems, path, ProviderFault, reading, within, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { ofApplication, type Found } from './identity-center-parts.ts';
import { STORE_USER } from './identity-store.ts';
import { LIST_USERS, usersOf } from './identity-store-users.ts';
import { pagesOf } from './pages.ts';
import { permissionOf, type RegionalReader } from './regional-list.ts';

const ASSIGNMENTS = 'sso-admin.ListApplicationAssignments';

const assignmentsPage = z
  .object({ ApplicationAssignments: z.array(z.unknown()).optional(), NextToken: z.string().optional() })
  .transform(({ ApplicationAssignments, NextToken }) => ({ items: ApplicationAssignments ?? [], next: NextToken || undefined }));
const assignment = z.object({ PrincipalId: z.string().min(1), PrincipalType: z.string().min(1) });
type Assignment = z.infer<typeof assignment>;
/** Of more groups than that nobody reads the ids. */
const MOST_GROUPS = 100;

/** How many people are assigned and which groups, as one fact of an application, however many there are; and each who is assigned himself. */
export const assignments: RegionalReader = {
  operation: ASSIGNMENTS,
  purpose: 'Count who is assigned to applications',
  detail: { operation: LIST_USERS, purpose: 'Name the people who are assigned to applications' },
  async read(context, region, whole) {
    if (!whole) throw new Error('Assignments are those of an application');
    const { client, pageSize } = context;
    const scope = within(whole.scope, 'assignments');
    const loss = { scope, effect: `Who is assigned to ${whole.what} is unknown`, permission: permissionOf(ASSIGNMENTS) };
    let requests = 0;
    const ask = (NextToken: string | undefined) =>
      client.ask(
        ASSIGNMENTS,
        region,
        { ...whole.ids, MaxResults: pageSize(100), ...(NextToken !== undefined && { NextToken }) },
        assignmentsPage,
      );
    const answer = await reading(loss, async () => {
      // Each counts once, however often a list repeats it.
      const found = new Map<string, Assignment>();
      for await (const page of pagesOf(ask)) {
        requests++;
        const { items, gaps } = parseItems(page.items, assignment, { what: 'assignment', scope: () => scope });
        if (gaps[0]) throw new ProviderFault(gaps[0].effect);
        for (const item of items) found.set(path(item.PrincipalType, item.PrincipalId), item);
      }
      return [...found.values()];
    });
    const more = Math.max(0, requests - 1);
    if (answer.gap) return { events: [answer.gap], more };
    const place = { region, scope, source: ASSIGNMENTS, whole } as const;
    return { events: [assignedOf(place, answer.value), ...(await seatsOf(context, place, answer.value))], more };
  },
};

function assignedOf(place: Found, found: readonly Assignment[]): Observation {
  const groups = found.filter(({ PrincipalType }) => PrincipalType === 'GROUP').map(({ PrincipalId }) => PrincipalId);
  return ofApplication(place, 'identity_center_assignments', ['all'], {
    kind: 'app_installation',
    attributes: {
      assignedUsers: found.length - groups.length,
      assignedGroups: groups.length,
      // Their names cost a list of their own, and tell nobody who is in them.
      groups: groups.toSorted().slice(0, MOST_GROUPS),
    },
  });
}

/** Those who are assigned by themselves. Where their names cannot be read, they are not stated anew: a name that is lost is no change. */
async function seatsOf(context: Parameters<RegionalReader['read']>[0], place: Found, found: readonly Assignment[]): Promise<ScanEvent[]> {
  const ids = found.filter(({ PrincipalType }) => PrincipalType === 'USER').map(({ PrincipalId }) => PrincipalId);
  const { store, what } = place.whole;
  if (ids.length === 0) return [];
  const scope = within(place.scope, STORE_USER);
  const effect = `Of the people who are assigned to ${what} themselves it is known only how many they are`;
  if (!context.isOn('identity_store')) return [{ type: 'gap', scope, reason: 'not_of_interest', effect, byDesign: true }];
  if (store === undefined) return [{ type: 'gap', scope, reason: 'provider_error', effect }];
  const loss = { scope, effect, permission: permissionOf(LIST_USERS) };
  const answer = await reading(loss, () => usersOf(context, place.region, store));
  if (answer.gap) return [answer.gap];
  const { users, gaps } = answer.value;
  // Who is missing from a list with gaps may be who was set aside there.
  const isTold = (id: string) => gaps.length === 0 || users.has(id);
  const untold: ScanEvent[] = ids.every(isTold)
    ? []
    : [{ type: 'gap', scope, reason: gaps[0]!.reason, effect: `${effect}, but for those whose names could be read` }];
  const seats = ids.filter(isTold).map((id): ScanEvent => ({
    ...ofApplication({ ...place, scope: within(scope, id) }, 'identity_center_assignment', [STORE_USER, id], {
      kind: 'seat',
      attributes: {},
    }),
    // Who is not in a whole list, as somebody who was deleted, has his id alone.
    principal: { id, name: users.get(id)?.name ?? id, traits: ['directory_person'] },
  }));
  return [...untold, ...seats];
}
