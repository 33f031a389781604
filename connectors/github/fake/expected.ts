import type { Expected } from '../../../src/testing/fake.ts';
import { accountOf } from './accounts.ts';
import { isAiSecret } from './alerts.ts';
import { countOf } from './audit-log.ts';
import { deployKeysOf, evidenceIn, filesOf } from './code.ts';
import { enterpriseOrganizations, enterpriseSeats, expectedAgents, expectedOfSeat } from './enterprise.ts';
import { signedIn } from './external-identities.ts';
import { OWN_APP } from './installed-apps.ts';
import { type Repository, repositoryOf } from './repositories.ts';
import {
  agentSettings,
  AI_PACKAGE,
  environmentsOf,
  packagesOf,
  repositoryHooks,
  repositoryRunners,
  repositoryVariables,
} from './repository-lists.ts';
import { branchProtections, repositoryRulesets } from './rules.ts';
import { AI_NAMES, type OrganizationSecret, STORES } from './secrets.ts';
import { repositoriesOf } from './tokens.ts';
import { USAGE_FILES } from './usage-report.ts';
import { VARIABLE_STORES } from './variables.ts';
import { all } from './listing.ts';
import type { World } from './world.ts';

/** Everything that a complete scan of this night must state. */
export function expectedOn(world: World, night: number): Expected[] {
  return [
    ...[...all(world.members(night))].map((account): Expected => ({ kind: 'identity', ids: [String(account.id)] })),
    ...[...all(signedIn(world, night))].map(({ id }): Expected => ({ kind: 'control', ids: ['external_identity', 'user', String(id)] })),
    ...[...all(world.installations(night))].map((installation): Expected => ({
      kind: 'app_installation',
      ids: [String(installation.app.appId)],
      name: installation.slug,
      permissions: Object.entries(installation.permissions).map(([permission, level]) => `${permission}:${level}`),
    })),
    ...[...all(world.tokens(night))].map((token): Expected => ({
      kind: 'api_key',
      ids: [String(token.tokenId)],
      name: token.name,
      expiresAt: token.expires === null ? 'never' : token.expires.toISOString(),
    })),
    ...[...all(world.requests(night))].map((request): Expected => ({
      kind: 'api_key',
      ids: ['request', String(request.id)],
      name: request.name,
    })),
    ...STORES.flatMap((store) =>
      [...all(world.secrets(store, night))].map((secret): Expected => ({ kind: 'secret_name', ids: [store, secret.name] })),
    ),
    ...[...all(world.seats(night))].map((number): Expected => ({ kind: 'seat', ids: [String(accountOf(world.company, number).id)] })),
    ...[...all(world.tokens(night))]
      .filter(({ selection }) => selection === 'subset')
      .flatMap((token) =>
        repositoriesOf(token, world.company).map(({ id }): Expected => ({
          kind: 'control',
          ids: ['token', String(token.tokenId), String(id)],
        })),
      ),
    ...[...all(world.requests(night))]
      .filter(({ selection }) => selection === 'subset')
      .flatMap((request) =>
        repositoriesOf(request, world.company).map(({ id }): Expected => ({
          kind: 'control',
          ids: ['request', String(request.id), String(id)],
        })),
      ),
    ...[...all(world.authorizations(night))].map(({ id, type, scopes }): Expected => ({
      kind: type.endsWith('app token') ? 'oauth_grant' : 'api_key',
      ids: ['credential', String(id)],
      permissions: scopes ?? [],
    })),
    ...VARIABLE_STORES.flatMap((store) =>
      [...all(world.variables(store))].map(({ name }): Expected => ({ kind: 'secret_name', ids: [`${store}_variables`, name] })),
    ),
    ...[...chosenSecrets(world, night), ...chosenCodespacesSecrets(world, night)].map(({ store, name }): Expected => ({
      kind: 'control',
      ids: ['secret', store, name, 'repositories'],
    })),
    ...[...all(world.hooks(night))].map(({ id, host }): Expected => ({ kind: 'vendor_integration', ids: [String(id)], name: host })),
    ...[...all(world.spaces())].map(({ id, name }): Expected => ({ kind: 'agent', ids: [String(id)], name })),
    ...[...all(world.runners())].map(({ id, name }): Expected => ({ kind: 'service_account', ids: [String(id)], name })),
    ...(world.seats(night).size > 0 ? [{ kind: 'usage' as const, ids: ['copilot'], name: 'Copilot' }] : []),
    ...[...all(world.alerts())]
      .filter(({ type }) => isAiSecret(type))
      .map((alert): Expected => ({
        kind: 'exposure',
        ids: [String(repositoryOf(world.company, alert.repository).id), String(alert.number)],
        name: alert.title,
      })),
    ...[...all(world.rulesets())].map(({ id, name }): Expected => ({ kind: 'control', ids: ['ruleset', String(id)], name })),
    ...[...all(world.repositories())].flatMap((repository) => [
      ...STORES.flatMap((store) => world.repositorySecrets(repository, store).map((name): Expected => secretIn(repository, store, name))),
      ...VARIABLE_STORES.flatMap((store) =>
        repositoryVariables(repository, store).map((name): Expected => secretIn(repository, `${store}_variables`, name)),
      ),
      ...environmentsOf(repository).flatMap(({ id, name, secrets, variables }): Expected[] => [
        { kind: 'control', ids: ['environment', String(repository.id), String(id)], name },
        ...secrets.map((secret): Expected => inEnvironment(repository, id, 'environment', secret)),
        ...variables.map((variable): Expected => inEnvironment(repository, id, 'environment_variables', variable)),
      ]),
      ...repositoryRulesets(repository).map(({ id, name }): Expected => ({
        kind: 'control',
        ids: ['ruleset', String(id % 2 ** 31)],
        name,
      })),
      ...branchProtections(repository).map(({ id, name }): Expected => ({
        kind: 'control',
        ids: ['branch_protection', String(repository.id), String(id % 2 ** 31)],
        name,
      })),
      ...(repositoryRulesets(repository).length + branchProtections(repository).length === 0
        ? [{ kind: 'control' as const, ids: ['repository_rules', String(repository.id)], name: 'No rules of its own' }]
        : []),
      ...(packagesOf(repository).length > 1
        ? [{ kind: 'code_evidence' as const, ids: [String(repository.id), 'package', AI_PACKAGE.split('/')[0]!], name: AI_PACKAGE }]
        : []),
      ...Object.keys(filesOf(repository))
        .filter((name) => name.startsWith('.github/agents/'))
        .map((name): Expected => ({ kind: 'agent', ids: [String(repository.id), 'agent', name] })),
      ...repositoryRunners(repository).map(({ id, name }): Expected => ({ kind: 'service_account', ids: ['runner', String(id)], name })),
      { kind: 'control' as const, ids: ['control', 'agent', String(repository.id)] },
      ...Object.keys(agentSettings(repository).mcp_configuration?.mcpServers ?? {}).map((name): Expected => ({
        kind: 'code_evidence',
        ids: [String(repository.id), 'agent_mcp', name],
        name,
      })),
      ...repositoryHooks(repository).map(({ id, host }): Expected => ({
        kind: 'vendor_integration',
        ids: ['webhook', String(id)],
        name: host,
      })),
      ...evidenceIn(repository).map((ids): Expected => ({ kind: 'code_evidence', ids: [String(repository.id), ...ids] })),
      ...deployKeysOf(repository).map(({ id, title }): Expected => ({
        kind: 'api_key',
        ids: ['deploy_key', id],
        name: title,
        expiresAt: 'never',
      })),
    ]),
    ...['copilot', 'coding_agent', 'content_exclusion', 'actions', 'workflow_approval'].map((id): Expected => ({
      kind: 'control',
      ids: ['control', id],
    })),
  ];
}

