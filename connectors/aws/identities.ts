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
import { ACCESS_KEYS, accessKeyEvents, shortArn } from './access-keys.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { roleEvents, userOf } from './principals.ts';
import { roleDetail, userDetail } from './schema.ts';

/** Users, roles, whom roles let in, and access keys: the whole identity of an account in a few requests. */
export const identities = defineCollector<Config, Client>({
  id: 'identities',
  title: 'Users, roles, trusts and access keys',
  version: 1,
  kinds: ['identity', 'service_account', 'trust', 'api_key'],
  mode: 'inventory',
  operations: ['iam.GetAccountAuthorizationDetails', 'iam.GenerateCredentialReport', 'iam.GetCredentialReport'],
  permissions: [
    { id: 'iam:GetAccountAuthorizationDetails', purpose: 'List users and roles with their policies and whom roles trust', required: true },
    { id: 'iam:GenerateCredentialReport', purpose: 'Have the report of all access keys written', required: true },
    { id: 'iam:GetCredentialReport', purpose: 'Read which access keys there are, how old, and when last used', required: true },
  ],
  limits: [
    'What is really allowed is not computed: denials, permissions boundaries, organisation and resource policies are not weighed',
    'Managed policies and groups are known by name; only inline policies are read action by action',
    'The credential report may be four hours old, and knows only the last use of a key, with its service',
    'A role without a last use was not used in the last 400 days; what was before is not kept',
    'Console passwords of users without access keys are not stated',
  ],
  volatile: ['lastUsed', 'lastUsedService', 'lastUsedRegion', 'reportGeneratedAt'],
  requests: (sizes) => sizes.pages('entities', 1000) + 2,

  async *collect(context) {
    const { account, cursor } = context;
    const position = (cursor ?? { marker: null, listed: false, entities: 0, users: [] }) as Position;
    const walked = position.listed || (yield* walk(context, position));
    if (!walked) return;
    yield* accessKeyEvents(context, new Map(position.users));
    yield { type: 'covered', scope: account.scope };
  },
});

type Position = {
  marker: string | null;
  listed: boolean;
  entities: number;
  /**
   * ARN and id of every user so far: the report that comes after the list knows ARNs alone.
   * 5,000 users, which is the most that an account may have, are some 300 kB.
   */
  users: [string, string][];
};

/** Reads the list of users and roles page by page; answers false when it broke off. */
async function* walk(context: CollectContext<Config, Client>, position: Position): AsyncGenerator<ScanEvent, boolean> {
  const { account, client } = context;
  const loss = {
    scope: account.scope,
    effect: 'Users, roles, whom they trust, and access keys are unknown',
    permission: 'iam:GetAccountAuthorizationDetails',
  };
  const guard = pageGuard();
  if (position.marker !== null) guard(position.marker);
  while (!position.listed) {
    const page = await reading(loss, async () => {
      const answer = await client.accountDetails(position.marker);
      if (answer.next !== null) guard(answer.next);
      const users = parseItems(answer.users, userDetail, { what: 'user', scope: (raw) => placeOf(account.scope, 'user', 'UserId', raw) });
      const roles = parseItems(answer.roles, roleDetail, { what: 'role', scope: (raw) => placeOf(account.scope, 'role', 'RoleId', raw) });
      return { users, roles, next: answer.next, entities: answer.users.length + answer.roles.length + answer.others };
    });
    if (page.gap) {
      yield page.gap;
      return false;
    }
    const { users, roles, next, entities } = page.value;
    yield* users.gaps.flatMap((gap) => [gap, keysOf(account.scope, gap)]);
    yield* roles.gaps;
    for (const user of users.items) yield userOf(account.scope, user);
    for (const role of roles.items) yield* roleEvents(account.scope, account.id, role);
    position.users.push(...users.items.map(({ Arn, UserId }): [string, string] => [shortArn(Arn), UserId]));
    position.marker = next;
    position.listed = next === null;
    position.entities += entities;
    yield { type: 'checkpoint', cursor: { ...position, users: [...position.users] }, sizes: { entities: position.entities } };
  }
  return true;
}

function placeOf(account: string, what: string, key: string, raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null ? Object.entries(raw).find(([name]) => name === key)?.[1] : undefined;
  return typeof id === 'string' && id !== '' ? within(account, what, id) : account;
}

/** Without its user, a row of the report cannot be told whose it is: the keys are as unknown as the user. */
function keysOf(account: string, gap: Gap): Gap {
  return { ...gap, scope: gap.scope.replace(`${account}/user/`, `${account}/${ACCESS_KEYS}/`) };
}
