// `npm run bench:tickets [observations] [findings]`: what it takes to plan tickets, for a first time and when each decision has one. Prints JSON.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { openDatabase } from '../../src/store/database.ts';
import { openStore } from '../../src/store/store.ts';
import { createPlanner } from '../../src/tickets/plan.ts';
import { writeWorld } from './questions-world.ts';

const world = { observations: Number(process.argv[2] ?? 200_000), findings: Number(process.argv[3] ?? 50_000) };
const folder = mkdtempSync(join(tmpdir(), 'noctule-bench-'));
const file = join(folder, 'noctule.db');
const config = join(folder, 'config.json');
/** The most that a configuration takes. */
const MOST_CREATED = 1000;
writeWorld(file, world);
const sinks = { queue: { kind: 'exec', argv: ['/bin/true'], place: 'a queue' } };
const source = { connector: 'github', organization: 'lanternworks', token: { env: 'TOKEN' } };
writeFileSync(
  config,
  JSON.stringify({ formatVersion: 1, sources: { github: source }, database: file, tickets: { sinks, maxCreatePerRun: MOST_CREATED } }),
  {
    mode: 0o600,
  },
);

const first = planned('--open-existing');
const decisions = await openAll();
const again = planned();
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify({ node: process.version, ...world, decisions, first, again, load: loadavg().map(round) }, null, 2));

/** As if every decision had got its ticket from the text of now. */
async function openAll(): Promise<number> {
  const settings = {
    sinks: [{ name: 'queue', minimumSeverity: 'low' as const }],
    openExisting: true,
    maxCreatePerRun: Number.MAX_SAFE_INTEGER,
    resolveAfter: 2,
    snoozeDays: 14,
    reopenWindowDays: 90,
  };
  const store = openStore(file);
  const { wanted } = await store.planTickets(
    'default',
    createPlanner(settings, { current: EMPTY_POLICY, earlier: () => undefined }, new Date()),
  );
  await store.close();
  const database = openDatabase(file);
  database.exec(`
    UPDATE ticket SET remote_id = decision, label = 'Q-' || made.id, remote_state = 'open', content_hash = made.hash, told = made.told
      FROM (SELECT decision AS of, id, payload ->> '$.contentHash' AS hash, payload -> '$.told' AS told FROM outbox) AS made WHERE made.of = decision;
    UPDATE outbox SET state = 'done', payload = '{}'`);
  database.close();
  return wanted.length;
}

/** A plan in a process of its own; on a machine that is busy its time on a core says more than the clock. */
function planned(...more: string[]): { seconds: number; cpuSeconds: number; megabytes: number; writes: number } {
  const used = `const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();`;
  const tell = `process.on('exit', () => { ${used} process.getBuiltinModule('node:fs').writeSync(2, '\\nused=' + [maxRSS, userCPUTime + systemCPUTime]) })`;
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { noctule: string } };
  const flags = scripts.noctule.split(' ').filter((word) => word.startsWith('--'));
  const program = ['src/cli.ts', 'tickets', 'plan', '-c', config, '--format', 'ndjson', ...more];
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '--import', `data:text/javascript,${tell}`, ...program], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  const spent = (performance.now() - begun) / 1000;
  if (status !== 0) throw new Error(stderr);
  const [, memory, cpu] = /used=(\d+),(\d+)/.exec(stderr) ?? [];
  const [megabytes, cpuSeconds] = [Math.round(Number(memory) / 1024), round(Number(cpu) / 1e6)];
  return { seconds: round(spent), cpuSeconds, megabytes, writes: stdout.split('\n').filter((line) => line !== '').length };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