/** What may be an AI service's and is given to chosen repositories. */
function isAsked({ name, visibility }: OrganizationSecret): boolean {
  return visibility === 'selected' && AI_NAMES.includes(name);
}

function chosenSecrets(world: World, night: number): OrganizationSecret[] {
  return STORES.filter((store) => store !== 'codespaces').flatMap((store) => [...all(world.secrets(store, night))].filter(isAsked));
}

function chosenCodespacesSecrets(world: World, night: number): OrganizationSecret[] {
  return [...all(world.secrets('codespaces', night))].filter(isAsked);
}

/** The same of the enterprise that holds the organisation. */
export function expectedAbove(world: World, night: number): Expected[] {
  return [
    ...[...all(enterpriseSeats(world, night))].map((each): Expected => ({
      kind: 'seat',
      ids: expectedOfSeat(each, world.company, world.organization),
    })),
    ...expectedAgents(world).map((file): Expected => ({ kind: 'agent', ids: ['agent', file] })),
    ...[...all(signedIn(world, night))].map(({ id }): Expected => ({ kind: 'control', ids: ['external_identity', 'user', String(id)] })),
    ...enterpriseOrganizations(world).map(({ id }): Expected => ({ kind: 'control', ids: ['organization', String(id)] })),
  ];
}

/** What a reader of the audit log asks for by name. */
const ASKED_OF_LOG = [
  'personal_access_token',
  ...['requested', 'approved', 'denied', 'blocked', 'unblocked'].map((verb) => `org.oauth_app_access_${verb}`),
  'org.enable_oauth_app_restrictions',
  'org.disable_oauth_app_restrictions',
  'oauth_access',
  'oauth_authorization',
  'integration_installation',
];

