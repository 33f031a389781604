import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase, openReadOnly } from '../../src/store/database.ts';
import { namedQueries, runNamedQuery } from '../../src/store/named-queries.ts';
import { QUERY_LIMITS } from '../../src/store/query-answer.ts';
import { answerTo } from '../../src/store/query.ts';
import { VIEWS } from '../../src/store/views.ts';
import { demoWorld } from '../cli/demo-world.ts';
import { newFolder } from '../cli/run.ts';
import { HOSTILE } from '../text/hostile.ts';
import released from './released-views.json' with { type: 'json' };

const world = demoWorld();
let database: Database;
beforeAll(() => void (database = openReadOnly(world.database)));
afterAll(() => void database.close());

describe('the documented views', () => {
  test('are all that there are, with their columns in this order', () => {
    const views = database
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'view' AND name <> 'gap_of_reading' ORDER BY name`)
      .pluck()
      .all();
    expect(views).toEqual(Object.keys(VIEWS).sort());
    for (const [name, { columns }] of Object.entries(VIEWS))
      expect([name, database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(name)]).toEqual([name, Object.keys(columns)]);
  });

  // test/store/released-views.json is added to with a release, and never changed: what analysts wrote rests on it.
  test.each(Object.entries(released))('%s begins with the columns that it was first released with, in their order', (name, columns) => {
    const there = database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(name);
    expect(there.slice(0, columns.length)).toEqual(columns);
  });

  const examples = Object.entries(VIEWS).flatMap(([view, { examples: own }]) => own.map(({ title, sql }) => [view, title, sql] as const));
  test.each(examples)('%s: the example "%s" answers something', (_view, _title, sql) => {
    const { rows } = answerTo(world.database, sql);
    expect(rows.length).toBeGreaterThan(0);
  });

  test('have one row a finding, an integration and a grant', () => {
    for (const [view, key, table] of [
      ['findings', 'finding', 'finding'],
      ['integrations', 'integration', 'integration'],
      ['grants', 'grant_id', `observation WHERE kind NOT IN ('identity', 'control')`],
    ] as const)
      expect([view, database.prepare(`SELECT count(*), count(DISTINCT ${key}) FROM ${view}`).raw().get()]).toEqual([
        view,
        Array(2).fill(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()),
      ]);
  });
});

/** What has to be given; the company has all of it. */
const SAMPLES: Readonly<Record<string, () => string>> = {
  vendor: () => 'openai',
  product: () => 'openai/chatgpt',
  holder_id: () => String(database.prepare(`SELECT holder_id FROM grants WHERE verdict = 'ai' AND holder_id IS NOT NULL`).pluck().get()),
};
/** Values with which the small company has a case, where the usual ones ask for more time than its three nights have. */
const NEARER: Readonly<Record<string, Record<string, string | number>>> = { 'idle-access': { days: 0 } };

describe('the questions that ship', () => {
  const queries = namedQueries();
  const valuesOf = (query: (typeof queries)[number]) => ({
    tenant: 'default',
    ...Object.fromEntries(query.parameters.map(({ name, default: preset }) => [name, preset === undefined ? SAMPLES[name]!() : preset])),
    ...NEARER[query.name],
  });

  test('are at least twenty-five, each with a title and a question of its own', () => {
    expect(queries.length).toBeGreaterThanOrEqual(25);
    for (const key of ['title', 'question'] as const) expect(new Set(queries.map((query) => query[key])).size).toBe(queries.length);
    for (const { question } of queries) expect(question).toMatch(/^[A-Z].*\?$/);
  });

  test.each(queries.map((query) => [query.name, query] as const))(
    '%s answers something, in the columns that it tells of',
    (_name, query) => {
      const { columns, rows } = runNamedQuery(world.database, query, valuesOf(query), QUERY_LIMITS);
      expect(columns).toEqual(query.columns.map(({ name }) => name));
      expect(rows.length).toBeGreaterThan(0);
    },
  );

  test('ask the documented views alone, and every parameter that they tell of', () => {
    for (const { name, sql, parameters } of queries) {
      const asked = [...sql.matchAll(/\b(?:FROM|JOIN) ([a-z_]+)/g)].map(([, view]) => view!);
      expect([name, asked.filter((view) => !Object.hasOwn(VIEWS, view))]).toEqual([name, []]);
      const bound = new Set([...sql.matchAll(/:([a-z_]+)/g)].map(([, parameter]) => parameter!));
      expect([name, [...bound].sort()]).toEqual([name, ['tenant', ...parameters.map((parameter) => parameter.name)].sort()]);
    }
  });

  test('say whom they name: those that say nobody have no column of holders', () => {
    const silent = queries.filter(({ names }) => names === 'nobody');
    expect(silent.length).toBeGreaterThan(5);
    const people = new Set(
      database
        .prepare(`SELECT name FROM identities WHERE instr(traits, '"directory_person"') > 0 AND connector = 'google-workspace'`)
        .pluck()
        .all(),
    );
    for (const query of silent)
      for (const row of runNamedQuery(world.database, query, valuesOf(query), QUERY_LIMITS).rows)
        expect([query.name, row.filter((cell) => people.has(cell))]).toEqual([query.name, []]);
  });

  test('are asked with values that stay values, whatever they are', () => {
    const query = queries.find(({ name }) => name === 'product-everywhere')!;
    for (const value of [...HOSTILE, `openai/chatgpt' OR '1' = '1`, `'; DROP TABLE finding; --`])
      expect(runNamedQuery(world.database, query, { tenant: 'default', product: value }, QUERY_LIMITS).rows).toEqual([]);
    expect(runNamedQuery(world.database, query, { tenant: 'other', product: 'openai/chatgpt' }, QUERY_LIMITS).rows).toEqual([]);
  });

  test.each(['resolved-lately', 'source-history'])('%s counts the scans of its tenant alone', (name) => {
    const query = queries.find((one) => one.name === name)!;
    const file = join(newFolder(), 'noctule.db');
    copyFileSync(world.database, file);
    const other = openDatabase(file);
    const asked = () => runNamedQuery(file, query, { tenant: 'default', scans: 2 }, QUERY_LIMITS).rows;
    const before = asked();
    // The scan of somebody else has a number in between.
    other.pragma('foreign_keys = OFF');
    for (const id of [3, 2])
      other.exec(`UPDATE scan SET id = id + 10 WHERE id = ${id}; UPDATE finding_event SET scan_id = scan_id + 10 WHERE scan_id = ${id};
        UPDATE source_result SET scan_id = scan_id + 10 WHERE scan_id = ${id}`);
    other.exec(
      'UPDATE scan SET id = 20 WHERE id = 13; UPDATE finding_event SET scan_id = 20 WHERE scan_id = 13; UPDATE source_result SET scan_id = 20 WHERE scan_id = 13',
    );
    other.close();
    expect(asked()).toHaveLength(before.length);
  });

  test('vendor-breach gives its first rows before it has read the others', () => {
    const { sql } = queries.find(({ name }) => name === 'vendor-breach')!;
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all({ tenant: 'default', vendor: 'openai' }) as { detail: string }[];
    expect(plan.map(({ detail }) => detail).filter((detail) => detail.includes('TEMP B-TREE'))).toEqual([]);
  });

  test('are cut like any other', () => {
    const query = queries.find(({ name }) => name === 'open-longest')!;
    expect(runNamedQuery(world.database, query, valuesOf(query), { rows: 3, bytes: 1_000_000 })).toMatchObject({
      cut: 'rows',
      rows: { length: 3 },
    });
  });
});
