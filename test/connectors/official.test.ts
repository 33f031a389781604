import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector } from '../../src/connector/index.ts';
import { createCompany } from '../../src/testing/company.ts';
import type { Fake, FakeProvider } from '../../src/testing/fake.ts';
import { runConnector, type Run, type RunOptions } from '../../src/testing/runner.ts';
import { checkExchange, contracts } from '../contracts/check.ts';
import type { Exchange, Violation } from '../contracts/exchange.ts';
import { startRecorder, type Recorder } from '../contracts/recorder.ts';

// What the providers publish about their APIs judges both sides: what the simulated providers answer, and what the connectors ask.

/** Which key of the configuration leads a connector elsewhere. */
const ADDRESS: Readonly<Record<string, string>> = { aws: 'endpoint', github: 'baseUrl', 'google-workspace': 'endpoint' };
/** Asked again until they say that the report is done: the same request, more than once. */
const POLLED = ['iam.GenerateCredentialReport', 'iam.GetCredentialReport'];
const FULL_PAGE = 1000;

const folder = new URL('../../connectors/', import.meta.url);
for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))) {
  if (!existsSync(new URL(`${name}/index.ts`, folder)) || !existsSync(new URL(`${name}/fake/index.ts`, folder))) continue;
  const { connector } = (await import(new URL(`${name}/index.ts`, folder).href)) as { connector: Connector };
  const { fake } = (await import(new URL(`${name}/fake/index.ts`, folder).href)) as { fake: Fake };
  officialSuite(connector, fake);
}

function officialSuite(connector: Connector, fake: Fake): void {
  describe(`what ${connector.id} says and hears is what the provider describes`, () => {
    it('has a description of every operation that the connector declares, and of no other', () => {
      const declared = [...new Set(connector.operations.map(({ id }) => id))];
      expect(contracts[connector.id]?.operations.toSorted()).toEqual(declared.toSorted());
    });

    for (const people of [12, 60]) {
      describe(`with ${people} people`, () => {
        let world: World;
        beforeAll(async () => {
          world = await start(connector, fake, people);
        });
        afterAll(() => world.close());

        it('night after night, with small pages and with full ones, and counts each request once', async () => {
          for (const night of [0, 1, 2]) {
            world.provider.night(night);
            for (const largestPage of [2, FULL_PAGE]) {
              for (const { id } of connector.collectors) {
                const run = await world.run({ largestPage, only: [id] });
                const [collected] = run.collectors;
                if (run.refused || !collected || collected.error) throw run.refused ?? collected?.error;
                const here = `night ${night}, pages of ${largestPage}, ${id}`;
                expect(violationsOf(world), here).toEqual([]);
                expect(recorded(world, collected.collector.operations), here).toEqual(sorted(collected.requests));
              }
            }
          }
          world.provider.night(0);
        });

        it('without each of the permissions', async () => {
          for (const permission of world.provider.permissions) {
            world.provider.revoke(permission);
            await world.run({ largestPage: FULL_PAGE });
            world.provider.restore(permission);
            expect(violationsOf(world), `without ${permission}`).toEqual([]);
          }
        });
      });
    }

    describe('in trouble', () => {
      let world: World;
      beforeAll(async () => {
        world = await start(connector, fake, 12);
      });
      afterAll(() => world.close());

      for (const fault of [429, 403, 500] as const) {
        it(`when each of its operations meets ${fault}, once and for ever`, async () => {
          for (const operation of new Set(connector.operations.map(({ id }) => id))) {
            for (const times of [1, undefined]) {
              world.provider.faults.clear();
              world.provider.faults.add({ operation, fault, nth: 1, ...(times && { times }) });
              await world.run({});
              expect(violationsOf(world), `${operation} meets ${fault}`).toEqual([]);
            }
          }
          world.provider.faults.clear();
        });
      }
    });

    describe('and a mistake is found:', () => {
      let exchanges: Exchange[];
      beforeAll(async () => {
        const world = await start(connector, fake, 12);
        await world.run({});
        exchanges = [...world.recorder.exchanges];
        await world.close();
      });

      for (const { title, of, change, finds } of MISTAKES[connector.id] ?? []) {
        it(title, () => {
          const original = exchanges.find((exchange) => exchange.status < 300 && contracts[connector.id]?.operationOf(exchange) === of);
          if (!original) throw new Error(`${of} was not asked`);
          const changed = { ...original, ...change(original) };
          expect(changed, 'the mistake changes nothing').not.toEqual(original);
          expect(checkExchange(connector.id, original)).toEqual([]);
          const found = checkExchange(connector.id, changed).map(({ rule, where }) => `${rule} ${where}`);
          expect(found).toContain(finds);
        });
      }

      it('is listed for this provider', () => {
        expect(MISTAKES[connector.id]?.length).toBeGreaterThan(0);
      });
    });
  });
}

describe('the descriptions', () => {
  it('are what the installed packages say', () => {
    const script = fileURLToPath(new URL('../contracts/renew.mjs', import.meta.url));
    expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
  });
});

