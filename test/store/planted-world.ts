import { hash } from 'node:crypto';
import type { Kind, Observation } from '../../src/connector/index.ts';
import type { Fact } from '../../src/policy/integration.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { observationRow } from '../../src/scan/rows.ts';
import type { FindingJudge } from '../../src/store/judgement.ts';
import type { ObservationRow } from '../../src/store/rows.ts';
import type { Store } from '../../src/store/store.ts';
import { catalog, NOW } from '../policy/apps.ts';
import { connectors, DECIDED, readerOf, WORLD, type Planted } from '../policy/planted.ts';
import { begin, conclude, said, TENANT } from './facts.ts';

// The apps of test/policy/planted.ts, read on nights, stored and judged as a scan does: facts alone say what was before, who else is there
// and what was read, and not the table.

const DAY = 86_400_000;

/** Start of a night; the third, which is night 2, is the one that the table tells of. */
export function startOf(night: number): Date {
  return new Date(NOW.getTime() + (night - 2) * DAY);
}

export function judgeOf(night: number, policy: Policy = DECIDED): FindingJudge {
  return createJudge({ catalog, policy, connectors: [...connectors.values()], now: startOf(night) });
}

interface Place {
  connector: string;
  account: string;
  collector: string;
}

interface Reading {
  /** Absent = all of them. */
  apps?: readonly Planted[];
  policy?: Policy;
  /** What cannot be read is a gap. */
  isRead?(place: Place): boolean;
  /** Everybody who holds something is listed, too. */
  listed?: boolean;
  /** Whatever has a date of last use was used that night, and whatever else moves is told no more. */
  used?: boolean;
}

/** Reads the accounts of the apps on a night, and judges what was stored. Answers the number of the scan, and its places. */
export async function readNight(store: Store, night: number, options: Reading = {}): Promise<{ scanId: number; places: Place[] }> {
  const { apps = WORLD, policy, isRead = () => true, listed = false, used = false } = options;
  const policyHash = policy ? hash('sha256', JSON.stringify(policy)) : null;
  if (policyHash !== null) await store.keepDocument('policy', policyHash, JSON.stringify(policy));
  const scanId = await begin(store, night, TENANT, { startedAt: startOf(night), policyHash });
  const places: Place[] = [];
  for (const own of Map.groupBy(apps, ({ plane, account }) => `${plane} ${account}`).values()) {
    if (own.some(({ around }) => (around.readFrom ?? 0) > night)) continue;
    const { plane: connector, account } = own[0]!;
    const told = own.flatMap((one) => toldOn(night, one, { listed, used }));
    for (const [collector, all] of Map.groupBy(told, (one) => one.collector)) {
      const place = { connector, account, collector };
      places.push(place);
      const start = { scanId, source: connector, ...place, accountScope: account, version: 1, startedAt: startOf(night) };
      const reading = await store.openReading({ ...start, mode: all[0]!.mode });
      const isWhole = isRead(place);
      const rows = isWhole ? all.flatMap((one) => one.rows) : [];
      await store.commitBatch(reading, { rows, statements: [said(isWhole ? 'covered' : 'gap', account, startOf(night))] });
      await store.endReading(reading, 'ended', startOf(night));
    }
  }
  await conclude(store, scanId, night, 'concluded', judgeOf(night, policy));
  return { scanId, places };
}

interface Told {
  collector: string;
  mode: 'inventory' | 'log';
  rows: ObservationRow[];
}

/** What the readers of the account of an app state on a night. */
function toldOn(night: number, { plane, account, facts, around }: Planted, { listed, used }: { listed: boolean; used: boolean }): Told[] {
  const isGone = (fact: Fact) =>
    night < (around.from ?? 0) || (fact.state === 'gone' && night > 0) || (around.returned !== undefined && night === 1);
  const then = facts
    .filter((fact, index) => !isGone(fact) && (night > 0 || index < (around.heldBy ?? facts.length)))
    .map((fact, index) => (night === 0 && index === 0 && around.before ? { ...fact, permissions: around.before } : fact));
  const { principal: _holder, ...first } = facts[0]!;
  const context = (kind: Kind, thing: string, more: Partial<Fact>): ObservationRow =>
    rowOf(account, {
      ...first,
      kind,
      thing,
      subject: { app: thing, name: thing },
      signals: [],
      permissions: [],
      attributes: {},
      ...more,
    });
  const { collectors } = connectors.get(plane)!;
  const people = (around.people ?? []).flatMap((stated, number) =>
    stated.map(({ kind, traits, permissions }) =>
      context(kind, `person/${number}`, { permissions, principal: { id: `person/${number}`, name: `person ${number}`, traits } }),
    ),
  );
  const holders = facts.flatMap(({ principal }) => (principal?.traits.includes('directory_person') ? [principal] : []));
  const listing = listed ? holders.map((principal) => context('identity', `holder/${principal.id}`, { principal })) : [];
  const settings = (around.controls ?? []).map(({ thing, attributes }) => context('control', thing, { attributes }));
  // A list of what apps can belong to: with its home, or with another one alone.
  const home = around.origin && `service_account/${around.origin.is === 'own' ? facts[0]!.subject.app : '100000000000000000009'}`;
  const log = collectors.find(({ heldAgainst }) => heldAgainst !== undefined);
  const told = [...Map.groupBy(then, ({ collector }) => collector)].map(([collector, own]) => ({
    collector,
    mode: own[0]!.mode,
    rows: own.map((fact) => rowOf(account, used ? usedOn(night, fact) : fact)),
  }));
  return [
    ...told,
    // What lists no longer have is not there; a reader that had something reads on.
    ...facts.map(({ collector, mode }) => ({ collector, mode, rows: [] })),
    { ...readerOf(plane, 'identity'), rows: [...people, ...listing] },
    { ...readerOf(plane, 'control'), rows: [...settings, ...(home === undefined ? [] : [context('control', home, {})])] },
    ...(around.keysRead && log ? log.heldAgainst!.map((collector) => ({ collector, mode: 'inventory' as const, rows: [] })) : []),
  ];
}

function movingOf({ connector, collector }: Fact): readonly string[] {
  return connectors.get(connector)!.collectors.find(({ id }) => id === collector)!.volatile;
}

function usedOn(night: number, fact: Fact): Fact {
  const { lastUsedAt, attributes, ...rest } = fact;
  const moving = movingOf(fact);
  return {
    ...rest,
    ...(lastUsedAt && { lastUsedAt: { ...lastUsedAt, at: startOf(night).toISOString() } }),
    attributes: Object.fromEntries(Object.entries(attributes).filter(([key]) => !moving.includes(key))),
  };
}

function rowOf(account: string, told: Fact): ObservationRow {
  const { state: _state, mode: _mode, collector: _collector, connector: _connector, ...fact } = told;
  const observation = {
    ...fact,
    type: 'observation',
    nativeId: fact.thing,
    scope: `${account}/${fact.thing}`,
    evidence: { source: 'test' },
  };
  return observationRow(observation as Observation, { volatile: movingOf(told) });
}
