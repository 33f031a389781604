import { hash } from 'node:crypto';
import type { Database as Connection } from 'better-sqlite3';
import { prepared } from './prepared.ts';
import type {
  DecidedFinding,
  DecisionFacts,
  SinkFacts,
  TicketFacts,
  TicketPlan,
  TicketPlanner,
  TicketWorld,
  WaitingWrite,
  Wanted,
} from '../tickets/world.ts';
import { assignDecisions, countAbsences } from './decisions.ts';

/**
 * Plans what to write to trackers and puts it into their queues, in the transaction of the judgement: what changes a finding and what it
 * asks for are kept together or not at all.
 */
export function queueTickets(database: Connection, tenant: string, planner: TicketPlanner): TicketPlan {
  const scan = lastJudged(database, tenant);
  if (scan === undefined) return planner.plan({ tenant, scan: 0, sinks: new Map(), decisions: [], policyBefore: () => null });
  assignDecisions(database, tenant, scan, planner);
  countAbsences(database, tenant, scan);
  const plan = planner.plan(ticketWorld(database, tenant, scan, planner));
  keepPlan(database, tenant, scan, plan, planner.now);
  return plan;
}

function lastJudged(database: Connection, tenant: string): number | undefined {
  const last = prepared(database, 'SELECT max(id) FROM scan WHERE tenant = ? AND judged = 1').pluck();
  return (last.get(tenant) as number | null) ?? undefined;
}

function ticketWorld(database: Connection, tenant: string, scan: number, { sinks }: TicketPlanner): TicketWorld {
  return {
    tenant,
    scan,
    sinks: sinkFacts(database, tenant, scan, sinks),
    decisions: decisionsOf(database, tenant, sinks),
    policyBefore: policyReader(database, tenant),
  };
}

function policyReader(database: Connection, tenant: string): TicketWorld['policyBefore'] {
  const before = prepared(
    database,
    `SELECT policy_hash AS hash FROM scan WHERE tenant = ? AND id < ? AND judged_at IS NOT NULL ORDER BY id DESC LIMIT 1`,
  );
  const document = prepared(database, 'SELECT content FROM document WHERE hash = ?').pluck();
  const texts = new Map<string, string | undefined>();
  return (scan) => {
    const judged = before.get(tenant, scan) as { hash: string | null } | undefined;
    if (judged === undefined) return undefined;
    if (judged.hash === null) return null;
    if (!texts.has(judged.hash)) texts.set(judged.hash, document.get(judged.hash) as string | undefined);
    return texts.get(judged.hash);
  };
}

function sinkFacts(database: Connection, tenant: string, scan: number, sinks: readonly string[]): Map<string, SinkFacts> {
  const baseline = prepared(database, 'SELECT baseline_scan FROM ticket_sink WHERE tenant = ? AND sink = ?').pluck();
  const created = prepared(database, `SELECT count(*) FROM outbox WHERE tenant = ? AND sink = ? AND op = 'create' AND scan_id = ?`).pluck();
  return new Map(
    sinks.map((sink) => [
      sink,
      {
        baselineScan: baseline.get(tenant, sink) as number | undefined,
        created: Number(created.get(tenant, sink, scan)),
      },
    ]),
  );
}

interface DecisionRow {
  id: string;
  connector: string;
  group: DecisionFacts['group'];
  product: string | null;
  appId: string | null;
  mergedInto: string | null;
}

