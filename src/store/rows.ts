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
  /** The place was read by chance, although a log vouched for it. */
  spotCheck: boolean;
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
  /** Who begins it, and how that is known. */
  actor: string;
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
  /** Since when a change log is asked, where one is; a sweep reads everything all the same. */
  delta?: { since: Date; sweep: boolean } | undefined;
}

/** What is known of earlier readings by a collector. */
export interface ReadingHistory {
  /** The last reading that ended. */
  last: { startedAt: Date; version: number; catalogHash: string; withdrawn: boolean };
  /** Start of the last one that read everything. */
  wholeAt: Date;
}

export interface Reading {
  id: number;
  collectorId: number;
  state: 'running' | 'ended' | 'failed' | 'abandoned' | 'unread';
  startedAt: string;
  /** Since when a change log is asked; null = none is, everything is read. Decided once, so that a resumed scan goes on alike. */
  deltaSince: string | null;
  /** 1 = everything is read, and held against what the log says. */
  sweep: 0 | 1;
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
