import Database, { type Statement } from 'better-sqlite3';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectorIds } from '../../src/scan/registry.ts';
import { openStore } from '../../src/store/store.ts';
import { newFolder } from '../cli/run.ts';
import { night, sourceFor } from '../scan/company-nights.ts';
import { runNight } from '../scan/night.ts';
import { BY_NAME, have } from './account-nights.ts';

/** What two nights ask more often is asked for each app, place or thing: of collectors there are some seventy. */
const OFTEN = 200;

interface Asked {
  times: number;
  /** How often of these its rows were walked one by one. */
  walked: number;
  /** What SQLite does for it, step by step. */
  plan: readonly string[];
}

/** Runs something, and answers what SQLite was asked meanwhile. */
async function askedDuring(run: () => Promise<unknown>): Promise<Map<string, Asked>> {
  const asked = new Map<string, Asked>();
  const database = new Database(':memory:');
  const statements = Object.getPrototypeOf(database.prepare('SELECT 1')) as Record<string, (...values: unknown[]) => unknown>;
  database.close();
  const [kinds, explain] = [['run', 'get', 'all', 'iterate'], statements['all']!] as const;
  const own = kinds.map((kind) => [kind, statements[kind]!] as const);
  for (const [kind, ask] of own)
    statements[kind] = function (this: Statement, ...values: unknown[]) {
      // As it was written: a plus before a value keeps SQLite from planning anew.
      const source = this.source
        .replaceAll(/\+(?=[?@])/g, '')
        .replaceAll(/\s+/g, ' ')
        .replaceAll(/staged_\d+/g, 'staged');
      const before = asked.get(source);
      const walked = kind === 'iterate' ? 1 : 0;
      if (before) {
        before.times++;
        before.walked += walked;
      } else {
        const steps = explain.apply(this.database.prepare(`EXPLAIN QUERY PLAN ${this.source}`), values) as { detail: string }[];
        asked.set(source, { times: 1, walked, plan: steps.map(({ detail }) => detail) });
      }
      return ask.apply(this, values);
    };
  try {
    await run();
  } finally {
    for (const [kind, ask] of own) statements[kind] = ask;
  }
  return asked;
}

/** A step through a whole table, or through all that there is of a tenant, an account, a reader or a reading. */
function grows(step: string, _index: number, plan: readonly string[]): boolean {
  if (/^SEARCH (lease|reading|c|collector) /.test(step) || (step.startsWith('SCAN ') && plan.includes(step.replace('SCAN', 'CO-ROUTINE'))))
    return false;
  return (
    /^SCAN (?!CONSTANT ROW|\w+ VIRTUAL TABLE)/.test(step) ||
    /\((tenant|collector_id|reading_id|scan_id)=\?( AND (connector|account)=\?)*\)$/.test(step)
  );
}

test('what is asked for each app or thing goes through nothing that grows with their number', async () => {
  const path = join(newFolder(), 'noctule.db');
  const sources = await Promise.all(connectorIds().map((id) => sourceFor(id)));
  const asked = await askedDuring(async () => {
    for (const number of [0, 1]) await runNight(path, await night(number, sources));
  });
  const often = [...asked].filter(([, { times }]) => times > OFTEN);
  // The judgement of an app, its findings and the place of each thing are among them.
  for (const table of ['observation', 'finding', 'integration', 'statement', 'staged'])
    expect(often.some(([source]) => source.includes(table))).toBe(true);
  expect(often.flatMap(([source, { plan }]) => (plan.some(grows) ? [{ source, plan }] : []))).toEqual([]);
  // What moved is asked of once a reading, and goes through what was staged: for each row of it, nothing else that grows. The other table has one row.
  const moved = [...asked].filter(([source]) => source.startsWith('INSERT INTO volatile_version'));
  const through = moved.flatMap(([, { plan }]) => plan.filter((step, at) => grows(step, at, plan)));
  expect(new Set(through)).toEqual(new Set(['SCAN s', 'SCAN moving_unnoted']));
  expect(moved.length).toBeGreaterThan(0);
  // What a walk holds is given back only after the unit of work: none is begun for each app.
  expect(often.flatMap(([source, { walked }]) => (walked > OFTEN ? [source] : []))).toEqual([]);
});

test('of what came to another account, it is asked once for a product where that was, and by its index', async () => {
  const asked = await askedDuring(async () => {
    const store = openStore(join(newFolder(), 'noctule.db'));
    const apps = Array.from({ length: OFTEN + 50 }, (_, number) => ({ id: `app-${number}` }));
    for (const day of [0, 1]) await have(store, day, { C1: { apps: apps.slice(0, 50) }, C2: { apps: day === 0 ? [] : apps } });
    // What one was known by is another by now.
    await have(store, 2, { C1: { apps: [{ id: 'app-0', signals: BY_NAME }, ...apps.slice(1, 50)] }, C2: { apps } });
    await store.close();
  });
  // When it came, which readings are like the one that saw it, what they said around its place, and which they left gaps in; then its elders.
  const [came, alike, around, whole, elders] = [
    /s\.id = i\.first_scan WHERE i/,
    /reading f ON/,
    /WHERE reading_id = \? AND scope/,
    /^SELECT 1 FROM reading/,
    /AND i\.product =/,
  ];
  const about = (subject: RegExp) => [...asked].filter(([source]) => subject.test(source));
  for (const subject of [came, alike, around, whole, elders]) expect(about(subject), String(subject)).not.toEqual([]);
  const bad = [
    ...[came, alike, around, elders].flatMap(about).filter(([, { plan }]) => plan.some(grows)),
    ...[alike, whole, elders].flatMap(about).filter(([, { times }]) => times > OFTEN),
  ];
  expect(bad).toEqual([]);
});
