import { defineCollector, path } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { said } from './control.ts';
import { readLists, UNCOUNTED } from './inventory.ts';
import { LISTS } from './operations.ts';
import { customAgent, seat, type Seat } from './schema.ts';
import { idOf } from './server.ts';
import { PRODUCT, seatOf } from './seats.ts';

const SEATS = 'GET /enterprises/{enterprise}/copilot/billing/seats';
const AGENTS = 'GET /enterprises/{enterprise}/copilot/custom-agents';

/** Seats of all organisations of an enterprise, and those that it gives itself: these stand in no organisation's list. */
export const enterpriseSeats = defineCollector<Config, Client>({
  id: 'enterprise_seats',
  title: 'Copilot seats of an enterprise',
  version: 1,
  kinds: ['seat'],
  mode: 'inventory',
  level: 'group',
  needs: ['enterprise'],
  operations: [SEATS],
  permissions: [{ id: LISTS[SEATS].token, purpose: 'List who holds a Copilot seat in the enterprise', required: true }],
  limits: [
    'The last activity is what editors report: somebody without telemetry looks idle',
    'A seat that an organisation gives is stated here as well as in the account of that organisation',
    'GitHub counts people, not their seats: one of two seats of a person that is skipped while the list is read looks gone until the next scan',
  ],
  volatile: ['editor'],
  optional: true,
  isAskedFor: ({ enterprise }) => enterprise !== undefined,
  requests: (sizes) => sizes.pages('enterprise_seats', 100),

  collect: (context) =>
    readLists(context, [
      {
        list: SEATS,
        place: ['seats', PRODUCT],
        what: 'seat',
        effect: 'Who holds a Copilot seat in the enterprise is unknown',
        size: 'enterprise_seats',
        schema: seat,
        key: ['assignee', 'id'],
        counts: ({ assignee }) => assignee?.id,
        observe: (row, scope) =>
          seatOf(row, scope, {
            ids: (holder) => {
              const id = path('seat', PRODUCT, holder, ...giverOf(row));
              return { thing: id, nativeId: id };
            },
            evidence: { source: SEATS, url: webPage(context.config, `/enterprises/${context.account.name}`) },
          }),
      },
    ]),
});

/** Somebody may hold one seat for each organisation or team that gives one. */
function giverOf({ organization, assigning_team: team }: Seat): string[] {
  if (organization) return ['organization', organization.id];
  return team?.id === undefined ? [] : ['team', team.id];
}

/** Agents that an enterprise offers in all its organisations. */
export const enterpriseAgents = defineCollector<Config, Client>({
  id: 'enterprise_agents',
  title: 'Custom agents of an enterprise',
  version: 1,
  kinds: ['agent'],
  mode: 'inventory',
  level: 'group',
  needs: ['enterprise'],
  operations: [AGENTS],
  permissions: [{ id: LISTS[AGENTS].token, purpose: 'List the custom agents of the enterprise', required: false }],
  limits: ['What an agent is told to do, and what it may use, is not read', UNCOUNTED],
  volatile: [],
  optional: true,
  requests: (sizes) => sizes.pages('enterprise_agents', 100),

  collect: (context) =>
    readLists(context, [
      {
        list: AGENTS,
        place: ['agents'],
        what: 'agent',
        effect: 'Which custom agents the enterprise has is unknown',
        size: 'enterprise_agents',
        schema: customAgent,
        key: ['file_path'],
        // GitHub gives the file no id.
        observe: ({ name, file_path: file, url }, scope) => ({
          type: 'observation',
          thing: path('agent', file),
          nativeId: path('agent', file),
          kind: 'agent',
          scope,
          subject: { app: idOf(context.config, path('agent', file)), name: name ?? file },
          signals: [{ type: 'github_product', value: PRODUCT }],
          permissions: [],
          attributes: said({ path: file, repository: repositoryOf(url), forAll: true }),
          evidence: { source: AGENTS, url: webPage(context.config, `/enterprises/${context.account.name}`) },
        }),
      },
    ]),
});

/** `https://github.com/OWNER/REPOSITORY/blob/…` */
function repositoryOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? /^\/([^/]+\/[^/]+)\/blob\//.exec(new URL(url).pathname)?.[1] : undefined;
}
