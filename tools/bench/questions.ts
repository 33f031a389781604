// `npm run bench:questions [observations] [findings]`: how fast questions are answered, in process and by the installed package, and how much
// memory exports take. Prints JSON. On a machine that does nothing else, seconds mean what they say.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { RULES } from '../../src/policy/rules.ts';
import { openReadOnly } from '../../src/store/database.ts';
import { namedQueries, runNamedQuery } from '../../src/store/named-queries.ts';
import { answerOf, QUERY_LIMITS } from '../../src/store/query-answer.ts';
import { openReader } from '../../src/store/read.ts';
import { appId, appsOf, holderId, productOf, VENDORS, writeWorld, type World } from './questions-world.ts';

const world: World = { observations: Number(process.argv[2] ?? 1_000_000), findings: Number(process.argv[3] ?? 50_000) };
const apps = appsOf(world);
const folder = mkdtempSync(join(tmpdir(), 'noctule-bench-'));
const file = join(folder, 'noctule.db');
const REPEATS = 60;
/** Of command lines. */
const TURNS = 21;
const PAGE = 50;
const TENANT = 'default';

const written = seconds(() => writeWorld(file, world));
const inProcess = measureQueries();
const installed = packAndInstall();
const starts = measureStarts(installed);
const whole = measureWhole(installed);
const exports = measureExports(installed);
const megabytes = Math.round(statSync(file).size / 2 ** 20);
rmSync(folder, { recursive: true, force: true });
console.log(
  JSON.stringify(
    {
      node: process.version,
      ...world,
      apps,
      megabytes,
      writtenSeconds: round(written),
      page: PAGE,
      inProcess,
      starts,
      whole,
      exports,
      load: loadavg().map(round),
    },
    null,
    2,
  ),
);

/** Milliseconds by the clock, and of the processor, which others on the machine move less. */
interface Asked {
  p50: number;
  p99: number;
  cpuP50: number;
  cpuP99: number;
}

/** What each question takes, asked with other values each time. */
function measureQueries(): Record<string, Asked> {
  const reader = openReader(file);
  // Like the reader, one connection for all: to open one, SQLite reads the whole schema, which is told apart.
  const database = openReadOnly(file);
  const named = new Map(namedQueries().map((query) => [query.name, query]));
  const ask = (name: string, values: Record<string, string>, limits = QUERY_LIMITS) =>
    answerOf(database.prepare(named.get(name)!.sql), limits, { tenant: TENANT, ...values });
  // The keys alone: what all findings take would be put away while the first questions are timed.
  const keys = database.prepare(`SELECT key FROM finding WHERE state <> 'resolved' ORDER BY key`).pluck().all() as string[];
  const rules = Object.keys(RULES);
  const at = (turn: number, of: number) => (Math.imul(turn + 1, 0x9e3779b1) >>> 0) % of;
  const app = (turn: number) => at(turn, apps / 4) * 4;
  const page = { tenant: TENANT, limit: PAGE };
  const states = ['present', 'unverified'];
  const questions: Record<string, (turn: number) => unknown> = {
    'findings: first page': () => reader.findings(page),
    'findings: a page in between': (turn) => reader.findings({ ...page, after: keys[at(turn, keys.length)] }),
    'findings: of a rule': (turn) => reader.findings({ ...page, rule: rules[turn % rules.length] }),
    'findings: of a severity': () => reader.findings({ ...page, severity: 'low' }),
    'findings: of a product': (turn) => reader.findings({ ...page, product: productOf(app(turn)) }),
    'findings: of a vendor': (turn) => reader.findings({ ...page, vendor: `vendor${(turn * 4) % VENDORS}` }),
    'findings: of an app': (turn) => reader.findings({ ...page, app: appId(app(turn)) }),
    'finding by its id': (turn) => reader.findingsByPrefix(TENANT, keys[at(turn, keys.length)]!.slice(0, 8)),
    'integrations: first page': () => [...reader.integrations({ ...page, states, sort: 'seen' })],
    'integrations: a page in between': (turn) => [...reader.integrations({ ...page, states, sort: 'seen', after: 1 + at(turn, apps) })],
    'integrations: of a product': (turn) => [...reader.integrations({ ...page, states, sort: 'seen', product: productOf(app(turn)) })],
    'integrations: by name': () => [...reader.integrations({ ...page, states, sort: 'name' })],
    'integration by its id': (turn) => reader.integration(TENANT, 1 + at(turn, apps)),
    'grants: first page': () => [...reader.grants({ ...page, states, sort: 'app' })],
    'grants: a page in between': (turn) => [...reader.grants({ ...page, states, sort: 'app', after: 1 + at(turn, world.observations) })],
    'grants: the newest': () => [...reader.grants({ ...page, states, sort: 'seen' })],
    'grants: of an app': (turn) => [...reader.grants({ ...page, states, sort: 'app', app: appId(app(turn)) })],
    'grants: of a holder': (turn) => [
      ...reader.grants({ ...page, states, sort: 'app', holder: holderId(at(turn, world.observations >> 3)) }),
    ],
    'grants: of a product': (turn) => [...reader.grants({ ...page, states, sort: 'app', product: productOf(app(turn)) })],
    'grants: of a vendor': (turn) => [...reader.grants({ ...page, states, sort: 'app', vendor: `vendor${(turn * 4) % VENDORS}` })],
    'grants: of a verdict': (turn) => [...reader.grants({ ...page, states, sort: 'app', verdict: turn % 2 === 0 ? 'ai' : 'suspected' })],
    'grant by its id': (turn) => reader.grant(TENANT, 1 + at(turn, world.observations)),
    'changes of the last scan: first page': () => taken(reader.changes({ tenant: TENANT, since: 1, until: 2 }), PAGE),
    'a connection, with what a named query of no row takes': () =>
      runNamedQuery(file, named.get('held-by')!, { tenant: TENANT, holder_id: '' }, QUERY_LIMITS),
    'query held-by': (turn) => ask('held-by', { holder_id: holderId(at(turn, world.observations >> 3)) }),
    'query product-everywhere': (turn) => ask('product-everywhere', { product: productOf(app(turn)) }),
    'query vendor-reach': (turn) => ask('vendor-reach', { vendor: `vendor${turn % VENDORS}` }),
    'query vendor-breach, its first 50 rows': (turn) =>
      ask('vendor-breach', { vendor: `vendor${(turn * 4) % VENDORS}` }, { ...QUERY_LIMITS, rows: PAGE }),
    'query vendor-breach, all of its 2,520 rows': (turn) => ask('vendor-breach', { vendor: `vendor${(turn * 4) % VENDORS}` }),
  };
  const measured = Object.entries(questions).map(([name, question]) => {
    const turns = Array.from({ length: REPEATS }, (_, turn) => {
      const before = process.cpuUsage();
      const wall = seconds(() => question(turn)) * 1000;
      const { user, system } = process.cpuUsage(before);
      return { wall, cpu: (user + system) / 1000 };
    });
    const at = (of: 'wall' | 'cpu', share: number) =>
      round(turns.map((turn) => turn[of]).sort((a, b) => a - b)[Math.ceil(REPEATS * share) - 1]!);
    return told(name, { p50: at('wall', 0.5), p99: at('wall', 0.99), cpuP50: at('cpu', 0.5), cpuP99: at('cpu', 0.99) });
  });
  reader.close();
  database.close();
  return Object.fromEntries(measured);
}

