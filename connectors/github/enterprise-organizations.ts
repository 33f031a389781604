import { z } from 'zod';
import { defineCollector, path, Refusal, within, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { connection, readConnection, refuseParts } from './graphql-list.ts';
import type { Query } from './graphql.ts';
import { GRAPHQL, OF_ENTERPRISE, type List } from './operations.ts';
import { idOf } from './server.ts';

const organization = z.object({ databaseId: z.int().transform(String), login: z.string().trim().min(1) });

const ofEnterprise = z.object({
  enterprise: z.object({
    /** null = the caller is no owner, and is shown the organisations alone that are its own. */
    ownerInfo: z.object({}).nullable(),
    organizations: connection,
  }),
});

/**
 * An enterprise is opened by `read:enterprise`; names of its organisations are shown to tokens with `read:org` besides.
 * https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
 */
const NAMES = { token: 'token:read:org', publicPart: true } as const satisfies List;

const ORGANIZATIONS: Query<z.infer<typeof ofEnterprise>> = {
  name: 'EnterpriseOrganizations',
  text: 'query EnterpriseOrganizations($enterprise: String!, $after: String, $n: Int!) { enterprise(slug: $enterprise) { ownerInfo { __typename } organizations(first: $n, after: $after, orderBy: { field: CREATED_AT, direction: ASC }) { pageInfo { hasNextPage endCursor } nodes { databaseId login } } } }',
  schema: ofEnterprise,
  needs: NAMES,
};

const EFFECT = 'Which organisations the enterprise has, and whether all of them are read, is unknown';

/** Which organisations an enterprise has, and which of them are not read because nobody installed the App there. */
export const enterpriseOrganizations = defineCollector<Config, Client>({
  id: 'enterprise_organizations',
  title: 'Organisations of an enterprise',
  version: 1,
  kinds: ['control'],
  mode: 'inventory',
  level: 'group',
  needs: ['enterprise'],
  operations: [GRAPHQL],
  permissions: [
    { id: OF_ENTERPRISE.token, purpose: 'See the enterprise as its owners do', required: false },
    { id: NAMES.token, purpose: 'List the organisations of the enterprise by name', required: false },
  ],
  limits: ['Beside "organizations" alone it is told which of them are not read: what other sources read is not known to this one'],
  volatile: [],
  optional: true,
  isAskedFor: ({ enterprise }) => enterprise !== undefined,
  requests: (sizes) => sizes.pages('enterprise_organizations', 100),

  collect(context) {
    const { account, client, config } = context;
    const scope = within(account.scope, 'organizations');
    return readConnection(context, {
      scope,
      size: 'enterprise_organizations',
      permission: NAMES.token,
      effect: EFFECT,
      what: 'organisation',
      schema: organization,
      async ask(page) {
        const asked = await client.query(ORGANIZATIONS, page);
        refuseParts(asked, NAMES.token);
        const { ownerInfo, organizations } = asked.data.enterprise;
        if (ownerInfo === null)
          throw new Refusal('GitHub shows all of them to owners of the enterprise alone', {
            reason: 'permission_denied',
            permission: OF_ENTERPRISE.token,
          });
        return organizations;
      },
      *observe({ databaseId, login }): Generator<Observation | Extract<ScanEvent, { type: 'gap' }>> {
        const id = idOf(config, databaseId);
        const thing = path('organization', id);
        yield {
          type: 'observation',
          thing,
          nativeId: thing,
          kind: 'control',
          scope,
          subject: { app: account.scope, name: login },
          signals: [],
          permissions: [],
          attributes: { organization: login },
          evidence: { source: GRAPHQL, url: webPage(config, `/enterprises/${account.name}/organizations`) },
        };
        if (client.readBeside?.()?.has(id) === false)
          yield {
            type: 'gap',
            scope: within(account.scope, 'organizations', id),
            reason: 'permission_denied',
            effect: `This source reads nothing of the organisation ${login}: the App is not installed there`,
          };
      },
    });
  },
});
