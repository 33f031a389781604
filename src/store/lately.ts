import type { Database as Connection } from 'better-sqlite3';

/** An app that was there, as it was judged last. */
export interface SeenApp {
  connector: string;
  account: string;
  appId: string;
  product: string | null;
  grade: string;
}

/** What the last whole scans saw, and by what. */
export interface Lately {
  /** How many scans. */
  scans: number;
  /** Apps that were there in one of them at least. */
  apps: readonly SeenApp[];
  /** Whether every list of an account was read to its end without a gap, in each of them. */
  accounts: readonly { connector: string; account: string; whole: boolean }[];
  /** The policy by which the first of them was judged; undefined = there was none. */
  policy: string | undefined;
}

/** What the last scans of all sources saw, at most so many; undefined where there was none. */
export function readLately(database: Connection, tenant: string, scans: number): Lately | undefined {
  const ids = database
    .prepare(
      `SELECT id FROM scan WHERE tenant = ? AND state = 'concluded' AND judged_at IS NOT NULL AND partial = 0 AND pruned_at IS NULL ORDER BY id DESC LIMIT ?`,
    )
    .pluck()
    .all(tenant, scans) as number[];
  const first = ids.at(-1);
  if (first === undefined) return undefined;
  // What went after the first of them was there in it.
  const apps = database
    .prepare(
      `SELECT connector, account, app_id AS appId, product, grade FROM integration
       WHERE tenant = ? AND (state <> 'gone' OR body_scan > ?) ORDER BY connector, account, app_id`,
    )
    .all(tenant, first) as SeenApp[];
  const accounts = database
    .prepare(
      `SELECT connector, account, min(whole) AS whole FROM (
         SELECT c.connector, c.account, EXISTS (
           SELECT 1 FROM reading r WHERE r.collector_id = c.id AND r.scan_id = n.value AND r.state = 'ended'
             AND NOT EXISTS (SELECT 1 FROM gap_of_reading g WHERE g.reading_id = r.id AND g.by_design = 0)) AS whole
         FROM collector c, json_each(@ids) n WHERE c.tenant = @tenant AND c.mode = 'inventory')
       GROUP BY connector, account ORDER BY connector, account`,
    )
    .all({ tenant, ids: JSON.stringify(ids) }) as { connector: string; account: string; whole: number }[];
  return {
    scans: ids.length,
    apps,
    accounts: accounts.map((account) => ({ ...account, whole: account.whole === 1 })),
    policy: policyOf(database, first),
  };
}

/** What of the policy needed a look after the last scan that was judged, with the policy's text then. */
export function policyFaultsOf(
  database: Connection,
  tenant: string,
): { faults: Readonly<Record<string, number>>; policy: string } | undefined {
  const last = database.prepare(
    `SELECT s.policy_faults AS faults, d.content AS policy FROM scan s JOIN document d ON d.hash = s.policy_hash
     WHERE s.id = (SELECT max(id) FROM scan WHERE tenant = ? AND judged_at IS NOT NULL)`,
  );
  const row = last.get(tenant) as { faults: string | null; policy: string } | undefined;
  return row && row.faults !== null ? { faults: JSON.parse(row.faults) as Record<string, number>, policy: row.policy } : undefined;
}

/** The text of the policy by which a scan was judged. */
export function policyOf(database: Connection, scanId: number): string | undefined {
  const text = database.prepare('SELECT d.content FROM scan s JOIN document d ON d.hash = s.policy_hash WHERE s.id = ?').pluck();
  return text.get(scanId) as string | undefined;
}
