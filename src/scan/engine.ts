import {
  concurrent,
  ConfigError,
  type Clock,
  type Connector,
  type Gap,
  type OperationId,
  type Pace,
  type Signal,
} from '../connector/index.ts';
import type { Secret, SecretReference } from '../secret/secret.ts';
import type { FindingJudge } from '../store/judgement.ts';
import type { ClassCounts } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import type { TicketPlanner } from '../tickets/world.ts';
import { judgeOfPresence } from './conclusion.ts';
import { textAsKept, type Pseudonymous } from './edge.ts';
import { withLease } from './lease.ts';
import { statementRow } from './rows.ts';
import { readSource, type SourceOutcome } from './source.ts';

/** One configured way to read an account. */
export interface Source {
  name: string;
  connector: Connector;
  /** The connector's own part, validated. */
  config: unknown;
  pace?: { [limit in keyof Pace]?: Pace[limit] | undefined } | undefined;
  /** Collector ids switched on or off; absent = the collector's own default. */
  collectors?: Readonly<Record<string, boolean>> | undefined;
  timeBudgetMinutes?: number | undefined;
  /** Everything is read at least so often, whatever a change log says. */
  fullEveryDays?: number | undefined;
}

export interface ScanOptions {
  store: Store;
  tenant: string;
  sources: readonly Source[];
  /** Only some of the configured sources: the others are left as they are. */
  partial: boolean;
  clock: Clock;
  signal: AbortSignal;
  secret(reference: SecretReference): Secret;
  interest(signals: readonly Signal[]): 'ai' | 'suspected' | 'unknown' | 'none';
  judge(now: Date, scanId: number): FindingJudge;
  /** Asks for tickets of what was judged, in the same unit of work; absent = none are kept. */
  tickets?(now: Date): TicketPlanner;
  documents: Readonly<Record<'config' | 'catalog', Document> & { policy: Document | null }>;
  /** Absent = people are kept as their providers name them. */
  persons?: Pseudonymous | undefined;
  programVersion: string;
  /** What reads: a scan is gone on with by the same readers only. */
  readers: string;
  /** Who scans, for the audit trail. */
  actor: string;
  progress?(event: Progress): void;
  /** Draws the places that are read by chance; tests give their own. From 0 to below 1. */
  random?(): number;
  /** Asked for by tests only. */
  largestPage?: number | undefined;
  /** Bounds of one request in bytes and milliseconds; tests ask for tighter ones. */
  wireLimits?: { bytes: number; milliseconds: number } | undefined;
}

/** What the readers of sources are given. */
export interface ReadingOptions extends ScanOptions {
  /** What fails here is no source but the store, or a mistake of ours: all that is being read stops, and the scan ends with it. */
  fail(error: unknown): void;
}

export interface Document {
  hash: string;
  content: string;
}

export interface Progress {
  source: string;
  collector?: string;
  phase: 'connecting' | 'reading' | 'read' | 'failed' | 'done';
  observations: number;
  requests: number;
  message?: string;
}

export interface ScanOutcome {
  scanId: number;
  /** `interrupted` = it can be resumed; nothing was concluded. */
  state: 'concluded' | 'interrupted';
  resumed: boolean;
  sources: readonly SourceOutcome[];
  classes: ClassCounts;
  requests: ReadonlyMap<OperationId, { first: number; repeats: number }>;
}

/** How long after its start an interrupted scan may be gone on with. */
export const RESUME_WITHIN_MS = 6 * 3_600_000;
/** Sources read at the same time. */
const SIDE_BY_SIDE = 4;

/**
 * One scan, end to end: reads all sources side by side, concludes presence, judges. The only orchestration there is.
 * Whatever ends it early, what was committed stays, and nothing is concluded that was not read.
 */
export async function runScan(asked: ScanOptions): Promise<ScanOutcome> {
  return withLease(asked, async (lost) => {
    const options = { ...asked, signal: AbortSignal.any([asked.signal, lost]) };
    await settlePersons(options);
    await judgeWhatIsLeft(options);
    const { scanId, resumed } = await resumeOrBegin(options);
    const outcomes = await readSources(options, scanId);
    const requests = totalRequests(outcomes);
    if (options.signal.aborted) return { scanId, state: 'interrupted', resumed, sources: outcomes, classes: {}, requests };
    await markUnread(options, scanId, outcomes);
    const classes = await options.store.concludeScan(scanId, 'concluded', judgeOfPresence(options.clock.now()), options.clock.now());
    await options.store.judgeScan(scanId, options.judge(options.clock.now(), scanId), options.tickets?.(options.clock.now()));
    return { scanId, state: 'concluded', resumed, sources: await concluded(options, scanId, outcomes), classes, requests };
  });
}