/** A simulated provider with the recorder before it. */
interface World {
  connector: Connector;
  provider: FakeProvider;
  recorder: Recorder;
  /** Forgets what was recorded before, and runs. */
  run(options: RunOptions): Promise<Run>;
  close(): Promise<void>;
}

async function start(connector: Connector, fake: Fake, people: number): Promise<World> {
  // Providers keep their logs for some months: a company of another year would have nothing in them.
  const today = new Date();
  today.setUTCHours(2, 0, 0, 0);
  const provider = await fake.start(createCompany({ people, today }));
  const recorder = await startRecorder(provider.url);
  const address = ADDRESS[connector.id];
  if (!address) throw new Error(`ADDRESS does not say how ${connector.id} is led through the recorder`);
  const led: FakeProvider = { ...provider, config: { ...provider.config, [address]: recorder.url } };
  return {
    connector,
    provider,
    recorder,
    run(options) {
      recorder.exchanges.length = 0;
      return runConnector(connector, led, options);
    },
    async close() {
      await recorder.close();
      await provider.close();
    },
  };
}

function violationsOf({ connector, recorder }: World): (Violation & { operation: string })[] {
  expect(recorder.exchanges.length, 'nothing went through the recorder').toBeGreaterThan(0);
  return recorder.exchanges.flatMap((exchange) => {
    const operation = contracts[connector.id]?.operationOf(exchange) ?? exchange.url;
    return checkExchange(connector.id, exchange).map((violation) => ({ operation, ...violation }));
  });
}

