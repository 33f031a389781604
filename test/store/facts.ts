import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { judgeOfPresence } from '../../src/scan/conclusion.ts';
import type { ClassCounts, ObservationRow, Reading, ReadingStart, ScanStart, StatementRow } from '../../src/store/rows.ts';
import type { FindingJudge } from '../../src/store/judgement.ts';
import type { Store } from '../../src/store/store.ts';
import type { TicketPlanner } from '../../src/tickets/world.ts';

export const ACCOUNT = 'customer/C01';
export const TENANT = 'default';

/** The night of that number. Nights are a day apart. */
export function dateOf(night: number): Date {
  return new Date(Date.parse('2026-11-02T02:00:00Z') + night * 86_400_000);
}

/** A fact as the store gets it. Two facts with one `says` are equal. */
export function fact(
  nativeId: string,
  options: { scope?: string; says?: string; volatile?: string | null; app?: string; kind?: string } = {},
): ObservationRow {
  const scope = options.scope ?? `${ACCOUNT}/user/${nativeId}`;
  const body = JSON.stringify({
    thing: `thing/${nativeId}`,
    says: options.says ?? 'the usual',
    subject: { app: options.app ?? 'app', name: nativeId },
  });
  return {
    nativeId,
    thing: `thing/${nativeId}`,
    kind: options.kind ?? 'oauth_grant',
    scope,
    appId: options.app ?? 'app',
    principalId: null,
    fingerprint: createHash('sha256').update(body).update(scope).digest().subarray(0, 16),
    body,
    volatile: options.volatile ?? null,
  };
}

export function said(statement: StatementRow['statement'], scope: string, at: Date = dateOf(0), reason = ''): StatementRow {
  return {
    scope,
    statement,
    reason: statement === 'gap' ? reason || 'permission_denied' : '',
    permission: null,
    effect: statement === 'gap' ? `Nothing is known of ${scope}` : null,
    byDesign: false,
    windowFrom: null,
    windowTo: null,
    spotCheck: false,
    statedAt: at.toISOString(),
  };
}

/** What one collector did on a night. */
export interface Told {
  rows?: readonly ObservationRow[];
  statements?: readonly StatementRow[];
  version?: number;
  mode?: 'inventory' | 'log';
  ends?: 'ended' | 'failed';
  connector?: string;
  account?: string;
  delta?: ReadingStart['delta'];
}

export async function begin(store: Store, night: number, tenant = TENANT, more: Partial<ScanStart> = {}): Promise<number> {
  return store.beginScan({
    tenant,
    startedAt: dateOf(night),
    configHash: 'config',
    catalogHash: 'catalog',
    policyHash: null,
    programVersion: '0',
    partial: false,
    actor: 'ada@host (claimed)',
    ...more,
  });
}

export async function open(store: Store, scanId: number, night: number, collector = 'grants', told: Told = {}): Promise<Reading> {
  return store.openReading({
    scanId,
    source: 'workspace',
    connector: told.connector ?? 'google-workspace',
    account: told.account ?? 'C01',
    accountScope: told.account === undefined ? ACCOUNT : `customer/${told.account}`,
    collector,
    mode: told.mode ?? 'inventory',
    version: told.version ?? 1,
    startedAt: dateOf(night),
    ...(told.delta && { delta: told.delta }),
  });
}

/** Finds nothing: readers see a scan once it is judged. */
const NO_FINDINGS: Omit<FindingJudge, 'now'> = {
  judge: () => undefined,
  transition: () => ({ state: 'resolved', events: [] }),
  newSince: '',
  eachTime: [],
  turnedSince: () => false,
  grown: () => [],
  same: () => true,
};

export async function conclude(
  store: Store,
  scanId: number,
  night: number,
  state: 'concluded' | 'abandoned' = 'concluded',
  judge: FindingJudge = { ...NO_FINDINGS, now: dateOf(night) },
  tickets?: TicketPlanner,
): Promise<ClassCounts> {
  const classes = await store.concludeScan(scanId, state, judgeOfPresence(dateOf(night)), dateOf(night));
  await store.judgeScan(scanId, judge, tickets);
  return classes;
}

/** A whole scan of one tenant, from its beginning to its end. */
export async function scan(
  store: Store,
  night: number,
  told: Readonly<Record<string, Told>>,
  tenant = TENANT,
  judge?: FindingJudge,
): Promise<{ scanId: number; classes: ClassCounts }> {
  const scanId = await begin(store, night, tenant);
  for (const [collector, tells] of Object.entries(told)) {
    const reading = await open(store, scanId, night, collector, tells);
    await store.commitBatch(reading, { rows: tells.rows ?? [], statements: tells.statements ?? [] });
    await store.endReading(reading, tells.ends ?? 'ended', dateOf(night));
  }
  return { scanId, classes: await conclude(store, scanId, night, 'concluded', judge) };
}

/** A place for files of one test file; it is gone when the tests are done. */
export function temporaryFolder(): (name?: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'noctule-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  return (name) => join(folder, name ?? `${++count}.db`);
}

/** Gives a test a store of its own in a new file, and closes it. */
export function withStoreIn(
  file: () => string,
  openStore: (file: string) => Store,
): (work: (store: Store, path: string) => Promise<void>) => Promise<void> {
  return async (work) => {
    const path = file();
    const store = openStore(path);
    try {
      await work(store, path);
    } finally {
      await store.close();
    }
  };
}
