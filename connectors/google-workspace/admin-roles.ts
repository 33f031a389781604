import { defineCollector, path, within, type Observation } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { rolePermission } from './meaning.ts';
import { SCOPES } from './operations.ts';
import { listPages, readAll } from './pages.ts';
import { role, roleAssignment, user, type Role, type RoleAssignment, type User } from './schema.ts';
import { standingOf, traitsOf } from './users.ts';

/**
 * Who administers: people, groups, and programs. Google calls a service account a user here, so whoever is assigned a role
 * and stands in no list of users is one. https://developers.google.com/workspace/admin/directory/v1/guides/manage-roles
 */
export const adminRoles = defineCollector<Config, Client>({
  id: 'admin_roles',
  title: 'Administrator roles and who has them',
  version: 2,
  kinds: ['control', 'service_account'],
  mode: 'inventory',
  operations: ['directory.roles.list', 'directory.roleAssignments.list', 'directory.users.list'],
  permissions: [
    { id: SCOPES.roles, purpose: 'List administrator roles and who has them', required: true },
    { id: SCOPES.users, purpose: 'Tell people from service accounts, which Google calls users here', required: true },
  ],
  limits: ['Members of a group that has a role are not listed one by one'],
  volatile: [],
  requests: (sizes) =>
    sizes.pages('roles', 100) + sizes.pages('roleAssignments', 200) + sizes.pages('users', 500) + sizes.pages('deleted', 500),

  async *collect({ account, client, cursor }) {
    if (cursor === 'read') return yield { type: 'covered', scope: account.scope };
    const loss = { scope: account.scope, effect: 'Who administers is unknown' };
    const administration = { ...loss, permission: SCOPES.roles };
    const roles = await readAll({ loss: administration, what: 'role', schema: role, ask: (pageToken) => client.roles({ pageToken }) });
    if (roles.gap) return yield roles.gap;
    const assignments = await readAll({
      loss: administration,
      what: 'role assignment',
      schema: roleAssignment,
      place: (raw) => placeOf(account.scope, raw),
      ask: (pageToken) => client.roleAssignments({ pageToken }),
    });
    if (assignments.gap) return yield assignments.gap;
    const people = new Map<string, { user: User; deleted: boolean }>();
    const wanted = new Set(assignments.items.map(({ assignedTo }) => assignedTo));
    for (const deleted of [false, true]) {
      const ask = (pageToken: string | undefined) => client.users({ deleted, pageToken });
      for await (const page of listPages({ loss: { ...loss, permission: SCOPES.users }, what: 'user', schema: user, ask })) {
        if (page.gap) return yield page.gap;
        // A user who could not be read may be any of the assigned: then nobody may be called a program.
        if (page.gaps[0]) return yield { ...page.gaps[0], scope: account.scope };
        for (const item of page.items) if (wanted.has(item.id)) people.set(item.id, { user: item, deleted });
      }
    }
    yield* [...roles.gaps, ...assignments.gaps];
    const named = new Map(roles.items.map((item) => [item.roleId, item]));
    for (const item of assignments.items) yield observationOf(account.scope, item, named.get(item.roleId), people.get(item.assignedTo));
    yield { type: 'checkpoint', cursor: 'read', sizes: { roles: roles.items.length, roleAssignments: assignments.items.length } };
    yield { type: 'covered', scope: account.scope };
  },
});

function placeOf(account: string, raw: unknown): string {
  const parsed = roleAssignment.pick({ roleAssignmentId: true }).safeParse(raw);
  return parsed.success ? within(account, 'role_assignment', parsed.data.roleAssignmentId) : account;
}

function observationOf(
  account: string,
  item: RoleAssignment,
  held: Role | undefined,
  person: { user: User; deleted: boolean } | undefined,
): Observation {
  const group = item.assigneeType?.toLowerCase() === 'group';
  const assignee = person ? 'person' : group ? 'group' : 'service account';
  const id = item.assignedTo;
  return {
    type: 'observation',
    thing: path('role_assignment', item.roleAssignmentId),
    nativeId: item.roleAssignmentId,
    kind: assignee === 'service account' ? 'service_account' : 'control',
    scope: within(account, 'role_assignment', item.roleAssignmentId),
    subject: { app: id, name: person?.user.primaryEmail ?? id },
    principal: {
      id,
      name: person?.user.primaryEmail ?? id,
      ...(person
        ? {
            traits: traitsOf({ ...person.user, isDelegatedAdmin: true }),
            standing: standingOf(person.user, person.deleted),
          }
        : { traits: assignee === 'group' ? ['administrator'] : ['workload', 'standing_credential', 'administrator'] }),
    },
    signals: assignee === 'service account' ? [{ type: 'oauth_client_id', value: id }] : [],
    permissions: [rolePermission(item.roleId, held?.isSuperAdminRole === true)],
    attributes: {
      assignee,
      role: held?.roleName ?? item.roleId,
      superAdministrator: held?.isSuperAdminRole === true,
      madeByGoogle: held?.isSystemRole === true,
      ...(item.scopeType === 'ORG_UNIT' && item.orgUnitId !== undefined && { orgUnitId: item.orgUnitId }),
    },
    evidence: { source: 'directory.roleAssignments.list', url: 'https://admin.google.com/ac/roles' },
  };
}
