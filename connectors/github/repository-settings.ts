import { defineCollector, type CollectContext, type Gap, type Permission } from '../../src/connector/index.ts';
import { agentConfiguration, AGENT } from './agent-configuration.ts';
import { AUDIT_LOG, eventPages, LOG_DAYS } from './audit-events.ts';
import type { Client } from './client.ts';
import { isEnterpriseServer, webPage, type Config } from './config.ts';
import { readDeep, type Deep, type Part } from './deep.ts';
import { environments, ENVIRONMENT_SECRETS, ENVIRONMENT_VARIABLES, ENVIRONMENTS } from './environments.ts';
import { leaf, readLeaf, UNCOUNTED, type Listing } from './inventory.ts';
import { GRAPHQL, listNeeds, type ListId } from './operations.ts';
import { runnerObservation } from './runners.ts';
import { hook, runner, type Hook, type Repository, type Runner, type SecretName } from './schema.ts';
import { heldStoreOf } from './secrets.ts';
import { hookObservation } from './webhooks.ts';

const ROOT = 'repositories';
const HOOKS = 'GET /repos/{owner}/{repo}/hooks';
const RUNNERS = 'GET /repos/{owner}/{repo}/actions/runners';
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

/**
 * Families of events that can change what is read here. Whatever names a repository in one of them makes it be read again,
 * documented or not: that the lists of GitHub's verbs are complete is nowhere said.
 * https://docs.github.com/en/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise/reviewing-audit-logs-for-your-enterprise/audit-log-events-for-your-enterprise
 */
const FAMILIES = ['repo', 'environment', 'hook', 'copilot', 'integration_secret'] as const;

/**
 * What single repositories are set to. None of it has a form for the whole organisation: each repository is asked,
 * so that it belongs to the profile "deep".
 */
export const repositorySettings = defineCollector<Config, Client>({
  id: 'repository_settings',
  title: 'Settings of single repositories',
  version: 2,
  kinds: ['secret_name', 'vendor_integration', 'service_account', 'control', 'code_evidence'],
  mode: 'inventory',
  operations: [
    GRAPHQL,
    AUDIT_LOG,
    ...Object.values(SECRETS),
    ...Object.values(VARIABLES),
    HOOKS,
    ENVIRONMENTS,
    ENVIRONMENT_SECRETS,
    ENVIRONMENT_VARIABLES,
    RUNNERS,
    AGENT,
  ],
  permissions: [
    ...Object.entries(SECRETS).map(([store, list]) => permissionOf(list, `List names of ${store} secrets of repositories`)),
    ...Object.entries(VARIABLES).map(([store, list]) => permissionOf(list, `List names of ${store.replace('_', ' ')} of repositories`)),
    permissionOf(HOOKS, 'List the webhooks of repositories'),
    permissionOf(ENVIRONMENTS, 'List environments of repositories, and who has to approve before one is used'),
    permissionOf(ENVIRONMENT_SECRETS, 'List names of secrets and variables of environments'),
    permissionOf(RUNNERS, 'List runners of repositories'),
    permissionOf(AGENT, 'Read which MCP servers and hosts the coding agent of a repository may use'),
    { ...permissionOf(AUDIT_LOG, 'Tell by the audit log which repositories changed since the last night'), saves: true },
  ],
  limits: [
    'Each repository costs about ten requests: a source can limit how many are sent in a night, and the next goes on where it ended',
    'On Enterprise Server there are no stores for Codespaces and for coding agents, and no settings of the latter; none is claimed',
    'Webhooks that an OAuth app made are shown to that app alone',
    'Of the MCP servers of a coding agent only name, host and name of the command are kept, of its firewall the hosts that it lets through',
    'Nights by the audit log need GitHub Enterprise; elsewhere everything is read each night',
    UNCOUNTED,
  ],
  volatile: ['status', 'busy'],
  optional: true,
  isAskedFor: ({ profile }) => profile === 'deep',
  requests: (sizes) => sizes.pages('deep_repositories', 100) + sizes.of('repository_settings'),
  changeLog: { complete: FAMILIES, lagHours: 3, windowDays: LOG_DAYS },
  collect: (context) => readDeep(context, deepOf(context.config)),
});

