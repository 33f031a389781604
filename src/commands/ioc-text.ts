import type { Indicator } from '../policy/indicator.ts';
import type { Trace, TraceSummary } from '../policy/trace.ts';
import { renderRows } from '../report/rows.ts';
import { stampText } from '../report/stamp.ts';
import type { AppTicket } from '../store/app-tickets.ts';
import { terminalText } from '../text/terminal.ts';
import { gapLines } from './coverage.ts';
import type { Found, NamedLike } from './ioc-traces.ts';
import { isWhole, type Unseen } from './ioc-unseen.ts';
import type { Moment } from './moment.ts';

export function warning({ state }: TraceSummary, unseen: Unseen, namedLike: number): string {
  const like = namedLike > 0 ? `${namedLike} apps are only named like it, and not counted.\n` : '';
  if (isWhole(unseen)) return like;
  return `${like}The answer is "${state}" as far as was read: ${unseen.gaps.length} places could not be read, and ${unseen.leftOut.length} collectors were left out. \`noctule coverage\` lists the places.\n`;
}

/** How many names and permissions are spelled out. */
const SOME = 10;

export function report(
  { given, forms }: Indicator,
  summary: TraceSummary,
  { traces, namedLike, tickets }: Pick<Found, 'traces' | 'namedLike'> & { tickets: readonly AppTicket[] },
  unseen: Unseen,
  { asOf, scan }: Moment,
): string {
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
    ...(tickets.length === 0
      ? [field('Tickets', 'none')]
      : tickets.map((ticket, index) => field(index === 0 ? 'Tickets' : '', ticketTold(ticket)))),
    '',
    renderRows('table', traces, IN_SHORT),
  ];
  return [
    field('Indicator', terminalText(given, 200)),
    ...(forms.length > 1 || forms[0] !== given ? [field('Looked for', forms.map((form) => terminalText(form, 200)).join(', or '))] : []),
    '',
    ...(traces.length > 0 ? found : [`Not seen in anything that was read until ${unseen.scannedAt.slice(0, 10)}.\n`]),
    ...likeLines(namedLike),
    'What could not be seen',
    ...unseenLines(unseen),
    '',
  ].join('\n');
}

function ticketTold({ sink, label, url, state }: AppTicket): string {
  const [shown, at] = [terminalText(label), url === null ? '' : `  ${terminalText(url, 500)}`];
  return `${sink} ${shown}, ${state ?? 'not looked at yet'}${at}`;
}

/** A name is no evidence, and no reason to say nothing. */
function likeLines(namedLike: readonly NamedLike[]): string[] {
  if (namedLike.length === 0) return [];
  const apps = namedLike.slice(0, SOME).map(({ connector, account, app, name }) => {
    const [shown, id, where] = [name, app, account].map((text) => terminalText(text));
    return `  ${shown}  ${id}  ${connector} ${where}`;
  });
  const more = namedLike.length > SOME ? [`  and ${namedLike.length - SOME} more`] : [];
  return [`Named like ${namedLike[0]!.product}, and not counted: ask for each by its id`, ...apps, ...more, ''];
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

export const COLUMNS: readonly { title: string; of(trace: Trace): string }[] = [
  { title: 'state', of: ({ state }) => state },
  { title: 'kind', of: ({ kind }) => kind },
  { title: 'app', of: ({ name }) => name },
  { title: 'holder', of: ({ holder }) => holder?.name ?? '' },
  { title: 'standing', of: ({ holder }) => [holder?.standing ?? [], holder?.administrator ? 'administrator' : []].flat().join(', ') },
  { title: 'last seen', of: ({ lastSeen }) => lastSeen ?? 'in logs alone' },
  { title: 'named by', of: ({ namedBy: by }) => by },
  { title: 'where', of: ({ connector, account }) => `${connector} ${account}` },
  { title: 'permissions', of: ({ permissions }) => permissions.join(' ') },
  { title: 'granted', of: ({ grantedAt }) => grantedAt?.at ?? 'unknown' },
  { title: 'first seen', of: ({ firstSeen }) => firstSeen },
  { title: 'last used', of: ({ lastUsedAt }) => lastUsedAt?.at ?? 'unknown' },
  { title: 'bytes', of: ({ bytes }) => bytes ?? 'unknown' },
];

/** For a terminal: permissions stand above, and a day is enough. */
const IN_SHORT = COLUMNS.filter(({ title }) => !['permissions', 'first seen'].includes(title)).map(({ title, of }) => ({
  title,
  of: (trace: Trace) => (DATES.has(title) ? of(trace).replace(/T.*/, '') : of(trace)),
}));
