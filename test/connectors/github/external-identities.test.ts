import { afterEach, describe, expect, test } from 'vitest';
import { connector } from '../../../connectors/github/index.ts';
import type { Connector, Observation } from '../../../src/connector/index.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector } from '../../../src/testing/runner.ts';
import { startFakeServer, type FakeAnswer, type FakeServer } from '../../../src/testing/server.ts';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** What is stated of an organisation whose GraphQL answers as told, and what was asked. */
async function scan(answer: (after: string | null) => object, scopes = 'repo, admin:org') {
  const asked: { query: string; variables: { after: string | null } }[] = [];
  const said = (body: unknown): FakeAnswer => ({ status: 200, body, headers: { 'x-oauth-scopes': scopes } });
  server = await startFakeServer({
    routes: [
      { operation: 'org', method: 'GET', path: '/orgs/{org}', answer: () => said({ id: 42, login: 'acme', plan: { name: 'enterprise' } }) },
      {
        operation: 'POST /graphql',
        method: 'POST',
        path: '/graphql',
        answer({ body }) {
          asked.push(JSON.parse(body) as (typeof asked)[number]);
          return said(answer(asked.at(-1)!.variables.after));
        },
      },
    ],
    refuse: (status) => ({ status, body: { message: 'refused' } }),
  });
  const provider = { config: { organization: 'acme', baseUrl: server.url, token: { env: 'TOKEN' } }, environment: { TOKEN: 'ghp_x' } };
  const run = await runConnector(connector as unknown as Connector, provider as unknown as FakeProvider, { only: ['external_identities'] });
  const events = run.collectors[0]!.events.filter(({ type }) => type !== 'checkpoint');
  return { asked, events, facts: events.filter((event): event is Observation => event.type === 'observation') };
}

const PLACE = 'organization/42/external_identities';

function page(nodes: readonly object[], endCursor: string | null = null): object {
  const externalIdentities = { pageInfo: { hasNextPage: endCursor !== null, endCursor }, nodes };
  return { data: { organization: { samlIdentityProvider: { issuer: 'https://idp.example', externalIdentities } } } };
}

const known = (databaseId: number, nameId: string | null, username?: string) => ({
  user: { databaseId, login: `user-${databaseId}` },
  samlIdentity: nameId === null ? null : { nameId },
  scimIdentity: username === undefined ? null : { username },
});

describe('external identities', () => {
  test('are read page after page, and each member is tied by what the identity provider says of it', async () => {
    const { asked, events, facts } = await scan((after) =>
      after === null
        ? page([known(1, 'Ada@corp.example'), known(2, 'S-1-5-21', ' grace ')], 'next')
        : page([known(3, null, 'joan@corp.example')]),
    );
    expect(asked.map(({ variables }) => variables.after)).toEqual([null, 'next']);
    expect(facts.map(({ principal, attributes }) => [principal, attributes])).toEqual([
      [
        { id: '1', name: 'user-1', traits: ['interactive_login'] },
        { issuer: 'https://idp.example', nameId: 'Ada@corp.example', userName: null },
      ],
      [
        { id: '2', name: 'user-2', traits: ['interactive_login'] },
        { issuer: 'https://idp.example', nameId: 'S-1-5-21', userName: 'grace' },
      ],
      [
        { id: '3', name: 'user-3', traits: ['interactive_login'] },
        { issuer: 'https://idp.example', nameId: null, userName: 'joan@corp.example' },
      ],
    ]);
    const [, both] = facts.map((fact) => connector.personBehind!({ ...fact, principal: fact.principal! }));
    expect(both).toEqual([
      { by: 'saml_name_id', value: 'S-1-5-21', issuer: 'https://idp.example' },
      { by: 'scim_user_name', value: 'grace', issuer: 'https://idp.example' },
    ]);
    expect(events.filter(({ type }) => type !== 'observation')).toEqual([{ type: 'covered', scope: PLACE }]);
    // A list of people says who is a member: this one must not keep those who left among them.
    expect(new Set(facts.map(({ kind }) => kind))).toEqual(new Set(['control']));
  });

  test('that no member has claimed, or of which the provider says nothing, are nobody', async () => {
    const { events } = await scan(() =>
      page([{ user: null, samlIdentity: { nameId: 'new@corp.example' }, scimIdentity: null }, known(4, ' '), known(5, null)]),
    );
    expect(events).toEqual([{ type: 'covered', scope: PLACE }]);
  });

  test('of an organisation without a provider of its own are a gap by design, and close nothing', async () => {
    const { events } = await scan(() => ({ data: { organization: { samlIdentityProvider: null } } }));
    expect(events).toEqual([
      {
        type: 'gap',
        scope: PLACE,
        reason: 'not_observable',
        effect:
          'GitHub shows no SAML identity provider of the organisation itself: as whom one knows the members is unknown. Where the enterprise signs in for all its organisations, its owners alone are shown it: a source that names the enterprise reads that',
        byDesign: true,
      },
    ]);
  });

  test.each(['read:org', 'write:org', 'admin:org'])('are shown to a token with %s, which need not see the repositories', async (scope) => {
    const { facts, events } = await scan(() => page([known(1, 'ada@corp.example')]), `${scope}, gist`);
    expect([facts.length, events.at(-1)?.type]).toEqual([1, 'covered']);
  });

  test('are a gap for a token without it, also where GitHub answers as if there were no provider', async () => {
    const none = { data: { organization: { samlIdentityProvider: null } } };
    const { events } = await scan(() => none, 'repo');
    expect(events).toEqual([
      expect.objectContaining({ type: 'gap', scope: PLACE, reason: 'permission_denied', permission: 'token:read:org' }),
    ]);
    expect(events).not.toHaveProperty('0.byDesign');
  });

  test('that GitHub forbids are a gap that names the permission, and no list without rows', async () => {
    const path = ['organization', 'samlIdentityProvider'];
    const { events } = await scan(() => ({
      data: { organization: { samlIdentityProvider: null } },
      errors: [{ type: 'FORBIDDEN', path, message: 'Resource not accessible by integration' }],
    }));
    expect(events).toEqual([
      expect.objectContaining({ type: 'gap', scope: PLACE, reason: 'permission_denied', permission: 'app:members:read' }),
    ]);
  });

  test('of which a part is wrong, or whose next page has no address, are a gap', async () => {
    const path = ['organization', 'samlIdentityProvider', 'externalIdentities', 'nodes', 0];
    const part = await scan(() => ({ ...page([known(1, 'ada@corp.example')]), errors: [{ type: 'INTERNAL', path, message: 'no' }] }));
    expect(part.events).toEqual([expect.objectContaining({ type: 'gap', scope: PLACE, reason: 'provider_error' })]);
    await server!.close();
    const endless = await scan(() => {
      const externalIdentities = { pageInfo: { hasNextPage: true, endCursor: null }, nodes: [] };
      return { data: { organization: { samlIdentityProvider: { issuer: null, externalIdentities } } } };
    });
    expect(endless.events).toEqual([expect.objectContaining({ type: 'gap', scope: PLACE, reason: 'truncated' })]);
  });

  test('that cannot be understood are set aside, and the list is not whole', async () => {
    const rows = [
      { user: { databaseId: 'x', login: 'ada' }, samlIdentity: null, scimIdentity: null },
      ...Array.from({ length: 5 }, (_, id) => known(id, `p${id}@corp.example`)),
    ];
    const { events, facts } = await scan(() => page(rows));
    expect(facts).toHaveLength(5);
    expect(events[0]).toMatchObject({ type: 'gap', scope: PLACE, reason: 'provider_error' });
  });
});
