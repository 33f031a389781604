import { copyFileSync } from 'node:fs';
import { openStore } from '../../src/store/store.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { integrityOf, logicalDump, rowsOf } from '../store/logical-dump.ts';
import { keeper } from './kept.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake, type PlainSource } from './night.ts';
import { scanProcesses, type End, type Stop } from './processes.ts';

const company = smallCompany();
const PAGE = 5;
/** As long as an answer takes: a scan then takes most of a second, and a kill hits the middle of it. */
const LATENCY = 6;
export const NIGHTS = [0, 1] as const;
export type Night = (typeof NIGHTS)[number];

/** What ends a process: a point of its own way, or a moment of ours; without a signal it is a kill. */
export type Fall = ({ kill: string } | { after: number }) & { by?: NodeJS.Signals };

export interface Story {
  /** What befell the processes, in order; a hit = its scan was not over. */
  falls: { night: Night; fall: Fall; milliseconds: number; hit: boolean }[];
  /** The night of every scan that was concluded. */
  nights: Night[];
  /** Requests that were sent although their answers were kept. */
  unneeded: string[];
  integrity: string;
  dump: string;
}

type Run = End & { unneeded: string[] };

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Two providers over one company, on two nights, each with something that cannot be read. */
export async function createWorld(file: () => string) {
  const providers = await Promise.all(['google-workspace', 'github'].map((id) => startFake(id, company, { latency: LATENCY })));
  const [google, github] = providers as [FakeProvider, FakeProvider];
  // Which places a night by the log reads by chance belongs to its own tests: here every page that was kept is told by the last run.
  const modes: Readonly<Record<string, object>> = { 'google-workspace': { mode: 'full' } };
  const sources: PlainSource[] = providers.map(({ config }) => {
    const name = config['connector'] as string;
    return { name, config: { ...config, ...modes[name] } };
  });
  const environment = Object.assign({}, ...providers.map((provider) => provider.environment)) as Record<string, string>;
  const opened = await Promise.all(sources.map((source) => sourceOf(source)));
  const processes = scanProcesses(file());
  const holders = [...new Set(google.expected().flatMap(({ kind, ids }) => (kind === 'oauth_grant' ? [ids[0]!] : [])))];
  /** By the nights up to its own: a second scan of a night asks otherwise than the first. */
  const keepers = new Map<string, ReturnType<typeof keeper>>();

  /** On each night some places are refused: one early in a list, and whole lists. */
  function dusk(night: Night): void {
    for (const provider of providers) {
      provider.night(night);
      provider.faults.clear();
      for (const permission of provider.permissions) provider.restore(permission);
    }
    google.faults.add({ operation: 'directory.tokens.list', fault: 403, where: `/users/${holders[night]}/tokens` });
    if (night === 0) github.faults.add({ operation: 'GET /orgs/{org}/actions/secrets', fault: 403 });
    else github.revoke('app:organization_personal_access_tokens:read');
  }

  async function emptyDatabase(): Promise<string> {
    const path = file();
    await openStore(path).close();
    return path;
  }

  /** How long a scan of each night takes at most in processes of its own, as far as is known. */
  const milliseconds = { 0: Number.POSITIVE_INFINITY, 1: Number.POSITIVE_INFINITY };
  const databases = new Map<string, Promise<string>>();
  /** A database of undisturbed scans on these nights. */
  function calm(nights: readonly Night[]): Promise<string> {
    const key = nights.join();
    const made = databases.get(key) ?? scanCalmly(nights);
    databases.set(key, made);
    return made;
  }
  async function scanCalmly(nights: readonly Night[]): Promise<string> {
    const path = file();
    const night = nights.at(-1)!;
    if (nights.length > 1) copyFileSync(await calm(nights.slice(0, -1)), path);
    dusk(night);
    const watcher = keeper(providers, LATENCY);
    keepers.set(nights.join(), watcher);
    await runNight(path, { sources: opened, environment, from: dawn(company, night), largestPage: PAGE }, watcher.watch);
    return path;
  }

  /** Scans the last of these nights in a process of its own, and notes what it asks although it need not. */
  async function run(path: string, nights: readonly Night[], attempt: number, fall: Fall | undefined, read = sources): Promise<Run> {
    await calm(nights);
    const night = nights.at(-1)!;
    const from = new Date(dawn(company, night).getTime() + attempt * 60_000).toISOString();
    const kill = fall && 'kill' in fall ? fall : {};
    const stop: Stop | undefined = fall && 'after' in fall ? { by: 'SIGKILL', ...fall } : undefined;
    const before = lastScan(path);
    let end: End | undefined;
    const unneeded = await keepers.get(nights.join())!.unneeded(path, before?.state === 'running' ? before.id : undefined, async () => {
      end = await processes.run({ database: path, sources: read, environment, from, largestPage: PAGE, ...kill }, stop);
    });
    return { ...end!, unneeded };
  }

  /**
   * Both nights on a new database, each scanned until it is concluded. `next` says what befalls the next process, given how many
   * of this night have fallen and how long they have run in all; undefined = nothing.
   */
  async function tell(next: (night: Night, fallen: number, spent: number) => Fall | undefined): Promise<Story> {
    const path = await emptyDatabase();
    const story: Omit<Story, 'integrity' | 'dump'> = { falls: [], nights: [], unneeded: [] };
    for (const night of NIGHTS) {
      dusk(night);
      let spent = 0;
      for (let attempt = 0, over = false; !over; attempt++) {
        const fall = next(night, attempt, spent);
        const before = lastScan(path);
        const end = await run(path, [...story.nights, night], attempt, fall);
        spent += end.milliseconds;
        story.unneeded.push(...end.unneeded.map((request) => `night ${night}, process ${attempt}: ${request}`));
        const after = lastScan(path);
        const concluded = after?.state === 'concluded' && after.id !== (before?.state === 'concluded' ? before.id : undefined);
        if (concluded) story.nights.push(night);
        over = concluded && after.judged === 1;
        // Whenever the machine is less busy than before, a scan proves to be shorter.
        if (over) milliseconds[night] = Math.min(milliseconds[night], spent);
        if (fall) story.falls.push({ night, fall, milliseconds: end.milliseconds, hit: end.signal === 'SIGKILL' && !over });
        else if (!over) throw new Error(`The scan of night ${night} ended early: ${JSON.stringify(end)}`);
      }
    }
    return { ...story, integrity: integrityOf(path), dump: known(path) };
  }

  await calm(NIGHTS);
  await tell(() => undefined);
  return {
    tell,
    calm,
    undisturbed: async (nights: readonly Night[]) => known(await calm(nights)),
    milliseconds,
    sources,
    run,
    dusk,
    async close() {
      processes.close();
      for (const provider of providers) await provider.close();
    },
  };
}

/** All that a database knows, but for whether a change log might have been asked: that is up to the clock, and no collector asks one here. */
export function known(path: string): string {
  return logicalDump(path).replaceAll(/"delta":[01]/g, '"delta":"-"');
}

function lastScan(path: string): { id: number; state: string; judged: number } | undefined {
  return rowsOf<{ id: number; state: string; judged: number }>(path, 'SELECT id, state, judged FROM scan ORDER BY id DESC LIMIT 1')[0];
}
