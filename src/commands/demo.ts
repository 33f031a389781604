import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ConfigError } from '../connector/index.ts';
import type { Denial, Policy } from '../policy/policy.ts';
import { table } from '../report/table.ts';
import { openReader, type Reader } from '../store/read.ts';
import { createCompany } from '../testing/company.ts';
import { fastClock } from '../testing/clock.ts';
import type { Fake, FakeProvider } from '../testing/fake.ts';
import { jsonText } from '../text/json.ts';
import { persisting } from './diff.ts';
import { coverageCommand } from './coverage.ts';
import type { CommandContext } from './context.ts';
import { findingsCommand } from './findings.ts';
import { IS_CHECKOUT } from './packaged.ts';
import { scanCommand } from './scan.ts';

export interface DemoOptions {
  seed: string;
  people: number;
  folder: string;
}

const NIGHTS = 3;
const DAY_MS = 86_400_000;

/**
 * Starts simulated providers over an invented company on this machine, scans it on three nights by the same commands
 * that a user types, and prints what the database then holds. Nothing leaves the machine.
 */
export async function demoCommand(context: CommandContext, options: DemoOptions): Promise<number> {
  const folder = resolve(context.directory, options.folder);
  emptyFolder(folder);
  const firstNight = new Date(context.clock.now().getTime() - (NIGHTS - 1) * DAY_MS);
  const company = createCompany({ seed: options.seed, people: options.people, today: firstNight });
  const providers = await startProviders(company);
  try {
    const config = join(folder, 'config.json');
    writeFileSync(config, configText(providers), { mode: 0o600 });
    context.err(`${company.name}: ${company.people} people, simulated on this machine. Nothing leaves it.\n`);
    for (let night = 0; night < NIGHTS; night++) {
      for (const provider of providers.values()) provider.night(night);
      if (night === NIGHTS - 1) refuseOneUser(providers);
      context.err(`\nNight ${night + 1} of ${NIGHTS}${STORY[night]}\n`);
      // Faster, and a session of an hour would end within the night on a slow machine: what is printed would depend on it.
      const clock = fastClock({ from: new Date(firstNight.getTime() + night * DAY_MS), speed: 100 });
      const environment = Object.assign({}, ...[...providers.values()].map((provider) => provider.environment)) as Record<string, string>;
      const code = await scanCommand({ ...context, clock, environment, quiet: true }, { config, fast: true });
      if (code !== 0) return code;
      if (night === 0)
        writeFileSync(join(folder, 'policy.json'), `${jsonText(decisions(join(folder, 'noctule.db'), firstNight), 2)}\n`, { mode: 0o600 });
    }
    return await tell(context, config, folder);
  } finally {
    for (const provider of providers.values()) await provider.close();
  }
}

/** Says that what lies beside it was written by the demo, and may be thrown away by the next one. */
const MARK = '.noctule-demo';

/** A folder that holds anything but an earlier demo is somebody's work. */
function emptyFolder(folder: string): void {
  if (existsSync(folder) && !existsSync(join(folder, MARK)) && !isEmptyFolder(folder))
    throw new ConfigError(`${folder} holds files that no demo has written`, { fix: 'Give an empty or a new folder with --folder.' });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, MARK), '');
}

function isEmptyFolder(folder: string): boolean {
  return statSync(folder).isDirectory() && readdirSync(folder).length === 0;
}

const STORY = [
  ': the first scan. Nothing is approved yet.',
  ': some tools were approved, one was denied; people came, went and granted.',
  ': the grants of one user can no longer be read.',
];

async function startProviders(company: ReturnType<typeof createCompany>): Promise<Map<string, FakeProvider>> {
  const folder = new URL('../../connectors/', import.meta.url);
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  const providers = new Map<string, FakeProvider>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith('_')) continue;
    const { fake } = (await import(new URL(`${entry.name}/fake/index${extension}`, folder).href)) as { fake: Fake };
    providers.set(entry.name, await fake.start(company));
  }
  return providers;
}

function configText(providers: ReadonlyMap<string, FakeProvider>): string {
  const sources = Object.fromEntries([...providers].map(([id, provider]) => [id, provider.config]));
  return `${JSON.stringify({ formatVersion: 1, sources }, null, 2)}\n`;
}

/** A permission problem as it happens: one place answers 403, and what was there must not look gone. */
function refuseOneUser(providers: ReadonlyMap<string, FakeProvider>): void {
  const provider = providers.get('google-workspace');
  const users = provider?.expected().filter((expected) => expected.kind === 'identity' && expected.standing === 'active');
  const user = users?.[2]?.ids[0];
  if (user !== undefined) provider?.faults.add({ operation: 'directory.tokens.list', fault: 403, where: user });
}

/**
 * What the people of the invented company decide after the first night. Approvals are bound to the ids that were seen,
 * because a name can be taken by anybody.
 */
