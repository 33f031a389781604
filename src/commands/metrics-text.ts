import type { AdoptionLag, Backlog, DiscoveryLatency } from '../policy/adoption.ts';
import type { Ending } from '../policy/ending.ts';
import { debtTold, metricsOf, type Debt, type Share } from '../policy/metrics.ts';
import { NUMBERS, type NumberId } from '../policy/numbers.ts';
import { READINESS } from '../policy/readiness.ts';
import type { Settling } from '../policy/settling.ts';
import { SUPERVISION, SUPERVISION_IDS } from '../policy/supervision.ts';
import { table } from '../report/table.ts';
import { terminalText } from '../text/terminal.ts';
import type { Measurement, Unread } from './metrics.ts';
import type { TrainingTold } from './training-file.ts';

const NUMBER_IDS = Object.keys(NUMBERS) as NumberId[];
/** How many integrations and products are told one by one. */
const SHOWN = 10;

/** The numbers of a tenant for people, each with what it is made of. */
export function metricsText(told: Measurement): string {
  return [
    ...summary(told),
    ...details(told),
    ...levers(told),
    ...readiness(told),
    ...debts('source', told.sources, told.unread),
    ...debts('vendor', told.vendors, told.unread),
    ...debts('product', told.products, told.unread),
    ...debts('workflow', told.workflows, told.unread),
    ...accounts(told),
    ...past(told),
  ].join('\n');
}

function summary(told: Measurement): string[] {
  const { unread, nights, settling, adoption, discovery, exceptions } = told;
  const values: Readonly<Record<NumberId, { value: string; left?: string }>> = {
    trustDebt: { value: told.trustDebt.toFixed(1) },
    owned: { value: percent(told.owned) },
    unsanctioned: { value: percent(told.unsanctioned) },
    people: { value: percent({ part: told.people.unsanctioned, of: told.people.of }) },
    standing: { value: percent(told.standing) },
    adoption: { value: lag(adoption), left: lagLeft(adoption) },
    adoptedBefore: { value: percent(adoption.adoptedBefore) },
    discovery: { value: latency(discovery), left: latencyLeft(discovery) },
    exceptions: { value: backlog(exceptions) },
    remediation: { value: settled(settling.others) },
    leaks: { value: settled(settling.secrets) },
    removedDenied: { value: ended(settling, 'removedDenied') },
    approved: { value: ended(settling, 'approved') },
    denied: { value: ended(settling, 'denied') },
    excepted: { value: ended(settling, 'excepted') },
    otherwise: { value: ended(settling, 'otherwise') },
    unknown: { value: ended(settling, 'unknown') },
  };
  return [
    ...(unread.unread > 0
      ? [`Partly unread (${unread.unread} of ${unread.of} places): lists and logs. What was not read counts as not watched over.`, '']
      : []),
    table(
      ['metric', 'value', ...readHead(nights), 'how'],
      NUMBER_IDS.map((id) => {
        const { value, left } = values[id];
        const { title, how } = NUMBERS[id];
        const read = nights.unread === 0 ? [] : [OF_NIGHTS.has(id) ? nightsTold(nights) : readTold(unread)];
        return [title, value, ...read, left === undefined ? how : `${how}; left out: ${left}`];
      }),
      140,
    ),
  ];
}

/** Numbers of when something began: what a night did not read was seen on a later one. */
const OF_NIGHTS: ReadonlySet<NumberId> = new Set([
  'adoption',
  'adoptedBefore',
  'discovery',
  'exceptions',
  'remediation',
  'leaks',
  'removedDenied',
  'approved',
  'denied',
  'excepted',
  'otherwise',
  'unknown',
]);

/** Said of each of these. */
export function nightsTold({ unread, of }: Unread): string {
  return unread > 0 ? `${unread} of ${of} nights partly unread` : '';
}

/** Said of each number, so that none is quoted without it. */
export function readTold({ unread, of }: Unread): string {
  return unread > 0 ? `partly unread (${unread} of ${of} places)` : '';
}

/** The same behind a sentence. */
export function readBehind(unread: Unread): string {
  return unread.unread > 0 ? `, ${readTold(unread)}` : '';
}

/** A column of a table in which each line says it. */
export function readHead({ unread }: Unread): string[] {
  return unread > 0 ? ['read'] : [];
}

export function readCell(unread: Unread): string[] {
  return unread.unread > 0 ? [readTold(unread)] : [];
}

/** With both numbers: a share of three says something else than the same share of three hundred. */
export function percent({ part, of }: Share): string {
  return of === 0 ? 'none there' : `${part} of ${of} = ${((100 * part) / of).toFixed(0)} %`;
}

function days(median: number | undefined, of: string): string {
  return median === undefined ? 'none there' : `${median.toFixed(1)} days, ${of}`;
}

function lag({ count, median }: AdoptionLag): string {
  return days(median, `median of ${count}${median !== undefined && median < 0 ? ', policy first' : ''}`);
}

function lagLeft({ withoutApproval, withoutDay }: AdoptionLag): string {
  return `${withoutApproval} without an approval, ${withoutDay} without its day`;
}

