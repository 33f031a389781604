/** What the store takes and gives: rows in the words of the domain, without SQL. */

/** One observation as it is kept. Made by src/scan of what a collector stated. */
export interface ObservationRow {
  nativeId: string;
  thing: string;
  kind: string;
  scope: string;
  appId: string;
  principalId: string | null;
  /** Equal for equal facts. */
  fingerprint: Uint8Array;
  body: string;
  volatile: string | null;
}

export interface StatementRow {
  scope: string;
  statement: 'covered' | 'unchanged' | 'gap';
  reason: string;
  permission: string | null;
  effect: string | null;
  byDesign: boolean;
  windowFrom: string | null;
  windowTo: string | null;
  statedAt: string;
}

export interface ScanStart {
  tenant: string;
  startedAt: Date;
  configHash: string;
  catalogHash: string;
  policyHash: string | null;
  programVersion: string;
  partial: boolean;
}

export interface ReadingStart {
  scanId: number;
  source: string;
  connector: string;
  account: string;
  accountScope: string;
  collector: string;
  mode: 'inventory' | 'log';
  version: number;
  startedAt: Date;
}

export interface Reading {
  id: number;
  collectorId: number;
  state: 'running' | 'ended' | 'failed' | 'abandoned' | 'unread';
  startedAt: string;
  /** JSON of the last checkpoint. */
  cursor: string | null;
  sizes: string;
}

/** How many observations ended in which class of the diff. */
export type ClassCounts = Partial<Record<string, number>>;

export interface SourceResult {
  scanId: number;
  source: string;
  connector: string;
  account: string | null;
  accountName: string | null;
  state: 'running' | 'read' | 'partly' | 'unread';
  message: string | null;
}

/** One app in one account. */
export interface AppKey {
  tenant: string;
  connector: string;
  account: string;
  appId: string;
}

/** An observation of an app as judgement needs it. */
export interface StoredObservation {
  collector: string;
  mode: 'inventory' | 'log';
  thing: string;
  kind: string;
  state: 'present' | 'unverified' | 'gone';
  firstScan: number;
  body: string;
  volatile: string | null;
}