function taken<Item>(items: Iterable<Item>, most: number): Item[] {
  const found: Item[] = [];
  for (const item of items) if (found.push(item) === most) break;
  return found;
}

/** What a user installs: the packed tarball, unpacked elsewhere, with the packages that it declares. */
function packAndInstall(): string {
  const modules = join(folder, 'home/node_modules');
  const home = join(modules, 'noctule');
  const checkout = join(folder, 'checkout');
  const left = new Set(['node_modules', '.git', 'dist', '.noctule']);
  cpSync('.', checkout, { recursive: true, filter: (path) => !left.has(path) });
  symlinkSync(realpathSync('node_modules'), join(checkout, 'node_modules'));
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: checkout,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as [{ filename: string }];
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', home, '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(realpathSync(join('node_modules', name)), join(modules, name));
  }
  return resolve(home, 'bin/noctule.cjs');
}

/** A command line beside a Node that does nothing. */
interface Start {
  seconds: number;
  toNode: number;
  cpuSeconds: number;
  cpuToNode: number;
}

/** Medians of how long command lines take, as a user gives them, beside a Node that does nothing. They take turns. */
function measureStarts(program: string): Record<string, Start> {
  chmodSync(program, 0o755);
  const [finding] = (() => {
    const reader = openReader(file);
    try {
      return reader.findings({ tenant: TENANT, limit: 1 }).map(({ key }) => key);
    } finally {
      reader.close();
    }
  })();
  const on = (...words: string[]) => [program, ...words, '--db', file];
  const lines: Record<string, readonly string[]> = {
    'node -e 0': [process.execPath, '-e', '0'],
    '--help': [program, '--help'],
    'findings --limit 20': on('findings', '--limit', '20'),
    'findings --limit 20 --format json': on('findings', '--limit', '20', '--format', 'json'),
    'findings --rule': on('findings', '--rule', 'denied-ai-tool', '--limit', '20'),
    coverage: on('coverage'),
    'grants --app': on('grants', '--app', appId(4)),
    'integrations --limit 20': on('integrations', '--limit', '20'),
    'changes --limit 20': on('changes', '--limit', '20'),
    'show g1234': on('show', 'g1234'),
    'show <finding>': on('show', finding!.slice(0, 8)),
    'query product-everywhere': on('query', 'product-everywhere', '--param', `product=${productOf(4)}`),
    'query "SELECT 1"': on('query', 'SELECT 1'),
    'query "SELECT …"': on('query', "SELECT title, product, severity FROM findings WHERE state = 'open' LIMIT 20"),
  };
  const times = new Map(Object.keys(lines).map((name) => [name, [] as Spent[]]));
  for (let turn = 0; turn <= TURNS; turn++)
    for (const [name, line] of Object.entries(lines)) {
      const spent = spentBy(line);
      // The first turn fills the caches.
      if (turn > 0) times.get(name)!.push(spent);
    }
  const median = (name: string, of: keyof Spent) =>
    times
      .get(name)!
      .map((one) => one[of])
      .sort((a, b) => a - b)[TURNS >> 1]!;
  return Object.fromEntries(
    Object.keys(lines).map((name) => {
      const [wall, cpu] = [median(name, 'wall'), median(name, 'cpu')];
      const [nothing, cpuOfNothing] = [median('node -e 0', 'wall'), median('node -e 0', 'cpu')];
      return told(name, {
        seconds: round(wall),
        toNode: round(wall / nothing),
        cpuSeconds: round(cpu),
        cpuToNode: round(cpu / cpuOfNothing),
      });
    }),
  );
}

