import { parsePolicyText } from '../config/policy-file.ts';
import { decidingEntries, type Deciding } from '../policy/deciding.ts';
import { reviewDay } from '../policy/policy.ts';
import type { Recognised } from '../policy/standing.ts';
import type { ScanRow } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';
import { field } from './show-field.ts';

/** How many entries are told. */
const SHOWN = 3;

/** What the text of the policy by which a scan was judged says of an app. */
export function decidingOf(text: string, scan: ScanRow, app: Recognised): Deciding[] {
  return decidingEntries(app, parsePolicyText(text, `the policy of scan ${scan.id}`), new Date(scan.judgedAt ?? scan.startedAt));
}

/** An entry a paragraph: where it stands, and who answers for it, by what is there. */
export function decidingLines(entries: readonly Deciding[]): string[] {
  return entries.slice(0, SHOWN).flatMap((one, number) => {
    const place = `${one.list}[${one.index}]${one.list === 'approvals' && one.isOver ? ', which has ended' : ''}`;
    return [place, ...factsOf(one)].map((line, index) => field(number + index === 0 ? 'Policy' : '', terminalText(line, 500)));
  });
}

function factsOf(one: Deciding): string[] {
  const told = (name: string, value: string | undefined) => (value === undefined ? [] : [`${name} ${value}`]);
  if (one.list === 'denials') {
    const { reason, redirect, ticket } = one.entry;
    return [...told('reason:', reason), ...told('use instead:', redirect), ...told('ticket:', ticket)];
  }
  const { owner, controlOwner, businessProcess, evidence, ticket, expires } = one.entry;
  return [
    ...told('owner:', owner),
    ...told('control owner:', controlOwner),
    ...told('business process:', businessProcess),
    ...told('evidence:', evidence?.join(', ')),
    ...told('ticket:', ticket),
    ...told('until', expires),
    ...told('review by', reviewDay(one.entry)),
  ];
}
