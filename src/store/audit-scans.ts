import { hash } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import { appendAudit } from './audit.ts';
import { gapsOf } from './scans.ts';

interface EndedScan {
  id: number;
  tenant: string;
  state: 'concluded' | 'abandoned';
  startedAt: string;
  partial: number;
  actor: string;
  config: string;
  catalog: string;
  policy: string | null;
  program: string;
}

/** What scans are judged by. That one is another than in the last judged scan is an event of its own. */
const BASES = ['config', 'catalog', 'policy'] as const;
type Bases = Pick<EndedScan, (typeof BASES)[number]>;

/**
 * Tells of every scan that ends now: who began it, by what it was judged, what it read, and what became of findings.
 * Runs in the transaction of the judgement.
 */
export function auditScans(database: Connection, scanIds: readonly number[], now: Date): void {
  for (const id of scanIds) {
    const scan = database
      .prepare(
        `SELECT id, tenant, state, started_at AS startedAt, partial, coalesce(actor, 'unknown') AS actor, config_hash AS config,
                catalog_hash AS catalog, policy_hash AS policy, program_version AS program FROM scan WHERE id = ?`,
      )
      .get(id) as EndedScan;
    const { tenant, state, startedAt, actor, catalog, policy, program } = scan;
    const tell = (action: string, subject: string, by: string, details: object) =>
      appendAudit(database, tenant, { at: now.toISOString(), actor: by, action, subject, details: JSON.stringify(details) });
    const read = { startedAt, partial: scan.partial === 1, sources: sourcesOf(database, id), gaps: gapsOf(database, id) };
    if (state === 'abandoned') {
      // Its facts are judged with the next scan, by what that one is judged by.
      tell('scan.abandoned', `scan/${id}`, actor, read);
      continue;
    }
    // Behind the hash of the file stand the readers, and the sources of a scan of some.
    const bases: Bases = { config: scan.config.split(' ', 1)[0]!, catalog, policy };
    const last = lastConcluded(database, tenant);
    for (const base of last ? BASES : []) {
      const before = last!.judgedBy[base];
      if (before === bases[base]) continue;
      // Who edited a file by hand, nobody told.
      const by = base === 'policy' ? decidersOf(database, tenant, last!, policy) : undefined;
      tell(`${base}.changed`, base, by ?? 'unknown', { before, after: bases[base] });
    }
    const verdicts = verdictsOf(database, tenant, id);
    if (verdicts.integrations > 0) tell('verdicts.changed', `scan/${id}`, actor, verdicts);
    tell('scan.concluded', `scan/${id}`, actor, { ...read, judgedBy: { ...bases, program }, findings: findingsOf(database, id) });
  }
}

/**
 * Who made the policy of the last scan the one of this, where commands alone did since that one began, each going on from where the one
 * before it ended.
 */
function decidersOf(database: Connection, tenant: string, last: Concluded, after: string | null): string | undefined {
  const decided = database
    .prepare(
      `SELECT actor, details FROM audit_event WHERE tenant = ? AND at >= ?
         AND action IN ('policy.approved', 'policy.denied', 'policy.excepted') ORDER BY number`,
    )
    .all(tenant, last.startedAt) as { actor: string; details: string }[];
  const actors = new Set<string>();
  let hash = last.judgedBy.policy;
  for (const { actor, details } of decided) {
    const change = parsed(details) as { before: string | null; after: string } | undefined;
    if (change?.before === hash) {
      actors.add(actor);
      hash = change.after;
    } else if (actors.size > 0) return undefined;
  }
  return hash === after && actors.size > 0 ? [...actors].join(', ') : undefined;
}

interface Concluded {
  startedAt: string;
  judgedBy: Bases;
}

/** What the trail says of the last judged scan. */
function lastConcluded(database: Connection, tenant: string): Concluded | undefined {
  const last = database
    .prepare(`SELECT details FROM audit_event WHERE tenant = ? AND action = 'scan.concluded' ORDER BY number DESC LIMIT 1`)
    .pluck();
  const details = last.get(tenant) as string | undefined;
  const said = details === undefined ? undefined : (parsed(details) as Partial<Concluded> | undefined);
  return said?.judgedBy && said.startedAt !== undefined ? { startedAt: said.startedAt, judgedBy: said.judgedBy } : undefined;
}

/** A trail that somebody tampered with must not keep a scan from ending: `audit verify` says where it breaks. */
function parsed(details: string): unknown {
  try {
    return JSON.parse(details) ?? undefined;
  } catch {
    return undefined;
  }
}

function sourcesOf(database: Connection, scanId: number): unknown[] {
  return database.prepare('SELECT source, connector, account, state FROM source_result WHERE scan_id = ? ORDER BY source').all(scanId);
}

/** How many findings met with which event, and a digest of which they were: the list itself is with the facts, and may be pruned. */
function findingsOf(database: Connection, scanId: number): { events: Record<string, number>; sha256: string } {
  const events: Record<string, number> = {};
  const told: string[] = [];
  const rows = database.prepare('SELECT key, event FROM finding_event WHERE scan_id = ? ORDER BY key, event').iterate(scanId);
  for (const { key, event } of rows as IterableIterator<{ key: string; event: string }>) {
    events[event] = (events[event] ?? 0) + 1;
    told.push(`${key} ${event}`);
  }
  return { events, sha256: hash('sha256', told.join('\n'), 'hex') };
}

/** What an integration was taken for: before the scan, and after it. */
interface Taken {
  id: number;
  verdict: string;
  product: string | null;
  grade: string;
  wasVerdict: string;
  wasProduct: string | null;
  wasGrade: string;
}

/**
 * Of how many integrations the verdict, the product or the grade is another than before the scan, from what to what, and a digest of which
 * they were, by the numbers that lists print: their ids may be made of names.
 */
function verdictsOf(database: Connection, tenant: string, scanId: number) {
  const rows = database
    .prepare(
      `SELECT i.id, i.verdict, i.product, i.grade, v.verdict AS wasVerdict, v.product AS wasProduct, v.grade AS wasGrade
       FROM integration i JOIN integration_version v ON v.integration_id = i.id AND v.until_scan = @scanId
       WHERE i.tenant = @tenant AND i.body_scan = @scanId
         AND (v.verdict <> i.verdict OR v.product IS NOT i.product OR v.grade <> i.grade) ORDER BY i.id`,
    )
    .all({ tenant, scanId }) as Taken[];
  const changes = { verdicts: {}, products: {}, grades: {} } as Record<'verdicts' | 'products' | 'grades', Record<string, number>>;
  for (const one of rows) {
    const { verdict, product, grade, wasVerdict, wasProduct, wasGrade } = one;
    const told = { verdicts: [wasVerdict, verdict], products: [wasProduct ?? 'unknown', product ?? 'unknown'], grades: [wasGrade, grade] };
    for (const [of, [before, after]] of Object.entries(told) as [keyof typeof told, [string, string]][])
      if (before !== after) changes[of][`${before} → ${after}`] = (changes[of][`${before} → ${after}`] ?? 0) + 1;
  }
  return { integrations: rows.length, ...changes, sha256: hash('sha256', rows.map(takenLine).join('\n'), 'hex') };
}

function takenLine({ id, verdict, product, grade, wasVerdict, wasProduct, wasGrade }: Taken): string {
  return JSON.stringify([`i${id}`, [wasVerdict, wasProduct, wasGrade], [verdict, product, grade]]);
}
