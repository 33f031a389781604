import { openReadOnly } from './database.ts';
import type { Candidate } from '../identity/meant.ts';
import type { PrincipalKey } from '../identity/principal.ts';
import { candidatesFor, statedOf, type StatedFact } from './candidates.ts';
import { judgeAgain, rematch, type RematchedApp } from './judge-again.ts';
import type { FindingJudge } from './judgement.ts';
import type { Configured } from '../policy/seed.ts';
import { readConfigured } from './read-configured.ts';
import { verified, type AuditLink, type Break, type Head } from '../audit/chain.ts';
import { ticketsOf, type AppTicket } from './app-tickets.ts';
import type { AppKey } from './rows.ts';
import { auditHead, auditLinks, lastAuditLinks } from './audit.ts';
import { readDiff, type DiffRow } from './read-diff.ts';
import { countFindings, type FoundFinding } from './read-findings.ts';
import { listsOf, tellingStorageErrors, type ListReader } from './read-lists.ts';
import { readLately, type Lately } from './lately.ts';
import type { Sighting } from '../policy/adoption.ts';
import type { Ended } from '../policy/ending.ts';
import type { Turning } from '../policy/settling.ts';
import { readAdoption, readSightings, type Adoption } from './read-adoption.ts';
import {
  readHolders,
  readSupervised,
  readTurnings,
  readBases,
  readEnded,
  readSourceOf,
  readUnread,
  readUnreadNights,
  type HolderRow,
  type SupervisedRow,
  type UnreadRow,
  type BasisRow,
  type SourceOfAccount,
} from './read-metrics.ts';
import { readIdentities, readOverrides, readPrincipals, type IdentityRow, type OverrideRow, type PrincipalRow } from './principals.ts';
import { lastNightOf, readNight, readNightSources, readUnwrittenTickets, type NightFindings, type NightSource } from './read-night.ts';
import { readLeftOut, readSuspects, type LeftOut, type Suspect } from './read-traces.ts';

export type { RematchedApp } from './judge-again.ts';
export type { ObservationView } from './read-evidence.ts';
export type { DiffRow } from './read-diff.ts';
export type { FindingQuery, FoundFinding } from './read-findings.ts';
export type { ChangeQuery, FoundChange } from './read-changes.ts';
export type { GapRow } from './read-gaps.ts';
export type { ListReader, ReadingRow, RequestRow, ScanRow, SourceRow } from './read-lists.ts';
export type { FoundGrant, GrantQuery } from './read-grants.ts';
export type { FoundIntegration, IntegrationQuery } from './read-integrations.ts';
export type { Lately } from './lately.ts';
export type { StatedFact } from './candidates.ts';
export type { Forgotten } from './forget.ts';
export type { Pruned } from './prune.ts';
export type { OverrideRow, PrincipalRow } from './principals.ts';
export type { Adoption } from './read-adoption.ts';
export type { HolderRow, SupervisedRow, UnreadRow } from './read-metrics.ts';
export type { LeftOut, Suspect } from './read-traces.ts';

