import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createCatalog } from '../catalog/catalog.ts';
import { isAccepted } from '../config/accepted.ts';
import { chosen } from '../config/chosen.ts';
import { loadConfig, secretReader, type Config } from '../config/config.ts';
import { ConfigError } from '../connector/index.ts';
import { SEVERITIES } from '../policy/judged.ts';
import { runScan, type ScanOutcome, type Source } from '../scan/engine.ts';
import { createJudge, interestOf, verdictOn } from '../scan/judge.ts';
import { loadConnectors } from '../scan/registry.ts';
import { openReader, type GapRow, type Reader } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import type { Head } from '../audit/chain.ts';
import { claimedActor } from './actor.ts';
import { ticketPlanner } from './ticket-planner.ts';
import { doubtedLogs } from './coverage.ts';
import { type CommandContext, type CommonOptions } from './context.ts';
import { exitCode, type Condition, type FailOn } from './exit-codes.ts';
import { bugText, conditionOf, failure } from './failure.ts';
import { judgedBy } from './judged-by.ts';
import { keyOf, withLine } from './persons-key.ts';
import { planText } from './plan.ts';
import { faultsByRule } from './policy-faults.ts';
import { noticeOf } from './policy-notice.ts';
import { progressPrinter } from './progress.ts';
import { discardResult, writeResult } from './write-result.ts';

export interface ScanCommandOptions extends CommonOptions {
  source?: string[];
  plan?: boolean;
  failOn?: FailOn[];
  summary?: string;
  /** Asked for by tests and the demo: the pace of a simulated provider on this machine. */
  fast?: boolean;
}

/** Reads all sources, concludes what is there, and says what needs a decision. */
export async function scanCommand(context: CommandContext, options: ScanCommandOptions): Promise<number> {
  if (options.plan) return planned(context, options);
  const file = options.summary === undefined ? undefined : resolve(context.directory, options.summary);
  if (file !== undefined) discardResult(file);
  const ended = await scanToEnd(context, options);
  try {
    if (file !== undefined) writeResult(file, `${jsonText(ended.summary, 2)}\n`);
  } catch (unwritable) {
    if (!('thrown' in ended)) throw unwritable;
    // Why the scan failed is told last, and decides the exit code.
    failure(unwritable, (text) => context.err(text));
  }
  if ('thrown' in ended) throw ended.thrown;
  return ended.summary.exitCode;
}

/** A scan with its summary, however it ended; `thrown` is there where it failed before its end. */
export function scanToEnd(context: CommandContext, options: ScanCommandOptions): Promise<{ summary: Summary; thrown?: unknown }> {
  const begun = context.clock.now();
  return scanned(context, options).then(
    (summary) => ({ summary }),
    (thrown: unknown) => ({ summary: failedSummary(context, thrown, begun), thrown }),
  );
}

async function planned(context: CommandContext, options: ScanCommandOptions): Promise<number> {
  const { config, sources, database } = await orderedBy(context, options);
  context.out(planText(sources, database, config.tenant));
  return 0;
}

async function scanned(context: CommandContext, options: ScanCommandOptions): Promise<Summary> {
  const begun = context.clock.now();
  const { config, sources, database } = await orderedBy(context, options);
  const outcome = await run(context, options, config, sources, database);
  if (outcome.state === 'interrupted') {
    context.err('Interrupted. What was read is kept; the next scan within six hours goes on from here.\n');
    return summaryOf(outcome, outcome.requests, config, timesOf(begun, context.clock.now()), new Set<Condition>(['interrupted']));
  }
  const reader = openReader(database);
  try {
    return report(context, options, config, outcome, reader);
  } finally {
    reader.close();
  }
}

async function orderedBy(context: CommandContext, options: ScanCommandOptions) {
  const config = await loadConfig(resolve(context.directory, options.config));
  const database = options.db === undefined ? config.database : resolve(context.directory, options.db);
  return { config, database, sources: chosen(config, options.source) };
}

