// `npm run bench`: what the store and the start of the program cost, beside floors that are measured in the same run.
// Prints JSON. Ratios are the figures to quote; seconds depend on the machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const observations = Number(process.argv[2] ?? 200_000);
const rounds = Number(process.argv[3] ?? 3);
const folder = mkdtempSync(join(tmpdir(), 'noctule-bench-'));

/** The flags with which the program itself is started, and what it sets before it scans. */
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { noctule: string } };
const FLAGS = scripts.noctule.split(' ').filter((word) => word.startsWith('--'));
const OF_SCANS = ['--heap-growing-percent=20'];

interface Measured {
  seconds: number;
  cpuSeconds: number;
  rssMegabytes: number;
  /** Of a judgement: how many findings there are, by rule. */
  findings?: Readonly<Record<string, number>>;
}

/** Each measurement is a process of its own: memory and caches of one must not serve another. */
function measure(what: string, size: number, file: string, world = 'plain'): Measured {
  return JSON.parse(
    execFileSync(process.execPath, [...FLAGS, ...OF_SCANS, 'tools/bench/ingest.ts', what, String(size), file, world], { encoding: 'utf8' }),
  ) as Measured;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}

const STARTS = 21;

/** Medians of how long each command line takes. They take turns: what else the machine does must hit all alike. */
function startSeconds(lines: readonly (readonly string[])[]): number[] {
  const times = lines.map((): number[] => []);
  for (let turn = 0; turn <= STARTS; turn++) {
    for (const [index, args] of lines.entries()) {
      const started = process.hrtime.bigint();
      const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
      if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
      // The first turn fills the caches.
      if (turn > 0) times[index]!.push(Number(process.hrtime.bigint() - started) / 1e9);
    }
  }
  return times.map(median);
}

/** What `npm run build` wrote, laid out as in the package: beside sources it would not be used. */
function builtProgram(): string | undefined {
  if (!existsSync('dist')) return undefined;
  const place = join(folder, 'package');
  for (const part of ['bin', 'dist', 'package.json']) cpSync(part, join(place, part), { recursive: true });
  symlinkSync(realpathSync('node_modules'), join(place, 'node_modules'));
  return join(place, 'bin/noctule.cjs');
}

const results: Record<string, Measured[]> = { floor: [], first: [], rescan: [], tenth: [], companyFirst: [], companySecond: [], judge: [] };
for (let round = 0; round < rounds; round++) {
  results['floor']!.push(measure('floor', observations, join(folder, `floor-${round}.db`)));
  results['first']!.push(measure('scan', observations, join(folder, `scan-${round}.db`)));
  results['rescan']!.push(measure('scan', observations, join(folder, `scan-${round}.db`)));
  // What is judged anew is a world in which there is something to judge.
  const company = join(folder, `company-${round}.db`);
  results['companyFirst']!.push(measure('scan', observations, company, 'company'));
  results['companySecond']!.push(measure('scan', observations, company, 'company'));
  results['judge']!.push(measure('judge', observations, company, 'company'));
  results['tenth']!.push(measure('scan', observations / 10, join(folder, `tenth-${round}.db`)));
}
const findings = results['judge']![0]!.findings ?? {};
if (Object.keys(findings).length < 6 || sum(Object.values(findings)) < 100)
  throw new Error(`There was next to nothing to judge: ${JSON.stringify(findings)}`);
const built = builtProgram();
const [nothing, fromSource, fromBuild] = startSeconds([
  ['-e', '0'],
  [...FLAGS, 'bin/noctule.cjs', '--help'],
  ...(built === undefined ? [] : [[...FLAGS, built, '--help']]),
]) as [number, number, number | undefined];
rmSync(folder, { recursive: true, force: true });

const cpu = (name: string) => median(results[name]!.map((one) => one.cpuSeconds));
const rss = (name: string) => median(results[name]!.map((one) => one.rssMegabytes));
const round = (number: number) => Math.round(number * 1000) / 1000;
console.log(
  JSON.stringify(
    {
      node: process.version,
      observations,
      rounds,
      floorMicrosecondsEach: round((cpu('floor') / observations) * 1e6),
      firstMicrosecondsEach: round((cpu('first') / observations) * 1e6),
      rescanMicrosecondsEach: round((cpu('rescan') / observations) * 1e6),
      firstToFloor: round(cpu('first') / cpu('floor')),
      rescanToFirst: round(cpu('rescan') / cpu('first')),
      // Of all that is stored after two nights, against a thousand approvals, to the first night of the same world.
      judgeToFirst: round(cpu('judge') / cpu('companyFirst')),
      judged: findings,
      judgeRssMegabytes: round(rss('judge')),
      rssMegabytes: round(rss('first')),
      // The most memory of one process differs by a tenth from run to run, by when garbage is collected: medians are compared.
      rssToTenth: round(rss('first') / rss('tenth')),
      nodeSeconds: round(nothing),
      helpSeconds: round(fromSource),
      helpToNode: round(fromSource / nothing),
      // Only where `npm run build` was run before.
      ...(fromBuild !== undefined && { builtHelpSeconds: round(fromBuild), builtHelpToNode: round(fromBuild / nothing) }),
    },
    null,
    2,
  ),
);
