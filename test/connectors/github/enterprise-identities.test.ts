import { beforeAll, describe, expect, test } from 'vitest';
import { fake as github } from '../../../connectors/github/fake/index.ts';
import { connector } from '../../../connectors/github/index.ts';
import { fake as google } from '../../../connectors/google-workspace/fake/index.ts';
import type { FakeAnswer } from '../../../src/testing/server.ts';
import { noctule } from '../../cli/run.ts';
import { dawn, runNight, smallCompany, sourceOf } from '../../scan/night.ts';
import { temporaryFolder } from '../../store/facts.ts';
import { openWorld, type Night, type World } from '../../worlds/world.ts';

// An enterprise that signs in for all its organisations: whose provider is null then.

/** Alone, and beside the organisations in which the App is installed. */
const ALONE = { organization: undefined, app: undefined, enterprise: 'lantern-group' };
const BESIDE = { organization: undefined, organizations: 'installed', enterprise: 'lantern-group' };
const COLLECTORS = ['members', 'external_identities', 'enterprise_identities'];
const PLACE = 'enterprise/4021/external_identities';

const open = (signIn: string) => openWorld('github', { signIn } as object);
const identitiesIn = ({ facts }: Night) => facts.filter(({ collector }) => collector === 'enterprise_identities');
const gapsIn = ({ gaps }: Night) =>
  gaps.map(({ scope, reason, permission, byDesign, effect }) => ({ scope, reason, permission, byDesign, effect }));

/** The enterprise is shown, and its identities are answered otherwise. */
function plant(world: World, answer: (usual: FakeAnswer) => FakeAnswer): void {
  world.plant('POST /graphql', ({ body }, _nth, usual) => (body.includes('EnterpriseIdentities') ? answer(usual()) : usual()));
}

describe('the users of an enterprise as its identity provider knows them', () => {
  test('are stated once, in the account of the enterprise; who claimed no identity is nobody', async () => {
    const world = await open('enterprise');
    const night = await world.scan({ collectors: COLLECTORS, config: BESIDE, largestPage: 5 });
    const members = new Map(
      night.facts.filter(({ collector }) => collector === 'members').map(({ principal }) => [principal!.id, principal!.name]),
    );
    const found = identitiesIn(night);
    expect(found).toHaveLength(world.provider.sizes()['enterprise_identities']! - 1);
    for (const { scope, subject, principal, attributes, thing } of found) {
      expect([scope, subject.app, thing]).toEqual([PLACE, 'enterprise/4021', `external_identity/user/${principal!.id}`]);
      expect(members.get(principal!.id)).toBe(principal!.name);
      expect(attributes).toEqual({
        issuer: 'https://idp.lanternworks.example/enterprise',
        nameId: expect.stringContaining('@lanternworks.example'),
        userName: null,
      });
    }
    // A page of five each, which costs a point of GraphQL.
    const asked = world.asked.filter(({ operation, body }) => operation === 'POST /graphql' && body.includes('EnterpriseIdentities'));
    expect(asked).toHaveLength(Math.ceil(world.provider.sizes()['enterprise_identities']! / 5));
    // The App has a neighbour, which is none of ours.
    expect(gapsIn(night).filter(({ scope }) => !scope.startsWith('organization/9840062'))).toEqual([
      {
        scope: 'organization/17515872/external_identities',
        reason: 'not_observable',
        permission: null,
        byDesign: 1,
        effect: expect.stringContaining('but for what `enterprise_identities` reads of its enterprise'),
      },
    ]);
  });

  test.each([
    ['none', 'The enterprise has no identity provider: nobody signs in by SAML there'],
    ['enterprise by OIDC', 'The users of the enterprise sign in by OpenID Connect, which is not read'],
  ])('of one that signs in by %s are a gap by design, in words of its own', async (signIn, said) => {
    const night = await (await open(signIn)).scan({ collectors: COLLECTORS, config: ALONE });
    expect(gapsIn(night)).toEqual([
      { scope: PLACE, reason: 'not_observable', permission: null, byDesign: 1, effect: expect.stringContaining(said) },
    ]);
  });

  test.each<[string, (usual: FakeAnswer) => FakeAnswer]>([
    ['hides what only owners are shown', () => ({ status: 200, body: { data: { enterprise: { ownerInfo: null } } } })],
    [
      'forbids it',
      () => ({
        status: 200,
        body: {
          data: { enterprise: { ownerInfo: null } },
          errors: [{ type: 'FORBIDDEN', message: 'x', path: ['enterprise', 'ownerInfo'] }],
        },
      }),
    ],
    [
      'names the scopes that are missing',
      () => ({ status: 200, body: { data: null, errors: [{ type: 'INSUFFICIENT_SCOPES', message: 'x' }] } }),
    ],
    [
      'shows none to a token without the scope',
      (usual) => ({
        ...usual,
        headers: { ...usual.headers, 'x-oauth-scopes': 'repo, admin:org' },
        body: { data: { enterprise: { ownerInfo: { samlIdentityProvider: null, oidcProvider: null } } } },
      }),
    ],
  ])('are a gap that names the permission where GitHub %s, and nobody is gone', async (_how, answer) => {
    const world = await open('enterprise');
    const before = identitiesIn(await world.scan({ collectors: COLLECTORS, config: ALONE }));
    plant(world, answer);
    const night = await world.scan({ collectors: COLLECTORS, config: ALONE, from: new Date(Date.UTC(2026, 9, 2, 2)) });
    expect(gapsIn(night)).toEqual([
      expect.objectContaining({ scope: PLACE, reason: 'permission_denied', permission: 'token:read:enterprise', byDesign: 0 }),
    ]);
    expect(identitiesIn(night).map(({ state }) => state)).toEqual(before.map(() => 'unverified'));
  });

  test('are shown to a token with admin:enterprise, which need not see the repositories', async () => {
    const world = await open('enterprise');
    plant(world, (usual) => ({ ...usual, headers: { ...usual.headers, 'x-oauth-scopes': 'admin:enterprise' } }));
    const night = await world.scan({ collectors: COLLECTORS, config: ALONE });
    expect([identitiesIn(night).length > 5, gapsIn(night)]).toEqual([true, []]);
  });

  test('leave nothing of a name behind where a tenant keeps pseudonyms', async () => {
    const world = await open('enterprise');
    const key = Buffer.alloc(32, 7).toString('base64');
    const named = identitiesIn(await (await open('enterprise')).scan({ collectors: COLLECTORS, config: ALONE }));
    const night = await world.scan({ collectors: COLLECTORS, config: ALONE, personKey: key });
    const written = world.written();
    for (const { principal, attributes } of named) {
      expect(written).not.toContain(principal!.name);
      expect(written).not.toContain(String(attributes['nameId']).split('@')[0]);
    }
    // Equal names stay equal, so that each is found again elsewhere.
    expect(new Set(identitiesIn(night).map(({ principal }) => principal!.id)).size).toBe(named.length);
    expect(connector.everywhere!({ account: 'enterprise/4021', id: identitiesIn(night)[0]!.principal!.id })).toBeDefined();
  });
});

