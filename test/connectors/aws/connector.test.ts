import { afterEach, expect, test } from 'vitest';
import { connector } from '../../../connectors/aws/index.ts';
import { Refusal, type Connector, type Observation } from '../../../src/connector/index.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector, type Run } from '../../../src/testing/runner.ts';
import { startFakeServer, type FakeRequest, type FakeServer } from '../../../src/testing/server.ts';

const ACCOUNT = '111122223333';
const SAML = `arn:aws:iam::${ACCOUNT}:saml-provider/people`;
const open: FakeServer[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

type Answer = { status: number; body: string };
type Answers = Record<string, (request: FakeRequest) => Answer>;

/** An AWS of a few operations, that a test writes itself. */
async function run(answers: Answers, only: string, config: Record<string, unknown> = {}): Promise<Run & { requests: string[] }> {
  const all: Answers = { GetCallerIdentity: () => ok('GetCallerIdentity', `<Account>${ACCOUNT}</Account>`), ...answers };
  const requests: string[] = [];
  const server = await startFakeServer({
    routes: Object.entries(all).map(([action, answer]) => ({
      operation: action,
      method: 'POST',
      path: '/',
      action,
      answer: (request) => {
        requests.push(`${action} ${keyOf(request)}`);
        return { headers: { 'content-type': 'text/xml' }, ...answer(request) };
      },
    })),
    refuse: (status) => ({ status, body: '' }),
  });
  open.push(server);
  const provider = {
    ...server,
    config: { connector: 'aws', endpoint: server.url, accessKey: { id: { env: 'ID' }, secret: { env: 'SECRET' } }, ...config },
    environment: { ID: 'AKIAOWN', SECRET: 'not-a-real-secret' },
  } as unknown as FakeProvider;
  return { ...(await runConnector(connector as Connector, provider, { only: [only] })), requests };
}

const ok = (action: string, result: string): Answer => ({
  status: 200,
  body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`,
});
const error = (status: number, code: string): Answer => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
});
const keyOf = (request: FakeRequest) => /Credential=(\w+)\//.exec(String(request.headers['authorization']))?.[1] ?? 'unsigned';
const observed = (run: Run) =>
  run.collectors.flatMap(({ events }) => events.filter((event): event is Observation => event.type === 'observation'));
const gaps = (run: Run) => run.collectors.flatMap(({ events }) => events.filter((event) => event.type === 'gap'));

const providers: Answers = {
  GetOutboundWebIdentityFederationInfo: () => error(404, 'FeatureDisabled'),
  ListOpenIDConnectProviders: () => ok('ListOpenIDConnectProviders', '<OpenIDConnectProviderList/>'),
  ListSAMLProviders: () => ok('ListSAMLProviders', `<SAMLProviderList><member><Arn>${SAML}</Arn></member></SAMLProviderList>`),
};
const role = { assumeRole: { roleArn: `arn:aws:iam::${ACCOUNT}:role/team/reader`, externalId: 'agreed' } };

/** Hands out sessions ASIA1, ASIA2 … that last so many minutes. */
function assuming(minutes: number): Answers {
  let number = 0;
  return {
    AssumeRole: ({ body }) => {
      const form = new URLSearchParams(body);
      expect([form.get('RoleArn'), form.get('ExternalId'), form.get('RoleSessionName')]).toEqual([
        role.assumeRole.roleArn,
        'agreed',
        'noctule-reader',
      ]);
      const until = new Date(Date.now() + minutes * 60_000).toISOString();
      const keys = `<AccessKeyId>ASIA${++number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>`;
      return ok('AssumeRole', `<Credentials>${keys}<Expiration>${until}</Expiration></Credentials>`);
    },
  };
}

test('the role is assumed with its external id, and everything is read with its session', async () => {
  const { account, requests } = await run({ ...providers, ...assuming(600) }, 'providers', role);
  expect(account?.id).toBe(ACCOUNT);
  expect(requests).toEqual([
    'AssumeRole AKIAOWN',
    'GetCallerIdentity ASIA1',
    'ListOpenIDConnectProviders ASIA1',
    'ListSAMLProviders ASIA1',
    'GetOutboundWebIdentityFederationInfo ASIA1',
  ]);
});

test('a session that AWS ends in mid-scan is opened anew, and nothing is lost', async () => {
  const answers = { ...providers, ...assuming(600) };
  const result = await run(
    {
      ...answers,
      ListSAMLProviders: (request) => (keyOf(request) === 'ASIA1' ? error(403, 'ExpiredToken') : answers.ListSAMLProviders!(request)),
    },
    'providers',
    role,
  );
  expect(result.requests.slice(-4, -1)).toEqual(['ListSAMLProviders ASIA1', 'AssumeRole AKIAOWN', 'ListSAMLProviders ASIA2']);
  expect(observed(result).map(({ thing }) => decodeURIComponent(thing))).toEqual([`provider/${SAML}`, `outbound_federation/${ACCOUNT}`]);
  expect(gaps(result)).toEqual([]);
});

test('a session that no renewal helps becomes a gap, not a loop', async () => {
  const result = await run({ ...providers, ...assuming(600), ListSAMLProviders: () => error(403, 'ExpiredToken') }, 'providers', role);
  expect(result.requests.filter((request) => request.startsWith('ListSAMLProviders'))).toHaveLength(2);
  expect(gaps(result)).toMatchObject([{ scope: `account/${ACCOUNT}/saml_provider`, reason: 'permission_denied' }]);
});

test('a session that is about to end is replaced before it is used', async () => {
  const result = await run({ ...providers, ...assuming(4) }, 'providers', role);
  expect(result.requests.filter((request) => request.startsWith('AssumeRole')).length).toBeGreaterThan(1);
  expect(gaps(result)).toEqual([]);
});

test('a credential that AWS does not accept refuses the whole source, without a word of the reply', async () => {
  const { refused } = await run({ GetCallerIdentity: () => error(403, 'InvalidClientTokenId') }, 'providers');
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({ whole: true, message: 'AWS does not accept the credential: InvalidClientTokenId' });
});

test.each([
  ['switched off', () => error(404, 'FeatureDisabled'), { on: false }],
  [
    'switched on',
    () =>
      ok(
        'GetOutboundWebIdentityFederationInfo',
        '<IssuerIdentifier>https://issuer.example</IssuerIdentifier><JwtVendingEnabled>true</JwtVendingEnabled>',
      ),
    { on: true, issuer: 'https://issuer.example' },
  ],
] as const)('outbound identity federation that is %s is a fact about the account', async (_state, answer, attributes) => {
  const result = await run({ ...providers, GetOutboundWebIdentityFederationInfo: answer }, 'providers');
  expect(observed(result).find(({ kind }) => kind === 'control')).toMatchObject({ thing: `outbound_federation/${ACCOUNT}`, attributes });
  expect(gaps(result)).toEqual([]);
});

test('whether outbound identity federation is on, where it is refused, is a gap', async () => {
  const result = await run({ ...providers, GetOutboundWebIdentityFederationInfo: () => error(403, 'AccessDenied') }, 'providers');
  expect(gaps(result)).toMatchObject([
    { scope: `account/${ACCOUNT}/outbound_federation`, permission: 'iam:GetOutboundWebIdentityFederationInfo' },
  ]);
});

test('a sign-in page in the place of a list is a gap, not an empty list', async () => {
  const page = { status: 200, body: '<html><body>Sign in</body></html>' };
  const result = await run({ ...providers, ListSAMLProviders: () => page }, 'providers');
  expect(gaps(result)).toMatchObject([{ scope: `account/${ACCOUNT}/saml_provider`, reason: 'provider_error' }]);
});

test.each(['http://aws.example', 'ftp://127.0.0.1', 'file:///etc/passwd'])(
  'the endpoint %s would send credentials in clear',
  (endpoint) => {
    expect(connector.config.safeParse({ endpoint }).success).toBe(false);
  },
);

const user = (name: string, id: string) =>
  `<member><UserName>${name}</UserName><UserId>${id}</UserId><Arn>arn:aws:iam::${ACCOUNT}:user/${name}</Arn><Path>/</Path></member>`;
const CSV = [
  'user,arn,password_enabled,mfa_active,' +
    [1, 2]
      .flatMap((slot) =>
        ['active', 'last_rotated', 'last_used_date', 'last_used_region', 'last_used_service'].map((field) => `access_key_${slot}_${field}`),
      )
      .join(),
  `ada,arn:aws:iam::${ACCOUNT}:user/ada,true,false,true,2026-01-02T03:04:05+00:00,no_information,N/A,N/A,false,N/A,N/A,N/A,N/A`,
].join('\n');
const started = (state: string) => ok('GenerateCredentialReport', `<State>${state}</State>`);
const written = ok('GetCredentialReport', `<Content>${Buffer.from(CSV).toString('base64')}</Content>`);

/** Reads the identities of an account of two users, of which the report knows one; the last answer of each list stays. */
async function reading(starts: readonly Answer[], reads: readonly Answer[]) {
  const inTurn = (answers: readonly Answer[]) => {
    const left = [...answers];
    return () => (left.length > 1 ? left.shift()! : left[0]!);
  };
  const users = `<UserDetailList>${user('ada', 'AIDAADA')}${user('bo', 'AIDABO')}</UserDetailList><IsTruncated>false</IsTruncated>`;
  const result = await run(
    {
      GetAccountAuthorizationDetails: () => ok('GetAccountAuthorizationDetails', users),
      GenerateCredentialReport: inTurn(starts),
      GetCredentialReport: inTurn(reads),
    },
    'identities',
  );
  const asked = result.requests.filter((request) => request.includes('Report')).map((request) => request.split('CredentialReport')[0]);
  return { result, asked, first: Object.fromEntries(result.collectors[0]!.requests) };
}
const ONE_EACH = { 'iam.GetAccountAuthorizationDetails': 1, 'iam.GenerateCredentialReport': 1, 'iam.GetCredentialReport': 1 };

test('a report is waited for, read once, and its polls are no first attempts', async () => {
  const { result, asked, first } = await reading(
    [started('STARTED'), started('INPROGRESS'), started('INPROGRESS'), started('COMPLETE')],
    [written],
  );
  expect(asked).toEqual(['Generate', 'Generate', 'Generate', 'Generate', 'Get']);
  expect(first).toEqual(ONE_EACH);
  const key = observed(result).find(({ kind }) => kind === 'api_key');
  expect(key).toMatchObject({
    thing: 'access_key/AIDAADA/access_key_1',
    scope: `account/${ACCOUNT}/access_keys/AIDAADA`,
    principal: { traits: ['interactive_login', 'standing_credential'] },
    grantedAt: { at: '2026-01-02T03:04:05.000Z', from: 'report' },
    expiresAt: 'never',
    attributes: { lastUsed: 'no_information' },
  });
  expect(key).not.toHaveProperty('lastUsedAt');
});

test('the keys of a user whom the report does not know yet are a gap, and nothing else is', async () => {
  const { result } = await reading([started('COMPLETE')], [written]);
  expect(gaps(result)).toMatchObject([{ scope: `account/${ACCOUNT}/access_keys/AIDABO`, reason: 'not_observable' }]);
});

test('where no new report may be made, the one that is there is read', async () => {
  const { asked } = await reading([error(409, 'LimitExceeded')], [written]);
  expect(asked).toEqual(['Generate', 'Get']);
});

test('a report that expired or is not finished is asked for again', async () => {
  const { asked, first } = await reading([started('COMPLETE')], [error(410, 'ReportExpired'), error(404, 'ReportInProgress'), written]);
  expect(asked).toEqual(['Generate', 'Get', 'Generate', 'Get', 'Generate', 'Get']);
  expect(first).toEqual(ONE_EACH);
});

test('a report that never comes is given up, and only the access keys are unknown', async () => {
  const { result, asked } = await reading([started('STARTED')], [written]);
  expect(asked).toHaveLength(60);
  expect(gaps(result)).toMatchObject([{ scope: `account/${ACCOUNT}/access_keys`, reason: 'over_budget' }]);
});

test('a list that is cut short without saying where it goes on claims nothing', async () => {
  const page = ok(
    'GetAccountAuthorizationDetails',
    `<UserDetailList>${user('ada', 'AIDAADA')}</UserDetailList><IsTruncated>true</IsTruncated>`,
  );
  const result = await run({ GetAccountAuthorizationDetails: () => page }, 'identities');
  expect(result.collectors[0]!.events).toMatchObject([{ type: 'gap', scope: `account/${ACCOUNT}`, reason: 'truncated' }]);
});
