// `npm run measure:github [REPOSITORIES …]`: how many requests a full night and a night by the audit log send, by collector, and how
// much memory a scan takes. The simulated GitHub is a process of its own, so that its memory does not count. Prints JSON.
import { fork, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fake } from '../connectors/github/fake/index.ts';
import { connector } from '../connectors/github/index.ts';
import type { Connector } from '../src/connector/index.ts';
import { runScan } from '../src/scan/engine.ts';
import { openStore } from '../src/store/store.ts';
import { createCompany } from '../src/testing/company.ts';
import { dawn, scanOptions, sourceOf } from '../test/scan/night.ts';
import { rowsOf } from '../test/store/logical-dump.ts';
import { today } from './bench/parts.ts';

/** As the program itself is started. */
const FLAGS = ['--max-semi-space-size=4', '--min-semi-space-size=4', '--heap-growing-percent=20'];
const SELF = fileURLToPath(import.meta.url);
/** Of the repositories, so many are touched between the two nights. */
const TOUCHED = 0.02;
/** The simulated company has seven repositories for ten people. */
const PEOPLE = 10 / 7;

interface Said {
  config: Record<string, never>;
  environment: Record<string, string>;
  sizes: Record<string, number>;
}

const [mode, size] = process.argv.slice(2);
if (mode === 'serve') await serve(Number(size));
else if (mode === 'scan') console.log(JSON.stringify(await measure(Number(size))));
else {
  const sizes = process.argv.length > 2 ? process.argv.slice(2) : ['100', '1000', '10000'];
  const own = [...FLAGS, SELF];
  const measured = sizes.map((each) => JSON.parse(execFileSync(process.execPath, [...own, 'scan', each], { encoding: 'utf8' })) as unknown);
  console.log(JSON.stringify({ node: process.version, measured }, null, 2));
}

function companyOf(repositories: number) {
  return createCompany({ people: Math.round(repositories * PEOPLE), today: today() });
}

/** Waits for each night that it is told of, and changes repositories before the second. */
async function serve(repositories: number): Promise<void> {
  const company = companyOf(repositories);
  const github = await fake.start(company);
  process.send!({ config: github.config, environment: github.environment, sizes: github.sizes() });
  process.on('message', (night: number) => {
    github.night(night);
    github.requests.length = 0;
    const touched = Math.round(repositories * TOUCHED);
    const at = new Date(dawn(company, 0).getTime() + 6 * 3_600_000);
    for (let nth = 0; night > 0 && nth < touched; nth++)
      github.change({ repository: Math.floor((nth + 0.5) / TOUCHED), secrets: ['NEW_KEY'], at });
    process.send!(night);
  });
}

async function measure(repositories: number) {
  const server = fork(SELF, ['serve', String(repositories)]);
  const heard = <Message>() => new Promise<Message>((resolve) => server.once('message', (message) => resolve(message as Message)));
  const { config, environment, sizes } = await heard<Said>();
  const folder = mkdtempSync(join(tmpdir(), 'noctule-measure-'));
  const file = join(folder, 'noctule.db');
  try {
    const source = await sourceOf({ name: 'github', config: { ...config, profile: 'deep', deep: { maxRequests: 1_000_000 } } as never });
    // GitHub is asked one after the other unless told otherwise; without latency that would only take longer here.
    const sources = [{ ...source, pace: { ...source.pace, inFlight: 4 } }];
    const nights = [];
    for (const night of [0, 1]) {
      server.send(night);
      await heard<number>();
      const started = performance.now();
      const store = openStore(file);
      // Ten times faster than the clock on the wall, so that a token of the App is not old before it is used.
      const from = dawn({ today: today() }, night);
      const outcome = await runScan(scanOptions(store, { sources, environment, from, speed: 10 }));
      await store.close();
      const gaps = rowsOf<{ number: number }>(file, 'SELECT count(*) AS number FROM gaps WHERE scan = ? AND by_design = 0', outcome.scanId);
      nights.push({
        requests: requestsOf(file, outcome.scanId),
        gaps: gaps[0]!.number,
        seconds: Math.round((performance.now() - started) / 1000),
        mostMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
      });
    }
    const [full, nightly] = nights.map(({ requests }) => Object.values(requests).reduce((sum, each) => sum + each, 0));
    return {
      repositories,
      members: sizes['members'],
      formula: formulaOf(sizes),
      full: nights[0],
      nightly: nights[1],
      share: nightly! / full!,
    };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
}

/** First attempts by collector; '' = what opens the connection. */
function requestsOf(file: string, scan: number): Record<string, number> {
  const rows = rowsOf<{ collector: string; number: number }>(
    file,
    'SELECT collector, sum(first) AS number FROM request_count WHERE scan_id = ? GROUP BY collector ORDER BY collector',
    scan,
  );
  return Object.fromEntries(rows.map(({ collector, number }) => [collector, number]));
}

/** What the documented formulas say of a full night; a list that several collectors share is sent once. */
function formulaOf(sizes: Readonly<Record<string, number>>): number {
  const of = (name: string) => sizes[name] ?? 0;
  const pages = (name: string, largest: number) => Math.max(1, Math.ceil(of(name) / largest));
  const collectors = (connector as unknown as Connector).collectors.filter(
    (each) => each.optional !== true || each.isAskedFor?.({ profile: 'deep' }) === true,
  );
  const shared = Object.assign({}, ...collectors.map((each) => each.shared?.({ of, pages }))) as Record<string, number>;
  const all = [...collectors.map((each) => each.requests({ of, pages })), ...Object.values(shared)];
  return all.reduce((sum, each) => sum + each, 0);
}
