import { concurrent, type Member } from '../connector/index.ts';
import type { StatementRow } from '../store/rows.ts';
import { statementRow } from './rows.ts';
import { collectorsAt, readAccount, type SourceReading } from './account.ts';
import { textAsKept } from './edge.ts';
import { explain, type Members, type Tools } from './opening.ts';
import type { SourceOutcome } from './source.ts';

/** Accounts of one source that are read at the same time. Providers count by account, so they do not slow each other down. */
const ACCOUNTS_AT_ONCE = 8;

/** Reads the accounts of a source that reads many. One that refuses is a gap of its own, and the others are read. */
export async function readMembers(
  reading: SourceReading,
  members: Members,
  tools: () => Tools,
): Promise<Pick<SourceOutcome, 'members' | 'message'> & Partial<SourceOutcome>> {
  if ('lost' in members) {
    const { bugs, ...why } = explain(members.lost);
    reading.bugs.push(...bugs);
    return { ...why, state: 'unread' };
  }
  const { signal, fail } = reading.options;
  const fates = new Map<string, Member<unknown>['unread']>();
  const read = async (member: Member<unknown>) => {
    try {
      const fate = signal.aborted ? undefined : (member.unread ?? (await readMember(reading, member, tools())));
      fates.set(member.account.id, fate);
    } catch (error) {
      fail(error);
    }
  };
  for await (const _ of concurrent(members.list, ACCOUNTS_AT_ONCE, read));
  // What holds accounts may be read for itself alone.
  const held = members.list.length + members.elsewhere > 0;
  return { members: fates, ...(held && { message: summary(members, fates) }) };
}

async function readMember(reading: SourceReading, member: Member<unknown>, tools: Tools): Promise<Member<unknown>['unread']> {
  const { options, scanId, source, bugs } = reading;
  // What was read to its end before an interruption need not be opened for that.
  const ended = new Set(await options.store.endedIn(scanId, source.connector.id, member.account.id));
  if (collectorsAt(undefined, source).every(({ id }) => ended.has(id))) return undefined;
  try {
    const connection = await member.connect(tools.tools).catch((error: unknown) => ({ refused: error }));
    await options.store.recordRequests(scanId, source.name, '', tools.meter.take());
    if (options.signal.aborted) return undefined;
    if ('refused' in connection) return await refuse(reading, member, connection.refused);
    try {
      await readAccount({ options, scanId, source, bugs }, { ...tools, connection }, undefined);
    } finally {
      await connection.close?.();
    }
    return undefined;
  } finally {
    await options.store.recordRequests(scanId, source.name, '', tools.meter.take());
  }
}

/** The account was never opened: that is a gap over all of it, for each collector, also where none has ever read it. */
async function refuse({ options, scanId, source, bugs }: SourceReading, { account }: Member<unknown>, error: unknown) {
  const { message: said = '', failure: reason = 'provider_error', bugs: own } = explain(error);
  const message = textAsKept(options.persons, [source.connector], said);
  bugs.push(...own);
  const now = options.clock.now();
  const effect = `Nothing of this account was read: ${message}`;
  const gap: StatementRow = statementRow({ type: 'gap', scope: account.scope, reason, effect }, now);
  for (const { id: collector, mode, version } of collectorsAt(undefined, source)) {
    const start = { scanId, source: source.name, connector: source.connector.id, collector, mode, version, startedAt: now };
    const opened = await options.store.openReading({ ...start, account: account.id, accountScope: account.scope });
    // Failed, not unread: a scan that is gone on with tries it again.
    if (opened.state === 'running') await options.store.endReading(opened, 'failed', now, [gap]);
  }
  return { reason, effect };
}

function summary({ list, elsewhere }: Extract<Members, { list: unknown }>, fates: SourceOutcome['members'] & {}): string {
  const left = list.filter(({ unread }) => unread !== undefined).length;
  const refused = [...fates.values()].filter((fate) => fate !== undefined).length - left;
  const parts = [
    `${list.length - left - refused} accounts read`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(left > 0 ? [`${left} left out`] : []),
    ...(elsewhere > 0 ? [`${elsewhere} read by sources of their own`] : []),
  ];
  return parts.join(', ');
}
