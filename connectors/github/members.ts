import { defineCollector, lastSegment, path, type Trait } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { readLists, UNCOUNTED } from './inventory.ts';
import { LISTS } from './operations.ts';
import { user, type User } from './schema.ts';

const LIST = 'GET /orgs/{org}/members';

/** Members of the organisation: the ground on which a leaver's token is told from a colleague's. */
export const members = defineCollector<Config, Client>({
  id: 'members',
  title: 'Members of the organisation',
  version: 1,
  kinds: ['identity'],
  mode: 'inventory',
  operations: [LIST],
  permissions: [{ id: LISTS[LIST].app, purpose: 'List the members of the organisation', required: true, orElse: [LISTS[LIST].token] }],
  limits: [
    'Outside collaborators are no members and are not listed',
    'Who owns the organisation is not read, nor who is suspended on Enterprise Server',
    UNCOUNTED,
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('members', 100),

  collect: (context) =>
    readLists(context, [
      {
        list: LIST,
        place: ['members'],
        what: 'member',
        effect: 'Who is a member of the organisation is unknown',
        size: 'members',
        schema: user,
        key: ['id'],
        observe: (row, scope) => ({
          type: 'observation',
          thing: path('user', row.id),
          nativeId: row.id,
          kind: 'identity',
          scope,
          subject: { app: path('organization', lastSegment(context.account.scope)), name: row.login },
          principal: {
            id: row.id,
            name: row.login,
            traits: [...traitsOf(row), ...(row.type === 'User' ? (['directory_person'] as const) : [])],
          },
          signals: [],
          permissions: [],
          attributes: { type: row.type },
          evidence: { source: LIST, url: webPage(context.config, `/orgs/${context.account.name}/people`) },
        }),
      },
    ]),
});

/** What GitHub says of an account wherever it names one; that it is listed as a member, only the list of members says. */
export function traitsOf({ type, login }: User): Trait[] {
  if (type === 'Bot' || login.endsWith('[bot]')) return ['bot_account'];
  return type === 'User' ? ['interactive_login'] : [];
}