function inEnvironment({ id }: Repository, environment: number, store: string, name: string): Expected {
  return { kind: 'secret_name', ids: [store, 'environment', String(id), String(environment), name] };
}

function secretIn({ id }: Repository, store: string, name: string): Expected {
  return { kind: 'secret_name', ids: [store, 'repository', String(id), name] };
}

export function sizesOn(world: World, night: number): Record<string, number> {
  const stores = STORES.map((store) => [`${store}_secrets`, world.secrets(store, night).size] as const);
  return {
    members: world.members(night).size,
    // One waits for a member to claim it.
    external_identities: signedIn(world, night).size + 1,
    enterprise_identities: signedIn(world, night).size + 1,
    installations: world.installations(night).size,
    tokens: world.tokens(night).size,
    token_requests: world.requests(night).size,
    ...Object.fromEntries(stores),
    seats: world.seats(night).size,
    // The reader's own App has nothing to tell it.
    app_listings: [...all(world.installations(night))].filter(({ app }) => app !== OWN_APP).length,
    subset_tokens: [...all(world.tokens(night))].filter(({ selection }) => selection === 'subset').length,
    subset_requests: [...all(world.requests(night))].filter(({ selection }) => selection === 'subset').length,
    sso_credentials: world.authorizations(night).size,
    ...Object.fromEntries(VARIABLE_STORES.map((store) => [`${store}_variables`, world.variables(store).size])),
    chosen_ai_secrets: chosenSecrets(world, night).length,
    chosen_ai_codespaces_secrets: chosenCodespacesSecrets(world, night).length,
    webhooks: world.hooks(night).size,
    ...sizesOfLog(ASKED_OF_LOG.map((action) => countOf(world.events(night), action))),
    spaces: world.spaces().size,
    usage_report_files: USAGE_FILES,
    enterprise_seats: enterpriseSeats(world, night).size,
    enterprise_agents: expectedAgents(world).length,
    enterprise_organizations: enterpriseOrganizations(world).length,
    runners: world.runners().size,
    alerts: world.alerts().size,
    rulesets: world.rulesets().size,
    repositories: world.repositories().size,
    deep_repositories: world.repositories().size,
    repository_packages: world.repositories().size,
    // Of each its stores, webhooks, environments, runners and agent; and two lists of each environment.
    repository_settings: [...all(world.repositories())].reduce(
      (sum, repository) => sum + STORES.length + VARIABLE_STORES.length + 4 + 2 * environmentsOf(repository).length,
      0,
    ),
  };
}

/** Whoever asks for all at once may doubt that what it names before the first kind that is told of, or after the last, was heeded. */
function sizesOfLog(counts: readonly number[]): { audit: number; audit_apart: number } {
  const told = counts.flatMap((count, place) => (count > 0 ? [place] : []));
  const heeded = told.length === 0 ? 0 : told.at(-1)! - told[0]! + 1;
  return { audit: counts.reduce((sum, count) => sum + count, 0), audit_apart: counts.length - heeded };
}
