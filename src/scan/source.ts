import type { Account, GapReason, Member, OperationId } from '../connector/index.ts';
import { readAccount } from './account.ts';
import { textAsKept } from './edge.ts';
import type { ReadingOptions, Source } from './engine.ts';
import { readMembers } from './members.ts';
import { Meter } from './meter.ts';
import { explain, open, toolsOf, type Claim, type Opened } from './opening.ts';

/** How a source fared. */
export interface SourceOutcome {
  source: string;
  connector: string;
  /** What it was opened at: the account that it reads, or what holds the accounts. */
  account?: Account;
  state: 'read' | 'partly' | 'unread';
  /** Why it is unread, or which of its accounts were read, in words for the user. */
  message?: string;
  fix?: string;
  failure?: GapReason;
  /** The credential itself was not accepted. */
  refused: boolean;
  /** Our own bugs, which end a collector and never a scan. */
  bugs: readonly unknown[];
  requests: ReadonlyMap<OperationId, { first: number; repeats: number }>;
  /** Of a source that reads many accounts, by id: why an account was not read; undefined = it was. */
  members?: ReadonlyMap<string, Member<unknown>['unread']>;
}

/** Opens a source and lets its collectors read. Never throws for what the provider or the user did. */
export async function readSource(options: ReadingOptions, scanId: number, source: Source, claim: Claim): Promise<SourceOutcome> {
  const meter = new Meter();
  const budget = source.timeBudgetMinutes;
  const deadline = budget === undefined ? undefined : new Date(options.clock.now().getTime() + budget * 60_000);
  const base = { source: source.name, connector: source.connector.id, refused: false, bugs: [], requests: meter.total };
  const tell = (phase: 'connecting' | 'failed' | 'done', message?: string) =>
    options.progress?.({ source: source.name, phase, observations: 0, requests: meter.requests, ...(message && { message }) });
  const asKept = (message: string) => textAsKept(options.persons, [source.connector], message);
  const record = async (told: SourceOutcome) => {
    const outcome = told.message === undefined ? told : { ...told, message: asKept(told.message) };
    await options.store.recordRequests(scanId, source.name, '', meter.take());
    await options.store.recordSource({
      scanId,
      source: source.name,
      connector: source.connector.id,
      account: outcome.account?.id ?? null,
      accountName: outcome.account?.name ?? null,
      state: outcome.state,
      message: outcome.message ?? null,
    });
    tell(outcome.state === 'unread' ? 'failed' : 'done', outcome.message);
    return outcome;
  };
  tell('connecting');
  let opened: Opened;
  try {
    opened = await open(options, source, meter, claim, deadline);
  } catch (error) {
    if (options.signal.aborted) return { ...base, state: 'unread', message: 'Interrupted' };
    return record({ ...base, state: 'unread', ...explain(error) });
  }
  await options.store.recordRequests(scanId, source.name, '', meter.take());
  const { connection, members } = opened;
  const reading = { options, scanId, source, bugs: [] as unknown[] };
  const outcome = { ...base, account: connection.account, bugs: reading.bugs };
  let told: Partial<SourceOutcome> = {};
  try {
    await readAccount(reading, { ...opened, meter }, members ? 'group' : undefined);
    if (members && !options.signal.aborted)
      told = await readMembers(reading, members, () => toolsOf(options, source, meter.beside(), deadline));
  } finally {
    await connection.close?.();
  }
  if (options.signal.aborted) return { ...outcome, state: 'partly', message: 'Interrupted' };
  const gaps = await options.store.gapsOf(scanId, source.name);
  return record({ ...outcome, state: gaps > 0 || reading.bugs.length > 0 ? 'partly' : 'read', ...told });
}