/** Seconds of command lines that go through all that there is, once each. */
function measureWhole(program: string): Record<string, number> {
  const lines = {
    'findings --sort risk': ['findings', '--sort', 'risk', '--limit', '20'],
    'identities --limit 20': ['identities', '--limit', '20'],
  };
  return Object.fromEntries(
    Object.entries(lines).map(([name, words]) => told(name, round(spentBy([program, ...words, '--db', file]).wall))),
  );
}

interface Spent {
  wall: number;
  cpu: number;
}

/** Seconds of one command line, by the clock and of processors: with those of its children, as bash counts them. */
function spentBy([command, ...args]: readonly string[]): Spent {
  const env = {
    ...process.env,
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
  };
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', `TIMEFORMAT='%3R %3U %3S'; { time "$@" >/dev/null 2>&3; } 3>/dev/null`, 'bash', command!, ...args],
    {
      env,
      encoding: 'utf8',
    },
  );
  const [wall, user, system] = stderr.trim().split(' ').map(Number) as [number, number, number];
  if (status !== 0 || !Number.isFinite(wall)) throw new Error(`${[command, ...args].join(' ')} ended with ${status}: ${stderr}`);
  return { wall, cpu: user + system };
}

/** The most memory of an export, of a tenth and of all, in megabytes. */
function measureExports(program: string): Record<string, { tenth: number; all: number; seconds: number; megabytes: number }> {
  const of = (command: string, format: string, rows: number) => ({ command, format, rows });
  const all = [
    of('grants', 'ndjson', world.observations),
    of('grants', 'csv', world.observations),
    of('grants', 'parquet', world.observations),
    of('findings', 'sarif', world.findings),
    of('findings', 'ocsf', world.findings),
    of('findings', 'csv', world.findings),
    of('integrations', 'cyclonedx', apps),
  ];
  return Object.fromEntries(
    all.map(({ command, format, rows }) => {
      const [tenth, whole] = [rows / 10, rows].map((limit) => exported(program, command, format, limit)) as [Exported, Exported];
      return told(`${command} as ${format}`, { tenth: tenth.rss, all: whole.rss, seconds: round(whole.spent), megabytes: whole.size });
    }),
  );
}

interface Exported {
  rss: number;
  spent: number;
  size: number;
}

function exported(program: string, command: string, format: string, limit: number): Exported {
  const output = join(folder, 'export');
  const tell = `process.on('exit', () => process.getBuiltinModule('node:fs').writeSync(2, '\\nrss=' + process.resourceUsage().maxRSS))`;
  const since = command === 'changes' ? ['--since', '0'] : [];
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { noctule: string } };
  const flags = scripts.noctule.split(' ').filter((word) => word.startsWith('--'));
  const args = [...flags, '--import', `data:text/javascript,${encodeURIComponent(tell)}`, program, command, ...since];
  let rss = 0;
  const spent = seconds(() => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [...args, '--format', format, '--limit', String(limit), '-o', output, '--db', file],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    rss = Math.round(Number(/rss=(\d+)/.exec(stderr)![1]) / 1024);
  });
  const size = Math.round(statSync(output).size / 2 ** 20);
  rmSync(output);
  if (readdirSync(folder).some((name) => name.endsWith('.part'))) throw new Error('A draft was left');
  return { rss, spent, size };
}

/** Each figure as it comes: a run takes minutes. */
function told<Figures>(name: string, figures: Figures): readonly [string, Figures] {
  console.error(name, JSON.stringify(figures));
  return [name, figures];
}

function seconds(work: () => unknown): number {
  const started = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

function round(number: number): number {
  return Math.round(number * 1000) / 1000;
}
