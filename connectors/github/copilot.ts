import { defineCollector, path } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, webPage, type Config } from './config.ts';
import { control, said } from './control.ts';
import { leaf, readLists, readSingles, UNCOUNTED } from './inventory.ts';
import { traitsOf } from './members.ts';
import { LISTS } from './operations.ts';
import { codingAgent, contentExclusion, copilotBilling, space } from './schema.ts';
import { idOf } from './server.ts';

const BILLING = 'GET /orgs/{org}/copilot/billing';
const AGENT = 'GET /orgs/{org}/copilot/coding-agent/permissions';
const EXCLUSION = 'GET /orgs/{org}/copilot/content_exclusion';
const SPACES = 'GET /orgs/{org}/copilot-spaces';

/** What the organisation decided about GitHub's own assistant and its agents. */
export const copilotPolicy = defineCollector<Config, Client>({
  id: 'copilot_policy',
  title: 'Settings of Copilot and its agents',
  version: 1,
  kinds: ['control'],
  mode: 'inventory',
  operations: [BILLING, AGENT, EXCLUSION],
  permissions: [
    { id: LISTS[BILLING].app, purpose: 'Read plan and policies of Copilot', required: false, orElse: [LISTS[BILLING].token] },
    { id: LISTS[AGENT].app, purpose: 'Read where coding agents may work', required: false, orElse: [LISTS[AGENT].token] },
    { id: LISTS[EXCLUSION].app, purpose: 'Read what is kept from Copilot', required: false, orElse: [LISTS[EXCLUSION].token] },
  ],
  limits: [
    'Which paths are kept from Copilot is counted, not kept: paths tell of what is in them',
    'Prompts, answers and content of AI requests are shown by no operation',
  ],
  volatile: [],
  requests: () => 3,

  collect: (context) => {
    const url = settingsPage(context, 'copilot');
    return readSingles(context, [
      leaf({
        one: BILLING,
        place: ['controls', 'copilot'],
        effect: 'Plan and policies of Copilot are unknown',
        schema: copilotBilling,
        observe: (data, scope) => [
          control(
            ['copilot'],
            'Copilot policies',
            { scope, source: BILLING, url },
            {
              ...said({ plan: data.plan_type, editorChat: data.ide_chat, webChat: data.platform_chat, commandLine: data.cli }),
              seats: data.seat_management_setting,
              publicCodeSuggestions: data.public_code_suggestions,
            },
          ),
        ],
      }),
      leaf({
        one: AGENT,
        place: ['controls', 'coding_agent'],
        effect: 'Where coding agents may work is unknown',
        schema: codingAgent,
        observe: (data, scope) => [
          control(
            ['coding_agent'],
            'Repositories open to coding agents',
            { scope, source: AGENT, url: `${url}/coding_agent` },
            {
              repositories: data.enabled_repositories,
            },
          ),
        ],
      }),
      leaf({
        one: EXCLUSION,
        place: ['controls', 'content_exclusion'],
        effect: 'What is kept from Copilot is unknown',
        schema: contentExclusion,
        observe: (data, scope) => [
          control(
            ['content_exclusion'],
            'Content kept from Copilot',
            { scope, source: EXCLUSION, url: `${url}/content_exclusion` },
            {
              repositories: Object.keys(data).length,
              paths: Object.values(data).reduce((sum, rules) => sum + rules.length, 0),
            },
          ),
        ],
      }),
    ]);
  },
});

/** Collections of instructions and sources that people share with the assistant. */
export const copilotSpaces = defineCollector<Config, Client>({
  id: 'copilot_spaces',
  title: 'Copilot Spaces',
  version: 1,
  kinds: ['agent'],
  mode: 'inventory',
  operations: [SPACES],
  permissions: [{ id: LISTS[SPACES].token, purpose: 'List Copilot Spaces', required: false }],
  limits: ['Spaces that the credential may not read are left out, and GitHub does not say so', UNCOUNTED],
  volatile: [],
  optional: true,
  requests: (sizes) => sizes.pages('spaces', 100),

  collect: (context) =>
    readLists(context, [
      {
        list: SPACES,
        place: ['spaces'],
        what: 'space',
        effect: 'Which Copilot Spaces there are is unknown',
        size: 'spaces',
        schema: space,
        key: ['id'],
        observe: (row, scope) => ({
          type: 'observation',
          thing: path('space', row.id),
          nativeId: path('space', row.id),
          kind: 'agent',
          scope,
          subject: { app: path('space', idOf(context.config, row.id)), name: row.name },
          ...(row.creator && { principal: { id: row.creator.id, name: row.creator.login, traits: traitsOf(row.creator) } }),
          signals: [{ type: 'github_product', value: 'copilot' }],
          permissions: [],
          grantedAt: { at: row.created_at, from: 'listed' },
          attributes: said({ baseRole: row.base_role, updatedAt: row.updated_at }),
          evidence: { source: SPACES, url: webPage(context.config, '/copilot/spaces') },
        }),
      },
    ]),
});
