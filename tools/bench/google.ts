// `npm run bench:google -- 10000`: a full night and the unchanged one after it, of a simulated Google Workspace of so many people, with what
// is on by default. The provider and each night are processes of their own, so that memory and time are those of one scan, and a night is
// started as the program is: with its variable, and with code that an earlier start has kept. Prints JSON.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { runScan, type Source } from '../../src/scan/engine.ts';
import { createJudge, interestOf } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { Secret } from '../../src/secret/secret.ts';
import { openStore } from '../../src/store/store.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { environmentOfProgram, heard, today } from './parts.ts';

const PEOPLE = Number(process.argv[2] ?? 10_000);
const DAY_MS = 86_400_000;

/** What a forked process does. */
const PART = process.argv[3] as 'serve' | 'load' | 'night' | undefined;

if (PART === 'serve') await serve();
else if (PART === 'load') await Promise.all([loadConnector('google-workspace'), import('../../connectors/google-workspace/client.ts')]);
else if (PART === 'night') process.once('message', (plan) => void live(plan as NightPlan));
else console.log(JSON.stringify(await measure(), null, 2));

type Provider = Pick<FakeProvider, 'config' | 'environment'>;
type NightPlan = Provider & { database: string; night: number };
type Outcome = Awaited<ReturnType<typeof scan>>;

function start(part: typeof PART, env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return fork(import.meta.filename, [String(PEOPLE), part!], { env });
}

async function live({ database, night, config, environment }: NightPlan): Promise<void> {
  const outcome = await scan(database, await sourceOf(config), environment, night);
  process.send!(outcome, () => process.disconnect());
}

/** The simulated provider. Its log holds the day before the first night and nothing of the one after. */
async function serve(): Promise<void> {
  const { fake } = await import('../../connectors/google-workspace/fake/index.ts');
  const { createCompany } = await import('../../src/testing/company.ts');
  const provider = await fake.start(createCompany({ people: PEOPLE, today: today() }));
  const { imports: _imports, ...config } = provider.config;
  // The exports of a company are as large as what is read: they would weigh on the one that is measured, and are not read.
  const environment = Object.fromEntries(Object.entries(provider.environment).filter(([name]) => name.endsWith('_SERVICE_ACCOUNT')));
  process.send!({ config, environment });
  process.on('message', () => process.send!({ users: provider.sizes()['users'] }));
  process.on('disconnect', () => process.exit());
}

async function measure() {
  const provider = start('serve');
  const { config, environment } = await heard<Provider>(provider);
  const folder = mkdtempSync(join(tmpdir(), 'noctule-bench-'));
  try {
    const env = await environmentOfProgram(folder, (env_) => start('load', env_));
    const night = async (number: number) => {
      const child = start('night', env);
      child.send({ database: join(folder, 'noctule.db'), night: number, config, environment } satisfies NightPlan);
      return heard<Outcome>(child);
    };
    const full = await night(0);
    const next = await night(1);
    provider.send('sizes');
    const { users } = await heard<{ users: number }>(provider);
    return {
      node: process.version,
      people: PEOPLE,
      users,
      full: { ...full, allowed: Math.floor(1.05 * (Math.ceil(users / 500) + users + 25)) },
      unchangedNextNight: { ...next, percentOfFull: Math.round((next.requests / full.requests) * 10_000) / 100 },
    };
  } finally {
    provider.disconnect();
    rmSync(folder, { recursive: true });
  }
}

async function sourceOf({ connector: id, ...own }: FakeProvider['config']): Promise<Source> {
  const connector = await loadConnector(id as string);
  return { name: 'google', connector, config: connector.config.parse(own), pace: { perSecond: Number.POSITIVE_INFINITY } };
}

async function scan(database: string, source: Source, environment: FakeProvider['environment'], night: number) {
  const catalog = loadCatalog();
  const store = openStore(database);
  const shift = today().getTime() + 2 * 3_600_000 + night * DAY_MS - Date.now();
  const started = performance.now();
  let peak = 0;
  const sample = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
  try {
    const { requests, classes } = await runScan({
      store,
      tenant: 'default',
      sources: [source],
      partial: false,
      clock: { now: () => new Date(Date.now() + shift), sleep: (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds)) },
      signal: new AbortController().signal,
      secret: (reference) => new Secret('env' in reference ? environment[reference.env]! : ''),
      interest: (signals) => interestOf(catalog, signals),
      judge: (now) => createJudge({ catalog, policy: EMPTY_POLICY, connectors: [source.connector], now }),
      documents: { config: { hash: '0', content: '0' }, catalog: { hash: catalog.hash, content: '0' }, policy: null },
      programVersion: '0',
      readers: '',
      actor: 'nobody',
    });
    const byOperation = Object.fromEntries([...requests].map(([operation, { first, repeats }]) => [operation, first + repeats]));
    const { 'oauth2.token': tokenCalls = 0, ...read } = byOperation;
    const total = Object.values(read).reduce((sum, number) => sum + number, 0);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    return { requests: total, tokenCalls, byOperation: read, classes, seconds, peakRssMegabytes: Math.round(peak / 1e6) };
  } finally {
    clearInterval(sample);
    await store.close();
  }
}