/** What analysts see: concluded scans only, over a connection that cannot write. */
export interface Reader extends ListReader {
  /** Whose scans were concluded, by name. */
  tenants(): string[];
  /** What the judge of today makes of the facts of a scan. */
  judgedAgain(tenant: string, scanId: number, judge: FindingJudge): FoundFinding[];
  /** Apps of a scan of which the judge of today says something else. */
  rematched(tenant: string, scanId: number, judge: FindingJudge): RematchedApp[];
  /** How many findings need a decision or are being decided, by severity; one without any is absent. */
  findingCounts(tenant: string): ReadonlyMap<string, number>;
  /** What administrators decided about apps in consoles of providers. */
  configuredApps(tenant: string): Configured[];
  /** Apps that an indicator may lead to, as they stand or as they stood in a scan. */
  suspects(tenant: string, sought: { texts: readonly string[]; product: string | undefined }, asOf?: number): Suspect[];
  /** The tickets that were made about apps, whenever that was. */
  ticketsOf(apps: readonly AppKey[]): AppTicket[];
  /** All that holds, granted or uses anything, with what is said of each, as it stands or stood in a scan. */
  principals(tenant: string, asOf?: number): PrincipalRow[];
  /** The facts that list people, roles and accounts, one after the other. */
  identities(tenant: string, asOf?: number): IterableIterator<IdentityRow>;
  /** The last word of analysts about each identity; `until`, ISO 8601 = up to then. */
  overrides(tenant: string, until?: string): OverrideRow[];
  /** Principals that a text may mean, with every name that they were ever stated with, gone or not. */
  candidates(tenant: string, text: string): Candidate[];
  /** All that lists a principal or says something of it, now and in earlier versions, gone or not. */
  stated(tenant: string, principal: PrincipalKey): StatedFact[];
  /** Collectors that read something earlier, and not in this scan. */
  leftOut(tenant: string, scanId: number): LeftOut[];
  /** What differs between two scans, of inventories; `from` undefined = before the first. */
  diff(tenant: string, from: number | undefined, to: number): DiffRow[];
  /** The same with what a view makes of each row as it comes: bodies are large, and on a first night that is all there is. */
  diff<View>(tenant: string, from: number | undefined, to: number, view: (row: DiffRow) => View): View[];
  /** Observations of inventories that were present in a scan. */
  presentAt(tenant: string, scanId: number): number;
  /** The end of the audit trail. */
  auditHead(tenant: string): Head;
  /** The last event of the audit trail that follows from all before it, and where it breaks; `kept` = a head that was told earlier. */
  auditVerified(tenant: string, kept?: string): { head: Head; broken?: Break };
  /** The last events of the audit trail, the last first. */
  auditTrail(tenant: string, limit: number): AuditLink[];
  /** What the last scans of all sources saw, at most so many; undefined where there was none. */
  lately(tenant: string, scans: number): Lately | undefined;
  /** The AI integrations that were there in a scan, or are there, with what watches over each. */
  supervised(tenant: string, asOf?: number): SupervisedRow[];
  /** Who holds the AI integrations that were there in a scan, or are there. */
  holders(tenant: string, asOf?: number): HolderRow[];
  /** When findings began and were settled, up to a scan. */
  turnings(tenant: string, scanId: number): Turning[];
  /** What is stored of each end of a finding, up to a scan. */
  ended(tenant: string, scanId: number): Ended[];
  /** What scans up to one were judged by. */
  bases(tenant: string, scanId: number): BasisRow[];
  /** How many lists and logs of each account a scan did not read whole, of how many. */
  unread(tenant: string, scanId: number): UnreadRow[];
  /** Which source read each account last, up to a scan. */
  sourceOf(tenant: string, scanId: number): SourceOfAccount[];
  /** How many of the scans up to one did not read everything, of those of which the history is kept. */
  unreadNights(tenant: string, scanId: number): Pick<UnreadRow, 'unread' | 'of'>;
  /** When everything that an AI integration ever held was granted and seen, one after the other; up to a scan. */
  sightings(tenant: string, scanId: number, asOf?: number): IterableIterator<Sighting>;
  /** What of AI was accepted, and how many people hold what nobody sanctioned; up to a scan. */
  adoption(tenant: string, scanId: number, asOf?: number): Adoption;
  /** What became of findings in the scans after one and up to another; at most so many of those that need somebody. */
  night(tenant: string, since: number, scanId: number, limit: number): NightFindings;
  /** How sources fared in the same scans. */
  nightSources(tenant: string, since: number, scanId: number): NightSource[];
  /** What was asked of these trackers before a scan and is not written: what waits for another attempt, and what was refused. */
  unwrittenTickets(tenant: string, sinks: readonly string[], scanId: number): { waiting: number; refused: number };
  /** When the last scan of all sources began that was concluded. */
  lastNight(tenant: string): string | undefined;
  /** Sizes that the collectors of a source counted last, by account. */
  lastSizes(tenant: string, source: string): Map<string, Record<string, number>>;
}

