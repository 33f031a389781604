// `npm run bench:github -- 10000 [--profile organisation] [--only off|on] [--faster 10] [--in-flight 4]`: how long a full night of so many repositories, with half as
// many members, takes beside the least that it could, by the requests that were really sent: without pace at 100 ms a request, and with pace.
// The simulated GitHub and each night are processes of their own, and a night is started as the program is. Prints JSON.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runScan, type Source } from '../../src/scan/engine.ts';
import { openStore } from '../../src/store/store.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { createCompany } from '../../src/testing/company.ts';
import { dawn, scanOptions, sourceOf } from '../../test/scan/night.ts';
import { environmentOfProgram, heard, today } from './parts.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'deep' },
    only: { type: 'string' },
    // With pace a night is long: it runs on a clock that is so many times faster, and so is the server. What the machine itself takes then
    // counts as many times.
    faster: { type: 'string', default: '10' },
    // Requests under way at once, with pace.
    'in-flight': { type: 'string', default: '4' },
    // What a forked process does, and of the one that serves: milliseconds before each answer.
    part: { type: 'string' },
    latency: { type: 'string', default: '0' },
  },
});
const part = values.part as 'serve' | 'load' | 'night' | undefined;
const repositories = Number(positionals[0] ?? 500);
const { profile, only } = values;

/** Milliseconds from a request to its answer. */
const LATENCY = 100;
/** Without pace, as many as GitHub's client ever has under way. */
const AT_ONCE = { off: 10, on: Number(values['in-flight']) };
/** Of the connector's own pace: requests of REST and queries of GraphQL in a second. */
const PACE = { rest: 10, queries: 1 };
/** Of the people of the simulated company somewhat less than every fourth is a member of its organisation: half as many as repositories. */
const PEOPLE = 2.15;

/** What was sent in a night. */
interface Sent {
  requests: number;
  queries: number;
  /** Of the list with the most pages: each page names the next, so that they come one after the other whoever asks. */
  longestChain: number;
  /** Members of the organisation. */
  members: number;
}

if (part === 'serve') await serve(Number(values.latency));
else if (part === 'load') await Promise.all([import('../../connectors/github/index.ts'), import('../../connectors/github/client.ts')]);
else if (part === 'night') process.once('message', (plan) => void live(plan as NightPlan));
else {
  const nights: Record<string, unknown> = {};
  for (const pace of ['off', 'on'] as const) if (only === undefined || only === pace) nights[pace] = await measure(pace);
  console.log(JSON.stringify({ node: process.version, repositories, profile, ...nights }, null, 2));
}

type Provider = Pick<FakeProvider, 'config' | 'environment'>;
type NightPlan = Provider & { database: string; inFlight: number; pace: 'off' | 'on'; speed: number };

function start(what: typeof part, more: readonly string[] = [], env = process.env): ChildProcess {
  return fork(import.meta.filename, [String(repositories), '--profile', profile, '--part', what!, ...more], { env });
}

async function serve(latency: number): Promise<void> {
  const { fake } = await import('../../connectors/github/fake/index.ts');
  const company = createCompany({ people: Math.round(repositories * PEOPLE), repositories, today: today() });
  const github = await fake.start(company, { latency });
  const sent: Sent = { requests: 0, queries: 0, longestChain: 0, members: github.sizes()['members']! };
  const chains = new Map<string, number>();
  github.watch(({ method, url, body }, operation = '') => {
    sent.requests++;
    const query = method === 'POST' && operation.endsWith('/graphql') ? (JSON.parse(body) as GraphqlBody) : undefined;
    if (query) sent.queries++;
    const list = query ? /\w+/.exec(query.query.slice('query'.length))![0] : listOf(operation, url);
    const isFirst = query ? !query.variables.after : !url.searchParams.has('page') && !url.searchParams.has('after');
    const pages = isFirst ? 1 : (chains.get(list) ?? 0) + 1;
    chains.set(list, pages);
    sent.longestChain = Math.max(sent.longestChain, pages);
  });
  process.send!({ config: github.config, environment: github.environment });
  process.on('message', () => process.send!(sent));
  process.on('disconnect', () => process.exit());
}

interface GraphqlBody {
  query: string;
  variables: { after?: string | null };
}

/** Pages after the first of an organisation's list lie at another address; lists of one operation in two repositories are two. */
function listOf(operation: string, { pathname, searchParams }: URL): string {
  const isOfRepository = operation.includes('{repo}');
  return `${operation} ${isOfRepository ? pathname : ''} ${searchParams.get('phrase') ?? ''}`;
}

async function measure(pace: 'off' | 'on') {
  const speed = pace === 'on' ? Number(values.faster) : 1;
  const server = start('serve', ['--latency', String(Math.round(LATENCY / speed))]);
  const provider = await heard<Provider>(server);
  const folder = mkdtempSync(join(tmpdir(), 'noctule-bench-'));
  try {
    const child = start('night', [], await environmentOfProgram(folder, (env) => start('load', [], env)));
    child.send({ ...provider, database: join(folder, 'noctule.db'), inFlight: AT_ONCE[pace], pace, speed } satisfies NightPlan);
    const { seconds, mostMemory } = await heard<Awaited<ReturnType<typeof scan>>>(child);
    server.send('sent');
    const sent = await heard<Sent>(server);
    const least = pace === 'on' ? secondsOfQuota(sent) : secondsOfLatency(sent, AT_ONCE[pace]);
    return {
      ...sent,
      inFlight: AT_ONCE[pace],
      faster: speed,
      mostMemory,
      seconds: rounded(seconds),
      least: rounded(least),
      ratio: rounded(seconds / least),
    };
  } finally {
    server.disconnect();
    rmSync(folder, { recursive: true });
  }
}

async function live(plan: NightPlan): Promise<void> {
  const outcome = await scan(plan);
  process.send!(outcome, () => process.disconnect());
}

/** Seconds by the clock of the night, and the most memory that it took, in megabytes. */
async function scan({ config, environment, database, inFlight, pace, speed }: NightPlan) {
  const own = { ...config, profile, deep: { maxRequests: 10_000_000 } } as FakeProvider['config'];
  const source: Source = await sourceOf({ name: 'github', config: own });
  const paced = { ...source, pace: pace === 'on' ? { inFlight } : { inFlight, perSecond: Number.POSITIVE_INFINITY } };
  const store = openStore(database);
  const started = performance.now();
  try {
    await runScan(scanOptions(store, { sources: [paced], environment, from: dawn({ today: today() }, 0), speed }));
    const seconds = ((performance.now() - started) / 1000) * speed;
    return { seconds, mostMemory: Math.round(process.resourceUsage().maxRSS / 1024) };
  } finally {
    await store.close();
  }
}

function secondsOfLatency({ requests, longestChain }: Sent, inFlight: number): number {
  return ((longestChain + (requests - longestChain) / inFlight) * LATENCY) / 1000;
}

/** Each of the two quotas is spent whatever the other is at: the longer of both. */
function secondsOfQuota({ requests, queries }: Sent): number {
  return Math.max((requests - queries) / PACE.rest, queries / PACE.queries);
}

function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
