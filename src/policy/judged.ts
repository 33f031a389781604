/** What a judgement comes to: the rows that are kept of it. */

/** One app in one account, as it was judged. */
export interface IntegrationRow {
  connector: string;
  account: string;
  appId: string;
  name: string;
  product: string | null;
  verdict: string;
  grade: string;
  state: 'present' | 'unverified' | 'gone';
  body: string;
}

/**
 * Where an app comes from, where its own id tells what it belongs to (`of`): the account itself (`own`, by that name), somewhere else,
 * or nobody can say. `since` = the first scan that saw the app.
 */
export type Origin = { of: string; since: number } & ({ is: 'own'; name: string } | { is: 'outside' | 'unknown' });

/** The mildest first. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface FindingRow {
  key: string;
  connector: string;
  account: string;
  rule: string;
  appId: string;
  credentialId: string | null;
  product: string | null;
  severity: Severity;
  /** Most powerful first. */
  rank: number;
  title: string;
  body: string;
  /** An exception in force covers it. */
  excepted: boolean;
  /** What it rests on could not be read in this scan. */
  unverified: boolean;
}

export const FINDING_STATES = ['open', 'acknowledged', 'excepted', 'resolved'] as const;
export type FindingState = (typeof FINDING_STATES)[number];
export type FindingEvent = 'opened' | 'changed' | 'resolved' | 'returned' | 'excepted' | 'unverified' | 'verified' | 'reopened';

export interface StoredFinding {
  state: FindingState;
  body: string;
  unverifiedScan: number | null;
}
