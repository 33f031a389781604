import { loadCatalog } from '../catalog/catalog.ts';
import { match } from '../catalog/match.ts';
import { ConfigError } from '../connector/index.ts';
import { isDomain, namedBy } from '../policy/indicator.ts';
import type { Fact } from '../policy/integration.ts';
import { summaryOf, traceOf, type Sighting, type Trace, type TraceSummary } from '../policy/trace.ts';
import type { Format } from '../report/formats.ts';
import { renderRows } from '../report/rows.ts';
import { stampText } from '../report/stamp.ts';
import { factOf } from '../scan/fact.ts';
import { openReader, type GapRow, type LeftOut, type Reader, type SourceRow, type Suspect } from '../store/read.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { gapLines } from './coverage.ts';
import { momentOf, type Moment, type MomentOptions } from './moment.ts';

export interface IocOptions extends CommonOptions, MomentOptions {
  format: Format;
  limit: number;
}

/** Shorter texts stand in everything. */
const SHORTEST = 3;

/**
 * An indicator of compromise, held against all that was ever stored: who had it, with which permissions, since when, what it took,
 * whether it is live. What could not be read is told with every answer, because silence about it would pass for innocence.
 */
export async function iocCommand(context: CommandContext, indicator: string, options: IocOptions): Promise<number> {
  if (indicator.trim().length < SHORTEST)
    throw new ConfigError('An indicator has at least three characters', {
      fix: 'Give a client id, the slug of an app, the id of an account or a domain.',
    });
  const { database, tenant } = await locate(context, options);
  const reader = openReader(database);
  try {
    const moment = momentOf(reader, tenant, options);
    const { traces, names } = tracesOf(reader, tenant, indicator.trim(), moment.asOf);
    const summary = summaryOf(traces, names);
    const unseen = unseenIn(reader, tenant, moment);
    const shown = traces.slice(0, options.limit);
    if (options.format === 'json') context.out(`${jsonText({ indicator, summary, traces: shown, unseen }, 2)}\n`);
    else if (options.format === 'table') context.out(report(indicator, summary, shown, unseen, moment));
    else context.out(renderRows(options.format, shown, COLUMNS));
    if (traces.length > options.limit) context.err(`There are more than these ${options.limit}: ask for them with --limit.\n`);
    // A list says nothing of what is not in it.
    if (options.format !== 'table') context.err(warning(summary, unseen));
    return 0;
  } finally {
    reader.close();
  }
}

function tracesOf(reader: Reader, tenant: string, indicator: string, asOf: number | undefined): { traces: Trace[]; names: Set<string> } {
  const product = productAt(indicator);
  const names = new Set<string>();
  const traces: Trace[] = [];
  for (const suspect of reader.suspects(tenant, { text: indicator, product }, asOf)) {
    const said = [...suspect.bodies()].map((body) => JSON.parse(body) as Pick<Fact, 'subject' | 'signals'>);
    const by = said.map((one) => namedBy(indicator, one)).find((one) => one !== undefined);
    const named = by ?? (product !== undefined && suspect.product === product ? `domain of ${product}` : undefined);
    if (named === undefined) continue;
    for (const { subject } of said) names.add(subject.name);
    for (const sightings of byThing(suspect)) traces.push(traceOf(sightings, { namedBy: named, product: suspect.product }));
  }
  return { traces: traces.sort(byUrgency), names };
}

/** The product whose own domain it is, by the catalog: providers name the domains of few apps. */
function productAt(indicator: string): string | undefined {
  if (!isDomain(indicator)) return undefined;
  const { grade, product } = match(loadCatalog(), [{ type: 'domain', value: indicator.toLowerCase() }]);
  return grade === 'exact' || grade === 'strong' ? product : undefined;
}

function* byThing(suspect: Suspect): Generator<Sighting[]> {
  let sightings: Sighting[] = [];
  for (const row of suspect.sightings()) {
    if (sightings[0] && sightings[0].fact.thing !== row.thing) {
      yield sightings;
      sightings = [];
    }
    const { firstSeen, lastSeen, administrator, standing } = row;
    sightings.push({ fact: factOf(suspect, row), firstSeen, lastSeen, administrator: administrator === 1, standing });
  }
  if (sightings.length > 0) yield sightings;
}

const URGENCY: readonly Trace['state'][] = ['live', 'unverified', 'gone'];

/** What is live first, administrators first among it. */
function byUrgency(a: Trace, b: Trace): number {
  return (
    URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state) ||
    Number(b.holder?.administrator ?? false) - Number(a.holder?.administrator ?? false) ||
    (a.thing < b.thing ? -1 : 1)
  );
}

/** What the scan that is asked about could not see. */
interface Unseen {
  scannedAt: string;
  gaps: GapRow[];
  byDesign: number;
  sources: SourceRow[];
  leftOut: LeftOut[];
}

function unseenIn(reader: Reader, tenant: string, { scan }: Moment): Unseen {
  const gaps = reader.gaps(scan.id);
  const open = gaps.filter(({ byDesign }) => byDesign === 0);
  return {
    scannedAt: scan.startedAt,
    gaps: open,
    byDesign: gaps.length - open.length,
    sources: reader.sources(scan.id).filter(({ state }) => state !== 'read'),
    leftOut: reader.leftOut(tenant, scan.id),
  };
}