async function run(
  context: CommandContext,
  options: ScanCommandOptions,
  config: Config,
  sources: readonly Source[],
  database: string,
): Promise<ScanOutcome> {
  const catalog = createCatalog(config.catalog);
  const configFile = resolve(context.directory, options.config);
  const key = keyOf(context, configFile, config);
  makeFolder(dirname(database));
  const store = openStore(database, { signal: context.signal });
  const progress = progressPrinter(context);
  const connectors = await loadConnectors();
  const versions = connectors.map((connector) => [
    connector.id,
    ...connector.collectors.map((collector) => `${collector.id}@${collector.version}`),
  ]);
  try {
    const outcome = await runScan({
      store,
      tenant: config.tenant,
      sources: options.fast
        ? sources.map((source) => ({ ...source, pace: { ...source.pace, perSecond: Number.POSITIVE_INFINITY } }))
        : sources,
      partial: options.source !== undefined,
      clock: context.clock,
      signal: context.signal,
      secret: secretReader(context.environment, dirname(configFile)),
      ...(key && { persons: { key, verdictOn: (signal) => verdictOn(catalog, signal) } }),
      interest: (signals) => interestOf(catalog, signals),
      judge: (now) => createJudge({ catalog, policy: config.policy, connectors, now }),
      ...(config.tickets && { tickets: ticketPlanner(config, catalog) }),
      documents: {
        config: document(config.text),
        catalog: { hash: catalog.hash, content: JSON.stringify(config.catalog) },
        policy: config.policyText === undefined ? null : document(config.policyText),
      },
      programVersion: judgedBy(),
      actor: claimedActor(),
      readers: document(JSON.stringify(versions)).hash,
      progress: (event) => progress.tell(event),
    });
    const { policyText: text, policyFile: policy, tenant } = config;
    if (text !== undefined && outcome.state !== 'interrupted')
      await store.keepPolicyFaults(outcome.scanId, faultsByRule({ text, file: policy, database, tenant, catalog }, context.clock.now()));
    return outcome;
  } catch (error) {
    throw withLine(error, configFile);
  } finally {
    progress.end();
    await store.close();
  }
}

/** For its owner alone, as the database in it. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigError(`The folder ${folder} cannot be made`, {
      key: 'database',
      fix: 'Give another path of the database, in the configuration or with --db.',
      cause: error,
    });
  }
}

function document(content: string): { hash: string; content: string } {
  return { hash: createHash('sha256').update(content).digest('hex'), content };
}

function report(context: CommandContext, options: ScanCommandOptions, config: Config, outcome: ScanOutcome, reader: Reader): Summary {
  const conditions = new Set<Condition>();
  const gaps = reader.gaps(outcome.scanId).filter((gap) => gap.byDesign === 0);
  const unaccepted = gaps.filter((gap) => !isAccepted(gap, config, context.clock.now()));
  const findings = reader.findingCounts(config.tenant);
  const number = [...findings.values()].reduce((sum, count) => sum + count, 0);
  for (const source of outcome.sources) {
    if (source.refused || isWhollyLost(source, gaps, unaccepted)) conditions.add('source-refused');
    for (const bug of source.bugs) {
      conditions.add('internal');
      context.err(bugText(bug));
    }
    if (source.state !== 'unread') continue;
    context.err(`${terminalText(source.source)}: unread. ${terminalText(source.message ?? '', 500)}\n`);
    if (source.fix) context.err(`  ${terminalText(source.fix, 500)}\n`);
  }
  // A source whose account is known has its gaps in the ledger, where they may be accepted.
  const unread = outcome.sources.some((source) => source.state === 'unread' && !gaps.some((gap) => gap.source === source.source));
  const doubted = doubtedLogs(reader, outcome.scanId);
  for (const { source, collector } of doubted)
    context.err(`${terminalText(source)}: the change log behind ${collector} misses changes; all is read again.\n`);
  if ((unaccepted.length > 0 || unread || doubted.length > 0) && options.failOn?.includes('coverage-gap')) conditions.add('coverage-gap');
  if ([...findings.keys()].some((severity) => options.failOn?.some((level) => reaches(severity, level)))) conditions.add('findings');
  // Also what was sent before an interruption.
  const requests = totalsOf(reader.requests(outcome.scanId));
  const ofPolicy = reader.policyFaults(config.tenant)?.faults ?? {};
  const changes = changesIn(reader, config.tenant, outcome.scanId);
  if (!context.quiet) context.err(summaryText(outcome, requests, gaps, number, changes) + noticeOf(ofPolicy));
  const { startedAt, endedAt } = reader.scans(config.tenant, -1).find(({ id }) => id === outcome.scanId)!;
  const counts = {
    startedAt,
    endedAt,
    changes,
    findings: number,
    gaps: gaps.length,
    unaccepted: unaccepted.length,
    doubtedLogs: doubted.length,
    unreadSources: outcome.sources.filter((source) => source.state === 'unread').length,
    policyFaults: Object.values(ofPolicy).reduce((sum, many) => sum + many, 0),
  };
  return { ...summaryOf(outcome, requests, config, counts, conditions), audit: reader.auditHead(config.tenant) };
}

/** A source of which nothing was read; where its account is known from earlier, the configuration may accept that for now. */
function isWhollyLost({ source, state }: ScanOutcome['sources'][number], gaps: readonly GapRow[], unaccepted: readonly GapRow[]): boolean {
  const ofSource = (gap: GapRow) => gap.source === source;
  return state === 'unread' && (unaccepted.some(ofSource) || !gaps.some(ofSource));
}

