import { everybody } from '../../../src/testing/company.ts';
import { APPS, nameOf } from './apps.ts';
import { DECLARED } from './delegations.ts';
import { userId } from './people.ts';
import { STORY_COMPANY } from './stories.ts';
import type { World } from './world.ts';

/** What `gam all users_ns_susp print tokens` writes on night 0. */
export function gamTokens(world: World): string {
  const rows: (readonly string[])[] = [['user', 'clientId', 'displayText', 'anonymous', 'nativeApp', 'userKey', 'scopes']];
  for (const person of everybody({ ...world.company, people: world.people })) {
    const grants = world.history.grants(person.number, 0);
    if (grants.length === 0) rows.push([person.email, '', '', '', '', '', '']);
    for (const { app, scopes } of grants) {
      const native = app.clientType === 'WEB' ? 'False' : 'True';
      rows.push([
        person.email,
        app.clientId,
        nameOf(app, 0).replaceAll('\0', ''),
        'False',
        native,
        userId(world.company, person.number),
        scopes.join(' '),
      ]);
    }
  }
  return csv(rows);
}

/** The list of accessed apps that the admin console lets download. */
export function consoleApps(world: World): string {
  const rows =
    world.people < STORY_COMPANY
      ? []
      : [
          ['Slack', 'Web application', APPS.slack.clientId, 'Verified', '12', 'Blocked', '/'],
          ['Calendly, Inc.', 'Web application', APPS.calendly.clientId, 'Verified', '7', '', ''],
        ];
  return csv([['App name', 'Type', 'Id', 'Verified', 'Users', 'Access', 'Org Unit'], ...rows]);
}

/** The list of delegations that an administrator of this company keeps. */
export function declaredDelegations(world: World): string {
  const kept = world.delegations.length === 0 ? [] : DECLARED;
  return csv([['Name', 'Client_ID', 'Scopes'], ...kept.map(({ name, clientId, scopes }) => [name, clientId, scopes.join(',')])]);
}

function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