describe('a member of an organisation whose enterprise signs in for it', () => {
  const database = temporaryFolder()();
  const company = smallCompany(24);
  interface Shown {
    connector: string;
    account: string;
    id: string;
    name: string;
    sameAs: { other: { connector: string; account: string }; by: string; name: string }[];
  }
  let all: Shown[];
  beforeAll(async () => {
    const started = [
      { name: 'github', provider: await github.start(company, { signIn: 'enterprise' }), own: BESIDE },
      { name: 'google', provider: await google.start(company), own: {} },
    ];
    const environment = Object.assign({}, ...started.map(({ provider }) => provider.environment)) as Record<string, string>;
    const sources = await Promise.all(
      started.map(({ name, provider, own }) => sourceOf({ name, config: { ...provider.config, ...own } as typeof provider.config })),
    );
    const only = ['members', 'external_identities', 'enterprise_identities', 'users'];
    const chosen = sources.map((source) => ({
      ...source,
      collectors: Object.fromEntries(source.connector.collectors.map(({ id }) => [id, only.includes(id)])),
    }));
    await runNight(database, { sources: chosen, environment, from: dawn(company, 0) });
    for (const { provider } of started) await provider.close();
    all = JSON.parse((await noctule(['identities', '--format', 'json', '--limit', '5000', '--db', database])).stdout) as Shown[];
  });

  test('is the same person on other planes, by what the enterprise says of the user', () => {
    const members = all.filter(({ connector: id, account }) => id === 'github' && !account.startsWith('enterprise/'));
    const tied = members.filter(({ sameAs }) => sameAs.some(({ other }) => other.connector === 'google-workspace'));
    expect(tied.length).toBeGreaterThan(5);
    expect(tied).toEqual(members.filter(({ sameAs }) => sameAs.length > 0));
    for (const { name, sameAs } of tied) {
      const [there] = sameAs.filter(({ other }) => other.connector === 'google-workspace');
      expect(there, name).toMatchObject({ by: 'SAML NameID = verified address' });
      expect(sameAs.filter(({ other }) => other.connector === 'github')).toMatchObject([
        { other: { account: 'enterprise/4021' }, name, by: 'SAML NameID = SAML NameID' },
      ]);
    }
  });

  test('is nobody’s namesake on another server, and no app of the same number', () => {
    const of = (account: string, id: string) => connector.everywhere!({ account, id });
    expect(of('17515872', '31')).toBe(of('enterprise/4021', '31'));
    expect(of('17515872@github.corp.example', '31')).not.toBe(of('17515872', '31'));
    expect([of('17515872', 'app/31'), of('17515872', 'login/31')]).toEqual([undefined, undefined]);
  });
});
