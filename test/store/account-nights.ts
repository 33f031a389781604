import { loadCatalog } from '../../src/catalog/catalog.ts';
import { defineCollector, type Observation, type Signal } from '../../src/connector/index.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { judgeOfPresence } from '../../src/scan/conclusion.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { observationRow } from '../../src/scan/rows.ts';
import type { Store } from '../../src/store/store.ts';
import { begin, conclude, dateOf, said, TENANT } from './facts.ts';

// Nights of several accounts, in which apps of one product come and go.

const catalog = loadCatalog();
const connectors = await Promise.all(['google-workspace', 'github'].map(loadConnector));

/** What tells the product: an id of it, or its name alone. */
export const BY_ID: readonly Signal[] = [{ type: 'domain', value: 'claude.ai' }];
export const BY_NAME: readonly Signal[] = [{ type: 'app_name', value: 'Claude' }];

export interface App {
  id?: string;
  signals?: readonly Signal[];
  permissions?: readonly string[];
  /** Where in its account it stands. */
  at?: string;
}
/** What a reader of an account came to; `false` = it could not be read. */
export interface Read {
  connector?: string;
  collector?: string;
  version?: number;
  mode?: 'inventory' | 'log';
  apps?: readonly App[] | false;
  /** What was read of the account; absent = all of it. */
  covered?: string;
  gap?: { at: string; byDesign: boolean };
  /** A log told what had to be read. */
  byLog?: boolean;
}
/** A night of the test: by account, what was read. */
export type Night = Readonly<Record<string, Read | readonly Read[]>>;
function rowOf(account: string, collector: string, { id = 'app', signals = BY_ID, permissions = [], at = 'apps' }: App) {
  const fact: Observation = {
    type: 'observation',
    thing: `${collector}/${id}`,
    nativeId: `${collector}/${id}`,
    kind: 'app_installation',
    scope: `customer/${account}/${at}`,
    subject: { app: id, name: id },
    signals,
    permissions,
    attributes: {},
    evidence: { source: 'test' },
  };
  return observationRow(fact, defineCollector<object, object>({ ...connectors[0]!.collectors[0]!, volatile: [] }));
}

const judgeOn = (day: number) => createJudge({ catalog, policy: EMPTY_POLICY, connectors, now: dateOf(day) });

/** Reads accounts on a day, and judges what was stored. */
export async function have(store: Store, day: number, night: Night, catalogHash = 'catalog'): Promise<void> {
  await conclude(store, await readOn(store, day, night, catalogHash), day, 'concluded', judgeOn(day));
}

/** Reads accounts on a day; the scan is given up before it is judged. */
export async function breakOff(store: Store, day: number, night: Night): Promise<void> {
  const scanId = await readOn(store, day, night, 'catalog');
  await store.concludeScan(scanId, 'abandoned', judgeOfPresence(dateOf(day)), dateOf(day));
}

/** Answers the scan. */
async function readOn(store: Store, day: number, night: Night, catalogHash: string): Promise<number> {
  const scanId = await begin(store, day, TENANT, { catalogHash });
  for (const [account, reads] of Object.entries(night))
    for (const { connector = 'google-workspace', collector = 'list', version = 1, mode = 'inventory', ...read } of [
      reads,
    ].flat() as Read[]) {
      const { apps = [], covered, gap, byLog = false } = read;
      const start = { scanId, source: connector, connector, account, accountScope: `customer/${account}`, startedAt: dateOf(day) };
      const delta = byLog ? { since: dateOf(day - 1), sweep: false } : undefined;
      const reading = await store.openReading({ ...start, collector, mode, version, delta });
      const whole = said(apps === false ? 'gap' : 'covered', `customer/${account}${covered === undefined ? '' : `/${covered}`}`);
      const hole = gap && { ...said('gap', `customer/${account}/${gap.at}`), byDesign: gap.byDesign };
      const rows = (apps || []).map((app) => rowOf(account, collector, app));
      await store.commitBatch(reading, { rows, statements: [whole, ...(hole ? [hole] : [])] });
      await store.endReading(reading, 'ended', dateOf(day));
    }
  return scanId;
}
