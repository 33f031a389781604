import { z } from 'zod';
import {
  defineCollector,
  path,
  Refusal,
  within,
  type CollectContext,
  type Observation,
  type PersonEvidence,
  type Principal,
  type ScanEvent,
  type Scope,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { connection, readConnection, refuseParts, type Asked } from './graphql-list.ts';
import type { Query } from './graphql.ts';
import { GRAPHQL, LISTS, OF_ENTERPRISE } from './operations.ts';

/**
 * Who sees the identities: an App that reads members, and tokens of owners with `read:org` or `admin:org`; those of an enterprise, tokens of its
 * owners with `read:enterprise` or `admin:enterprise`. https://docs.github.com/en/graphql/reference/objects#externalidentity
 */
const MEMBERS = LISTS['GET /orgs/{org}/members'];

const text = z.string().trim().min(1);
/** Null where no member has claimed it, or where the provider only asserts, or only provisions. */
const identity = z.object({
  user: z.object({ databaseId: z.int().transform(String), login: text }).nullable(),
  samlIdentity: z.object({ nameId: z.string().nullable() }).nullable(),
  scimIdentity: z.object({ username: z.string().nullable() }).nullable(),
});
type Identity = z.infer<typeof identity>;

const provider = z.object({ issuer: z.string().nullable(), externalIdentities: connection });
type Provider = z.infer<typeof provider>;

const ofOrganization = z.object({ organization: z.object({ samlIdentityProvider: provider.nullable() }) });
const ofEnterprise = z.object({
  enterprise: z.object({
    /** null = the caller is not shown what only owners are. */
    ownerInfo: z.object({ samlIdentityProvider: provider.nullable(), oidcProvider: z.unknown() }).nullable(),
  }),
});

const IDENTITIES: Query<z.infer<typeof ofOrganization>> = {
  name: 'ExternalIdentities',
  text: 'query ExternalIdentities($org: String!, $after: String, $n: Int!) { organization(login: $org) { samlIdentityProvider { issuer externalIdentities(first: $n, after: $after, membersOnly: true) { pageInfo { hasNextPage endCursor } nodes { user { databaseId login } samlIdentity { nameId } scimIdentity { username } } } } } }',
  schema: ofOrganization,
  needs: MEMBERS,
  only: { cloudOnly: true, enterpriseOnly: true },
};

const ENTERPRISE_IDENTITIES: Query<z.infer<typeof ofEnterprise>> = {
  name: 'EnterpriseIdentities',
  text: 'query EnterpriseIdentities($enterprise: String!, $after: String, $n: Int!) { enterprise(slug: $enterprise) { ownerInfo { oidcProvider { providerType } samlIdentityProvider { issuer externalIdentities(first: $n, after: $after, membersOnly: true) { pageInfo { hasNextPage endCursor } nodes { user { databaseId login } samlIdentity { nameId } scimIdentity { username } } } } } } }',
  schema: ofEnterprise,
  needs: OF_ENTERPRISE,
  only: { cloudOnly: true },
};

const LIMITS = [
  'Of an identity that nobody has claimed nothing is stated',
  'Of what the provider asserts the NameID is read, of what it provisions the userName: no name, no address beside them, no group',
];

/** As whom the organisation's identity provider knows its members: by this a login is found again on other planes. */
export const externalIdentities = defineCollector<Config, Client>({
  id: 'external_identities',
  title: 'Members as the identity provider knows them',
  version: 1,
  kinds: ['control'],
  mode: 'inventory',
  lane: 'queries',
  operations: [GRAPHQL],
  permissions: [
    { id: MEMBERS.app, purpose: 'Read as whom the identity provider knows the members', required: false, orElse: [MEMBERS.token] },
  ],
  limits: [
    'Only an organisation with SAML single sign-on of its own, on Enterprise Cloud, has them: where its enterprise signs in for all, `enterprise_identities` reads them',
    ...LIMITS,
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('external_identities', 100),
  collect: (context) =>
    readIdentities(context, {
      size: 'external_identities',
      permission: MEMBERS.app,
      effect: 'As whom the identity provider knows the members is unknown',
      async ask(page) {
        const asked = await context.client.query(IDENTITIES, page);
        refuseParts(asked, MEMBERS.app);
        return asked.data.organization.samlIdentityProvider ?? { none: ownNone(context) };
      },
      page: webPage(context.config, `/orgs/${context.account.name}/people`),
    }),
});

/**
 * The same of an enterprise that signs in for all its organisations: their own provider is null then. It is read once, for the account of the
 * enterprise; that GitHub's number of a user is the same in each of its organisations ties the members of these.
 */
export const enterpriseIdentities = defineCollector<Config, Client>({
  id: 'enterprise_identities',
  title: 'Users of an enterprise as its identity provider knows them',
  version: 1,
  kinds: ['control'],
  mode: 'inventory',
  level: 'group',
  needs: ['enterprise'],
  operations: [GRAPHQL],
  permissions: [
    { id: OF_ENTERPRISE.token, purpose: 'Read as whom the identity provider of the enterprise knows its users', required: false },
  ],
  limits: [
    'Of users who are members of no organisation of the enterprise nothing is stated',
    'An enterprise whose users sign in by OpenID Connect is not read',
    ...LIMITS,
  ],
  volatile: [],
  optional: true,
  isAskedFor: ({ enterprise }) => enterprise !== undefined,
  requests: (sizes) => sizes.pages('enterprise_identities', 100),
  collect: (context) =>
    readIdentities(context, {
      size: 'enterprise_identities',
      permission: OF_ENTERPRISE.token,
      effect: 'As whom the identity provider of the enterprise knows its users is unknown',
      async ask(page) {
        const asked = await context.client.query(ENTERPRISE_IDENTITIES, page);
        refuseParts(asked, OF_ENTERPRISE.token);
        const { ownerInfo } = asked.data.enterprise;
        if (ownerInfo === null) throw new Refusal('GitHub shows it to owners of the enterprise alone', { reason: 'permission_denied' });
        return ownerInfo.samlIdentityProvider ?? { none: ownerInfo.oidcProvider ? BY_OIDC : NOBODY };
      },
      page: webPage(context.config, `/enterprises/${context.account.name}/people`),
    }),
});

const NOBODY = 'The enterprise has no identity provider: nobody signs in by SAML there, unless an organisation has a provider of its own';
const BY_OIDC = 'The users of the enterprise sign in by OpenID Connect, which is not read: as whom the provider knows them is unknown';

/** GitHub shows the same of an organisation in which nobody signs in by SAML, and of one whose enterprise signs in for it. */
function ownNone({ isOn }: CollectContext<Config, Client>): string {
  const none = 'GitHub shows no SAML identity provider of the organisation itself: as whom one knows the members is unknown';
  return isOn('enterprise_identities')
    ? `${none}, but for what \`enterprise_identities\` reads of its enterprise`
    : `${none}. Where the enterprise signs in for all its organisations, its owners alone are shown it: a source that names the enterprise reads that`;
}

interface Asking {
  /** Name of how many there are in the formula of costs. */
  size: string;
  permission: string;
  effect: string;
  /** One page of the provider, or why there is none. */
  ask(page: Asked): Promise<Provider | { none: string }>;
  /** Where a person can look them up. */
  page: string;
}

function readIdentities(
  context: CollectContext<Config, Client>,
  { size, permission, effect, ask, page: url }: Asking,
): AsyncGenerator<ScanEvent> {
  const scope = within(context.account.scope, 'external_identities');
  return readConnection(context, {
    scope,
    size,
    permission,
    effect,
    what: 'external identity',
    schema: identity,
    async ask(page) {
      const answer = await ask(page);
      return 'none' in answer ? answer : { ...answer.externalIdentities, issuer: answer.issuer };
    },
    *observe(item, { issuer }) {
      const observation = observationOf(item, { scope, issuer, account: context.account.scope });
      if (observation) yield { ...observation, evidence: { source: GRAPHQL, url } };
    },
  });
}

/** undefined = no member has claimed it, or the provider says nothing of the person. */
function observationOf(
  { user, samlIdentity, scimIdentity }: Identity,
  of: { scope: Scope; issuer: string | null; account: Scope },
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
    subject: { app: of.account, name: user.login },
    principal: { id: user.databaseId, name: user.login, traits: ['interactive_login'] },
    signals: [],
    permissions: [],
    attributes: { issuer: of.issuer, nameId, userName },
  };
}

/** What the identity provider of the organisation, or of its enterprise, asserts of a user, and as whom it provisions the account. */
export function personBehind({ kind, attributes }: Pick<Observation, 'kind' | 'attributes'> & { principal: Principal }): PersonEvidence[] {
  if (kind !== 'control') return [];
  const { issuer, nameId, userName } = attributes;
  const by = (how: PersonEvidence['by'], value: unknown): PersonEvidence[] =>
    typeof value === 'string' ? [{ by: how, value, ...(typeof issuer === 'string' && { issuer }) }] : [];
  return [...by('saml_name_id', nameId), ...by('scim_user_name', userName)];
}
