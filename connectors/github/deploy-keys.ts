import { z } from 'zod';
import { defineCollector, path, type Observation } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { GRAPHQL, LISTS } from './operations.ts';
import { readRepositories, repositoryQuery } from './repositories.ts';
import { idOf } from './server.ts';

const key = z.object({
  id: z.string().min(1),
  title: z.string(),
  readOnly: z.boolean(),
  enabled: z.boolean().optional(),
  createdAt: z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString()),
});
const node = z.object({
  databaseId: z.int().transform(String),
  nameWithOwner: z.string(),
  deployKeys: z.object({ totalCount: z.int(), nodes: z.array(key) }).nullish(),
});

const FIELDS = `
        deployKeys(first: 20) @include(if: $whole) { totalCount nodes { id title readOnly enabled createdAt } }`;

const ADMINISTRATION = 'app:administration:read';

/** Keys that open one repository each, for ever, to whoever holds them. */
export const deployKeys = defineCollector<Config, Client>({
  id: 'deploy_keys',
  title: 'Deploy keys of repositories',
  version: 1,
  kinds: ['api_key'],
  mode: 'inventory',
  lane: 'queries',
  operations: [GRAPHQL],
  permissions: [{ id: ADMINISTRATION, purpose: 'List deploy keys of repositories', required: false, orElse: [LISTS[GRAPHQL].token] }],
  limits: ['Who added a deploy key, and when it was last used, is not read', 'Of a repository with more than 20 deploy keys, 20 are read'],
  volatile: [],
  requests: (sizes) => sizes.pages('repositories', 100),
  collect: (context) =>
    readRepositories(context, {
      query: repositoryQuery('DeployKeys', FIELDS, node),
      place: ['deploy_keys'],
      effect: 'Which deploy keys open repositories is unknown',
      permission: ADMINISTRATION,
      largest: 100,
      observe: ({ databaseId, nameWithOwner, deployKeys: keys }, scope) => [
        ...(keys?.nodes ?? []).map((row): Observation => ({
          type: 'observation',
          thing: path('deploy_key', row.id),
          nativeId: path('deploy_key', row.id),
          kind: 'api_key',
          scope,
          subject: { app: path('deploy_key', idOf(context.config, row.id)), credential: row.id, name: row.title },
          signals: [{ type: 'app_name', value: row.title }],
          permissions: [`repository.contents:${row.readOnly ? 'read' : 'write'}`],
          grantedAt: { at: row.createdAt, from: 'listed' },
          expiresAt: 'never',
          ...(row.enabled === false && { use: 'inactive' as const }),
          attributes: { repository: databaseId, repositoryName: nameWithOwner },
          evidence: { source: GRAPHQL, url: webPage(context.config, `/${nameWithOwner}/settings/keys`) },
        })),
        ...(keys && keys.totalCount > keys.nodes.length
          ? [
              {
                type: 'gap' as const,
                scope,
                reason: 'truncated' as const,
                effect: `${nameWithOwner} has ${keys.totalCount} deploy keys, and ${keys.nodes.length} were read`,
              },
            ]
          : []),
      ],
    }),
});
