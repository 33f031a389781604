import type { Database as Connection } from 'better-sqlite3';
import type { SightedFacts } from '../policy/acknowledgement.ts';
import { appendAudit } from './audit.ts';
import type { FindingJudge } from './judgement.ts';
import type { Act } from './read-acts.ts';

/**
 * Keeps an act, and tells the audit trail of it: there it is a number, since words and names may be forgotten one day. An acknowledgement
 * keeps what was seen, and the finding is acknowledged from now on; false = it is not open, and nothing was done.
 */
export function actOn(database: Connection, tenant: string, key: string, act: Act, sightedIn: (facts: SightedFacts) => unknown): boolean {
  const seen = act.act === 'acknowledged' ? JSON.stringify(sightedIn(sightedFacts(database, key))) : null;
  if (act.act === 'acknowledged' && !acknowledge(database, tenant, key)) return false;
  const last = database.prepare('SELECT coalesce(max(number), 0) FROM finding_act WHERE key = ?').pluck();
  const number = Number(last.get(key)) + 1;
  database
    .prepare('INSERT INTO finding_act (key, number, act, text, seen, actor, at) VALUES (@key, @number, @act, @text, @seen, @actor, @at)')
    .run({ ...act, key, number, seen });
  const { at, actor } = act;
  appendAudit(database, tenant, {
    at,
    actor,
    action: `finding.${act.act}`,
    subject: `finding/${key}`,
    details: JSON.stringify({ number }),
  });
  return true;
}

/**
 * As of the last judged scan it was open still: that version is kept. A scan that runs, or waits for its judgement, finds it acknowledged.
 * Its state began in a scan that is there already: the number of the next may become that of another tenant's.
 */
function acknowledge(database: Connection, tenant: string, key: string): boolean {
  const last = '(SELECT max(id) FROM scan WHERE tenant = @tenant)';
  const next = `coalesce((SELECT min(id) FROM scan WHERE tenant = @tenant AND judged = 0), 1 + ${last})`;
  const open = database.prepare(`SELECT 1 FROM finding WHERE key = @key AND tenant = @tenant AND state = 'open'`);
  if (open.get({ tenant, key }) === undefined) return false;
  database
    .prepare(
      `INSERT OR IGNORE INTO finding_version (key, until_scan, from_scan, product, severity, rank, state, unverified_scan, title, body)
       SELECT key, ${next}, body_scan, product, severity, rank, state, unverified_scan, title, body FROM finding
       WHERE key = @key AND body_scan < ${next}`,
    )
    .run({ tenant, key });
  database
    .prepare(`UPDATE finding SET state = 'acknowledged', state_scan = ${last}, body_scan = max(body_scan, ${next}) WHERE key = @key`)
    .run({ tenant, key });
  return true;
}

interface Acknowledged {
  key: string;
  seen: string;
}

/**
 * Opens what was acknowledged and has grown beyond what was seen, with the reason. Runs when everything else is judged: what it is about may
 * have come to another account in this scan.
 */
export function openGrown(
  database: Connection,
  tenant: string,
  scanId: number,
  judge: FindingJudge,
  keepVersion: (key: string) => void,
): void {
  const acknowledged = database
    .prepare(
      `SELECT f.key, a.seen FROM finding f JOIN finding_act a ON a.key = f.key AND a.act = 'acknowledged'
         AND a.number = (SELECT max(number) FROM finding_act l WHERE l.key = f.key AND l.act = 'acknowledged')
       WHERE f.tenant = ? AND f.state = 'acknowledged' ORDER BY f.key`,
    )
    .all(tenant) as Acknowledged[];
  const open = database.prepare(`UPDATE finding SET state = 'open', state_scan = ? WHERE key = ?`);
  const tell = database.prepare(
    `INSERT INTO finding_event (scan_id, key, event, detail) VALUES (?, ?, 'reopened', ?) ON CONFLICT DO UPDATE SET detail = excluded.detail`,
  );
  for (const { key, seen } of acknowledged) {
    const reasons = judge.grown(seen, sightedFacts(database, key));
    if (reasons.length === 0) continue;
    keepVersion(key);
    open.run(scanId, key);
    tell.run(scanId, key, reasons.join(' '));
  }
}

/** A product is looked for everywhere; an app that nobody knows, under its own id. */
function sightedFacts(database: Connection, key: string): SightedFacts {
  const finding = database.prepare(`SELECT tenant, app_id AS appId, product, body FROM finding WHERE key = ?`).get(key) as {
    tenant: string;
    appId: string;
    product: string | null;
    body: string;
  };
  const places = database
    .prepare(
      `SELECT DISTINCT connector || '/' || account FROM integration
       WHERE tenant = @tenant AND state <> 'gone' AND (app_id = @appId OR product = @product)`,
    )
    .pluck();
  const compromised = database
    .prepare(
      `SELECT 1 FROM finding WHERE tenant = @tenant AND rule = 'known-compromised' AND state <> 'resolved' AND (app_id = @appId OR product = @product) LIMIT 1`,
    )
    .pluck();
  return { body: finding.body, places: places.all(finding) as string[], compromised: compromised.get(finding) !== undefined };
}
