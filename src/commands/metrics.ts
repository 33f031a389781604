import { debtTold, leversOf, metricsOf, type Metrics, type Share } from '../policy/metrics.ts';
import { settlingOf, type Settling } from '../policy/settling.ts';
import { SUPERVISION, SUPERVISION_IDS } from '../policy/supervision.ts';
import { toldName } from '../policy/told-name.ts';
import { table } from '../report/table.ts';
import { openReader, type Reader, type SupervisedRow } from '../store/read.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { concludedScans, momentOf, type MomentOptions } from './moment.ts';

export interface MetricsOptions extends CommonOptions, MomentOptions {
  format: 'text' | 'json';
}

/** How many integrations are worked out one by one, and how many scans the trend shows. */
const SHOWN = 10;
const SCANS = 5;

/** What the organisation owes itself: power that nobody watches over, what nobody owns, approved, or lets end. */
export async function metricsCommand(context: CommandContext, options: MetricsOptions): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const reader = openReader(database);
  try {
    const { scan, asOf } = momentOf(reader, tenant, options);
    const rows = reader.supervised(tenant, asOf);
    const unread = reader.unread(tenant, scan.id);
    const measured = rows.map((row) => ({ ...row, name: nameOf(row) }));
    const accounts = [...Map.groupBy(measured, ({ connector, account }) => `${connector} ${account}`)].map(([where, own]) => ({
      where,
      ...metricsOf(own),
    }));
    const settling = settlingOf(reader.turnings(tenant, scan.id), scan.startedAt);
    const trend = trendOf(reader, tenant, scan.id);
    if (options.format === 'json')
      context.out(
        `${jsonText({ scan, unread, ...metricsOf(measured), settling, accounts, levers: leversOf(measured), trend, integrations: measured }, 2)}\n`,
      );
    else
      context.out(
        [
          ...summary(metricsOf(measured), settling, unread),
          ...details(measured),
          ...levers(measured),
          ...where(accounts),
          ...past(trend),
        ].join('\n'),
      );
    return 0;
  } finally {
    reader.close();
  }
}

type Row = SupervisedRow;

/** The product, the app and where it is: one product may be there many times. */
function nameOf({ product, name, connector, account }: Row): string {
  return `${toldName(product ?? undefined, name)}, ${connector} ${account}`;
}

function summary(
  metrics: Metrics,
  settling: { secrets: Settling; others: Settling },
  { unread, of }: { unread: number; of: number },
): string[] {
  return [
    ...(unread > 0 ? [`Partly unread: ${unread} of ${of} lists and logs. What was not read counts as not watched over.`, ''] : []),
    table(
      ['metric', 'value', 'how'],
      [
        ['trust debt', metrics.trustDebt.toFixed(1), 'sum of power × (1 − supervision) over all AI integrations'],
        ['with an owner', percent(metrics.owned), 'AI integrations whose approval names one'],
        ['unsanctioned', percent(metrics.unsanctioned), 'AI integrations that no approval in force covers'],
        ['standing keys', percent(metrics.standing), 'keys of AI integrations that are not known to end'],
        ['time to settle', median(settling.others), 'findings: from the first scan with one to the first without, or to now'],
        ['… of leaks', median(settling.secrets), 'the same of leaked and exposed keys'],
      ],
      70,
    ),
  ];
}

/** With both numbers: a share of three says something else than the same share of three hundred. */
function percent({ part, of }: Share): string {
  return of === 0 ? 'none there' : `${part} of ${of} = ${((100 * part) / of).toFixed(0)} %`;
}

function median({ count, open, median: days }: Settling): string {
  return days === undefined ? 'none there' : `${days.toFixed(1)} days, of ${count}, ${open} open`;
}

function details(rows: readonly Row[]): string[] {
  const debt = (row: Row) => metricsOf([row]).trustDebt;
  const sorted = rows.toSorted((a, b) => debt(b) - debt(a));
  const lines = sorted
    .slice(0, SHOWN)
    .map((row) => [
      row.name,
      debtTold(row.supervision),
      SUPERVISION_IDS.map((id) => `${id} ${row.supervision?.answers[id] ?? 'unknown'}`).join(', '),
    ]);
  return [
    `Where it is owed (${rows.length}${rows.length > SHOWN ? `, the first ${SHOWN}` : ''}): tier × breadth × (1 − what is met of ${SUPERVISION_IDS.length})`,
    table(['integration', 'debt', 'supervision'], lines, 90),
  ];
}

function levers(rows: readonly Row[]): string[] {
  const cheapest = leversOf(rows);
  if (cheapest.length === 0) return [];
  return ['The cheapest levers', ...cheapest.map(({ name, does, gain }) => `  −${gain.toFixed(1)}  ${terminalText(name)}: ${does}`), ''];
}

function where(accounts: readonly (Metrics & { where: string })[]): string[] {
  return [
    table(
      ['account', 'trust debt', 'with an owner', 'unsanctioned', 'standing keys'],
      accounts.map((one) => [one.where, one.trustDebt.toFixed(1), percent(one.owned), percent(one.unsanctioned), percent(one.standing)]),
    ),
  ];
}

interface Then extends Metrics {
  scan: number;
  startedAt: string;
  unread: { unread: number; of: number };
}

/** The last scans up to one, the last first; those of which no verdicts are kept tell nothing. */
function trendOf(reader: Reader, tenant: string, until: number): Then[] {
  const scans = concludedScans(reader, tenant).filter(({ id, judgedAt }) => id <= until && judgedAt !== null);
  return scans.slice(0, SCANS).map(({ id, startedAt }) => ({
    scan: id,
    startedAt,
    ...metricsOf(reader.supervised(tenant, id)),
    unread: reader.unread(tenant, id),
  }));
}

function past(trend: readonly Then[]): string[] {
  return [
    table(
      ['scan', 'day', 'trust debt', 'with an owner', 'unsanctioned', 'standing keys', 'unread'],
      trend.map((one) => [
        one.scan,
        one.startedAt.slice(0, 10),
        one.trustDebt.toFixed(1),
        percent(one.owned),
        percent(one.unsanctioned),
        percent(one.standing),
        `${one.unread.unread} of ${one.unread.of}`,
      ]),
    ),
    `Supervision is met where: ${SUPERVISION_IDS.map((id) => `${id}: ${SUPERVISION[id].asks}`).join('; ')}.`,
    '',
  ];
}
