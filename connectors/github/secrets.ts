import { defineCollector, path } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, webPage, type Config } from './config.ts';
import type { Listing } from './inventory.ts';
import { readLists } from './inventory.ts';
import { LISTS, type ListId } from './operations.ts';
import { secret, type Repository, type SecretName } from './schema.ts';
import { idOf } from './server.ts';

const ACTIONS = 'GET /orgs/{org}/actions/secrets';
const DEPENDABOT = 'GET /orgs/{org}/dependabot/secrets';
const AGENTS = 'GET /orgs/{org}/agents/secrets';
const CODESPACES = 'GET /orgs/{org}/codespaces/secrets';

const LIMITS = [
  'GitHub shows names of secrets only: which key a secret really holds is not known',
  'Secrets of single repositories and environments are read by the profile "deep" alone',
  'Which workflow uses a secret is not known',
];

/** Names of organisation secrets that a GitHub App may list. */
export const secretNames = defineCollector<Config, Client>({
  id: 'secret_names',
  title: 'Names of organisation secrets',
  version: 1,
  kinds: ['secret_name'],
  mode: 'inventory',
  operations: [ACTIONS, DEPENDABOT, AGENTS],
  permissions: [
    { id: LISTS[ACTIONS].app, purpose: 'List names of Actions secrets', required: true, orElse: [LISTS[ACTIONS].token] },
    { id: LISTS[DEPENDABOT].app, purpose: 'List names of Dependabot secrets', required: false, orElse: [LISTS[DEPENDABOT].token] },
    { id: LISTS[AGENTS].app, purpose: 'List names of secrets for coding agents', required: false, orElse: [LISTS[AGENTS].token] },
  ],
  limits: LIMITS,
  volatile: [],
  requests: (sizes) => sizes.pages('actions_secrets', 100) + sizes.pages('dependabot_secrets', 100) + sizes.pages('agents_secrets', 100),
  collect: (context) =>
    readLists(context, [
      storeOf(ACTIONS, 'actions', 'secret', (page) => settingsPage(context, page)),
      storeOf(DEPENDABOT, 'dependabot', 'secret', (page) => settingsPage(context, page)),
      storeOf(AGENTS, 'agents', 'secret', (page) => settingsPage(context, page)),
    ]),
});

/** The one store that GitHub shows to no App: a collector of its own, so that its permission is its own too. */
export const codespacesSecretNames = defineCollector<Config, Client>({
  id: 'codespaces_secret_names',
  title: 'Names of organisation secrets for Codespaces',
  version: 1,
  kinds: ['secret_name'],
  mode: 'inventory',
  operations: [CODESPACES],
  permissions: [
    { id: LISTS[CODESPACES].token, purpose: 'List names of Codespaces secrets, which GitHub shows to no App', required: false },
  ],
  limits: LIMITS,
  volatile: [],
  requests: (sizes) => sizes.pages('codespaces_secrets', 100),
  collect: (context) => readLists(context, [storeOf(CODESPACES, 'codespaces', 'secret', (page) => settingsPage(context, page))]),
});

/**
 * GitHub gives secrets and variables no id: store and name are all there is to tell them by.
 * Of a variable, as of a secret, there is no field for the value.
 */
export function storeOf(list: ListId, store: string, what: 'secret' | 'variable', pageOf: (path: string) => string): Listing<SecretName> {
  const place = what === 'secret' ? 'secrets' : 'variables';
  const [page] = store.split('_');
  return {
    list,
    place: [place, store],
    what,
    effect: `Which ${store.replace('_', ' ')}${what === 'secret' ? ' secrets' : ''} the organisation has is unknown`,
    size: what === 'secret' ? `${store}_secrets` : store,
    schema: secret,
    key: ['name'],
    observe: (row, scope) => ({
      type: 'observation',
      thing: path('secret', store, row.name),
      nativeId: path(store, row.name),
      kind: 'secret_name',
      scope,
      subject: { app: path('secret', store, row.name), name: row.name },
      signals: [{ type: 'secret_name', value: row.name }],
      permissions: [],
      attributes: {
        store,
        ...(row.visibility !== undefined && { visibility: row.visibility }),
        createdAt: row.created_at,
        updatedAt: row.updated_at,
      },
      evidence: { source: list, url: pageOf(`${place}/${page}`) },
    }),
  };
}

/** The same of a repository or an environment, whose ids tell its secrets from those of others with the same names. */
export function heldStoreOf(
  list: ListId,
  store: string,
  what: 'secret' | 'variable',
  of: { config: Config; repository: Repository; holder: readonly [kind: string, ...ids: string[]]; name: string },
): Omit<Listing<SecretName>, 'place' | 'size' | 'parameters'> {
  const { repository, holder, config } = of;
  const { place: _place, ...organization } = storeOf(list, store, what, (page) =>
    webPage(config, `/${repository.full_name}/settings/${page}`),
  );
  const [kind, ...ids] = holder;
  return {
    ...organization,
    effect: `Which ${store.replace('_', ' ')}${what === 'secret' ? ' secrets' : ''} ${of.name} has is unknown`,
    observe(row, scope) {
      const observation = organization.observe(row, scope);
      if (!observation) return undefined;
      return {
        ...observation,
        thing: path('secret', store, ...holder, row.name),
        nativeId: path(store, ...holder, row.name),
        subject: { app: path('secret', store, kind, ...ids.map((id) => idOf(config, id)), row.name), name: row.name },
        attributes: { ...observation.attributes, repository: repository.id, repositoryName: repository.full_name },
      };
    },
  };
}
