import {
  defineCollector,
  lastSegment,
  path,
  within,
  type Observation,
  type PersonEvidence,
  type Principal,
  type Trait,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import { listPages } from './pages.ts';
import { user, type User } from './schema.ts';

/** People of the directory in every state: the ground on which a leaver is told from a colleague. */
export const users = defineCollector<Config, Client>({
  id: 'users',
  title: 'Directory users',
  version: 2,
  kinds: ['identity'],
  mode: 'inventory',
  operations: ['directory.users.list'],
  permissions: [{ id: SCOPES.users, purpose: 'List the users of the directory and their state', required: true }],
  limits: ['Users deleted more than about 20 days ago are no longer listed'],
  volatile: ['lastLoginAt'],
  requests: (sizes) => sizes.pages('users', 500) + sizes.pages('deleted', 500),

  async *collect({ account, client, cursor }) {
    const position = (cursor ?? { list: 0, pageToken: null, counts: [0, 0] }) as Position;
    const loss = { scope: account.scope, effect: 'Who is here, suspended or gone is unknown', permission: SCOPES.users };
    for (let list = position.list; list < LISTS.length; list++) {
      const deleted = LISTS[list] === 'deleted';
      const from = list === position.list ? position.pageToken : null;
      const place = (raw: unknown) => placeOfRaw(account.scope, raw);
      const ask = (pageToken: string | undefined) => client.users({ deleted, pageToken });
      for await (const page of listPages({ loss, what: 'user', schema: user, place, from, ask })) {
        if (page.gap) return yield page.gap;
        yield* page.gaps;
        for (const item of page.items) yield identityOf(account.scope, item, deleted);
        position.counts[list]! += page.items.length;
        const cursor = { list: page.next === null ? list + 1 : list, pageToken: page.next, counts: position.counts };
        yield { type: 'checkpoint', cursor, sizes: { users: position.counts[0]!, deleted: position.counts[1]! } };
      }
    }
    yield { type: 'covered', scope: account.scope };
  },
});

/** Deleted users stand in a list of their own. */
const LISTS = ['live', 'deleted'] as const;

type Position = { list: number; pageToken: string | null; counts: number[] };

/** The place of one user. */
export function userScope(account: string, userId: string): string {
  return within(account, 'user', userId);
}

function placeOfRaw(account: string, raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw && typeof raw.id === 'string' && raw.id !== '' ? raw.id : undefined;
  return id === undefined ? account : userScope(account, id);
}

/** Google's way of saying that somebody never signed in. */
const NEVER = '1970-01-01T00:00:00.000Z';

function identityOf(account: string, item: User, deleted: boolean): Observation {
  return {
    type: 'observation',
    thing: path('user', item.id),
    nativeId: item.id,
    kind: 'identity',
    scope: userScope(account, item.id),
    subject: { app: path('customer', lastSegment(account)), name: item.primaryEmail },
    principal: { id: item.id, name: item.primaryEmail, traits: traitsOf(item), standing: standingOf(item, deleted) },
    signals: [],
    permissions: [],
    attributes: {
      ...(item.orgUnitPath !== undefined && { orgUnit: item.orgUnitPath }),
      ...(item.isEnrolledIn2Sv !== undefined && { secondFactor: item.isEnrolledIn2Sv }),
      ...(item.isEnforcedIn2Sv !== undefined && { secondFactorEnforced: item.isEnforcedIn2Sv }),
      ...(item.isAdmin && { superAdministrator: true }),
      ...(item.creationTime !== undefined && { createdAt: item.creationTime }),
      ...(item.lastLoginTime !== undefined && { lastLoginAt: item.lastLoginTime === NEVER ? 'never' : item.lastLoginTime }),
    },
    evidence: { source: 'directory.users.list', url: 'https://admin.google.com/ac/users' },
  };
}

/** What the directory says of a person; the same wherever the person is met. */
export function traitsOf({ isAdmin, isDelegatedAdmin, isGuestUser }: Partial<User>): Trait[] {
  return [
    'interactive_login',
    'directory_person',
    ...(isAdmin || isDelegatedAdmin ? (['administrator'] as const) : []),
    ...(isGuestUser ? (['external'] as const) : []),
  ];
}

/**
 * The primary address of a user lies in a domain that the customer has proved to be its own, and leads to this user alone. After a
 * deletion, it may be given to somebody else; that of a guest is another organisation's, which gives it away as it likes.
 * https://developers.google.com/workspace/admin/directory/reference/rest/v1/users
 */
export function personBehind({ kind, principal }: Pick<Observation, 'kind'> & { principal: Principal }): PersonEvidence[] {
  return kind !== 'identity' || principal.standing === 'deleted' || principal.traits.includes('external')
    ? []
    : [{ by: 'verified_address', value: principal.name }];
}

/** The state in which the directory lists a user. */
export function standingOf(item: Pick<User, 'suspended' | 'archived'>, deleted: boolean): 'active' | 'suspended' | 'archived' | 'deleted' {
  if (deleted) return 'deleted';
  if (item.suspended) return 'suspended';
  return item.archived ? 'archived' : 'active';
}
