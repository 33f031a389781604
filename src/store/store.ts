import type { AuditEvent } from '../audit/chain.ts';
import type { SightedFacts } from '../policy/acknowledgement.ts';
import { actOn } from './acts.ts';
import type { Act } from './read-acts.ts';
import { appendAudit } from './audit.ts';
import { auditScans } from './audit-scans.ts';
import { openDatabase, rewritten } from './database.ts';
import { writeJudgement, type FindingJudge } from './judgement.ts';
import { forgetPerson, type Forgetting, type Forgotten } from './forget.ts';
import {
  dropOldNotices,
  noticeTried,
  queueNotices,
  undeliveredNotices,
  type NewNotice,
  type NoticeAttempt,
  type NoticeRow,
} from './notices.ts';
import { pruneHistory, type Pruned, type Pruning } from './prune.ts';
import { overrideIdentity, type OverrideRow } from './principals.ts';
import { leasesOf, type LeaseHolder } from './leases.ts';
import { ticketQueueOf, type TicketQueue } from './outbox.ts';
import { queueTickets } from './tickets.ts';
import type { TicketPlanner } from '../tickets/world.ts';
import { readAt, unvouched, type Tonight } from './log-nights.ts';
import { revealed, sealedNames, settlePersons, type PersonsKept } from './persons.ts';
import { endedIn, historyOf, knownPlaces, openReading, readingWriter, unopened, type Batch } from './readings.ts';
import type { ClassCounts, Reading, ReadingHistory, ReadingStart, ScanStart, SourceResult, StatementRow } from './rows.ts';
import {
  beginScan,
  concludeScan,
  gapsOf,
  recordRequests,
  recordSource,
  runningScan,
  tenantOf,
  unjudgedScan,
  unjudgedUntil,
} from './scans.ts';
import type { Judge } from './statements.ts';
import { fencedTurns, turnsOf, type Fences, type TurnOptions } from './turns.ts';

export type { LeaseHolder } from './leases.ts';
export type { NoticeRow } from './notices.ts';

/**
 * Everything that is remembered. Each method is one unit of work: it is done whole or not at all, and nothing of a
 * database transaction shows outside. Asynchronous in its signature, so that another database may stand behind it.
 */
export interface Store extends TicketQueue {
  /** Takes the lease of a tenant, or tells who holds it. `isDead` says whether a holder on this host still runs. */
  acquireLease(
    tenant: string,
    self: Omit<LeaseHolder, 'beatAt'>,
    now: Date,
    isDead: (holder: LeaseHolder) => boolean,
  ): Promise<LeaseHolder | undefined>;
  /** Shows a sign of life; false = the lease is no longer held. */
  beat(tenant: string, holder: string, now: Date): Promise<boolean>;
  releaseLease(tenant: string, holder: string): Promise<void>;

  /** Settles with the first scan of a tenant how people are kept, or tells that it was settled otherwise. */
  settlePersons(tenant: string, check: string | null): Promise<PersonsKept>;
  /** Of these pseudonyms, the sealed names behind those that are known. */
  sealedNames(tenant: string, pseudonyms: readonly string[]): Promise<Map<string, Uint8Array>>;
  /** The sealed name behind a pseudonym, together with the event that somebody asked for it; undefined = there is none. */
  revealed(tenant: string, pseudonym: string, by: { actor: string; at: string }): Promise<Uint8Array | undefined>;

  /** The scan that was interrupted, if one was. */
  runningScan(tenant: string): Promise<(ScanStart & { id: number }) | undefined>;
  beginScan(start: ScanStart): Promise<number>;
  /** A scan that was interrupted is judged by the files of the day on which it ends. */
  judgeBy(scanId: number, by: Pick<ScanStart, 'catalogHash' | 'policyHash' | 'programVersion'>): Promise<void>;
  keepDocument(kind: 'config' | 'policy' | 'catalog', hash: string, content: string): Promise<void>;
  recordSource(result: SourceResult): Promise<void>;

