import { defineCollector, path, type Expiry, type Observation } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, type Config } from './config.ts';
import { leaf, readEach, readLists, UNCOUNTED } from './inventory.ts';
import { traitsOf } from './members.ts';
import { LISTS } from './operations.ts';
import { personalToken, repositoryName, tokenRequest, type PersonalToken, type TokenRequest } from './schema.ts';
import { idOf } from './server.ts';
import { costOfEach, costOfFirst } from './shared-lists.ts';
import { reachedRepository } from './token-reach.ts';

const GRANTS = 'GET /orgs/{org}/personal-access-tokens';
const REQUESTS = 'GET /orgs/{org}/personal-access-token-requests';
const REQUESTED = 'GET /orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories';
/** A reason is free text of a stranger: enough to decide by, not enough to flood a ticket. */
const LONGEST_REASON = 500;

/** Fine-grained personal tokens that may reach the organisation. A token has no app, so it is its own. */
export const personalAccessTokens = defineCollector<Config, Client>({
  id: 'personal_access_tokens',
  title: 'Fine-grained personal access tokens',
  version: 1,
  kinds: ['api_key'],
  mode: 'inventory',
  operations: [GRANTS],
  permissions: [{ id: LISTS[GRANTS].app, purpose: 'List the fine-grained tokens that reach the organisation', required: true }],
  limits: [
    'Classic tokens are listed nowhere unless the organisation has single sign-on',
    'A token names no app: what it is used for is known from its name alone',
    UNCOUNTED,
  ],
  volatile: [],
  requests: (sizes) => costOfEach(GRANTS, sizes),
  shared: (sizes) => costOfFirst(GRANTS, sizes),

  collect: (context) =>
    readLists(context, [
      {
        list: GRANTS,
        place: ['tokens'],
        what: 'token',
        effect: 'Which fine-grained tokens reach the organisation is unknown',
        size: 'tokens',
        schema: personalToken,
        key: ['token_id'],
        observe: (row, scope) => ({
          ...tokenFacts(context.config, row),
          thing: path('token', row.token_id),
          nativeId: path('token', row.token_id),
          scope,
          grantedAt: { at: row.access_granted_at, from: 'listed' },
          attributes: tokenAttributes(row),
          evidence: { source: GRANTS, url: settingsPage(context, 'personal-access-tokens/active') },
        }),
      },
    ]),
});

/**
 * Tokens that wait for an owner's approval, with the repositories that they ask for: the one moment at which shadow AI can be stopped
 * before it starts.
 */
export const tokenRequests = defineCollector<Config, Client>({
  id: 'token_requests',
  title: 'Requests for fine-grained tokens',
  version: 2,
  kinds: ['api_key', 'control'],
  mode: 'inventory',
  operations: [REQUESTS, REQUESTED],
  permissions: [{ id: LISTS[REQUESTS].app, purpose: 'List the fine-grained tokens that wait for approval', required: true }],
  limits: ['Only organisations that demand approval have requests', UNCOUNTED],
  volatile: [],
  requests: (sizes) => sizes.pages('token_requests', 100) + sizes.of('subset_requests'),

  collect: (context) =>
    readEach(
      context,
      {
        list: REQUESTS,
        place: ['token_requests'],
        what: 'request for a token',
        effect: 'Which fine-grained tokens wait for approval is unknown',
        size: 'token_requests',
        schema: tokenRequest,
        key: ['id'],
        observe: (row, scope) => ({
          ...tokenFacts(context.config, row),
          thing: path('request', row.id),
          nativeId: path('request', row.id),
          scope,
          use: 'pending',
          attributes: {
            ...tokenAttributes(row),
            pending: true,
            requestedAt: row.created_at,
            ...(row.reason && { reason: row.reason.slice(0, LONGEST_REASON) }),
          },
          evidence: { source: REQUESTS, url: settingsPage(context, 'personal-access-token-requests') },
        }),
      },
      {
        size: 'subset_requests',
        leavesOf: (row) =>
          row.repository_selection === 'subset'
            ? [
                leaf({
                  list: REQUESTED,
                  parameters: { pat_request_id: row.id },
                  place: ['token_requests', row.id, 'repositories'],
                  what: 'repository',
                  effect: `Which repositories the request ${row.id} is for is unknown`,
                  size: 'request_repositories',
                  schema: repositoryName,
                  key: ['id'],
                  observe: (repository, scope) =>
                    reachedRepository(context, row, repository, scope, {
                      thing: path('request', row.id, 'repository', repository.id),
                      source: REQUESTED,
                      page: 'personal-access-token-requests',
                    }),
                }),
              ]
            : [],
      },
    ),
});

type Shared = Pick<Observation, 'type' | 'kind' | 'subject' | 'principal' | 'signals' | 'permissions' | 'lastUsedAt' | 'expiresAt' | 'use'>;

function tokenFacts(config: Config, row: PersonalToken | TokenRequest): Shared {
  return {
    type: 'observation',
    kind: 'api_key',
    subject: { app: path('token', idOf(config, row.token_id)), credential: row.token_id, name: row.token_name },
    principal: { id: row.owner.id, name: row.owner.login, traits: traitsOf(row.owner) },
    signals: [{ type: 'app_name', value: row.token_name }],
    permissions: permissionsOf(row),
    ...(row.token_last_used_at && { lastUsedAt: { at: row.token_last_used_at, from: 'listed' } }),
    ...(row.token_expires_at !== undefined && { expiresAt: expiryOf(row.token_expires_at) }),
    ...(row.token_expired === true && { use: 'inactive' as const }),
  };
}

function expiryOf(at: string | null): Expiry {
  return at === null ? 'never' : { at, from: 'listed' };
}

/** GitHub keeps three maps; the name of the map tells a repository's administration from the organisation's. */
function permissionsOf({ permissions }: PersonalToken | TokenRequest): string[] {
  const all: string[] = [];
  for (const level of ['organization', 'repository', 'other'] as const)
    for (const [name, access] of Object.entries(permissions[level] ?? {})) all.push(`${level}.${name}:${access}`);
  return all.sort();
}

function tokenAttributes(row: PersonalToken | TokenRequest): Observation['attributes'] {
  return {
    repositorySelection: row.repository_selection,
    ...(row.token_expired !== undefined && { expired: row.token_expired }),
  };
}