function reaches(severity: string, level: FailOn): boolean {
  const order: readonly string[] = SEVERITIES;
  return level !== 'coverage-gap' && order.indexOf(severity) >= order.indexOf(level);
}

/** What `--summary` holds, however the scan ended. */
export interface Summary {
  formatVersion: 1;
  /** Null where the scan failed before its end. */
  scan: number | null;
  tenant: string | null;
  resumed: boolean;
  /** Of a scan that was concluded, its own times: of one that was gone on with, those of both parts. Otherwise those of the attempt. ISO 8601 in UTC. */
  startedAt: string;
  endedAt: string;
  /** How many findings met with what in it; absent where nothing was concluded. */
  changes?: Changes;
  conditions: readonly Condition[];
  exitCode: number;
  /** Why the scan failed; absent where it did not. */
  message?: string;
  classes: ScanOutcome['classes'];
  sources: readonly Readonly<Record<'source' | 'connector' | 'account' | 'state' | 'message', string | null>>[];
  requests: Readonly<Record<string, { first: number; repeats: number }>>;
  /** The end of the audit trail; absent where nothing was judged. Kept elsewhere, it proves what the trail was: `noctule audit verify --head`. */
  audit?: Head;
}

/** The text of a bug stays out of it: it may quote anything. */
function failedSummary(context: CommandContext, thrown: unknown, begun: Date): Summary {
  const condition = context.signal.aborted ? 'interrupted' : conditionOf(thrown);
  const known = condition === 'usage' || condition === 'storage';
  return {
    formatVersion: 1,
    scan: null,
    tenant: null,
    resumed: false,
    ...timesOf(begun, context.clock.now()),
    conditions: [condition],
    exitCode: exitCode(new Set([condition])),
    message: known && thrown instanceof Error ? thrown.message : condition === 'interrupted' ? 'Interrupted' : "A bug of Noctule's",
    classes: {},
    sources: [],
    requests: {},
  };
}

function summaryOf(
  outcome: ScanOutcome,
  requests: RequestTotals,
  config: Config,
  told: Pick<Summary, 'startedAt' | 'endedAt' | 'changes'>,
  conditions: ReadonlySet<Condition>,
): Summary {
  return {
    formatVersion: 1,
    scan: outcome.scanId,
    tenant: config.tenant,
    resumed: outcome.resumed,
    conditions: [...conditions],
    exitCode: exitCode(conditions),
    ...told,
    classes: outcome.classes,
    sources: outcome.sources.map(({ source, connector, account, state, message }) => ({
      source,
      connector,
      account: account?.id ?? null,
      state,
      message: message ?? null,
    })),
    requests: Object.fromEntries([...requests].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** What may become of findings in a scan, in the order in which it is told. */
const CHANGES = ['opened', 'returned', 'reopened', 'resolved'] as const;
type Changes = Readonly<Record<(typeof CHANGES)[number], number>>;

function changesIn(reader: Reader, tenant: string, scanId: number): Changes {
  const { events } = reader.night(tenant, scanId - 1, scanId, 0);
  return Object.fromEntries(CHANGES.map((event) => [event, events[event] ?? 0])) as Changes;
}

function timesOf(startedAt: Date, endedAt: Date) {
  return { startedAt: startedAt.toISOString(), endedAt: endedAt.toISOString() };
}

function summaryText(outcome: ScanOutcome, requests: RequestTotals, gaps: readonly GapRow[], findings: number, changes: Changes): string {
  const sources = outcome.sources.map((source) => `${terminalText(source.source)} ${source.state}`).join(', ');
  let first = 0;
  let repeats = 0;
  for (const counts of requests.values()) {
    first += counts.first;
    repeats += counts.repeats;
  }
  const wholly = outcome.sources.filter((source) => source.state === 'unread').length;
  const lost = [...(wholly > 0 ? [`${wholly} sources`] : []), ...(gaps.length > 0 ? [`${gaps.length} places`] : [])];
  const unread =
    lost.length === 0 ? 'Everything that was asked for was read.' : `${lost.join(' and ')} could not be read: \`noctule coverage\`.`;
  const told = CHANGES.map((event) => `${changes[event]} ${event}`).join(', ');
  return `Scan ${outcome.scanId}: ${sources}. ${first} requests and ${repeats} repeats.\n${unread}\nFindings in this scan: ${told}.\n${findings} open findings: \`noctule findings\`.\n`;
}

type RequestTotals = ScanOutcome['requests'];

function totalsOf(rows: ReturnType<Reader['requests']>): RequestTotals {
  const totals = new Map<string, { first: number; repeats: number }>();
  for (const { operation, first, repeats } of rows) {
    const total = totals.get(operation) ?? { first: 0, repeats: 0 };
    totals.set(operation, { first: total.first + first, repeats: total.repeats + repeats });
  }
  return totals;
}