export function openReader(file: string): Reader {
  const database = openReadOnly(file);
  return tellingStorageErrors(file, {
    ...listsOf(database),
    tenants: () =>
      database
        .prepare(`SELECT DISTINCT tenant FROM scan WHERE state = 'concluded' AND judged = 1 ORDER BY tenant`)
        .pluck()
        .all() as string[],
    judgedAgain: (tenant, scanId, judge) => judgeAgain(database, tenant, scanId, judge),
    rematched: (tenant, scanId, judge) => rematch(database, tenant, scanId, judge),
    findingCounts: (tenant) => countFindings(database, tenant),
    configuredApps: (tenant) => readConfigured(database, tenant),
    suspects: (tenant, sought, asOf) => readSuspects(database, tenant, sought, asOf),
    ticketsOf: (apps) => ticketsOf(database, apps),
    principals: (tenant, asOf) => readPrincipals(database, tenant, asOf),
    identities: (tenant, asOf) => readIdentities(database, tenant, asOf),
    overrides: (tenant, until) => readOverrides(database, tenant, until),
    candidates: (tenant, text) => candidatesFor(database, tenant, text),
    stated: (tenant, principal) => statedOf(database, tenant, principal),
    leftOut: (tenant, scanId) => readLeftOut(database, tenant, scanId),
    auditHead: (tenant) => auditHead(database, tenant),
    auditVerified: (tenant, kept) => verified(tenant, auditLinks(database, tenant), kept),
    auditTrail: (tenant, limit) => lastAuditLinks(database, tenant, limit),
    diff: <View = DiffRow>(tenant: string, from: number | undefined, to: number, view?: (row: DiffRow) => View) =>
      Array.from(readDiff(database, tenant, from ?? 0, to), view ?? ((row) => row as View)),
    presentAt: (tenant, scanId) =>
      Number(
        database
          .prepare(
            `SELECT (SELECT count(*) FROM observation o JOIN collector c ON c.id = o.collector_id
                     WHERE c.tenant = @tenant AND c.mode = 'inventory' AND o.first_scan <= @scanId)
              - (SELECT count(*) FROM diff_entry d JOIN observation o ON o.id = d.observation_id JOIN collector c ON c.id = o.collector_id
                 WHERE c.tenant = @tenant AND c.mode = 'inventory' AND d.scan_id <= @scanId AND d.state <> 'present'
                   AND NOT EXISTS (SELECT 1 FROM diff_entry n WHERE n.observation_id = d.observation_id AND n.scan_id > d.scan_id AND n.scan_id <= @scanId))`,
          )
          .pluck()
          .get({ tenant, scanId }),
      ),
    lately: (tenant, scans) => readLately(database, tenant, scans),
    supervised: (tenant, asOf) => readSupervised(database, tenant, asOf),
    holders: (tenant, asOf) => readHolders(database, tenant, asOf),
    turnings: (tenant, scanId) => readTurnings(database, tenant, scanId),
    ended: (tenant, scanId) => readEnded(database, tenant, scanId),
    bases: (tenant, scanId) => readBases(database, tenant, scanId),
    unread: (tenant, scanId) => readUnread(database, tenant, scanId),
    sourceOf: (tenant, scanId) => readSourceOf(database, tenant, scanId),
    unreadNights: (tenant, scanId) => readUnreadNights(database, tenant, scanId),
    sightings: (tenant, scanId, asOf) => readSightings(database, tenant, scanId, asOf),
    adoption: (tenant, scanId, asOf) => readAdoption(database, tenant, scanId, asOf),
    night: (tenant, since, scanId, limit) => readNight(database, tenant, since, scanId, limit),
    nightSources: (tenant, since, scanId) => readNightSources(database, tenant, since, scanId),
    unwrittenTickets: (tenant, sinks, scanId) => readUnwrittenTickets(database, tenant, sinks, scanId),
    lastNight: (tenant) => lastNightOf(database, tenant),
    lastSizes: (tenant, source) => {
      // A night by a change log does not count what a full reading sends: for that, the last full one goes before it.
      const last = (which: string) =>
        `SELECT max(l.id) FROM reading l WHERE l.collector_id = r.collector_id AND l.state = 'ended' AND ${which}`;
      const rows = database
        .prepare(
          `SELECT c.account, r.sizes FROM reading r JOIN scan s ON s.id = r.scan_id JOIN collector c ON c.id = r.collector_id
           WHERE s.tenant = ? AND r.source = ? AND r.state = 'ended'
             AND (r.id = (${last('TRUE')}) OR r.id = (${last('l.delta_since IS NULL')}) OR r.id = (${last('l.sweep = 1')}))
           ORDER BY r.id`,
        )
        .all(tenant, source) as { account: string; sizes: string }[];
      const byAccount = Map.groupBy(rows, ({ account }) => account);
      return new Map(
        [...byAccount].map(([account, own]) => [
          account,
          Object.assign({}, ...own.map(({ sizes }) => JSON.parse(sizes) as Record<string, number>)) as Record<string, number>,
        ]),
      );
    },
  });
}
