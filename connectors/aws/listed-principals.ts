import { pageGuard, parseItems, within, type CollectContext, type Gap } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { statementsOf, type SharedPolicies } from './permissions.ts';
import { groupDetail, managedPolicy, roleDetail, userDetail, type GroupDetail, type RoleDetail, type UserDetail } from './schema.ts';

export const DETAILS = 'iam:GetAccountAuthorizationDetails';

/** The whole list. Principals are judged when it ends: the policies and groups that they share may stand on any page. */
export interface Listed extends SharedPolicies {
  users: readonly UserDetail[];
  roles: readonly RoleDetail[];
  entities: number;
  /** Users and roles that were set aside. A group or policy that cannot be read is missed where it is used. */
  gaps: { users: readonly Gap[]; roles: readonly Gap[] };
}

/** Throws where the list breaks off: half of the policies tell the wrong powers. */
export async function listPrincipals({ account, client }: CollectContext<Config, Client>): Promise<Listed> {
  const [users, roles]: [UserDetail[], RoleDetail[]] = [[], []];
  const gaps: { users: Gap[]; roles: Gap[] } = { users: [], roles: [] };
  const groups = new Map<string, GroupDetail>();
  const policies = new Map<string, ReturnType<typeof statementsOf>>();
  const guard = pageGuard();
  let entities = 0;
  let marker: string | null = null;
  do {
    const page = await readPage(client, account.scope, marker, guard);
    users.push(...page.users.items);
    gaps.users.push(...page.users.gaps);
    roles.push(...page.roles.items);
    gaps.roles.push(...page.roles.gaps);
    for (const group of page.groups.items) groups.set(group.GroupName, group);
    for (const policy of page.policies.items) policies.set(policy.Arn, statementsOf(policy));
    entities += page.entities;
    marker = page.next;
  } while (marker !== null);
  return { users, roles, groups, policies, entities, gaps };
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
