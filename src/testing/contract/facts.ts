import { expect } from 'vitest';
import { canonicalJson, outward, type Json, type Observation } from '../../connector/index.ts';
import type { CollectorRun, Run } from '../runner.ts';

export function observations(run: CollectorRun): Observation[] {
  return run.events.filter((event): event is Observation => event.type === 'observation');
}

export function inventories(run: Run): CollectorRun[] {
  return run.collectors.filter(({ collector }) => collector.mode === 'inventory');
}

export function find(run: Run, id: string): CollectorRun {
  const found = run.collectors.find(({ collector }) => collector.id === id);
  if (!found) throw new Error(`${id} did not run: ${String(run.refused)}`);
  return found;
}

export function requestsOf(run: CollectorRun): number {
  return [...run.requests.values()].reduce((sum, number) => sum + number, 0);
}

/** What a run stated, in an order of its own: cursors and windows move with the clock, facts must not. */
export function factsOf(run: CollectorRun): string[] {
  const facts = run.events
    .filter((event) => event.type !== 'checkpoint')
    .map((event) => (event.type === 'covered' ? { type: event.type, scope: event.scope } : withoutMoving(event, run)))
    .map((fact) => canonicalJson(fact as unknown as Json));
  return [...new Set(facts)].sort();
}

function withoutMoving(event: Exclude<CollectorRun['events'][number], { type: 'checkpoint' | 'covered' }>, run: CollectorRun): unknown {
  if (event.type !== 'observation') return event.type === 'gap' && event.byDesign ? { ...event, effect: '' } : event;
  const attributes = Object.fromEntries(Object.entries(event.attributes).filter(([key]) => !run.collector.volatile.includes(key)));
  const { lastUsedAt: _moves, ...rest } = event;
  return { ...rest, attributes };
}

/** The most specific statement about a place; written again here, so that the engine's rule is not its own judge. */
export function saidAbout(run: CollectorRun, place: string): 'gap' | 'covered' | 'unchanged' | 'none' {
  if (run.error) return 'none';
  const statements = run.events.filter((event) => event.type === 'gap' || event.type === 'covered' || event.type === 'unchanged');
  for (const scope of outward(place)) {
    const here = new Set(statements.filter((statement) => statement.scope === scope).map(({ type }) => type));
    for (const type of ['gap', 'covered', 'unchanged'] as const) if (here.has(type)) return type;
  }
  return 'none';
}

/** Whatever the baseline saw and this run did not must not be claimed to have been looked for. */
export function expectNothingWronglyGone(baseline: Run, run: Run, where: string): void {
  if (run.refused) return;
  for (const before of inventories(baseline)) {
    const now = run.collectors.find(({ collector }) => collector.id === before.collector.id);
    if (!now) continue;
    const seen = new Set(observations(now).map(({ nativeId }) => nativeId));
    const closed = observations(before).filter(({ nativeId, scope }) => !seen.has(nativeId) && saidAbout(now, scope) === 'covered');
    expect(
      closed.map(({ thing }) => thing),
      `${before.collector.id} would close what it did not read (${where})`,
    ).toEqual([]);
  }
}