/** Page by page, with the findings and tickets of each: memory does not grow with their number. */
function* decisionsOf(database: Connection, tenant: string, sinks: readonly string[]): Generator<DecisionFacts> {
  const page = prepared(
    database,
    `SELECT d.id, d.connector, d.rule_group AS "group", d.product, d.app_id AS appId, d.merged_into AS mergedInto FROM decision d
     WHERE d.tenant = @tenant AND d.id > @last AND (d.rule_group = 'digest' OR
       EXISTS (SELECT 1 FROM decision_finding m JOIN finding f ON f.key = m.key WHERE m.decision = d.id AND f.state IN ('open', 'acknowledged'))
       OR EXISTS (SELECT 1 FROM ticket t WHERE t.decision = d.id AND t.closed_by IS NOT 'noctule')
       OR EXISTS (SELECT 1 FROM ticket t JOIN outbox o ON o.decision = t.decision AND o.sink = t.sink AND o.generation = t.generation
                  WHERE t.decision = d.id AND o.state NOT IN ('done', 'dead')))
     ORDER BY d.id LIMIT 200`,
  );
  const findings = prepared(
    database,
    `SELECT f.key, f.connector, f.account, f.rule, f.app_id AS appId, f.product, f.severity, f.rank, f.state, f.body, f.first_scan AS firstScan,
       f.state_scan AS stateScan, (SELECT started_at FROM scan WHERE id = f.unverified_scan) AS unverifiedSince, m.read_gone AS readGone,
       i.name AS appName, i.state AS appState, i.grade AS appGrade, iif(f.state = 'resolved', i.body, NULL) AS appBody
     FROM decision_finding m JOIN finding f ON f.key = m.key
     JOIN integration i ON i.tenant = f.tenant AND i.connector = f.connector AND i.account = f.account AND i.app_id = f.app_id
     WHERE m.decision = ? ORDER BY f.rank DESC, f.key`,
  );
  const ticketsOf = ticketReader(database, sinks);
  let last: DecisionRow | undefined;
  do {
    const rows = page.all({ tenant, last: last?.id ?? '' }) as DecisionRow[];
    for (const row of rows) yield { ...row, findings: findings.all(row.id) as DecidedFinding[], tickets: ticketsOf(row.id) };
    last = rows.at(-1);
  } while (last);
}

function ticketReader(database: Connection, sinks: readonly string[]): (decision: string) => Map<string, TicketFacts> {
  const latest = prepared(
    database,
    `SELECT generation, remote_id AS remoteId, label, url, remote_state AS remoteState, content_hash AS contentHash, told, closed_by AS closedBy,
       closed_at AS closedAt, last_comment_day AS lastCommentDay,
       (SELECT label FROM ticket p WHERE p.decision = t.decision AND p.sink = t.sink AND p.generation = t.generation - 1) AS earlier
     FROM ticket t WHERE decision = ? AND sink = ? ORDER BY generation DESC LIMIT 1`,
  );
  const waiting = prepared(
    database,
    `SELECT id, op, state, attempts, not_before AS notBefore, payload ->> '$.contentHash' AS contentHash FROM outbox
     WHERE decision = ? AND sink = ? AND generation = ? AND state <> 'done' AND payload ->> '$.remoteId' IS NULL ORDER BY id`,
  );
  return (decision) => {
    const found = new Map<string, TicketFacts>();
    for (const sink of sinks) {
      const row = latest.get(decision, sink) as (Omit<TicketFacts, 'told' | 'waiting'> & { told: string | null }) | undefined;
      if (!row) continue;
      found.set(sink, {
        ...row,
        told: row.told === null ? null : (JSON.parse(row.told) as TicketFacts['told']),
        waiting: waiting.all(decision, sink, row.generation) as WaitingWrite[],
      });
    }
    return found;
  };
}

