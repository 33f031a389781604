import type { Database as Connection } from 'better-sqlite3';
import type { AttemptFact } from '../policy/attempts.ts';
import { readActs, readAssignments, readReopened, type KeptAct } from './read-acts.ts';
import { asStorageError, openReadOnly } from './database.ts';
import { policyOf } from './lately.ts';
import { readAttempts } from './read-attempts.ts';
import { countEvidence, readEvidence, type ObservationView } from './read-evidence.ts';
import { readChanges, type ChangeQuery, type FoundChange } from './read-changes.ts';
import { countOfFindings, readFindings, readFindingsByPrefix, type FindingQuery, type FoundFinding } from './read-findings.ts';
import { readGrant, readGrants, type FoundGrant, type GrantQuery } from './read-grants.ts';
import { readIntegration, readIntegrations, type FoundIntegration, type IntegrationQuery } from './read-integrations.ts';
import { readGaps, type GapRow } from './read-gaps.ts';
import { personsCheck } from './persons-check.ts';
import { policyFaultsOf } from './lately.ts';
import type { AppKey, SourceResult } from './rows.ts';

/** What lists are read from: a part of what analysts see that is quickly there. */
export interface ListReader {
  /** Scans that are concluded and judged, the last first: of one that died in between, the next scan tells. */
  scans(tenant: string, limit: number): ScanRow[];
  /** The text of the policy by which a scan was judged; undefined = there was none. */
  policyOf(scanId: number): string | undefined;
  /** How sources fared in a scan. */
  sources(scanId: number): SourceRow[];
  /** How each list and log was read in a scan. */
  readings(scanId: number): ReadingRow[];
  gaps(scanId: number): GapRow[];
  /** What a scan asked its providers. */
  requests(scanId: number): RequestRow[];
  /** Names of the sources of which a scan could read nothing at all. */
  unreadSources(scanId: number): string[];
  findings(query: FindingQuery): FoundFinding[];
  /** The same, one after the other. */
  eachFinding(query: FindingQuery): Iterable<FoundFinding>;
  /** How many there are on all pages. */
  countOfFindings(query: FindingQuery): number;
  /** Findings whose key starts so, as of a scan or as things stand. */
  findingsByPrefix(tenant: string, prefix: string, asOf?: number): FoundFinding[];
  /** Apps in accounts, AI or not. */
  integrations(query: IntegrationQuery): Iterable<FoundIntegration>;
  integration(tenant: string, id: number, asOf?: number): FoundIntegration | undefined;
  /** Who and what holds, may or uses what, statement by statement. */
  grants(query: GrantQuery): Iterable<FoundGrant>;
  grant(tenant: string, id: number, asOf?: number): FoundGrant | undefined;
  /** What happened in the scans after one. */
  changes(query: ChangeQuery): Iterable<FoundChange>;
  observationsOfApp(app: AppKey, limit: number, asOf?: number): ObservationView[];
  /** How many observations there are of an app, however many are asked for. */
  countOfApp(app: AppKey, asOf?: number): number;
  /** What holders of an account tried to use, as reports told, with others of the same names; as things stand, for of the past no dates are kept. */
  attempts(account: Omit<AppKey, 'appId'>, holders: readonly { id: string; name: string }[]): AttemptFact[];
  /** What analysts did about a finding, in order; `until`, ISO 8601 = up to then. */
  acts(key: string, until?: string): KeptAct[];
  /** Who looks after findings, and how many comments each has, by key; `until`, ISO 8601 = as it was then. */
  assignments(tenant: string, until?: string): ReadonlyMap<string, { assigned: string; comments: number }>;
  /** Why an acknowledged finding was last opened again, and when; up to a scan. */
  reopened(key: string, asOf?: number): { at: string; detail: string } | undefined;
  /** What of the policy needed a look after the last scan, and the policy's text then; undefined = nobody looked. */
  policyFaults(tenant: string): { faults: Readonly<Record<string, number>>; policy: string } | undefined;
  /** The check of the key by which a tenant keeps pseudonyms; undefined = it keeps people as their providers name them. */
  personsCheck(tenant: string): string | undefined;
  close(): void;
}