function isWhole({ gaps, sources, leftOut }: Unseen): boolean {
  return gaps.length === 0 && sources.length === 0 && leftOut.length === 0;
}

function warning({ state }: TraceSummary, unseen: Unseen): string {
  if (isWhole(unseen)) return '';
  return `The answer is "${state}" as far as was read: ${unseen.gaps.length} places could not be read, and ${unseen.leftOut.length} collectors were left out. \`noctule coverage\` lists the places.\n`;
}

/** How many names and permissions are spelled out. */
const SOME = 10;

function report(indicator: string, summary: TraceSummary, traces: readonly Trace[], unseen: Unseen, { asOf, scan }: Moment): string {
  const { things, administrators, holders } = summary;
  const count = `${things.live} live, ${things.unverified} unverified, ${things.gone} gone`;
  const when = asOf === undefined ? 'the last scan' : `scan ${scan.id}`;
  const found = [
    field('State', `${summary.state} (${count}), by ${when} of ${unseen.scannedAt.slice(0, 10)}`),
    field('Known as', some(summary.names)),
    field('Product', summary.products.length === 0 ? 'unknown' : some(summary.products)),
    field('Held by', holders.length === 0 ? 'nobody in particular' : `${holders.length}: ${some(holders)}`),
    field('', administrators.length === 0 ? 'no administrator among them' : `administrators: ${some(administrators)}`),
    field('Permissions', some(summary.permissions)),
    field('First grant', stampText(summary.firstGrant ?? 'unknown')),
    field('Seen', `first ${day(summary.firstSeen)}, last ${day(summary.lastSeen)} (by Noctule)`),
    field('Last used', stampText(summary.lastUsed ?? 'unknown')),
    field('Took', summary.bytes === null ? 'unknown' : `${summary.bytes} bytes`),
    '',
    renderRows('table', traces, IN_SHORT),
  ];
  return [
    `Indicator  ${terminalText(indicator, 200)}`,
    '',
    ...(traces.length > 0 ? found : [`Not seen in anything that was read until ${unseen.scannedAt.slice(0, 10)}.\n`]),
    'What could not be seen',
    ...unseenLines(unseen),
    '',
  ].join('\n');
}

function unseenLines(unseen: Unseen): string[] {
  const { gaps, byDesign, sources, leftOut, scannedAt } = unseen;
  const never = `  By design: ${byDesign} places, and what collectors that are switched off would read. \`noctule coverage\` says more.`;
  if (isWhole(unseen)) return ['  The last reading left nothing open that was asked for.', never];
  return [
    ...sources.map(
      ({ source, state, message }) =>
        `  ${terminalText(source)} was ${state === 'partly' ? 'partly read' : state}${message ? `: ${terminalText(message, 200)}` : ''}`,
    ),
    ...(gaps.length > 0 ? [gapLines(gaps, Date.parse(scannedAt)).trimEnd()] : []),
    ...leftOut.map(
      ({ connector, account, collector, lastRead }) =>
        `  ${connector} ${terminalText(account)} ${collector} was left out of this scan, last read ${day(lastRead)}`,
    ),
    never,
  ];
}

function field(name: string, text: string): string {
  return `${name.padEnd(13)}${text}`;
}

function some(texts: readonly string[]): string {
  if (texts.length === 0) return 'none that are known';
  const more = texts.length > SOME ? `, and ${texts.length - SOME} more` : '';
  return `${texts
    .slice(0, SOME)
    .map((text) => terminalText(text))
    .join(', ')}${more}`;
}

function day(at: string | null): string {
  return at?.slice(0, 10) ?? 'never';
}

const DATES = new Set(['granted', 'last seen', 'last used']);

const COLUMNS: readonly { title: string; of(trace: Trace): string }[] = [
  { title: 'state', of: ({ state }) => state },
  { title: 'kind', of: ({ kind }) => kind },
  { title: 'app', of: ({ name }) => name },
  { title: 'named by', of: ({ namedBy: by }) => by },
  { title: 'where', of: ({ connector, account }) => `${connector} ${account}` },
  { title: 'holder', of: ({ holder }) => holder?.name ?? '' },
  { title: 'standing', of: ({ holder }) => [holder?.standing ?? [], holder?.administrator ? 'administrator' : []].flat().join(', ') },
  { title: 'permissions', of: ({ permissions }) => permissions.join(' ') },
  { title: 'granted', of: ({ grantedAt }) => grantedAt?.at ?? 'unknown' },
  { title: 'first seen', of: ({ firstSeen }) => firstSeen },
  { title: 'last seen', of: ({ lastSeen }) => lastSeen ?? 'in logs alone' },
  { title: 'last used', of: ({ lastUsedAt }) => lastUsedAt?.at ?? 'unknown' },
  { title: 'bytes', of: ({ bytes }) => bytes ?? 'unknown' },
];

/** For a terminal: permissions stand above, and a day is enough. */
const IN_SHORT = COLUMNS.filter(({ title }) => !['permissions', 'first seen'].includes(title)).map(({ title, of }) => ({
  title,
  of: (trace: Trace) => (DATES.has(title) ? of(trace).replace(/T.*/, '') : of(trace)),
}));
