import { defineCollector, path, reading, within, type Observation } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import { listPages } from './pages.ts';
import { member, type Group, type Member } from './schema.ts';

/**
 * Who is in the groups that the configuration names, directly or by another group: an approval may hold for a group alone.
 * https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/list
 */
export const groups = defineCollector<Config, Client>({
  id: 'groups',
  title: 'Members of named groups',
  version: 1,
  kinds: ['control'],
  mode: 'inventory',
  optional: true,
  needs: ['groups'],
  operations: ['directory.groups.get', 'directory.members.list'],
  permissions: [{ id: SCOPES.groups, purpose: 'List who is in the groups that the configuration names', required: true }],
  limits: [
    'Only the groups that the configuration names are read',
    'A group of which everybody of the customer is a member lists nobody',
    'Where a member is listed that is no user – a group, somebody of another customer – nobody counts as gone from the group',
  ],
  volatile: [],
  requests: (sizes) => sizes.of('namedGroups') + sizes.of('groupMemberPages'),

  async *collect({ account, client, config, cursor }) {
    const place = within(account.scope, 'group');
    const position = (cursor ?? { done: 0, pages: 0 }) as { done: number; pages: number };
    const named = config.groups ?? [];
    for (const key of named.slice(position.done)) {
      const about = { permission: SCOPES.groups, effect: `Who is in the group ${key} is unknown` };
      const found = await reading({ ...about, scope: within(place, key) }, () => client.group(key));
      if (found.gap) yield found.gap;
      else {
        const scope = within(place, found.value.id);
        let isWhole = true;
        const ask = (pageToken: string | undefined) => client.members({ group: found.value.id, pageToken });
        for await (const page of listPages({ loss: { ...about, scope }, what: 'member', schema: member, ask })) {
          position.pages++;
          if (page.gap) {
            isWhole = false;
            yield page.gap;
            break;
          }
          yield* page.gaps;
          for (const item of page.items) {
            if (item.type === 'USER') yield observationOf(scope, found.value, item);
            else yield { type: 'gap', scope, reason: 'not_observable', effect: effectOf(key, item) };
          }
        }
        if (isWhole) yield { type: 'covered', scope };
      }
      position.done++;
      yield { type: 'checkpoint', cursor: { ...position }, sizes: { namedGroups: position.done, groupMemberPages: position.pages } };
    }
    yield {
      type: 'gap',
      scope: place,
      reason: 'not_of_interest',
      effect: 'Only the groups that the configuration names are read',
      byDesign: true,
    };
  },
});

/** Why a member that is nobody by itself leaves open who is in the group. */
function effectOf(key: string, { type, email, id }: Member): string {
  if (type === 'CUSTOMER') return `Everybody is in the group ${key}, and no list names them`;
  return `Who is in the group ${key} through its member ${email ?? id} (${type ?? 'of no type'}) is unknown`;
}

function observationOf(scope: string, { id, email, name }: Group, item: Member): Observation {
  const thing = path('group_member', id, item.id);
  return {
    type: 'observation',
    thing,
    nativeId: thing,
    kind: 'control',
    scope: within(scope, 'member', item.id),
    subject: { app: path('group', id), name: name ?? email ?? id },
    principal: { id: item.id, name: item.email ?? item.id, traits: [] },
    signals: [],
    permissions: [],
    attributes: { group: id, address: email ?? null, role: item.role ?? null },
    evidence: { source: 'directory.members.list', url: `https://admin.google.com/ac/groups/${encodeURIComponent(id)}/members` },
  };
}