function latency({ count, median }: DiscoveryLatency): string {
  return days(median, `median of ${count}`);
}

function latencyLeft({ undated, before, again }: DiscoveryLatency): string {
  return `${undated} without a date, ${before} from before the first reading, ${again} granted again`;
}

function backlog({ count, median, oldest }: Backlog): string {
  return days(median, `median of ${count}, the oldest ${oldest?.toFixed(1)}`);
}

function settled({ count, open, oldest, median }: Settling): string {
  const stands = oldest === undefined ? '' : `, the oldest for ${oldest.toFixed(1)}`;
  if (median === undefined && count > 0) return `more than half stand, of ${count}, ${open} open${stands}`;
  return days(median, `of ${count}, ${open} open${stands}`);
}

function ended({ others, secrets }: Measurement['settling'], ending: Ending): string {
  const told = ({ count, median }: Settling['ended'][Ending]) => days(median, `median of ${count}`);
  return `${told(others.ended[ending])}; leaks: ${told(secrets.ended[ending])}`;
}

type Row = Measurement['integrations'][number];

function details({ integrations: rows, unread }: Measurement): string[] {
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
    `Where it is owed (${rows.length}${rows.length > SHOWN ? `, the first ${SHOWN}` : ''}): tier × breadth × (1 − what is met of ${SUPERVISION_IDS.length})${readBehind(unread)}`,
    table(['integration', 'debt', 'supervision'], lines, 90),
  ];
}

function levers({ levers: cheapest, unread }: Measurement): string[] {
  if (cheapest.length === 0) return [];
  return [
    `The cheapest levers${readBehind(unread)}`,
    ...cheapest.map(({ name, does, gain }) => `  −${gain.toFixed(1)}  ${terminalText(name)}: ${does}`),
    '',
  ];
}

function readiness({ readiness: told, persona, unread }: Measurement): string[] {
  const { items, compared, perceived, measured, gap } = told;
  const lines = items.map(({ id, declared, measured: share }) => [
    READINESS[id].asks,
    declared ? `${declared.answer} (${declared.by}, ${declared.on})` : 'not declared',
    share ? percent(share) : 'declared only',
    ...readCell(unread),
    READINESS[id].measured ?? 'told by no source that is read',
  ]);
  const points = (value: number | undefined) => (value ?? 0).toFixed(0);
  const read = readBehind(unread);
  return [
    table(['readiness', 'declared', 'measured', ...readHead(unread), 'as'], lines, 90),
    compared === 0
      ? 'No item is both declared and measured, so no gap can be told: "declared" of policy.json holds the answers.'
      : `Declared ${points(perceived)} − measured ${points(measured)} = a gap of ${points(gap)} points, over the ${compared} of ${items.length} items that are both${read}.`,
    '',
    `Towards AI, this is: ${persona.is}${read}`,
    ...persona.facts.map(({ fact, value, from }) => `  ${fact}: ${value} (${from})`),
    '',
  ];
}

/** What training records told; names stand there only where they are asked for. */
export function trainingText(told: TrainingTold | undefined, unread: Unread, names = false): string {
  if (!told) return '';
  const { trained, without, others, leftOut } = told;
  const counted = `Training, as imported: ${percent(trained)} of people with AI tools stand in the records, ${trained.of - trained.part} do not${readBehind(unread)}.`;
  const rest = `Of the records, ${others} people hold none or are written otherwise, and ${leftOut} lines were left out.`;
  return [counted, rest, ...(names ? without.map((name) => `  ${terminalText(name)}`) : []), ''].join('\n');
}

function debts(of: string, all: readonly Debt[], unread: Unread): string[] {
  if (all.length === 0) return [];
  const lines = all
    .slice(0, SHOWN)
    .map(({ name, integrations, trustDebt }) => [name, integrations, trustDebt.toFixed(1), ...readCell(unread)]);
  return [
    table(
      [all.length > SHOWN ? `${of} (the first ${SHOWN} of ${all.length})` : of, 'AI integrations', 'trust debt', ...readHead(unread)],
      lines,
    ),
  ];
}

function accounts({ accounts: all }: Measurement): string[] {
  return [
    table(
      ['account', 'trust debt', 'with an owner', 'unsanctioned', 'standing keys', 'unread'],
      all.map((one) => [
        one.where,
        one.trustDebt.toFixed(1),
        percent(one.owned),
        percent(one.unsanctioned),
        percent(one.standing),
        `${one.unread.unread} of ${one.unread.of}`,
      ]),
    ),
  ];
}

function past({ trend }: Measurement): string[] {
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
    table(
      ['scan', 'adoption lag', 'discovery', 'exceptions', 'time to remediate', '… of leaks', 'unread'],
      trend.map((one) => [
        one.scan,
        lag(one.adoption),
        latency(one.discovery),
        backlog(one.exceptions),
        settled(one.settling.others),
        settled(one.settling.secrets),
        `${one.unread.unread} of ${one.unread.of}`,
      ]),
    ),
    `Supervision is met where: ${SUPERVISION_IDS.map((id) => `${id}: ${SUPERVISION[id].asks}`).join('; ')}.`,
    '',
  ];
}
