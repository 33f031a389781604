// What reading an AWS organisation of three regions costs. Prints JSON. With the program's own flags, and what is alive told apart from garbage:
// node --max-semi-space-size=4 --min-semi-space-size=4 --heap-growing-percent=20 --expose-gc tools/bench/organisation.ts [accounts] [people]
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startAws } from '../../connectors/aws/fake/index.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { planText } from '../../src/commands/plan.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { runScan, type Progress } from '../../src/scan/engine.ts';
import { createJudge, interestOf } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { Secret } from '../../src/secret/secret.ts';
import { openStore } from '../../src/store/store.ts';
import { fastClock } from '../../src/testing/clock.ts';
import { createCompany } from '../../src/testing/company.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';

const REGIONS = 3;
/** People of each account: users and roles grow with them. */
const [, , first, people = '200', role] = process.argv;
const accounts = Number(first ?? 100);

if (role === 'serve') await serve();
else process.stdout.write(`${JSON.stringify(await measure(), null, 2)}\n`);

/** In a process of its own: only the scan is measured. */
async function serve(): Promise<void> {
  const provider = await startAws(createCompany({ people: 12 }), {
    members: accounts - 1,
    peopleOfMembers: Number(people),
    regions: REGIONS,
  });
  process.send!({ config: provider.groupConfig, environment: provider.environment });
  process.once('disconnect', () => void provider.close());
}

type Served = Pick<FakeProvider, 'environment'> & { config: NonNullable<FakeProvider['groupConfig']> };

async function measure() {
  const server = fork(import.meta.filename, [String(accounts), people, 'serve']);
  const { config, environment } = await new Promise<Served>((resolve) => server.once('message', (served) => resolve(served as Served)));
  const folder = mkdtempSync(join(tmpdir(), 'noctule-organisation-'));
  try {
    return await measured(config, environment, join(folder, 'noctule.db'));
  } finally {
    server.disconnect();
    rmSync(folder, { recursive: true });
  }
}

async function measured({ connector: id, ...own }: Served['config'], environment: Served['environment'], file: string) {
  const connector = await loadConnector(id as string);
  const catalog = loadCatalog();
  const source = { name: 'all', connector, config: connector.config.parse(own), pace: { perSecond: Number.POSITIVE_INFINITY } };
  const last = connector.collectors.findLast(({ optional }) => !optional)!.id;
  const memory: { accounts: number; megabytes: number; alive: number }[] = [];
  let done = 0;
  const progress = ({ collector, phase }: Progress) => {
    if (collector !== last || phase !== 'read' || ++done % Math.ceil(accounts / 5) !== 0) return;
    const megabytes = Math.round(process.memoryUsage().rss / 1e6);
    globalThis.gc?.();
    memory.push({ accounts: done, megabytes, alive: Math.round(process.memoryUsage().heapUsed / 1e6) });
  };
  const store = openStore(file);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const started = performance.now();
  delay.enable();
  // The store writes in one piece what a scan concludes; what is looked for is parsing, so the reading alone is watched.
  let reading = { longest: 0, longestOfProcessor: 0, p99: 0, seconds: 0 };
  // What others take from us on a busy machine is no blocking of ours: processor time between two turns of the loop tells them apart.
  // Of this thread alone: the collector of garbage and the compiler work beside it.
  let before = process.threadCpuUsage();
  let longestOfProcessor = 0;
  const turns = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before);
    longestOfProcessor = Math.max(longestOfProcessor, (user + system) / 1000);
    before = process.threadCpuUsage();
  }, 5);
  const watched = new Proxy(store, {
    get(target, name: keyof typeof store) {
      if (name === 'concludeScan' && reading.seconds === 0)
        reading = {
          longest: delay.max / 1e6,
          longestOfProcessor,
          p99: delay.percentile(99) / 1e6,
          seconds: (performance.now() - started) / 1000,
        };
      return target[name].bind(target);
    },
  });
  const outcome = await runScan({
    store: watched,
    tenant: 'default',
    sources: [source],
    partial: false,
    // Polls need not be waited for; faster, and sessions of an hour would end in the midst of it.
    clock: fastClock({ speed: 10 }),
    signal: new AbortController().signal,
    secret: (reference) => new Secret('env' in reference ? (environment[reference.env] ?? '') : ''),
    interest: (signals) => interestOf(catalog, signals),
    judge: (now) => createJudge({ catalog, policy: EMPTY_POLICY, connectors: [connector], now }),
    documents: { config: { hash: 'c', content: 'c' }, catalog: { hash: catalog.hash, content: 'k' }, policy: null },
    programVersion: '0.0.0',
    readers: '',
    actor: 'nobody',
    progress,
  });
  clearInterval(turns);
  await store.close();
  const sent = [...outcome.requests.values()].reduce((sum, counts) => sum + counts.first, 0);
  const repeats = [...outcome.requests.values()].reduce((sum, counts) => sum + counts.repeats, 0);
  return {
    accounts,
    regions: REGIONS,
    peopleOfEach: Number(people),
    told: outcome.sources[0]!.message,
    requests: { sent, repeats },
    plan: planText([source], file, 'default').split('\n'),
    memory,
    eventLoopMilliseconds: reading,
  };
}
