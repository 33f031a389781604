import {
  defineCollector,
  pageGuard,
  parseItems,
  reading,
  within,
  type CollectContext,
  type Gap,
  type ScanEvent,
} from '../../src/connector/index.ts';
import { ACCESS_KEYS, accessKeyEvents, shortArn, type KnownUser } from './access-keys.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { statementsOf, type SharedPolicies } from './permissions.ts';
import { inPieces } from './pieces.ts';
import { grantedToUser, roleEvents, userEvents } from './principals.ts';
import { groupDetail, managedPolicy, roleDetail, userDetail, type GroupDetail, type RoleDetail, type UserDetail } from './schema.ts';

/** Users, roles, whom roles let in, and access keys: the whole identity of an account in a few requests. */
export const identities = defineCollector<Config, Client>({
  id: 'identities',
  title: 'Users, roles, trusts and access keys',
  version: 3,
  kinds: ['identity', 'service_account', 'trust', 'api_key'],
  mode: 'inventory',
  operations: ['iam.GetAccountAuthorizationDetails', 'iam.GenerateCredentialReport', 'iam.GetCredentialReport'],
  permissions: [
    { id: 'iam:GetAccountAuthorizationDetails', purpose: 'List users and roles with their policies and whom roles trust', required: true },
    { id: 'iam:GenerateCredentialReport', purpose: 'Have the report of all access keys written', required: true },
    { id: 'iam:GetCredentialReport', purpose: 'Read which access keys there are, how old, and when last used', required: true },
  ],
  limits: [
    'Permissions boundaries, organisation policies, resource policies and conditions are not weighed: a level is the most that it can be',
    "What AWS's own managed policies grant is known from a table of 2026, by service; they are not read action by action",
    'The credential report may be four hours old, and knows only the last use of a key, with its service',
    'A role without a last use was not used in the last 400 days; what was before is not kept',
  ],
  volatile: ['lastUsed', 'lastUsedService', 'lastUsedRegion', 'reportGeneratedAt'],
  requests: (sizes) => sizes.pages('entities', 1000) + 2,

  async *collect(context) {
    const { account, cursor } = context;
    const users = (cursor as Position | undefined)?.users ?? (yield* walk(context));
    if (!users) return;
    yield* accessKeyEvents(context, new Map(users.map(([arn, id, aiLevel]) => [arn, { id, aiLevel }])));
    yield { type: 'covered', scope: account.scope };
  },
});

/**
 * ARN, id and level of every user: the report that comes after the list knows ARNs alone.
 * 5,000 users, which is the most that an account may have, are some 400 kB.
 */
type Position = { users: [arn: string, id: string, aiLevel: KnownUser['aiLevel']][] };

/** The whole list. Principals are judged when it ends: the policies and groups that they share may stand on any page. */
interface Listed {
  users: UserDetail[];
  roles: RoleDetail[];
  groups: Map<string, GroupDetail>;
  policies: Map<string, ReturnType<typeof statementsOf>>;
  entities: number;
}

/** Reads the list of users and roles; answers undefined when it broke off, because half of the policies tell the wrong powers. */
async function* walk(context: CollectContext<Config, Client>): AsyncGenerator<ScanEvent, Position['users'] | undefined> {
  const { account, client, now, sleep } = context;
  const listed: Listed = { users: [], roles: [], groups: new Map(), policies: new Map(), entities: 0 };
  if (!(yield* pages(context, listed))) return undefined;
  const shared: SharedPolicies = listed;
  const around = { account: account.scope, ownAccount: account.id, own: client.own, shared, now: now() };
  const next = inPieces(sleep);
  const users: Position['users'] = [];
  for (const user of listed.users) {
    const has = grantedToUser(user, shared);
    users.push([shortArn(user.Arn), user.UserId, has.aiLevel]);
    yield* userEvents(around, user, has);
    await next();
  }
  for (const role of listed.roles) {
    yield* roleEvents(around, role);
    await next();
  }
  yield { type: 'checkpoint', cursor: { users }, sizes: { entities: listed.entities } };
  return users;
}

async function* pages({ account, client }: CollectContext<Config, Client>, listed: Listed): AsyncGenerator<ScanEvent, boolean> {
  const loss = {
    scope: account.scope,
    effect: 'Users, roles, whom they trust, and access keys are unknown',
    permission: 'iam:GetAccountAuthorizationDetails',
  };
  const guard = pageGuard();
  let marker: string | null = null;
  do {
    const page = await reading(loss, () => readPage(client, account.scope, marker, guard));
    if (page.gap) {
      yield page.gap;
      return false;
    }
    const { users, roles, groups, policies, next, entities } = page.value;
    yield* users.gaps.flatMap((gap) => [gap, keysOf(account.scope, gap)]);
    yield* roles.gaps;
    // A group or policy that cannot be read is missed where it is used.
    listed.users.push(...users.items);
    listed.roles.push(...roles.items);
    for (const group of groups.items) listed.groups.set(group.GroupName, group);
    for (const policy of policies.items) listed.policies.set(policy.Arn, statementsOf(policy));
    listed.entities += entities;
    marker = next;
  } while (marker !== null);
  return true;
}

async function readPage(client: Client, account: string, marker: string | null, guard: (next: string) => void) {
  const answer = await client.accountDetails(marker);
  if (answer.next !== null) guard(answer.next);
  const whole = () => account;
  return {
    users: parseItems(answer.users, userDetail, { what: 'user', scope: (raw) => placeOf(account, 'user', 'UserId', raw) }),
    roles: parseItems(answer.roles, roleDetail, { what: 'role', scope: (raw) => placeOf(account, 'role', 'RoleId', raw) }),
    groups: parseItems(answer.groups, groupDetail, { what: 'group', scope: whole }),
    policies: parseItems(answer.policies, managedPolicy, { what: 'managed policy', scope: whole }),
    next: answer.next,
    entities: [answer.users, answer.roles, answer.groups, answer.policies].reduce((sum, list) => sum + list.length, 0),
  };
}

function placeOf(account: string, what: string, key: string, raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null ? Object.entries(raw).find(([name]) => name === key)?.[1] : undefined;
  return typeof id === 'string' && id !== '' ? within(account, what, id) : account;
}

/** Without its user, a row of the report cannot be told whose it is: the keys are as unknown as the user. */
function keysOf(account: string, gap: Gap): Gap {
  return { ...gap, scope: gap.scope.replace(`${account}/user/`, `${account}/${ACCESS_KEYS}/`) };
}
