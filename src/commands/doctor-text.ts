import { table } from '../report/table.ts';
import type { CredentialProbe, ReferenceProbe } from '../scan/credentials.ts';
import { terminalText } from '../text/terminal.ts';
import { VERSION } from './version.ts';
import type { DoctorReport, ProbedSource } from './doctor.ts';

/** A wider difference is told: AWS refuses signatures that are five minutes off, and GitHub an assertion from the future. */
const MOST_SKEW_SECONDS = 120;

type Mark = 'ok' | 'warning' | 'FAILED';

/** The findings of `doctor`, for people. */
export function doctorText(report: DoctorReport): string {
  const checks = report.checks.map(({ state, message, fix }) => line(state === 'failed' ? 'FAILED' : state, message, fix));
  const blocks = report.sources.map((source) => `\n${sourceText(source)}`);
  return `Noctule ${VERSION}\n${checks.join('')}${blocks.join('')}\n${report.requests} requests were sent; none of them writes.\n`;
}

function line(mark: Mark, message: string, fix?: string | null): string {
  const remedy = fix ? `           ${terminalText(fix, 600)}\n` : '';
  return `  ${mark.padEnd(7)}  ${terminalText(message, 600)}\n${remedy}`;
}

function sourceText(source: ProbedSource): string {
  const account = source.account ? `, ${accountText(source.account)}` : '';
  const head = `${terminalText(`${source.source}: ${source.title}${account}`)}, ${source.requests} requests\n`;
  const told = source.credentials.some((credential) => credential.message === source.message);
  const opened = source.state === 'opened';
  const unread = opened || told ? '' : line('FAILED', source.message ?? 'It cannot be opened', source.fix);
  const members = opened && source.message ? line(source.members?.opened === 0 ? 'FAILED' : 'warning', source.message) : '';
  const credentials = source.credentials.map((credential) => credentialText(credential, source.state === 'opened')).join('');
  return `${head}${credentials}${unread}${members}${clockText(source)}${collectorsText(source)}`;
}

function accountText({ id, name }: NonNullable<ProbedSource['account']>): string {
  return name === id ? id : `${name} (${id})`;
}

function credentialText({ title, references, state, account, message, fix }: CredentialProbe, open: boolean): string {
  const where = references.length === 0 ? '' : ` [${references.map(({ reference }) => reference).join(', ')}]`;
  if (state === 'accepted') return line('ok', `${title}${where}: opens ${account ? accountText(account) : 'it'}`);
  const lost = references.filter(({ found }) => !found);
  const mark = open ? 'warning' : 'FAILED';
  if (lost.length === 0) return line(mark, `${title}${where}: ${message ?? 'it does not work'}`, fix);
  return lost.map((reference) => line(mark, referenceText(title, reference), reference.fix)).join('');
}

function referenceText(title: string, { key, message }: ReferenceProbe): string {
  return `${title}: ${message ?? 'The secret is not there'} (${key})`;
}

function clockText({ clockAheadSeconds: ahead }: ProbedSource): string {
  if (ahead === null) return '';
  const seconds = Math.abs(ahead);
  if (seconds <= MOST_SKEW_SECONDS) return line('ok', `The clocks agree: ${seconds} seconds apart`);
  const message = `The clock of this machine is ${seconds} seconds ${ahead > 0 ? 'behind' : 'ahead of'} the provider's`;
  return line('warning', message, 'Let it be set over the network (NTP): signatures and tokens bear the time.');
}

const STATES = { granted: 'granted', missing: 'MISSING', not_reached: 'not reached' } as const;

function collectorsText({ collectors }: ProbedSource): string {
  if (collectors.length === 0) return '';
  const rows = collectors.flatMap(({ collector, permissions }) =>
    permissions.map(({ permission, orElse, state, accepted }) => [
      collector,
      [permission, ...orElse].join(' or '),
      `${STATES[state]}${accepted ? ', accepted' : ''}`,
    ]),
  );
  const states = table(['collector', 'permission', 'state'], rows, 120);
  const notes = collectors.map((one) => notesText(one)).join('');
  return `\n${states.replaceAll(/^(?=.)/gm, '  ')}${notes === '' ? '' : `\n${notes}`}`;
}

/** What the table has no room for: what is lost without a permission and what would give it, and why something was not tried. */
function notesText({ collector, permissions, troubles }: ProbedSource['collectors'][number]): string {
  const notes = permissions.filter(({ effect }) => effect !== null);
  const said = notes.map(({ permission, orElse, state, effect }) => {
    const grant = state === 'missing' ? `Grant ${[permission, ...orElse].join(', or instead ')}.` : undefined;
    return noteText(`${collector}, ${STATES[state]}: ${permission}`, effect ?? '', grant);
  });
  const other = troubles.filter(({ effect }) => !notes.some((note) => note.effect?.includes(effect)));
  return [...said, ...other.map(({ reason, effect }) => noteText(`${collector}: ${reason}`, effect))].join('');
}

function noteText(head: string, effect: string, remedy?: string): string {
  const last = remedy === undefined ? '' : `    ${terminalText(remedy, 600)}\n`;
  return `  ${terminalText(head)}\n    ${terminalText(effect, 600)}\n${last}`;
}