function keepPlan(database: Connection, tenant: string, scan: number, plan: TicketPlan, now: Date): void {
  const begin = prepared(database, 'INSERT OR IGNORE INTO ticket_sink (tenant, sink, baseline_scan) VALUES (?, ?, ?)');
  for (const { sink, baseline } of plan.began) begin.run(tenant, sink, baseline);
  const keepDigest = prepared(
    database,
    `INSERT OR IGNORE INTO decision (id, tenant, connector, rule_group, app_id, first_scan) VALUES (?, ?, '', 'digest', ?, ?)`,
  );
  for (const { id, sink } of plan.digests) keepDigest.run(id, tenant, sink, scan);
  // What is queued or refused was not written; of all else nobody knows.
  const withdraw = prepared(database, `DELETE FROM outbox WHERE id = ? AND state IN ('queued', 'dead')`);
  const withdrawDead = prepared(
    database,
    `DELETE FROM outbox WHERE decision = ? AND sink = ? AND generation = ? AND state IN ('queued', 'dead')`,
  );
  const unmake = prepared(database, 'DELETE FROM ticket WHERE decision = ? AND sink = ? AND generation = ? AND remote_id IS NULL');
  for (const { sink, decision, generation, write, whole } of plan.withdrawn) {
    if (!whole) withdraw.run(write);
    else {
      withdrawDead.run(decision, sink, generation);
      unmake.run(decision, sink, generation);
    }
  }
  const settle = prepared(
    database,
    `UPDATE ticket SET closed_by = 'noctule' WHERE decision = ? AND sink = ? AND generation = ? AND closed_by = 'human'`,
  );
  for (const { sink, decision, generation } of plan.settled) settle.run(decision, sink, generation);
  const queue = queueWriter(database, tenant, scan, now);
  for (const wanted of plan.wanted) queue(wanted);
}

/** Puts writes into the queue of their tracker. A creation keeps its key for ever; of the others each write has its own. */
function queueWriter(database: Connection, tenant: string, scan: number, now: Date): (wanted: Omit<Wanted, 'title' | 'why'>) => void {
  const ticket = prepared(database, 'INSERT OR IGNORE INTO ticket (decision, sink, generation) VALUES (@decision, @sink, @generation)');
  const count = prepared(
    database,
    'UPDATE ticket SET writes = writes + 1 WHERE decision = @decision AND sink = @sink AND generation = @generation RETURNING writes',
  ).pluck();
  const insert = prepared(
    database,
    `INSERT INTO outbox (tenant, sink, decision, generation, op, payload, idempotency_key, state, not_before, scan_id, queued_at)
     VALUES (@tenant, @sink, @decision, @generation, @op, @payload, @key, 'queued', @at, @scan, @at)
     ON CONFLICT (idempotency_key) DO UPDATE SET payload = excluded.payload, state = 'queued', not_before = excluded.not_before, scan_id = excluded.scan_id
       WHERE state = 'dead'`,
  );
  const forgetRefused = prepared(
    database,
    `DELETE FROM outbox WHERE decision = @decision AND sink = @sink AND generation = @generation AND op = @op AND op <> 'create' AND state = 'dead'
       AND payload ->> '$.remoteId' IS NULL`,
  );
  return ({ sink, decision, generation, op, payload }) => {
    const text = JSON.stringify(payload);
    ticket.run({ decision, sink, generation });
    forgetRefused.run({ decision, sink, generation, op });
    const number = Number(count.get({ decision, sink, generation }));
    const place = `${decision}-${generation}`;
    const key = op === 'create' ? `${sink}.${place}.create` : `${sink}.${place}.${op}.${number}.${hash('sha256', text, 'hex').slice(0, 8)}`;
    insert.run({ tenant, sink, decision, generation, op, payload: text, key, at: now.toISOString(), scan });
  };
}

/** What a plan of now would ask for: the same work, and nothing of it is kept. */
export function plannedTickets(database: Connection, tenant: string, planner: TicketPlanner): TicketPlan {
  let plan: TicketPlan | undefined;
  const undone = new Error('Nothing of a look is kept');
  try {
    database.transaction(() => {
      plan = queueTickets(database, tenant, planner);
      throw undone;
    })();
  } catch (error) {
    if (error !== undone) throw error;
  }
  return plan!;
}

/** What was open until now gets tickets too. */
export function openExisting(database: Connection, tenant: string, sinks: readonly string[]): void {
  const begin = prepared(
    database,
    'INSERT INTO ticket_sink (tenant, sink, baseline_scan) VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET baseline_scan = 0',
  );
  for (const sink of sinks) begin.run(tenant, sink);
}
