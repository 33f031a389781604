import type { Expected } from '../../../src/testing/fake.ts';
import { accountOf } from './accounts.ts';
import { isAiSecret } from './alerts.ts';
import { countOf } from './audit-log.ts';
import { deployKeysOf, evidenceIn } from './code.ts';
import { type Repository, repositoryOf } from './repositories.ts';
import { repositoryHooks, repositorySecrets, repositoryVariables } from './repository-lists.ts';
import { STORES } from './secrets.ts';
import { repositoriesOf } from './tokens.ts';
import { VARIABLE_STORES } from './variables.ts';
import { all } from './listing.ts';
import type { World } from './world.ts';

/** Everything that a complete scan of this night must state. */
export function expectedOn(world: World, night: number): Expected[] {
  return [
    ...[...all(world.members(night))].map((account): Expected => ({ kind: 'identity', ids: [String(account.id)] })),
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
    ...[...all(world.authorizations(night))].map(({ id, type, scopes }): Expected => ({
      kind: type.endsWith('app token') ? 'oauth_grant' : 'api_key',
      ids: ['credential', String(id)],
      permissions: scopes ?? [],
    })),
    ...VARIABLE_STORES.flatMap((store) =>
      [...all(world.variables(store))].map(({ name }): Expected => ({ kind: 'secret_name', ids: [`${store}_variables`, name] })),
    ),
    ...[...all(world.hooks(night))].map(({ id, host }): Expected => ({ kind: 'vendor_integration', ids: [String(id)], name: host })),
    ...[...all(world.spaces())].map(({ id, name }): Expected => ({ kind: 'agent', ids: [String(id)], name })),
    ...[...all(world.runners())].map(({ id, name }): Expected => ({ kind: 'service_account', ids: [String(id)], name })),
    ...[...all(world.alerts())]
      .filter(({ type }) => isAiSecret(type))
      .map((alert): Expected => ({
        kind: 'exposure',
        ids: [String(repositoryOf(world.company, alert.repository).id), String(alert.number)],
        name: alert.title,
      })),
    ...[...all(world.rulesets())].map(({ id, name }): Expected => ({ kind: 'control', ids: ['ruleset', String(id)], name })),
    ...[...all(world.repositories())].flatMap((repository) => [
      ...STORES.flatMap((store) => repositorySecrets(repository, store).map((name): Expected => secretIn(repository, store, name))),
      ...VARIABLE_STORES.flatMap((store) =>
        repositoryVariables(repository, store).map((name): Expected => secretIn(repository, `${store}_variables`, name)),
      ),
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

/** What a reader of the audit log asks for by name. */
const ASKED_OF_LOG = [
  ...['requested', 'approved', 'denied', 'blocked', 'unblocked'].map((verb) => `org.oauth_app_access_${verb}`),
  'oauth_authorization',
  'personal_access_token',
  'integration_installation',
];

function secretIn({ id }: Repository, store: string, name: string): Expected {
  return { kind: 'secret_name', ids: [store, 'repository', String(id), name] };
}

export function sizesOn(world: World, night: number): Record<string, number> {
  const stores = STORES.map((store) => [`${store}_secrets`, world.secrets(store, night).size] as const);
  return {
    members: world.members(night).size,
    installations: world.installations(night).size,
    tokens: world.tokens(night).size,
    token_requests: world.requests(night).size,
    ...Object.fromEntries(stores),
    seats: world.seats(night).size,
    app_listings: world.installations(night).size,
    subset_tokens: [...all(world.tokens(night))].filter(({ selection }) => selection === 'subset').length,
    sso_credentials: world.authorizations(night).size,
    ...Object.fromEntries(VARIABLE_STORES.map((store) => [`${store}_variables`, world.variables(store).size])),
    webhooks: world.hooks(night).size,
    ...Object.fromEntries(ASKED_OF_LOG.map((action) => [`audit_${action}`, countOf(world.events(night), action)])),
    spaces: world.spaces().size,
    runners: world.runners().size,
    alerts: world.alerts().size,
    rulesets: world.rulesets().size,
    repositories: world.repositories().size,
    deep_repositories: world.repositories().size,
    repository_secret_lists: world.repositories().size * STORES.length,
    repository_variable_lists: world.repositories().size * VARIABLE_STORES.length,
    repository_webhook_lists: world.repositories().size,
  };
}