function deepOf(config: Config): Deep {
  const parts = [
    ...Object.entries(SECRETS).map(([store, list]) => storePart(config, list, store, 'secret')),
    ...Object.entries(VARIABLES).map(([store, list]) => storePart(config, list, store, 'variable')),
    listPart<Hook>('webhooks', (of) => ({
      list: HOOKS,
      what: 'webhook',
      effect: `Where webhooks of ${of.full_name} send is unknown`,
      schema: hook,
      key: ['id'],
      observe: (row, scope) =>
        ofRepository(
          of,
          hookObservation(config, row, { scope, source: HOOKS, url: webPage(config, `/${of.full_name}/settings/hooks/${row.id}`) }),
        ),
    })),
    listPart<Runner>('runners', (of) => ({
      list: RUNNERS,
      what: 'runner',
      effect: `Which machines of its own run workflows of ${of.full_name} is unknown`,
      schema: runner,
      key: ['id'],
      observe: (row, scope) =>
        ofRepository(
          of,
          runnerObservation(config, row, { scope, source: RUNNERS, url: webPage(config, `/${of.full_name}/settings/actions/runners`) }),
        ),
    })),
    environments(config, ROOT),
    agentConfiguration(config, ROOT),
  ];
  return {
    root: ROOT,
    effect: 'What single repositories are set to is unknown',
    size: 'repository_settings',
    parts: parts.filter(({ list }) => !(listNeeds(list).cloudOnly && isEnterpriseServer(config))),
    changedSince,
  };
}

type Bare<Row> = Omit<Listing<Row>, 'place' | 'size' | 'parameters'>;

/** A list of a repository, at a place that is called after it. */
function listPart<Row>(name: string, listingOf: (of: Repository) => Bare<Row>, list = listingOf(NOBODY).list): Part {
  return {
    name,
    list,
    read: (context, of) =>
      readLeaf(
        context,
        leaf<Row>({
          ...listingOf(of),
          parameters: { owner: of.owner.login, repo: of.name, id: of.id },
          place: [ROOT, of.id, name],
          size: name,
        }),
      ),
  };
}
const NOBODY: Repository = { id: '0', name: '', full_name: '', owner: { login: '' } };

function storePart(config: Config, list: ListId, store: string, what: 'secret' | 'variable'): Part {
  return listPart<SecretName>(what === 'secret' ? `${store}_secrets` : store, (of) =>
    heldStoreOf(list, store, what, { config, repository: of, holder: ['repository', of.id], name: of.full_name }),
  );
}

function ofRepository<Said extends { attributes: object }>(of: Repository, observation: Said): Said {
  return { ...observation, attributes: { ...observation.attributes, repository: of.id, repositoryName: of.full_name } };
}

/** Repositories, by id, that the audit log names since then, or why it cannot be read: then it vouches for nothing. */
async function changedSince(
  context: CollectContext<Config, Client>,
  since: Date,
  all: readonly Repository[],
): Promise<ReadonlySet<string> | { gap: Gap }> {
  const ids = new Set(all.map(({ id }) => id));
  const byName = new Map(all.map(({ id, full_name: name }) => [name.toLowerCase(), id]));
  const changed = new Set<string>();
  for (const family of FAMILIES) {
    const asked = { families: [family], since, from: null, place: [ROOT, 'audit_log'], effect: NO_LOG };
    for await (const page of eventPages(context, asked)) {
      if ('gap' in page) return page;
      const [malformed] = page.gaps;
      // An event that is not understood may name any repository.
      if (malformed) return { gap: { ...malformed, effect: `${NO_LOG}: ${malformed.effect}` } };
      for (const event of page.items) {
        if (event['@timestamp'] < since.toISOString()) continue;
        const id = event.repo_id && ids.has(event.repo_id) ? event.repo_id : byName.get(event.repo?.toLowerCase() ?? '');
        if (id !== undefined) changed.add(id);
      }
    }
  }
  return changed;
}

const NO_LOG = 'The audit log does not tell which repositories changed: all of them are read, with some 25 times the requests';

function permissionOf(list: ListId, purpose: string): Permission {
  const { app, token } = listNeeds(list);
  return { id: app!, purpose, required: false, ...(token && { orElse: [token] }) };
}
