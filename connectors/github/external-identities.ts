import { z } from 'zod';
import {
  defineCollector,
  lastSegment,
  pageGuard,
  parseItems,
  path,
  ProviderFault,
  reading,
  Refusal,
  within,
  type CollectContext,
  type Observation,
  type PersonEvidence,
  type Principal,
  type Scope,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import type { Query, QueryAnswer } from './graphql.ts';
import { GRAPHQL, LISTS } from './operations.ts';

/** Who sees the identities: https://docs.github.com/en/graphql/reference/objects#organization */
const MEMBERS = LISTS['GET /orgs/{org}/members'];

const text = z.string().trim().min(1);
/** Null where no member has claimed it, or where the provider only asserts, or only provisions. */
const identity = z.object({
  user: z.object({ databaseId: z.int().transform(String), login: text }).nullable(),
  samlIdentity: z.object({ nameId: z.string().nullable() }).nullable(),
  scimIdentity: z.object({ username: z.string().nullable() }).nullable(),
});
type Identity = z.infer<typeof identity>;

const answer = z.object({
  organization: z.object({
    samlIdentityProvider: z
      .object({
        issuer: z.string().nullable(),
        externalIdentities: z.object({
          pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
          nodes: z.array(z.unknown()),
        }),
      })
      .nullable(),
  }),
});
type Answer = z.infer<typeof answer>;

const IDENTITIES: Query<Answer> = {
  name: 'ExternalIdentities',
  text: 'query ExternalIdentities($org: String!, $after: String, $n: Int!) { organization(login: $org) { samlIdentityProvider { issuer externalIdentities(first: $n, after: $after, membersOnly: true) { pageInfo { hasNextPage endCursor } nodes { user { databaseId login } samlIdentity { nameId } scimIdentity { username } } } } } }',
  schema: answer,
  only: { cloudOnly: true, enterpriseOnly: true },
};

const position = z.object({ done: z.boolean(), after: z.string().nullable(), rows: z.int() });

/** As whom the organisation's identity provider knows its members: by this a login is found again on other planes. */
export const externalIdentities = defineCollector<Config, Client>({
  id: 'external_identities',
  title: 'Members as the identity provider knows them',
  version: 1,
  kinds: ['control'],
  mode: 'inventory',
  operations: [GRAPHQL],
  permissions: [
    { id: MEMBERS.app, purpose: 'Read as whom the identity provider knows the members', required: false, orElse: [MEMBERS.token] },
  ],
  limits: [
    'Only an organisation with SAML single sign-on of its own, on Enterprise Cloud, has them: what an enterprise signs in for all its organisations is not read',
    'Of an identity that no member has claimed nothing is stated',
    'Of what the provider asserts the NameID is read, of what it provisions the userName: no name, no address beside them, no group',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('external_identities', 100),

  async *collect(context) {
    const scope = within(context.account.scope, 'external_identities');
    let at = position.parse(context.cursor ?? { done: false, after: null, rows: 0 });
    const guard = pageGuard();
    const effect = 'As whom the identity provider knows the members is unknown';
    while (!at.done) {
      let said = '';
      const page = await reading({ scope, effect, permission: MEMBERS.app }, async () => {
        try {
          return await readPage(context, at.after, { scope, guard });
        } catch (error) {
          if (error instanceof Refusal || error instanceof ProviderFault) said = `: ${error.message}`;
          throw error;
        }
      });
      if (page.gap) return void (yield { ...page.gap, effect: effect + said });
      if (!page.value) {
        const none = 'GitHub shows no SAML identity provider of the organisation itself: as whom one knows the members is unknown';
        return void (yield { type: 'gap', scope, reason: 'not_observable', effect: none, byDesign: true });
      }
      const { items, gaps, issuer, pageInfo, nodes } = page.value;
      yield* gaps;
      for (const item of items) {
        const observation = observationOf(item, { scope, issuer, organization: lastSegment(context.account.scope) });
        const url = webPage(context.config, `/orgs/${context.account.name}/people`);
        if (observation) yield { ...observation, evidence: { source: GRAPHQL, url } };
      }
      at = { done: !pageInfo.hasNextPage, after: pageInfo.endCursor, rows: at.rows + nodes.length };
      if (at.done) yield { type: 'covered', scope };
      yield { type: 'checkpoint', cursor: at, sizes: { external_identities: at.rows } };
    }
  },
});

/** One page; undefined = GitHub shows no provider. */
async function readPage(
  { client, pageSize }: CollectContext<Config, Client>,
  after: string | null,
  { scope, guard }: { scope: Scope; guard: (token: string) => void },
) {
  const asked = await client.query(IDENTITIES, { after, n: pageSize(100) });
  refuseParts(asked);
  const provider = asked.data.organization.samlIdentityProvider;
  if (provider === null) return undefined;
  const { pageInfo, nodes } = provider.externalIdentities;
  if (pageInfo.hasNextPage && pageInfo.endCursor === null)
    throw new ProviderFault('There is a next page without an address', { reason: 'truncated' });
  if (pageInfo.hasNextPage) guard(pageInfo.endCursor!);
  return { ...parseItems(nodes, identity, { what: 'external identity', scope: () => scope }), issuer: provider.issuer, pageInfo, nodes };
}

/** GitHub answers the rest where it forbids a part: here a part is all that was asked for. */
function refuseParts({ wrong }: QueryAnswer<unknown>): void {
  const [first] = wrong;
  if (first?.type === 'FORBIDDEN') throw new Refusal('GraphQL answers FORBIDDEN', { reason: 'permission_denied', permission: MEMBERS.app });
  if (first) throw new ProviderFault(`GraphQL answers ${first.type ?? 'an error'} for ${first.path.join('.')}`);
}

/** undefined = no member has claimed it, or the provider says nothing of the person. */
function observationOf(
  { user, samlIdentity, scimIdentity }: Identity,
  of: { scope: Scope; issuer: string | null; organization: string },
): Omit<Observation, 'evidence'> | undefined {
  const [nameId, userName] = [samlIdentity?.nameId?.trim() || null, scimIdentity?.username?.trim() || null];
  if (!user || (nameId === null && userName === null)) return undefined;
  const id = path('external_identity', 'user', user.databaseId);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    // A list of people is what says who is a member: this one says only who they are elsewhere.
    kind: 'control',
    scope: of.scope,
    subject: { app: path('organization', of.organization), name: user.login },
    principal: { id: user.databaseId, name: user.login, traits: ['interactive_login'] },
    signals: [],
    permissions: [],
    attributes: { issuer: of.issuer, nameId, userName },
  };
}

/** What the identity provider of the organisation asserts of a member, and as whom it provisions the account. */
export function personBehind({ kind, attributes }: Pick<Observation, 'kind' | 'attributes'> & { principal: Principal }): PersonEvidence[] {
  if (kind !== 'control') return [];
  const { issuer, nameId, userName } = attributes;
  const by = (how: PersonEvidence['by'], value: unknown): PersonEvidence[] =>
    typeof value === 'string' ? [{ by: how, value, ...(typeof issuer === 'string' && { issuer }) }] : [];
  return [...by('saml_name_id', nameId), ...by('scim_user_name', userName)];
}
