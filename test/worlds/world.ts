import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';
import type { Expiry, Stamp } from '../../src/connector/index.ts';
import { policySchema } from '../../src/policy/policy.ts';
import type { ScanOutcome } from '../../src/scan/engine.ts';
import { openReader } from '../../src/store/read.ts';
import type { FoundFinding } from '../../src/store/read-findings.ts';
import type { GapRow } from '../../src/store/read-gaps.ts';
import type { FakeOptions, FakeProvider } from '../../src/testing/fake.ts';
import type { FakeRequest, PlantedAnswer } from '../../src/testing/server.ts';
import { bytesBelow, newFolder, noctule, writeConfig, type Ended } from '../cli/run.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { registerOf } from './register.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake, TENANT, type NightOptions } from '../scan/night.ts';

/**
 * Declares the planted case of a numbered statement. A statement that the register does not call kept must break here:
 * when it no longer does, the test fails, and the register is to be corrected.
 */
export function statementsOf(provider: string): (id: string, plant: () => Promise<void>, how?: HowToTell) => void {
  const register = registerOf(provider);
  return (id, plant, how = {}) => {
    const known = register[id];
    if (!known) throw new Error(`${id} is not in ${provider}.json`);
    const it = known.stands === 'pass' ? test : test.fails;
    it(`${id}: ${known.says}${known.stands === 'pass' ? '' : ` [known: ${known.stands}]`}`, how, plant);
  };
}

/** `retry`: what is told by the clock of a machine that others use too is told again, so many times, before it counts as broken. */
interface HowToTell {
  retry?: number;
}

/** A fact as the database has it after a night. */
export interface Fact {
  collector: string;
  kind: string;
  thing: string;
  nativeId: string;
  scope: string;
  state: 'present' | 'unverified' | 'gone';
  subject: { app: string; credential?: string; name: string };
  principal?: { id: string; name: string; traits: string[]; standing?: string };
  signals: { type: string; value: string }[];
  permissions: string[];
  grantedAt?: Stamp;
  lastUsedAt?: Stamp;
  expiresAt?: Expiry;
  use?: string;
  attributes: Record<string, unknown>;
  evidence: { source: string; url?: string };
}

/** A finding with all that it says, as data and as text. */
export interface Found extends FoundFinding {
  /** Everything that the finding explains of itself. */
  explained: Record<string, unknown>;
}

/** What one scan left behind. */
export interface Night {
  outcome: ScanOutcome;
  /** `read`, `partly` or `unread`, with a message where it is not read. */
  source: ScanOutcome['sources'][number];
  facts: Fact[];
  findings: Found[];
  /** What could not be read in this scan; gaps that are there by design carry `byDesign: 1`. */
  gaps: GapRow[];
  /** Entries of the diff against the scan before. */
  changes: { class: string; kind: string; name: string; thing: string; before: string | null }[];
  /** First attempts and repeats of an operation. */
  sent(operation: string): { first: number; repeats: number };
}

export interface Asked extends FakeRequest {
  operation: string | undefined;
  /** Milliseconds of the real clock. */
  at: number;
}

export interface NightPlan extends Partial<Pick<NightOptions, 'largestPage' | 'speed' | 'interest' | 'signal' | 'from' | 'personKey'>> {
  /** Which night of the invented company it is; absent = the first. */
  night?: number;
  /** Ids of the collectors that run; absent = all that there are. */
  collectors?: readonly string[];
  /** The organisation's policy, as in its file. */
  policy?: unknown;
  /** Members of the source's configuration that are other than usual. */
  config?: Readonly<Record<string, unknown>>;
}

/** A simulated provider whose answers can be planted, and a database that scans fill. */
export interface World {
  provider: FakeProvider;
  /** From now on the operation answers so. */
  plant(operation: string, answer: PlantedAnswer): void;
  /** Every request so far, whole. */
  asked: Asked[];
  scan(plan?: NightPlan): Promise<Night>;
  /** Every byte that Noctule has written so far. */
  written(): string;
  /** Runs `noctule` with a configuration of this source in a process of its own: `['scan']`, `['coverage']` … */
  cli(args: readonly string[]): Promise<Ended>;
}

/** Opens a world of one provider; it closes itself after the test. `people` = size of the invented company. */
export async function openWorld(id: string, options: FakeOptions & { people?: number } = {}): Promise<World> {
  const company = smallCompany(options.people ?? 12);
  const provider = await startFake(id, company, options);
  const folder = newFolder();
  const database = join(folder, 'noctule.db');
  onTestFinished(() => provider.close());
  const asked: Asked[] = [];
  provider.watch((request, operation) => void asked.push({ ...request, operation, at: performance.now() }));

  async function scan(plan: NightPlan = {}): Promise<Night> {
    const { night = 0, collectors, policy, config, ...rest } = plan;
    provider.night(night);
    const source = await sourceOf({ name: id, config: { ...provider.config, ...config } as FakeProvider['config'] });
    const chosen = source.connector.collectors.map((collector) => [collector.id, collectors?.includes(collector.id) ?? true]);
    const outcome = await runNight(database, {
      sources: [{ ...source, collectors: Object.fromEntries(chosen) as Record<string, boolean> }],
      environment: provider.environment,
      from: dawn(company, night),
      ...(policy !== undefined && { policy: policySchema.parse(policy) }),
      ...rest,
    });
    return nightOf(database, outcome);
  }

  return {
    provider,
    plant: (operation, answer) => provider.plant(operation, answer),
    asked,
    scan,
    written: () => bytesBelow(folder),
    cli(args) {
      const { connector, ...own } = provider.config;
      const file = writeConfig(folder, { [id]: { connector, ...own } });
      return noctule([...args, '--config', file], { cwd: folder, env: provider.environment });
    },
  };
}

function nightOf(database: string, outcome: ScanOutcome): Night {
  const reader = openReader(database);
  try {
    const findings = reader.findings({ tenant: TENANT, states: ['open', 'acknowledged', 'excepted'], limit: -1 });
    return {
      outcome,
      source: outcome.sources[0]!,
      facts: factsIn(database),
      findings: findings.map((finding) => ({ ...finding, explained: JSON.parse(finding.body) as Record<string, unknown> })),
      gaps: reader.gaps(outcome.scanId),
      changes: reader.diff(TENANT, outcome.scanId - 1, outcome.scanId).map((row) => {
        const body = JSON.parse(row.body) as { subject: { name: string } };
        return { class: row.class, kind: row.kind, name: body.subject.name, thing: row.thing, before: row.before };
      }),
      sent: (operation) => outcome.requests.get(operation) ?? { first: 0, repeats: 0 },
    };
  } finally {
    reader.close();
  }
}

function factsIn(database: string): Fact[] {
  const rows = rowsOf<{
    collector: string;
    kind: string;
    thing: string;
    nativeId: string;
    scope: string;
    state: string;
    body: string;
    volatile: string;
  }>(
    database,
    `SELECT c.collector, o.kind, o.thing, o.native_id AS nativeId, o.scope, o.state, o.body, o.volatile
     FROM observation o JOIN collector c ON c.id = o.collector_id ORDER BY c.collector, o.native_id`,
  );
  return rows.map(({ body, volatile, ...row }) =>
    merged(row, JSON.parse(body) as Partial<Fact>, JSON.parse(volatile ?? '{}') as Partial<Fact>),
  );
}

/** Dates of last use, and what else moves every night, are kept apart from the fact; here they are one again. */
function merged(row: object, body: Partial<Fact>, volatile: Partial<Fact>): Fact {
  return { ...body, ...volatile, ...row, attributes: { ...body.attributes, ...volatile.attributes } } as Fact;
}
