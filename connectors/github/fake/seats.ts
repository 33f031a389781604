import type { Company } from '../../../src/testing/company.ts';
import { chance, pick } from '../../../src/testing/random.ts';
import { type Account, accountOf, accountRow } from './accounts.ts';
import { written } from './dates.ts';
import { endOfMonth, LEAVERS } from './roster.ts';

const EDITORS = [
  'vscode/1.106.2/copilot/1.388.0',
  'vscode/1.105.1/copilot-chat/0.33.1',
  'JetBrains-IC/252.27397/copilot-intellij/1.5.60',
  'Neovim/0.11.4/copilot.vim/1.56.0',
  'copilot-chat-platform',
];

/** A Copilot seat as GitHub writes it. What was done with it is known only where an editor reports it. */
export function seatRow(number: number, company: Company, organization: Account, origin: string, night: number) {
  const { seed } = company;
  const left = number === LEAVERS.before;
  const silent = left || chance(seed, 'seat telemetry', number) < 0.15;
  const active = company.ago(0, 1 + Math.floor(chance(seed, 'seat use', number, night) * 18), night);
  const created = company.ago(30 + Math.floor(chance(seed, 'seat age', number) * 500), 1);
  return {
    created_at: written(created),
    assignee: accountRow(accountOf(company, number), origin),
    assigning_team: chance(seed, 'seat team', number) < 0.5 ? teamRow(organization, origin) : null,
    pending_cancellation_date: left ? written(endOfMonth(company)).slice(0, 10) : null,
    last_activity_at: silent ? null : written(active),
    last_activity_editor: silent ? null : pick(EDITORS, seed, 'seat editor', number),
    last_authenticated_at: left ? null : written(company.ago(0, 20, night)),
    plan_type: 'business',
    updated_at: written(created),
  };
}

function teamRow(organization: Account, origin: string) {
  const api = `${origin}/organizations/${organization.id}/team/4410233`;
  return {
    id: 4_410_233,
    node_id: 'T_kwDOAEMzmQ',
    name: 'Engineering',
    slug: 'engineering',
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    url: api,
    html_url: `https://github.com/orgs/${organization.login}/teams/engineering`,
    members_url: `${api}/members{/member}`,
    repositories_url: `${api}/repos`,
    type: 'organization',
    organization_id: organization.id,
    parent: null,
  };
}
