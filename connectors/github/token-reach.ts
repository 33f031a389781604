import type { z } from 'zod';
import { defineCollector, path, type CollectContext, type Observation, type Scope } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, type Config } from './config.ts';
import { leaf, readEach, UNCOUNTED } from './inventory.ts';
import { LISTS } from './operations.ts';
import { personalToken, repositoryName, type PersonalToken, type TokenRequest } from './schema.ts';
import { idOf } from './server.ts';
import { costOfEach, costOfFirst } from './shared-lists.ts';

const LIST = 'GET /orgs/{org}/personal-access-tokens';
const REPOSITORIES = 'GET /orgs/{org}/personal-access-tokens/{pat_id}/repositories';

/** The repositories of those fine-grained tokens that reach some and not all. */
export const tokenReach = defineCollector<Config, Client>({
  id: 'token_reach',
  title: 'Repositories that fine-grained tokens reach',
  version: 1,
  kinds: ['control'],
  mode: 'inventory',
  operations: [LIST, REPOSITORIES],
  permissions: [{ id: LISTS[LIST].app, purpose: 'List the repositories that a fine-grained token reaches', required: true }],
  limits: ['Tokens that reach all repositories, or none, have no list', UNCOUNTED],
  volatile: [],
  requests: (sizes) => costOfEach(LIST, sizes) + sizes.of('subset_tokens'),
  shared: (sizes) => costOfFirst(LIST, sizes),

  collect: (context) =>
    readEach(
      context,
      {
        list: LIST,
        place: ['token_reach'],
        what: 'token',
        effect: 'Which repositories fine-grained tokens reach is unknown',
        size: 'tokens',
        schema: personalToken,
        key: ['token_id'],
      },
      {
        size: 'subset_tokens',
        leavesOf: (token) =>
          token.repository_selection === 'subset'
            ? [
                leaf({
                  list: REPOSITORIES,
                  parameters: { pat_id: token.id },
                  place: ['token_reach', token.token_id],
                  what: 'repository',
                  effect: `Which repositories the token ${token.token_id} reaches is unknown`,
                  size: 'token_repositories',
                  schema: repositoryName,
                  key: ['id'],
                  observe: (row, scope) =>
                    reachedRepository(context, token, row, scope, {
                      thing: path('token', token.token_id, 'repository', row.id),
                      source: REPOSITORIES,
                      page: 'personal-access-tokens/active',
                    }),
                }),
              ]
            : [],
      },
    ),
});

/** One repository that a token reaches, or would. */
export function reachedRepository(
  context: CollectContext<Config, Client>,
  token: PersonalToken | TokenRequest,
  repository: z.infer<typeof repositoryName>,
  scope: Scope,
  { thing, source, page }: { thing: string; source: string; page: string },
): Observation {
  return {
    type: 'observation',
    thing,
    nativeId: thing,
    kind: 'control',
    scope,
    subject: { app: path('token', idOf(context.config, token.token_id)), credential: token.token_id, name: token.token_name },
    principal: { id: token.owner.id, name: token.owner.login, traits: [] },
    signals: [],
    permissions: [],
    attributes: { repository: repository.id, repositoryName: repository.full_name },
    evidence: { source, url: settingsPage(context, page) },
  };
}