export interface ScanRow {
  id: number;
  state: 'concluded' | 'abandoned';
  startedAt: string;
  endedAt: string;
  /** Null where a Noctule judged it that kept no earlier verdicts. */
  judgedAt: string | null;
  /** When its history was taken away; null = it is all there. */
  prunedAt: string | null;
}

export type SourceRow = Omit<SourceResult, 'scanId'>;

export interface ReadingRow {
  source: string;
  connector: string;
  account: string;
  collector: string;
  state: string;
  first: number;
  readerChanged: number;
  /** 1 = the log that it relied on was found to miss changes. */
  withdrawn: number;
}

export interface RequestRow {
  source: string;
  collector: string;
  operation: string;
  first: number;
  repeats: number;
}

export function openLists(file: string): ListReader {
  return tellingStorageErrors(file, listsOf(openReadOnly(file)));
}

export function listsOf(database: Connection): ListReader {
  return {
    scans: (tenant, limit) =>
      database
        .prepare(
          `SELECT id, state, started_at AS startedAt, ended_at AS endedAt, judged_at AS judgedAt, pruned_at AS prunedAt FROM scan WHERE tenant = ? AND state = 'concluded' AND judged = 1 ORDER BY id DESC LIMIT ?`,
        )
        .all(tenant, limit) as ScanRow[],
    policyOf: (scanId) => policyOf(database, scanId),
    sources: (scanId) =>
      database
        .prepare(
          'SELECT source, connector, account, account_name AS accountName, state, message FROM source_result WHERE scan_id = ? ORDER BY source',
        )
        .all(scanId) as SourceRow[],
    readings: (scanId) =>
      database
        .prepare(
          `SELECT r.source, c.connector, c.account, c.collector, r.state, r.first, r.reader_changed AS readerChanged, r.withdrawn
           FROM reading r JOIN collector c ON c.id = r.collector_id WHERE r.scan_id = ? ORDER BY r.source, r.id`,
        )
        .all(scanId) as ReadingRow[],
    gaps: (scanId) => readGaps(database, scanId),
    requests: (scanId) =>
      database
        .prepare(
          'SELECT source, collector, operation, first, repeats FROM request_count WHERE scan_id = ? ORDER BY source, collector, operation',
        )
        .all(scanId) as RequestRow[],
    unreadSources: (scanId) =>
      database
        .prepare(`SELECT source FROM source_result WHERE scan_id = ? AND state = 'unread' ORDER BY source`)
        .pluck()
        .all(scanId) as string[],
    findings: (query) => [...readFindings(database, query)],
    eachFinding: (query) => readFindings(database, query),
    countOfFindings: (query) => countOfFindings(database, query),
    findingsByPrefix: (tenant, prefix, asOf) => readFindingsByPrefix(database, tenant, prefix, asOf),
    integrations: (query) => readIntegrations(database, query),
    integration: (tenant, id, asOf) => readIntegration(database, tenant, id, asOf),
    grants: (query) => readGrants(database, query),
    grant: (tenant, id, asOf) => readGrant(database, tenant, id, asOf),
    changes: (query) => readChanges(database, query),
    observationsOfApp: (app, limit, asOf) => readEvidence(database, app, limit, asOf),
    countOfApp: (app, asOf) => countEvidence(database, app, asOf),
    attempts: (account, holders) => readAttempts(database, account, holders),
    acts: (key, until) => readActs(database, key, until),
    assignments: (tenant, until) => readAssignments(database, tenant, until),
    reopened: (key, asOf) => readReopened(database, key, asOf),
    policyFaults: (tenant) => policyFaultsOf(database, tenant),
    personsCheck: (tenant) => personsCheck(database, tenant),
    close: () => void database.close(),
  };
}

/** A database that breaks while it is read is told as one that cannot be opened: what is wrong, and what to do. */
export function tellingStorageErrors<Reader extends object>(file: string, reader: Reader): Reader {
  const told = Object.entries(reader).map(([name, ask]) => [
    name,
    (...values: unknown[]) => {
      try {
        return (ask as (...values: unknown[]) => unknown)(...values);
      } catch (error) {
        throw asStorageError(error, file);
      }
    },
  ]);
  return Object.fromEntries(told) as Reader;
}