function decisions(database: string, today: Date): Policy {
  const reader = openReader(database);
  try {
    const day = (days: number) => new Date(today.getTime() + days * DAY_MS).toISOString().slice(0, 10);
    const signed = { owner: 'it@lanternworks.example', approver: 'security@lanternworks.example' };
    const approve = (product: string, data: Record<string, 'read' | 'write' | 'admin'>, expires: string) => {
      const app = mostHeldApp(reader, product);
      return app === undefined ? [] : [{ product, ...app, ceiling: { data }, ...signed, reason: 'Reviewed after the first scan', expires }];
    };
    const denied = mostHeldApp(reader, 'otter/otter');
    return {
      formatVersion: 1,
      tenant: 'default',
      approvals: [
        ...approve('openai/chatgpt', { files: 'read' }, day(365)),
        ...approve('anthropic/claude', { files: 'read', mail: 'read', calendar: 'read', contacts: 'read' }, day(365)),
        ...approve('grammarly/grammarly', {}, day(365)),
        ...approve('fireflies/fireflies', { calendar: 'read' }, day(-1)),
        { product: 'github/copilot', ...signed, reason: 'Company licence', expires: day(365) },
      ],
      denials:
        denied === undefined
          ? []
          : [
              {
                product: 'otter/otter',
                ...denied,
                reason: 'Records meetings without consent',
                redirect: 'the recorder of the meeting room',
              },
            ],
      exceptions: [],
    };
  } finally {
    reader.close();
  }
}

function mostHeldApp(reader: Reader, product: string): Pick<Denial, 'apps' | 'connectors' | 'accounts'> | undefined {
  const found = reader.findings({ tenant: 'default', product, limit: -1 });
  const holders = (body: string) => (JSON.parse(body) as { holders: { count: number } }).holders.count;
  const [most] = found.sort((a, b) => holders(b.body) - holders(a.body) || (a.appId < b.appId ? -1 : 1));
  return most && { apps: [most.appId], connectors: [most.connector], accounts: [most.account] };
}

/** Everything that is printed comes from the database that was just written. */
async function tell(context: CommandContext, config: string, folder: string): Promise<number> {
  const database = join(folder, 'noctule.db');
  const reader = openReader(database);
  try {
    const scans = reader.scans('default', NIGHTS);
    const [last] = scans;
    const first = scans.at(-1);
    if (!last || !first) throw new Error('The demo wrote no scans');
    context.out('\nWhat was read\n\n');
    await coverageCommand(context, { config, format: 'text' });
    context.out('\nWhat needs a decision, most powerful first\n\n');
    await findingsCommand({ ...context, quiet: true }, { config, format: 'table', perRule: 2, limit: 40 });
    context.out(`\n${total(reader.findingCounts('default').values())} findings are open; these are the first two of each rule.\n`);
    context.out('\nWhat changed since the first night\n\n');
    context.out(changes(reader, first.id, last.id));
    context.out('\nRequests of the last night\n\n');
    context.out(requests(reader, last.id));
    const [top] = reader.findings({ tenant: 'default', limit: 1 });
    const next = [...(top ? [`show ${top.key.slice(0, 8)}`] : []), `diff ${first.id} ${last.id}`, 'findings --rule look-alike-of-approved'];
    const at = `--config ${quoted(relative(context.directory, config))}`;
    context.out(`\nTry next\n\n${next.map((line) => `  ${PROGRAM} ${line} ${at}\n`).join('')}`);
    return 0;
  } finally {
    reader.close();
  }
}

/** How the program is called: a checkout puts nothing on the path. */
const PROGRAM = IS_CHECKOUT ? 'npm run -s noctule --' : 'noctule';

/** A path as a shell reads it. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const SHOWN = 3;

function changes(reader: Reader, from: number, to: number): string {
  const rows = reader.diff('default', from, to);
  const name = (body: string) => JSON.parse(body) as { subject: { name: string }; principal?: { name: string } };
  const lines = ['appeared', 'returned', 'changed', 'gone', 'unverified'].map((kind) => {
    const found = rows.filter((row) => row.class === kind);
    const some = found.slice(0, SHOWN).map((row) => `${name(row.body).subject.name} (${name(row.body).principal?.name ?? row.connector})`);
    return [kind, found.length, some.join(', ')];
  });
  return table(['class', 'number', 'such as'], [...lines, ['persisting', persisting(rows, reader.presentAt('default', to)), '']], 110);
}

function requests(reader: Reader, scanId: number): string {
  const bySource = Map.groupBy(reader.requests(scanId), (row) => row.source);
  return table(
    ['source', 'requests', 'repeats'],
    [...bySource].map(([source, rows]) => [source, total(rows.map((row) => row.first)), total(rows.map((row) => row.repeats))]),
  );
}

function total(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
