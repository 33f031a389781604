import { defineCollector, type CollectContext, type Permission, type ScanEvent } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { isEnterpriseServer, webPage, type Config } from './config.ts';
import { leaf, readEach, UNCOUNTED, type Leaf } from './inventory.ts';
import { listNeeds, type ListId } from './operations.ts';
import { hook, repository, type Repository } from './schema.ts';
import { repositoryStoreOf } from './secrets.ts';
import { hookObservation } from './webhooks.ts';

const REPOSITORIES = 'GET /orgs/{org}/repos';
const HOOKS = 'GET /repos/{owner}/{repo}/hooks';

const SECRETS = {
  actions: 'GET /repos/{owner}/{repo}/actions/secrets',
  dependabot: 'GET /repos/{owner}/{repo}/dependabot/secrets',
  codespaces: 'GET /repos/{owner}/{repo}/codespaces/secrets',
  agents: 'GET /repos/{owner}/{repo}/agents/secrets',
} as const;
const VARIABLES = {
  actions_variables: 'GET /repos/{owner}/{repo}/actions/variables',
  agents_variables: 'GET /repos/{owner}/{repo}/agents/variables',
} as const;

/** None of these has a form for the whole organisation: each repository is asked, so they are off unless switched on. */
const LIMITS = [
  'Each repository costs a request for each list: a source can limit how many are read in a scan, the most recently pushed first',
  'On Enterprise Server there are no stores for Codespaces and for coding agents, and none is claimed',
  UNCOUNTED,
];

export const repositorySecretNames = defineCollector<Config, Client>({
  id: 'repository_secret_names',
  title: 'Names of secrets of repositories',
  version: 1,
  kinds: ['secret_name'],
  mode: 'inventory',
  operations: [REPOSITORIES, ...Object.values(SECRETS)],
  permissions: Object.entries(SECRETS).map(([store, list]) => permissionOf(list, `List names of ${store} secrets of repositories`)),
  limits: ['Secrets of environments are not read', ...LIMITS],
  volatile: [],
  optional: true,
  requests: (sizes) => sizes.pages('deep_repositories', 100) + sizes.of('repository_secret_lists'),
  collect: (context) =>
    eachRepository(context, {
      root: 'repository_secrets',
      effect: 'Which secrets repositories have is unknown',
      size: 'repository_secret_lists',
      lists: Object.entries(SECRETS).map(([store, list]) => ({
        list,
        leafOf: (of: Repository) =>
          leaf(repositoryStoreOf(list, store, 'secret', { config: context.config, repository: of, root: 'repository_secrets' })),
      })),
    }),
});

export const repositoryVariableNames = defineCollector<Config, Client>({
  id: 'repository_variable_names',
  title: 'Names of variables of repositories',
  version: 1,
  kinds: ['secret_name'],
  mode: 'inventory',
  operations: [REPOSITORIES, ...Object.values(VARIABLES)],
  permissions: Object.entries(VARIABLES).map(([store, list]) =>
    permissionOf(list, `List names of ${store.replace('_', ' ')} of repositories`),
  ),
  limits: ['Variables of environments are not read', ...LIMITS],
  volatile: [],
  optional: true,
  requests: (sizes) => sizes.pages('deep_repositories', 100) + sizes.of('repository_variable_lists'),
  collect: (context) =>
    eachRepository(context, {
      root: 'repository_variables',
      effect: 'Which variables repositories have is unknown',
      size: 'repository_variable_lists',
      lists: Object.entries(VARIABLES).map(([store, list]) => ({
        list,
        leafOf: (of: Repository) =>
          leaf(repositoryStoreOf(list, store, 'variable', { config: context.config, repository: of, root: 'repository_variables' })),
      })),
    }),
});

export const repositoryWebhooks = defineCollector<Config, Client>({
  id: 'repository_webhooks',
  title: 'Webhooks of repositories',
  version: 1,
  kinds: ['vendor_integration'],
  mode: 'inventory',
  operations: [REPOSITORIES, HOOKS],
  permissions: [permissionOf(HOOKS, 'List the webhooks of repositories')],
  limits: ['Webhooks that an OAuth app made are shown to that app alone', ...LIMITS],
  volatile: [],
  optional: true,
  requests: (sizes) => sizes.pages('deep_repositories', 100) + sizes.of('repository_webhook_lists'),
  collect: (context) =>
    eachRepository(context, {
      root: 'repository_webhooks',
      effect: 'Where webhooks of repositories send is unknown',
      size: 'repository_webhook_lists',
      lists: [{ list: HOOKS, leafOf: (of) => hooksOf(context.config, of) }],
    }),
});

function hooksOf(config: Config, of: Repository): Leaf {
  return leaf({
    list: HOOKS,
    parameters: { owner: of.owner.login, repo: of.name, id: of.id },
    place: ['repository_webhooks', of.id],
    what: 'webhook',
    effect: `Where webhooks of ${of.full_name} send is unknown`,
    size: 'repository_webhooks',
    schema: hook,
    key: ['id'],
    observe(row, scope) {
      const observation = hookObservation(row, scope, HOOKS, webPage(config, `/${of.full_name}/settings/hooks/${row.id}`));
      return { ...observation, attributes: { ...observation.attributes, repository: of.id, repositoryName: of.full_name } };
    },
  });
}

interface Deep {
  root: string;
  effect: string;
  size: string;
  lists: readonly { list: ListId; leafOf(repository: Repository): Leaf }[];
}

/** Every repository in turn, as many as the source allows. */
async function* eachRepository(context: CollectContext<Config, Client>, deep: Deep): AsyncGenerator<ScanEvent> {
  const { config, client } = context;
  const lists = deep.lists.filter(({ list }) => !(listNeeds(list).cloudOnly && isEnterpriseServer(config)));
  const most = config.deep?.repositories;
  const place = [deep.root];
  const repositories = {
    list: REPOSITORIES,
    place,
    what: 'repository',
    effect: deep.effect,
    size: 'deep_repositories',
    schema: repository,
    key: ['id'],
  } as const;
  const below = {
    size: deep.size,
    leavesOf: (row: Repository) => lists.map(({ leafOf }) => leafOf(row)),
    ...(most !== undefined && { most }),
  };
  for await (const event of readEach(context, repositories, below)) {
    const isWhole = event.type === 'covered' && event.scope.endsWith(`/${deep.root}`);
    // Of repositories that the App is not installed on, the list says nothing.
    if (isWhole && client.isSelective())
      yield {
        type: 'gap',
        scope: event.scope,
        reason: 'permission_denied',
        effect: `${deep.effect} beyond those that the App is installed on`,
      };
    else yield event;
  }
}

function permissionOf(list: ListId, purpose: string): Permission {
  const { app, token } = listNeeds(list);
  return { id: app!, purpose, required: false, ...(token && { orElse: [token] }) };
}