/** Names and pseudonyms never mix in one tenant: half of it would tell who the other half is. */
async function settlePersons({ store, tenant, persons }: ScanOptions): Promise<void> {
  const kept = await store.settlePersons(tenant, persons?.key.check ?? null);
  if (kept === 'as asked') return;
  const anew = 'or name a new database with "database"';
  if (kept === 'another key')
    throw new ConfigError(`The pseudonyms of the tenant "${tenant}" were made with another key`, {
      key: 'persons.key',
      fix: `Give the key that they were made with, ${anew}: with another one everybody would be somebody else.`,
    });
  if (kept === 'pseudonymous')
    throw new ConfigError(`The tenant "${tenant}" keeps pseudonyms in this database, and the configuration asks for names`, {
      key: 'persons.mode',
      fix: `Write "persons": {"mode": "pseudonymous", "key": …} with its key, ${anew}.`,
    });
  throw new ConfigError(`The tenant "${tenant}" keeps names in this database: they would stay beside the pseudonyms`, {
    key: 'persons.mode',
    fix: `Leave "persons" out, ${anew}. The policy holds there too; what was acknowledged and assigned does not.`,
  });
}

/** What the conclusion found unread in a source that seemed read whole. */
async function concluded(options: ScanOptions, scanId: number, outcomes: readonly SourceOutcome[]): Promise<SourceOutcome[]> {
  const told: SourceOutcome[] = [];
  for (const outcome of outcomes) {
    const partly = outcome.state === 'read' && (await options.store.gapsOf(scanId, outcome.source)) > 0;
    told.push(partly ? { ...outcome, state: 'partly' } : outcome);
  }
  return told;
}

/** A scan that died between its facts and its findings is judged first: that needs no request. */
async function judgeWhatIsLeft(options: ScanOptions): Promise<void> {
  const left = await options.store.unjudgedScan(options.tenant);
  if (left === undefined) return;
  await keepDocuments(options);
  await options.store.judgeBy(left, basisOf(options));
  await options.store.judgeScan(left, options.judge(options.clock.now(), left), options.tickets?.(options.clock.now()));
}

async function resumeOrBegin(options: ScanOptions): Promise<{ scanId: number; resumed: boolean }> {
  const { store, tenant, clock, documents } = options;
  const running = await store.runningScan(tenant);
  // A scan of some sources is gone on with by a scan of the same sources only.
  const names = options.sources.map((source) => source.name).sort();
  const key = `${documents.config.hash} ${options.readers}`;
  const configHash = options.partial ? `${key} ${names.join(' ')}` : key;
  await keepDocuments(options);
  if (running) {
    const same = running.configHash === configHash && running.catalogHash === documents.catalog.hash && running.partial === options.partial;
    const age = clock.now().getTime() - running.startedAt.getTime();
    if (same && age >= 0 && age <= RESUME_WITHIN_MS) {
      await store.judgeBy(running.id, basisOf(options));
      return { scanId: running.id, resumed: true };
    }
    await store.concludeScan(running.id, 'abandoned', judgeOfPresence(clock.now()), clock.now());
  }
  const scanId = await store.beginScan({
    tenant,
    startedAt: clock.now(),
    configHash,
    ...basisOf(options),
    partial: options.partial,
    actor: options.actor,
  });
  return { scanId, resumed: false };
}

/** What verdicts rest on besides the facts. */
function basisOf({ documents, programVersion }: ScanOptions) {
  return { catalogHash: documents.catalog.hash, policyHash: documents.policy?.hash ?? null, programVersion };
}

async function keepDocuments({ store, documents, persons, sources }: ScanOptions): Promise<void> {
  const connectors = sources.map(({ connector }) => connector);
  for (const kind of ['config', 'catalog', 'policy'] as const) {
    const document = documents[kind];
    if (!document) continue;
    // Who signs in a policy was written there by the organisation, and an old verdict is explained by it as it was.
    const content = kind === 'config' ? textAsKept(persons, connectors, document.content) : document.content;
    await store.keepDocument(kind, document.hash, content);
  }
}

