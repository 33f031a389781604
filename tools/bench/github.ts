// `npm run bench:github -- 10000 [deep|organisation]`: how long a full night of so many repositories takes beside the least that it could, by the
// requests that were really sent: without pace at 100 ms a request, and with pace. The simulated GitHub is a process of its own. Prints JSON.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScan, type Source } from '../../src/scan/engine.ts';
import { openStore } from '../../src/store/store.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { createCompany } from '../../src/testing/company.ts';
import { dawn, scanOptions, sourceOf } from '../../test/scan/night.ts';

const [repositories = 500, profile = 'deep', part, latency = 0] = process.argv
  .slice(2)
  .map((word) => (/^\d+$/.test(word) ? Number(word) : word));

/** Milliseconds from a request to its answer. */
const LATENCY = 100;
/** As many as GitHub's client ever has under way, and as many as its README advises. */
const AT_ONCE = { off: 10, on: 4 };
/** Of the connector's own pace: requests of REST and queries of GraphQL in a second. */
const PACE = { rest: 10, queries: 1 };
/** With pace a night is long: it runs on a clock that is so many times faster, and so is the server. */
const FASTER = 10;
/** The simulated company has seven repositories for ten people. */
const PEOPLE = 10 / 7;

/** What was sent in a night. */
interface Sent {
  requests: number;
  queries: number;
  /** Of the list with the most pages: each page names the next, so that they come one after the other whoever asks. */
  longestChain: number;
}

if (part === 'serve') await serve();
else console.log(JSON.stringify({ node: process.version, repositories, profile, off: await night('off'), on: await night('on') }, null, 2));

function companyOf() {
  const today = new Date();
  today.setUTCHours(0, 0, 0, 0);
  return createCompany({ people: Math.round(Number(repositories) * PEOPLE), today });
}

async function serve(): Promise<void> {
  const { fake } = await import('../../connectors/github/fake/index.ts');
  const github = await fake.start(companyOf(), { latency: Number(latency) });
  const sent: Sent = { requests: 0, queries: 0, longestChain: 0 };
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

async function night(pace: 'off' | 'on') {
  const speed = pace === 'on' ? FASTER : 1;
  const server = fork(import.meta.filename, [String(repositories), String(profile), 'serve', String(Math.round(LATENCY / speed))]);
  const { config, environment } = await heard<Pick<FakeProvider, 'config' | 'environment'>>(server);
  const folder = mkdtempSync(join(tmpdir(), 'noctule-bench-'));
  const store = openStore(join(folder, 'noctule.db'));
  try {
    const source: Source = await sourceOf({
      name: 'github',
      config: { ...config, profile, deep: { maxRequests: 10_000_000 } } as FakeProvider['config'],
    });
    const inFlight = AT_ONCE[pace];
    const paced = { ...source, pace: pace === 'on' ? { inFlight } : { inFlight, perSecond: Number.POSITIVE_INFINITY } };
    const started = performance.now();
    await runScan(scanOptions(store, { sources: [paced], environment, from: dawn(companyOf(), 0), speed }));
    const seconds = ((performance.now() - started) / 1000) * speed;
    server.send('sent');
    const sent = await heard<Sent>(server);
    const least = pace === 'on' ? secondsOfQuota(sent) : secondsOfLatency(sent, inFlight);
    return { ...sent, inFlight, seconds: rounded(seconds), least: rounded(least), ratio: rounded(seconds / least) };
  } finally {
    await store.close();
    server.disconnect();
    rmSync(folder, { recursive: true });
  }
}

function secondsOfLatency({ requests, longestChain }: Sent, inFlight: number): number {
  return ((longestChain + (requests - longestChain) / inFlight) * LATENCY) / 1000;
}

/** Collectors are read one after the other, so that the two quotas are spent one after the other too. */
function secondsOfQuota({ requests, queries }: Sent): number {
  return (requests - queries) / PACE.rest + queries / PACE.queries;
}

function heard<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Message));
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}`)));
  });
}

function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
