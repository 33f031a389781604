import { defineCollector } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, type Config } from './config.ts';
import { readLists } from './inventory.ts';
import { LISTS } from './operations.ts';
import { CHOSEN_LIMIT, COUNT, storeOf, withChosen } from './secrets.ts';

const ACTIONS = 'GET /orgs/{org}/actions/variables';
const AGENTS = 'GET /orgs/{org}/agents/variables';
const ACTIONS_CHOSEN = 'GET /orgs/{org}/actions/variables/{name}/repositories';
const AGENTS_CHOSEN = 'GET /orgs/{org}/agents/variables/{name}/repositories';

/** Names of organisation variables. GitHub sends their values along; none is read. */
export const variableNames = defineCollector<Config, Client>({
  id: 'variable_names',
  title: 'Names of organisation variables',
  version: 2,
  kinds: ['secret_name', 'control'],
  mode: 'inventory',
  operations: [ACTIONS, AGENTS, ACTIONS_CHOSEN, AGENTS_CHOSEN],
  permissions: [
    { id: LISTS[ACTIONS].app, purpose: 'List names of Actions variables', required: false, orElse: [LISTS[ACTIONS].token] },
    { id: LISTS[AGENTS].app, purpose: 'List names of variables for coding agents', required: false, orElse: [LISTS[AGENTS].token] },
  ],
  limits: [
    'Names only: the values, which GitHub sends along, are dropped as they arrive',
    'Which workflow uses a variable is not known',
    CHOSEN_LIMIT,
  ],
  volatile: [COUNT],
  requests: (sizes) => sizes.pages('actions_variables', 30) + sizes.pages('agents_variables', 30) + sizes.of('chosen_ai_variables'),
  collect: (context) =>
    readLists(context, [
      withChosen(
        context,
        storeOf(ACTIONS, 'actions_variables', 'variable', (page) => settingsPage(context, page)),
        {
          list: ACTIONS_CHOSEN,
          size: 'chosen_ai_variables',
        },
      ),
      withChosen(
        context,
        storeOf(AGENTS, 'agents_variables', 'variable', (page) => settingsPage(context, page)),
        {
          list: AGENTS_CHOSEN,
          size: 'chosen_ai_variables',
        },
      ),
    ]),
});
