import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector } from '../../src/connector/index.ts';
import { accountId } from '../../connectors/aws/fake/world.ts';
import { SCANNER_ROLE } from '../../connectors/aws/fake/roles.ts';
import { type Company, createCompany } from '../../src/testing/company.ts';
import type { Fake, FakeProvider } from '../../src/testing/fake.ts';
import { collectorsThatAsk, runConnector, type Run, type RunOptions } from '../../src/testing/runner.ts';
import { checkExchange, contracts } from '../contracts/check.ts';
import type { Exchange, Violation } from '../contracts/exchange.ts';
import { thorough } from '../thorough.ts';
import { MISTAKES } from '../contracts/mistakes.ts';
import { startRecorder, type Recorder } from '../contracts/recorder.ts';

// What the providers publish about their APIs judges both sides: what the simulated providers answer, and what the connectors ask.

/** Which key of the configuration leads a connector elsewhere. */
const ADDRESS: Readonly<Record<string, string>> = { aws: 'endpoint', github: 'baseUrl', 'google-workspace': 'endpoint' };
/** The larger company is read in another way, where a connector has one that asks for other operations. */
const OTHER_WAY: Readonly<Record<string, (company: Company) => FakeProvider['config']>> = {
  aws: (company) => ({
    assumeRole: { roleArn: `arn:aws:iam::${accountId(company)}:role/${SCANNER_ROLE.name}`, externalId: SCANNER_ROLE.externalId },
    // Regions are asked for their metrics first.
    quietRegionsEveryDays: 7,
  }),
};
/** Asked again until they say that the report is done: the same request, more than once. */
const POLLED = ['iam.GenerateCredentialReport', 'iam.GetCredentialReport', 'iam.GetServiceLastAccessedDetails'];
/** Opens an enterprise, by the operation that its collectors ask as well. */
const OPENS = 'query Enterprise(';
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

    it('in every operation that it has', async () => {
      const asked = new Set<string>();
      for (const way of [undefined, OTHER_WAY[connector.id]]) {
        const other = await start(connector, fake, 12, way);
        await other.run({ largestPage: FULL_PAGE });
        for (const exchange of other.recorder.exchanges) asked.add(contracts[connector.id]?.operationOf(exchange) ?? exchange.url);
        await other.close();
      }
      expect([...asked].toSorted()).toEqual([...new Set(connector.operations.map(({ id }) => id))].toSorted());
    });

    for (const people of [12, 60]) {
      describe(`with ${people} people`, () => {
        let world: World;
        beforeAll(async () => {
          world = await start(connector, fake, people, people > 12 ? OTHER_WAY[connector.id] : undefined);
        });
        afterAll(() => world.close());

        it('night after night, with small pages and with full ones, and counts each request once', async () => {
          for (const night of [0, 1, 2]) {
            world.provider.night(night);
            for (const largestPage of pagesOf(night, people)) {
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
            // What nobody declares concerns all alike: the plan, or a part of an answer.
            const users = connector.collectors.filter(({ permissions }) =>
              permissions.some(({ id, orElse }) => id === permission || orElse?.includes(permission)),
            );
            await world.run({ largestPage: FULL_PAGE, ...(users.length > 0 && { only: users.map(({ id }) => id) }) });
            world.provider.restore(permission);
            expect(violationsOf(world), `without ${permission}`).toEqual([]);
          }
        });
      });
    }

    describe('in trouble', () => {
      let world: World;
      beforeAll(async () => {
        world = await start(connector, fake, 12, OTHER_WAY[connector.id]);
      });
      afterAll(() => world.close());

      for (const [place, fault] of ([429, 403, 500] as const).entries()) {
        it(`when its operations meet ${fault}, once and for ever`, async () => {
          const operations = [...new Set(connector.operations.map(({ id }) => id))];
          for (const operation of thorough ? operations : operations.filter((_each, turn) => turn % 3 === place)) {
            for (const times of [1, undefined]) {
              world.provider.faults.clear();
              world.provider.faults.add({ operation, fault, nth: 1, ...(times && { times }) });
              await world.run({ largestPage: FULL_PAGE, only: collectorsThatAsk(connector, operation) });
              expect(world.provider.faults.struck.has(operation), `${operation} was not asked`).toBe(true);
              expect(violationsOf(world), `${operation} meets ${fault}`).toEqual([]);
            }
          }
          world.provider.faults.clear();
        });
      }
    });

    describe('and a checker that can fail', () => {
      let exchanges: Exchange[];
      beforeAll(async () => {
        const world = await start(connector, fake, 12);
        await world.run({});
        exchanges = [...world.recorder.exchanges];
        await world.close();
      });

      for (const mistake of MISTAKES[connector.id] ?? []) {
        it(`finds ${mistake.title}`, () => {
          // Not every page holds what the mistake is about.
          const pages = exchanges.filter(
            (exchange) => exchange.status < 300 && contracts[connector.id]?.operationOf(exchange) === mistake.of,
          );
          const wrong = pages
            .map((page) => ({ ...page, ...mistake.change(page) }))
            .filter((page, index) => !isDeepStrictEqual(page, pages[index]));
          expect(pages.flatMap((page) => checkExchange(connector.id, page))).toEqual([]);
          const found = wrong.flatMap((page) => checkExchange(connector.id, page)).map(({ rule, where }) => `${rule} ${where}`);
          expect(found).toContain(mistake.finds);
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

/** What pages of two are made of, the smaller company shows as well; of its later nights, one is read in each way. */
function pagesOf(night: number, people: number): number[] {
  const [first, small, full] = [[2, FULL_PAGE], [2], [FULL_PAGE]];
  if (thorough || (people === 12 && night === 0)) return first;
  return people > 12 || night === 2 ? full : small;
}

/** A simulated provider with the recorder before it. */
interface World {
  connector: Connector;
  provider: FakeProvider;
  recorder: Recorder;
  /** Forgets what was recorded before, and runs. */
  run(options: RunOptions): Promise<Run>;
  close(): Promise<void>;
}

async function start(
  connector: Connector,
  fake: Fake,
  people: number,
  way: (company: Company) => FakeProvider['config'] = () => ({}),
): Promise<World> {
  // Providers keep their logs for some months: a company of another year would have nothing in them.
  const today = new Date();
  today.setUTCHours(2, 0, 0, 0);
  const company = createCompany({ people, today });
  const provider = await fake.start(company);
  const recorder = await startRecorder(provider.url);
  const address = ADDRESS[connector.id];
  if (!address) throw new Error(`ADDRESS does not say how ${connector.id} is led through the recorder`);
  const led: FakeProvider = {
    ...provider,
    config: { ...provider.config, ...way(company), [address]: recorder.url },
    ...(provider.groupConfig && { groupConfig: { ...provider.groupConfig, [address]: recorder.url } }),
  };
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
    const request = `${operation} ${exchange.requestBody}`;
    if (exchange.requestBody.includes(OPENS) || !operations.includes(operation) || (POLLED.includes(operation) && polled.has(request)))
      continue;
    polled.add(request);
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
  }
  return sorted(counts);
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