/** Requests by operation. What opens the connection is not the collector's, and polls are not counted. */
function recorded({ connector, recorder }: World, operations: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  const polled = new Set<string>();
  for (const exchange of recorder.exchanges) {
    const operation = contracts[connector.id]?.operationOf(exchange) ?? 'unknown';
    if (!operations.includes(operation) || (POLLED.includes(operation) && polled.has(operation))) continue;
    polled.add(operation);
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
  }
  return sorted(counts);
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** One change to a good exchange, and what must be found. A checker that cannot fail checks nothing. */
interface Mistake {
  title: string;
  of: string;
  change(exchange: Exchange): Partial<Exchange>;
  /** Rule and place. */
  finds: string;
}

const MISTAKES: Readonly<Record<string, readonly Mistake[]>> = {
  'google-workspace': [
    { title: 'an id that is a number', of: 'directory.users.list', change: answer('"id":"', '"id":7,"etag":"'), finds: 'response-body /users/0/id' },
    { title: 'an invented field', of: 'directory.users.list', change: answer('{"users"', '{"count":1,"users"'), finds: 'response-body /count' },
    {
      title: 'a field that the mask leaves out',
      of: 'directory.users.list',
      change: answer('"users":[{', '"users":[{"recoveryPhone":"+1",'),
      finds: 'response-body /users/0/recoveryPhone',
    },
    { title: 'a missing field', of: 'directory.users.list', change: answer(/"primaryEmail":"[^"]*",?/, ''), finds: 'response-body /users/0' },
    { title: 'an unknown parameter', of: 'directory.users.list', change: asked('maxResults', 'pageSize'), finds: 'query query/pageSize' },
    { title: 'a page over the maximum', of: 'directory.users.list', change: asked(/maxResults=\d+/, 'maxResults=501'), finds: 'query query/maxResults' },
    { title: 'a mask of an unknown field', of: 'directory.users.list', change: asked('primaryEmail', 'mainEmail'), finds: 'query query/fields' },
    { title: 'a missing token', of: 'directory.users.list', change: without('authorization'), finds: 'request-header header.authorization' },
    { title: 'more rows than asked for', of: 'directory.users.list', change: asked(/maxResults=\d+/, 'maxResults=1'), finds: 'page ' },
    { title: 'another grant', of: 'oauth2.token', change: posted(/grant_type=[^&]*/, 'grant_type=password'), finds: 'request-body /grant_type' },
    { title: 'an error in another envelope', of: 'directory.users.list', change: () => failed(500, '{"message":"no"}'), finds: 'error-body ' },
    { title: 'a write', of: 'directory.users.list', change: () => ({ method: 'POST' }), finds: 'no-description url' },
    { title: 'an operation that nobody described', of: 'directory.users.list', change: asked('/users', '/groups'), finds: 'no-description url' },
  ],
  github: [
    { title: 'an id that is text', of: 'GET /orgs/{org}/installations', change: answer(/"id":\d+/, '"id":"7"'), finds: 'response-body /installations/0/id' },
    { title: 'an invented field', of: 'GET /orgs/{org}/members', change: answer('{"login"', '{"team":"x","login"'), finds: 'response-body /0/team' },
    { title: 'a missing field', of: 'GET /orgs/{org}/actions/secrets', change: answer(/"total_count":\d+,/, ''), finds: 'response-body ' },
    { title: 'an unknown parameter', of: 'GET /orgs/{org}/members', change: asked('per_page', 'page_size'), finds: 'query query/page_size' },
    { title: 'a page over the maximum', of: 'GET /orgs/{org}/members', change: asked(/per_page=\d+/, 'per_page=101'), finds: 'query query/per_page' },
    { title: 'a missing version', of: 'GET /orgs/{org}', change: without('x-github-api-version'), finds: 'request-header header.x-github-api-version' },
    { title: 'a missing media type', of: 'GET /orgs/{org}', change: without('accept'), finds: 'request-header header.accept' },
    { title: 'a missing user agent', of: 'GET /orgs/{org}', change: without('user-agent'), finds: 'request-header header.user-agent' },
    { title: 'more rows than asked for', of: 'GET /orgs/{org}/members', change: asked(/per_page=\d+/, 'per_page=1'), finds: 'page ' },
    {
      title: 'a next page on another host',
      of: 'GET /orgs/{org}/members',
      change: ({ responseHeaders }) => ({ responseHeaders: { ...responseHeaders, link: '<https://github.example/x?page=2>; rel="next"' } }),
      finds: 'response-header header.link',
    },
    { title: 'an error without a message', of: 'GET /orgs/{org}', change: () => failed(403, '{"status":"403"}'), finds: 'error-body ' },
    { title: 'a write', of: 'GET /orgs/{org}', change: () => ({ method: 'PATCH' }), finds: 'no-description url' },
    { title: 'an operation that nobody described', of: 'GET /orgs/{org}/members', change: asked('/members', '/hooks'), finds: 'no-description url' },
  ],
  aws: [
    {
      title: 'a date that is none',
      of: 'iam.GetAccountAuthorizationDetails',
      change: answer(/<CreateDate>[^<]*/, '<CreateDate>yesterday'),
      finds: 'response-body /GetAccountAuthorizationDetailsResult/UserDetailList/0/CreateDate',
    },
    {
      title: 'an invented field',
      of: 'sts.GetCallerIdentity',
      change: answer('<Account>', '<Alias>x</Alias><Account>'),
      finds: 'response-body /GetCallerIdentityResult/Alias',
    },
    {
      title: 'a missing field',
      of: 'iam.ListServiceSpecificCredentials',
      change: answer(/<ServiceName>[^<]*<\/ServiceName>/, ''),
      finds: 'response-body /ListServiceSpecificCredentialsResult/ServiceSpecificCredentials/0',
    },
    {
      title: 'a policy that is not encoded',
      of: 'iam.GetAccountAuthorizationDetails',
      change: answer(/<PolicyDocument>[^<]*|<AssumeRolePolicyDocument>[^<]*/, (found: string) => decodeURIComponent(found)),
      finds: 'response-body /PolicyDocument',
    },
    { title: 'an answer without a result', of: 'iam.ListSAMLProviders', change: answer(/<ListSAMLProvidersResult.*Result>/, ''), finds: 'response-body ' },
    { title: 'an unknown parameter', of: 'iam.GetAccountAuthorizationDetails', change: posted('MaxItems', 'PageSize'), finds: 'request-body /PageSize' },
    {
      title: 'a page over the maximum',
      of: 'iam.GetAccountAuthorizationDetails',
      change: posted(/MaxItems=\d+/, 'MaxItems=1001'),
      finds: 'request-body /MaxItems',
    },
    {
      title: 'a filter of an unknown kind',
      of: 'iam.GetAccountAuthorizationDetails',
      change: posted('member.1=User', 'member.1=Person'),
      finds: 'request-body /Filter/0',
    },
    { title: 'a missing parameter', of: 'iam.GetOpenIDConnectProvider', change: posted(/&?OpenIDConnectProviderArn=[^&]*/, ''), finds: 'request-body ' },
    { title: 'another version', of: 'sts.GetCallerIdentity', change: posted('2011-06-15', '2010-05-08'), finds: 'request-body /Version' },
    { title: 'a missing signature', of: 'sts.GetCallerIdentity', change: without('authorization'), finds: 'request-header header.authorization' },
    { title: 'more items than asked for', of: 'iam.GetAccountAuthorizationDetails', change: posted(/MaxItems=\d+/, 'MaxItems=1'), finds: 'page ' },
    {
      title: 'a code under another status',
      of: 'sts.GetCallerIdentity',
      change: () => ({ status: 500, responseBody: ACCESS_DENIED }),
      finds: 'status /Error/Code',
    },
    { title: 'a write', of: 'iam.ListSAMLProviders', change: posted('ListSAMLProviders', 'DeleteSAMLProvider'), finds: 'no-description url' },
  ],
};

const ACCESS_DENIED =
  '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>';

type Replacement = string | ((found: string) => string);

function answer(from: string | RegExp, to: Replacement) {
  return ({ responseBody }: Exchange) => ({ responseBody: responseBody.replace(from, to as string) });
}

function asked(from: string | RegExp, to: string) {
  return ({ url }: Exchange) => ({ url: url.replace(from, to) });
}

function posted(from: string | RegExp, to: string) {
  return ({ requestBody }: Exchange) => ({ requestBody: requestBody.replace(from, to) });
}

function without(header: string) {
  return ({ requestHeaders: { [header]: _left, ...requestHeaders } }: Exchange) => ({ requestHeaders });
}

function failed(status: number, responseBody: string): Partial<Exchange> {
  return { status, responseBody };
}
