import { z } from 'zod';
import {
  defineCollector,
  defineConnector,
  type Account,
  type Clock,
  type Collector,
  type Connector,
  type Observation,
  type Scope,
  type ScanEvent,
} from '../../src/connector/index.ts';
import { runScan, type ScanOptions, type ScanOutcome, type Source } from '../../src/scan/engine.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { dateOf } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { scanOptions } from './night.ts';

/** The account of an invented provider. */
export function accountOf(id: string): Account {
  return { id, name: `Account ${id}`, scope: `account/${id}` };
}

/** A collector of an invented provider: it says what it is told to say. */
export function says(id: string, collect: Collector['collect'], more: Partial<Collector> = {}): Collector {
  return defineCollector({
    id,
    title: `All ${id}`,
    version: 1,
    kinds: ['oauth_grant'],
    mode: 'inventory',
    operations: [],
    permissions: [],
    limits: [],
    volatile: [],
    requests: () => 0,
    collect,
    ...more,
  });
}

/** A collector that reads its whole account, in which there are these grants. */
export function finds(id: string, grants: readonly string[], more: Partial<Collector> = {}): Collector {
  return says(
    id,
    async function* ({ account }): AsyncGenerator<ScanEvent> {
      for (const grant of grants) yield grantOf(`${account.scope}/user/${grant}`, grant);
      yield { type: 'covered', scope: account.scope };
    },
    more,
  );
}

export function grantOf(scope: Scope, id: string, more: Partial<Observation> = {}): Observation {
  return {
    type: 'observation',
    thing: `thing/${id}`,
    nativeId: id,
    kind: 'oauth_grant',
    scope,
    subject: { app: `app/${id}`, name: id },
    signals: [],
    permissions: [],
    attributes: {},
    evidence: { source: 'test' },
    ...more,
  };
}

/** A source of an invented provider, which opens the account `A` unless it is told otherwise. */
export function inventedSource(
  name: string,
  collectors: readonly Collector[],
  declared: Partial<Connector> = {},
  more: Partial<Source> = {},
): Source {
  const connector = defineConnector<unknown, unknown>({
    id: 'invented',
    title: 'Invented',
    config: z.strictObject({}),
    credentials: [],
    operations: [],
    collectors,
    connect: async () => ({ client: {}, account: accountOf('A') }),
    meaning: (permission) => ({ dataClass: 'files', access: 'read', plain: permission, known: true }),
    remediation: {},
    ...declared,
  });
  return { name, connector, config: {}, ...more };
}

/** The time of a night, as a clock that stands still: nothing is a race, and nothing waits. */
export function stillClock(moment: Date): Clock {
  return { now: () => moment, sleep: async () => {} };
}

/** One scan of invented sources on a database file, on a clock that stands still. `watched` may look over the store's shoulder. */
export async function scanOn(
  path: string,
  night: number | Date,
  sources: readonly Source[],
  more: Partial<ScanOptions> = {},
  watched = (store: Store) => store,
): Promise<ScanOutcome> {
  const from = typeof night === 'number' ? dateOf(night) : night;
  const store = openStore(path);
  try {
    return await runScan({ ...scanOptions(watched(store), { sources, environment: {}, from }), clock: stillClock(from), ...more });
  } finally {
    await store.close();
  }
}

/** Stops a scan where a collector calls `stop`. */
export function stoppable(): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, stop: () => controller.abort() };
}

/** The state of each fact, by its id. */
export function statesOf(path: string): Record<string, string> {
  const rows = rowsOf<{ id: string; state: string }>(path, 'SELECT native_id AS id, state FROM observation ORDER BY id');
  return Object.fromEntries(rows.map(({ id, state }) => [id, state]));
}

/** What the ledger of a scan says is unread, each as collector, place, reason and effect. */
export function gapsOf(path: string, scan: number): string[][] {
  const reader = openReader(path);
  const gaps = reader.gaps(scan).map(({ collector, scope, reason, effect }) => [collector, scope, reason, String(effect)]);
  reader.close();
  return gaps.toSorted(inOrder);
}

export function inOrder(one: readonly unknown[], other: readonly unknown[]): number {
  return one.join() < other.join() ? -1 : 1;
}
