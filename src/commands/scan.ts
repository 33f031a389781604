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
import { createJudge, interestOf } from '../scan/judge.ts';
import { loadConnectors } from '../scan/registry.ts';
import { openReader, type GapRow, type Reader } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import { doubtedLogs } from './coverage.ts';
import { type CommandContext, type CommonOptions } from './context.ts';
import { exitCode, type Condition, type FailOn } from './exit-codes.ts';
import { bugText } from './failure.ts';
import { judgedBy } from './judged-by.ts';
import { planText } from './plan.ts';
import { progressPrinter } from './progress.ts';
import { writeResult } from './write-result.ts';

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
  const config = await loadConfig(resolve(context.directory, options.config));
  const database = options.db === undefined ? config.database : resolve(context.directory, options.db);
  const sources = chosen(config, options.source);
  if (options.plan) {
    context.out(planText(sources, database, config.tenant));
    return 0;
  }
  const outcome = await run(context, options, config, sources, database);
  if (outcome.state === 'interrupted') {
    context.err('Interrupted. What was read is kept; the next scan within six hours goes on from here.\n');
    const conditions = new Set<Condition>(['interrupted']);
    summarise(context, options, summaryOf(outcome, outcome.requests, config, {}, conditions));
    return exitCode(conditions);
  }
  const reader = openReader(database);
  try {
    return report(context, options, config, outcome, reader);
  } finally {
    reader.close();
  }
}

async function run(
  context: CommandContext,
  options: ScanCommandOptions,
  config: Config,
  sources: readonly Source[],
  database: string,
): Promise<ScanOutcome> {
  const catalog = createCatalog(config.catalog);
  makeFolder(dirname(database));
  const store = openStore(database, { signal: context.signal });
  const progress = progressPrinter(context);
  const connectors = await loadConnectors();
  const versions = connectors.map((connector) => [
    connector.id,
    ...connector.collectors.map((collector) => `${collector.id}@${collector.version}`),
  ]);
  try {
    return await runScan({
      store,
      tenant: config.tenant,
      sources: options.fast
        ? sources.map((source) => ({ ...source, pace: { ...source.pace, perSecond: Number.POSITIVE_INFINITY } }))
        : sources,
      partial: options.source !== undefined,
      clock: context.clock,
      signal: context.signal,
      secret: secretReader(context.environment, dirname(resolve(context.directory, options.config))),
      interest: (signals) => interestOf(catalog, signals),
      judge: (now) => createJudge({ catalog, policy: config.policy, connectors, now }),
      documents: {
        config: document(`${config.text}\n${JSON.stringify(versions)}`),
        catalog: { hash: catalog.hash, content: JSON.stringify(config.catalog) },
        policy: config.policyText === undefined ? null : document(config.policyText),
      },
      programVersion: judgedBy(),
      progress: (event) => progress.tell(event),
    });
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

function report(context: CommandContext, options: ScanCommandOptions, config: Config, outcome: ScanOutcome, reader: Reader): number {
  const conditions = new Set<Condition>();
  const gaps = reader.gaps(outcome.scanId).filter((gap) => gap.byDesign === 0);
  const unaccepted = gaps.filter((gap) => !isAccepted(gap, config, context.clock.now()));
  const findings = reader.findings({ tenant: config.tenant, limit: -1 });
  for (const source of outcome.sources) {
    if (source.refused) conditions.add('source-refused');
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
  if (findings.some((finding) => options.failOn?.some((level) => reaches(finding.severity, level)))) conditions.add('findings');
  // Also what was sent before an interruption.
  const requests = totalsOf(reader.requests(outcome.scanId));
  if (!context.quiet) context.err(summaryText(outcome, requests, gaps, findings.length));
  const counts = {
    findings: findings.length,
    gaps: gaps.length,
    unaccepted: unaccepted.length,
    doubtedLogs: doubted.length,
    unreadSources: outcome.sources.filter((source) => source.state === 'unread').length,
  };
  summarise(context, options, summaryOf(outcome, requests, config, counts, conditions));
  return exitCode(conditions);
}

function summarise(context: CommandContext, options: ScanCommandOptions, summary: ReturnType<typeof summaryOf>): void {
  if (options.summary !== undefined) writeResult(resolve(context.directory, options.summary), `${jsonText(summary, 2)}\n`);
}

function reaches(severity: string, level: FailOn): boolean {
  const order: readonly string[] = SEVERITIES;
  return level !== 'coverage-gap' && order.indexOf(severity) >= order.indexOf(level);
}

function summaryOf(
  outcome: ScanOutcome,
  requests: RequestTotals,
  config: Config,
  counts: Record<string, number>,
  conditions: ReadonlySet<Condition>,
) {
  return {
    formatVersion: 1,
    scan: outcome.scanId,
    tenant: config.tenant,
    resumed: outcome.resumed,
    conditions: [...conditions],
    exitCode: exitCode(conditions),
    ...counts,
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

function summaryText(outcome: ScanOutcome, requests: RequestTotals, gaps: readonly GapRow[], findings: number): string {
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
  return `Scan ${outcome.scanId}: ${sources}. ${first} requests and ${repeats} repeats.\n${unread}\n${findings} open findings: \`noctule findings\`.\n`;
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