async function readSources(options: ScanOptions, scanId: number): Promise<SourceOutcome[]> {
  const outcomes: SourceOutcome[] = [];
  const failure = new AbortController();
  const accounts = accountDesk(options.sources.length);
  const reading: ReadingOptions = {
    ...options,
    signal: AbortSignal.any([options.signal, failure.signal]),
    fail: (error) => failure.abort(error),
  };
  // All have stopped before the lease is given back.
  const read = async ([index, source]: [number, Source]) => {
    try {
      return await readSource(reading, scanId, source, accounts.claim(index, source.name));
    } catch (error) {
      reading.fail(error);
      return undefined;
    } finally {
      accounts.pass(index);
    }
  };
  for await (const outcome of concurrent([...options.sources.entries()], SIDE_BY_SIDE, read)) if (outcome) outcomes.push(outcome);
  if (failure.signal.aborted) throw failure.signal.reason;
  return outcomes;
}

/**
 * An account is read by one source. Of two that open the same one the first of the configuration has it, however fast
 * the other is: each waits until those before it have said which accounts are theirs.
 */
function accountDesk(sources: number) {
  const said = Array.from({ length: sources }, () => Promise.withResolvers<{ accounts: readonly string[]; source: string }>());
  return {
    /** Answers the sources that have some of the accounts already. */
    claim: (index: number, source: string) => async (accounts: readonly string[]) => {
      said[index]!.resolve({ accounts, source });
      const before = await Promise.all(said.slice(0, index).map(({ promise }) => promise));
      const had = new Map<string, string>();
      for (const other of before.toReversed()) for (const account of other.accounts) had.set(account, other.source);
      return new Map(accounts.flatMap((account) => (had.has(account) ? [[account, had.get(account)!] as const] : [])));
    },
    pass: (index: number) => said[index]!.resolve({ accounts: [], source: '' }),
  };
}

/** Accounts that nobody read in this scan keep all their facts, unverified. */
async function markUnread(options: ScanOptions, scanId: number, outcomes: readonly SourceOutcome[]): Promise<void> {
  const now = options.clock.now();
  for (const start of await options.store.unopened(scanId)) {
    const outcome = outcomes.find(({ connector, members }) => connector === start.connector && members?.has(start.account));
    const last = outcome ?? outcomes.find(({ source }) => source === start.source);
    if (options.partial && !last) continue;
    const { reason, effect, byDesign } = whyUnread(options, start, last);
    const reading = await options.store.openReading({ ...start, startedAt: now });
    const gap = { type: 'gap', scope: start.accountScope, reason, effect, ...(byDesign && { byDesign }) } as const;
    await options.store.endReading(reading, 'unread', now, [statementRow(gap, now)]);
  }
}

/** Why a collector did not read an account that it had read before; `outcome` is that of the source that has it, or had it last. */
function whyUnread(
  { sources }: ScanOptions,
  start: { account: string; accountScope: string; source: string; collector: string },
  outcome: SourceOutcome | undefined,
): Pick<Gap, 'reason' | 'effect' | 'byDesign'> {
  const member = outcome?.members?.get(start.account);
  if (member) return member;
  const opened = outcome?.account?.id === start.account || outcome?.members?.has(start.account) === true;
  if (opened && sources.some(({ name }) => name === outcome.source))
    return { reason: outcome.failure ?? 'stale', effect: `The collector ${start.collector} is switched off` };
  const message = outcome?.failure === undefined ? undefined : outcome.message;
  return {
    reason: outcome?.failure ?? 'stale',
    effect: message ?? `No source of the configuration reads ${start.accountScope} any more`,
  };
}

function totalRequests(outcomes: readonly SourceOutcome[]): Map<OperationId, { first: number; repeats: number }> {
  const totals = new Map<OperationId, { first: number; repeats: number }>();
  for (const outcome of outcomes) {
    for (const [operation, counts] of outcome.requests) {
      const total = totals.get(operation) ?? { first: 0, repeats: 0 };
      totals.set(operation, { first: total.first + counts.first, repeats: total.repeats + counts.repeats });
    }
  }
  return totals;
}