  /** What earlier scans know of a collector's readings; undefined where it never read everything. */
  historyOf(start: Omit<ReadingStart, 'version' | 'startedAt'>): Promise<ReadingHistory | undefined>;
  /** Opens a collector's reading in this scan, or finds it again where the scan was interrupted. */
  openReading(start: ReadingStart): Promise<Reading>;
  /** Keeps what was stated since the last batch, together with the cursor where there is one. */
  commitBatch(reading: Reading, batch: Batch): Promise<void>;
  /** The collector has ended; what it staged waits for the end of the scan. Statements of a failed one are replaced. */
  endReading(
    reading: Reading,
    state: 'ended' | 'failed' | 'abandoned' | 'unread',
    now: Date,
    instead?: readonly StatementRow[],
  ): Promise<void>;
  /** Places below a scope where something is stored that is not gone. */
  knownPlaces(collectorId: number, scope: string): Promise<string[]>;
  /**
   * Of these places, those of which no reading is left that `unchanged` could renew, or whose stored facts have another holder than
   * tonight; and gaps below others that are still closed.
   */
  unvouched(
    reading: Reading,
    places: readonly string[],
    judge: Judge,
    tonight: Tonight,
  ): Promise<{ unvouched: string[]; closed: string[] }>;
  /** When each of these places was last read in an earlier scan. */
  readAt(reading: Reading, places: readonly string[], judge: Judge, asked?: { whole?: boolean }): Promise<Map<string, Date>>;
  /** Collectors of the tenant that this scan has not opened, or opened before it was interrupted and never again. */
  unopened(scanId: number): Promise<ReadingStart[]>;
  /** Collectors that have read an account to its end in this scan, before an interruption too. */
  endedIn(scanId: number, connector: string, account: string): Promise<string[]>;
  /** Gaps that the readings of a source have stated in a scan, before an interruption too; what cannot be seen by design is none. */
  gapsOf(scanId: number, source: string): Promise<number>;
  recordRequests(
    scanId: number,
    source: string,
    collector: string,
    counts: ReadonlyMap<string, { first: number; repeats: number }>,
  ): Promise<void>;

