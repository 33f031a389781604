import { defineCollector, path, within, type CollectContext } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, webPage, type Config } from './config.ts';
import type { Listing } from './inventory.ts';
import { leaf, readLists } from './inventory.ts';
import { CHOSEN_PAGE, LISTS, parametersOf, type ListId } from './operations.ts';
import { chosenRepositories, secret, type Repository, type SecretName } from './schema.ts';
import { idOf } from './server.ts';

const ACTIONS = 'GET /orgs/{org}/actions/secrets';
const DEPENDABOT = 'GET /orgs/{org}/dependabot/secrets';
const AGENTS = 'GET /orgs/{org}/agents/secrets';
const CODESPACES = 'GET /orgs/{org}/codespaces/secrets';
/** The same for each secret, where GitHub keeps a list of the repositories that were chosen for it. */
const ACTIONS_CHOSEN = 'GET /orgs/{org}/actions/secrets/{secret_name}/repositories';
const DEPENDABOT_CHOSEN = 'GET /orgs/{org}/dependabot/secrets/{secret_name}/repositories';
const AGENTS_CHOSEN = 'GET /orgs/{org}/agents/secrets/{secret_name}/repositories';
const CODESPACES_CHOSEN = 'GET /orgs/{org}/codespaces/secrets/{secret_name}/repositories';

/** Attribute of how many repositories were chosen. */
const COUNT = 'repositories';
/** Fewer than so many are named. */
const NAMED = 10;

const CHOSEN_LIMIT = `Which repositories were chosen is read for names that the catalog takes for AI, and by name for fewer than ${NAMED}; how many there are moves unnoticed between powers of ten`;

const LIMITS = [
  'GitHub shows names of secrets only: which key a secret really holds is not known',
  'Secrets of single repositories and environments are read by the profile "deep" alone',
  'Which workflow uses a secret is not known',
  CHOSEN_LIMIT,
];

/** Names of organisation secrets that a GitHub App may list. */
export const secretNames = defineCollector<Config, Client>({
  id: 'secret_names',
  title: 'Names of organisation secrets',
  version: 2,
  kinds: ['secret_name', 'control'],
  mode: 'inventory',
  operations: [ACTIONS, DEPENDABOT, AGENTS, ACTIONS_CHOSEN, DEPENDABOT_CHOSEN, AGENTS_CHOSEN],
  permissions: [
    { id: LISTS[ACTIONS].app, purpose: 'List names of Actions secrets', required: true, orElse: [LISTS[ACTIONS].token] },
    { id: LISTS[DEPENDABOT].app, purpose: 'List names of Dependabot secrets', required: false, orElse: [LISTS[DEPENDABOT].token] },
    { id: LISTS[AGENTS].app, purpose: 'List names of secrets for coding agents', required: false, orElse: [LISTS[AGENTS].token] },
  ],
  limits: LIMITS,
  volatile: [COUNT],
  requests: (sizes) =>
    sizes.pages('actions_secrets', 100) +
    sizes.pages('dependabot_secrets', 100) +
    sizes.pages('agents_secrets', 100) +
    sizes.of('chosen_ai_secrets'),
  collect: (context) =>
    readLists(context, [
      sharedStore(context, 'actions', { names: ACTIONS, chosen: ACTIONS_CHOSEN, size: 'chosen_ai_secrets' }),
      sharedStore(context, 'dependabot', { names: DEPENDABOT, chosen: DEPENDABOT_CHOSEN, size: 'chosen_ai_secrets' }),
      sharedStore(context, 'agents', { names: AGENTS, chosen: AGENTS_CHOSEN, size: 'chosen_ai_secrets' }),
    ]),
});

/** The one store that GitHub shows to no App: a collector of its own, so that its permission is its own too. */
export const codespacesSecretNames = defineCollector<Config, Client>({
  id: 'codespaces_secret_names',
  title: 'Names of organisation secrets for Codespaces',
  version: 2,
  kinds: ['secret_name', 'control'],
  mode: 'inventory',
  operations: [CODESPACES, CODESPACES_CHOSEN],
  permissions: [
    { id: LISTS[CODESPACES].token, purpose: 'List names of Codespaces secrets, which GitHub shows to no App', required: false },
  ],
  limits: LIMITS,
  volatile: [COUNT],
  requests: (sizes) => sizes.pages('codespaces_secrets', 100) + sizes.of('chosen_ai_codespaces_secrets'),
  collect: (context) =>
    readLists(context, [
      sharedStore(context, 'codespaces', { names: CODESPACES, chosen: CODESPACES_CHOSEN, size: 'chosen_ai_codespaces_secrets' }),
    ]),
});

function sharedStore(
  context: CollectContext<Config, Client>,
  store: string,
  { names, chosen, size }: { names: ListId; chosen: ListId; size: string },
): Listing<SecretName> {
  return withChosen(
    context,
    storeOf(names, store, 'secret', (page) => settingsPage(context, page)),
    { list: chosen, size },
  );
}

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

/**
 * The same with the reach of what is shared with chosen repositories: one request for each name that may be an AI service's, since GitHub
 * says how many there are beside the first of them. A statement of its own, so that what cannot be told tonight stays as it was read last.
 */
function withChosen(
  context: CollectContext<Config, Client>,
  store: Listing<SecretName>,
  { list, size }: { list: ListId; size: string },
): Listing<SecretName> {
  const [, parameter = ''] = parametersOf(list);
  const leavesOf = (row: SecretName) => {
    const observation = row.visibility === 'selected' && store.observe(row, '');
    if (!observation) return [];
    const place = [...store.place, row.name, 'repositories'];
    const effect = `Which repositories get ${row.name} is unknown`;
    const interest = context.interest(observation.signals);
    if (interest !== 'ai' && interest !== 'suspected') {
      const scope = within(context.account.scope, ...place);
      return [{ type: 'gap', scope, reason: 'not_of_interest', effect, byDesign: true } as const];
    }
    const thing = `${observation.thing}/repositories`;
    const parameters = { [parameter]: row.name };
    return [
      leaf({
        one: list,
        parameters,
        place,
        effect,
        schema: chosenRepositories,
        lacks({ total_count: count, repositories: { length } }) {
          const shown = Math.min(count, CHOSEN_PAGE);
          if (length !== shown) return { reason: 'truncated', effect: `GitHub speaks of ${count} and lists ${length}` };
          // Such an App is told of the repositories that it is installed on.
          if (!context.client.isSelective(list, parameters)) return undefined;
          return { reason: 'permission_denied', effect: 'the App is installed on some alone, and there may be more' };
        },
        observe: ({ total_count: count, repositories }, scope) => [
          {
            ...observation,
            thing,
            nativeId: thing,
            kind: 'control',
            scope,
            signals: [],
            attributes: {
              [COUNT]: count,
              // Which power of ten it reaches: a number that moves each night would be a change each night.
              repositoriesAtLeast: count === 0 ? 0 : 10 ** (String(count).length - 1),
              ...(count < NAMED && { repositoryNames: repositories.map(({ full_name: name }) => name).sort() }),
            },
            evidence: { ...observation.evidence, source: list },
          },
        ],
      }),
    ];
  };
  return { ...store, below: { size, leavesOf } };
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
