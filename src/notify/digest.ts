import type { Block, Run, TicketDocument } from '../tickets/document.ts';
import type { Night, Notice } from './notice.ts';

/** One line of our own words and numbers: nothing that a provider said stands in it, so it may be a header. */
export function subjectOf({ night, tenant }: Notice): string {
  return `Noctule (${tenant}): ${night ? summaryOf(night) : 'test notice'}`;
}

/** What could not be read comes before any finding: a quiet night is good news only where everything was seen. */
export function documentOf(notice: Notice): TicketDocument {
  const { night } = notice;
  const title = [subjectOf(notice)];
  if (!night)
    return { title, blocks: [paragraph('This is a test notice. Nothing was scanned, and nothing has to be done.'), ...foot(notice, null)] };
  return {
    title,
    blocks: [
      ...(night.failure === null ? [] : [heading('The night ended without a scan'), paragraph({ name: night.failure })]),
      ...unreadBlocks(night),
      ...findingBlocks(night),
      ...(night.scan === null ? [] : [paragraph(`Open findings: ${openText(night.open)}.`)]),
      ...ticketBlocks(night),
      ...foot(notice, night),
    ],
  };
}

function summaryOf({ failure, unread, gaps, fresh, open }: Night): string {
  const places = placesOf(gaps);
  const parts = [
    ...(failure === null ? [] : ['the night ended without a scan']),
    ...(unread.length > 0 ? [counted(unread.length, 'source unread', 'sources unread')] : []),
    ...(places > 0 ? [counted(places, 'place unread', 'places unread')] : []),
    ...(failure === null ? [counted(fresh, 'new finding', 'new findings')] : []),
    ...(failure === null ? [`${sum(open)} open`] : []),
  ];
  return parts.join(', ');
}

function unreadBlocks({ unread, gaps }: Night): Block[] {
  if (unread.length === 0 && gaps.length === 0) return [];
  const sources = unread.map(({ source, message, scan, readSince }): Run[] => [
    readSince ? `${source}: nothing was read in scan ${scan}, and it was read since` : `${source}: nothing was read`,
    ...(message === null ? [] : ['. ', { name: message }]),
  ]);
  const places = gaps
    .slice(0, MOST)
    .map(({ source, collector, reason, places, isNew }): Run[] => [
      `${source}, ${collector}: ${counted(places, 'place', 'places')}, ${reason.replaceAll('_', ' ')}${isNew ? ', new' : ''}`,
    ]);
  return [
    heading('Not read'),
    { is: 'list', items: [...sources, ...places, ...more(gaps.length)] },
    paragraph('What was not read is neither gone nor safe. `noctule coverage` says which permission would open it.'),
  ];
}

function findingBlocks({ findings, fresh, events, scan }: Night): Block[] {
  if (scan === null) return [];
  const others = Object.entries(events)
    .filter(([event, count]) => !FRESH.includes(event) && count > 0)
    .map(([event, count]) => `${count} ${event}`);
  const rest = others.length > 0 ? [paragraph(`Of earlier ones: ${others.join(', ')}.`)] : [];
  if (fresh === 0) return [paragraph('No new findings.'), ...rest];
  const items = findings
    .slice(0, MOST)
    .map(({ finding, severity, event, title }): Run[] => [
      `${severity}${event === 'opened' ? '' : `, ${event}`}: `,
      { name: title },
      ` (noctule show ${finding.slice(0, 8)})`,
    ]);
  return [heading(counted(fresh, 'new finding', 'new findings')), { is: 'list', items: [...items, ...more(fresh)] }, ...rest];
}

function ticketBlocks({ tickets }: Night): Block[] {
  const parts = [
    ...(tickets && tickets.waiting > 0 ? [counted(tickets.waiting, 'write waits', 'writes wait')] : []),
    ...(tickets && tickets.refused > 0 ? [counted(tickets.refused, 'was refused', 'were refused')] : []),
  ];
  return parts.length === 0 ? [] : [paragraph(`Tickets, from before this scan: ${parts.join(', ')}. \`noctule tickets status\` says why.`)];
}

function foot({ id }: Notice, night: Night | null): Block[] {
  const scan = night?.scan === undefined || night.scan === null ? '' : `Scan ${night.scan}. `;
  const audit = night?.audit ? `Audit trail: event ${night.audit.number}, ${night.audit.hash}. ` : '';
  return [paragraph(`${scan}${audit}Notice ${id}.`)];
}

/** Lines of one list. */
const MOST = 10;
/** Events by which a finding needs somebody. */
const FRESH = ['opened', 'returned', 'reopened'];

function placesOf(gaps: Night['gaps']): number {
  return gaps.reduce((count, { places }) => count + places, 0);
}

function more(of: number): Run[][] {
  return of > MOST ? [[`… and ${of - MOST} more`]] : [];
}

function openText(open: Night['open']): string {
  const by = ['critical', 'high', 'medium', 'low'].filter((level) => (open[level] ?? 0) > 0).map((level) => `${open[level]} ${level}`);
  return by.length === 0 ? 'none' : `${sum(open)} (${by.join(', ')})`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}

function heading(text: string): Block {
  return { is: 'heading', text };
}

function paragraph(...runs: Run[]): Block {
  return { is: 'paragraph', runs };
}