  /** Concludes all readings of the scan at once, so that readers see whole scans only. */
  concludeScan(scanId: number, state: 'concluded' | 'abandoned', judge: Judge, now: Date): Promise<ClassCounts>;
  /** Scans whose facts are concluded and whose findings are not written yet. */
  unjudgedScan(tenant: string): Promise<number | undefined>;
  /**
   * Streams the apps that have news with their observations, judges them, and writes integrations and findings in one unit,
   * together with what the audit trail says of it, and with the tickets that this asks for.
   */
  judgeScan(scanId: number, judge: FindingJudge, tickets?: TicketPlanner): Promise<void>;
  /** Keeps what of the policy needs a look after a scan: rules about entries, and how many each is told of. */
  keepPolicyFaults(scanId: number, faults: Readonly<Record<string, number>>): Promise<void>;
  /** Tells the audit trail of an act and does it, in one unit: what fails is not told. */
  audited(tenant: string, event: AuditEvent, act: () => void): Promise<void>;
  /**
   * Keeps what an analyst did with a finding, together with the event of it; `sightedIn` says what there is to be seen of it. False = only what is
   * open can be acknowledged.
   */
  actOn(tenant: string, key: string, act: Act, sightedIn: (facts: SightedFacts) => unknown): Promise<boolean>;
  /** Keeps what an analyst said of an identity, together with the event of it. */
  overrideIdentity(tenant: string, said: OverrideRow): Promise<void>;
  /** Takes somebody out of everything that is stored of the tenant, or says what would be done. */
  forgetPerson(tenant: string, what: Forgetting): Promise<Forgotten>;
  /** Takes away the history of old scans, or says what would be taken. */
  prune(tenant: string, what: Pruning): Promise<Pruned>;
  /** Keeps notices until they are delivered. */
  queueNotices(tenant: string, notices: readonly NewNotice[]): Promise<void>;
  /** Notices that were not delivered yet, the oldest first. */
  undeliveredNotices(tenant: string): Promise<NoticeRow[]>;
  noticeTried(id: string, attempt: NoticeAttempt): Promise<void>;
  /** Gives up what was made before that moment, ISO 8601 in UTC; answers how many were never delivered. */
  dropOldNotices(tenant: string, before: string): Promise<number>;
  /**
   * Writes the file anew, so that nothing is left in it of what was replaced or removed. False = another process uses it: remains are
   * still in it, until this is done again.
   */
  rewrite(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens the store in a SQLite file, which is made when there is none. A unit of work waits its turn where another process
 * is writing, another tenant's scan for one; after `patience` milliseconds it fails with a StorageError, and has done nothing.
 * A `signal` that is aborted ends the waiting, not the work: its reason is thrown where a unit would have to wait. Only the count
 * of requests and the end of a lease still wait for `grace` milliseconds.
 */
export function openStore(file: string, options: TurnOptions = {}): Store {
  const database = openDatabase(file);
  const { turn, last } = turnsOf(database, file, options);
  const fences: Fences = new Map();
  const unit = fencedTurns(database, turn, fences);
  const lastUnit = fencedTurns(database, last, fences);
  const writer = readingWriter(database);
  return {
    ...leasesOf(database, { turn, last }, fences),
    settlePersons: (tenant, check) => unit(() => settlePersons(database, tenant, check)),
    sealedNames: (tenant, pseudonyms) => unit(() => sealedNames(database, tenant, pseudonyms)),
    revealed: (tenant, pseudonym, by) => unit(() => revealed(database, tenant, pseudonym, by)),

    runningScan: (tenant) => unit(() => runningScan(database, tenant)),
    beginScan: (start) => unit(() => beginScan(database, start)),
    judgeBy: (scanId, by) =>
      unit(() => {
        const update = database.prepare('UPDATE scan SET catalog_hash = ?, policy_hash = ?, program_version = ? WHERE id = ?');
        update.run(by.catalogHash, by.policyHash, by.programVersion, scanId);
      }),
    keepDocument: (kind, hash, content) =>
      unit(() => void database.prepare('INSERT OR IGNORE INTO document (hash, kind, content) VALUES (?, ?, ?)').run(hash, kind, content)),
    recordSource: (result) => unit(() => recordSource(database, result)),

    historyOf: (start) => unit(() => historyOf(database, start)),
    openReading: (start) => unit(() => openReading(database, start)),
    commitBatch: (reading, batch) => unit(() => writer.commitBatch(reading, batch)),
    endReading: (reading, state, now, instead) => unit(() => writer.endReading(reading, state, now, instead)),
    knownPlaces: (collectorId, scope) => unit(() => knownPlaces(database, collectorId, scope)),
    unvouched: (reading, places, judge, tonight) => unit(() => unvouched(database, reading, places, judge, tonight)),
    readAt: (reading, places, judge, asked) => unit(() => readAt(database, reading, places, judge, asked)),
    unopened: (scanId) => unit(() => unopened(database, scanId)),
    endedIn: (scanId, connector, account) => unit(() => endedIn(database, scanId, connector, account)),
    gapsOf: (scanId, source) => unit(() => gapsOf(database, scanId, source)),
    recordRequests: (scanId, source, collector, counts) => lastUnit(() => recordRequests(database, scanId, source, collector, counts)),

    concludeScan: (scanId, ended, judge, now) =>
      unit(() => {
        writer.forget();
        return concludeScan(database, scanId, ended, judge, now);
      }),
    unjudgedScan: (tenant) => unit(() => unjudgedScan(database, tenant)),
    keepPolicyFaults: (scanId, faults) =>
      unit(() => void database.prepare('UPDATE scan SET policy_faults = ? WHERE id = ?').run(JSON.stringify(faults), scanId)),
    judgeScan: (scanId, judge, tickets) =>
      unit(() => {
        const scans = unjudgedUntil(database, scanId);
        writeJudgement(database, scanId, judge);
        auditScans(database, scans, judge.now);
        if (tickets) queueTickets(database, tenantOf(database, scanId), tickets);
      }),
    ...ticketQueueOf(database, unit),
    audited: (tenant, event, act) =>
      unit(() => {
        appendAudit(database, tenant, event);
        act();
      }),
    actOn: (tenant, key, act, sightedIn) => unit(() => actOn(database, tenant, key, act, sightedIn)),
    overrideIdentity: (tenant, said) => unit(() => overrideIdentity(database, tenant, said)),
    forgetPerson: (tenant, what) => unit(() => forgetPerson(database, tenant, what)),
    prune: (tenant, what) => unit(() => pruneHistory(database, tenant, what)),
    queueNotices: (tenant, notices) => unit(() => queueNotices(database, tenant, notices)),
    undeliveredNotices: (tenant) => unit(() => undeliveredNotices(database, tenant)),
    noticeTried: (id, attempt) => unit(() => noticeTried(database, id, attempt)),
    dropOldNotices: (tenant, before) => unit(() => dropOldNotices(database, tenant, before)),
    rewrite: async () => rewritten(database, file),
    close: async () => {
      database.close();
    },
  };
}
