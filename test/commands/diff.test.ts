import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { diffCommand } from '../../src/commands/diff.ts';
import type { ObservationRow } from '../../src/store/rows.ts';
import { ACCOUNT, dateOf, fact, said, scan, TENANT } from '../store/facts.ts';
import { folderWith } from './asked.ts';

const whole = [said('covered', ACCOUNT)];

/** A fact that says something of the given fields. */
function saying(id: string, fields: object = {}): ObservationRow {
  const row = fact(id);
  const body = JSON.stringify({ ...(JSON.parse(row.body) as object), ...fields });
  return { ...row, body, fingerprint: createHash('sha256').update(body).digest().subarray(0, 16) };
}

const ada = { principal: { id: 'u1', name: 'ada' } };
const ask = await folderWith(async (store) => {
  const grants = (rows: ObservationRow[], statements = whole) => ({ grants: { rows, statements } });
  const before = { permissions: ['a', 'b'], grantedAt: null, attributes: { size: 1, of: { deep: true } } };
  await scan(store, 0, grants([saying('1', { ...ada, ...before }), saying('2'), saying('3'), saying('5'), saying('6')]));
  const after = { permissions: ['b', 'c'], grantedAt: '2026-01-01', attributes: { size: 2, of: [] } };
  const [changed, five] = [saying('1', { ...ada, ...after }), saying('5')];
  await scan(store, 1, grants([changed, five, saying('6')], [...whole, said('gap', `${ACCOUNT}/user/3`)]));
  await scan(store, 2, grants([changed, saying('2'), saying('4'), five]));
});
const diff = (from?: string, to?: string, format: 'table' | 'json' = 'table', quiet = false) =>
  ask((context) => diffCommand(context, from, to, { config: 'config.json', format }), quiet);
const classes = async (from?: string, to?: string) =>
  (JSON.parse((await diff(from, to, 'json')).out) as { class: string; name: string }[]).map((row) => `${row.class} ${row.name}`);

test('what was pruned is not compared with what is left of it, at either end', async () => {
  const pruned = await folderWith(async (store) => {
    for (const night of [0, 1, 2, 3]) await scan(store, night, { grants: { rows: [saying('1')], statements: whole } });
    await store.prune(TENANT, { before: dateOf(2), keepDays: 2, actor: 'ada@host (claimed)', at: dateOf(4).toISOString(), plan: false });
  });
  for (const [from, to] of [
    ['1', '4'],
    ['1', '2'],
  ])
    expect((await pruned((context) => diffCommand(context, from, to, { config: 'config.json', format: 'json' }))).refused).toContain(
      'was pruned on',
    );
});

describe('what differs between two scans', () => {
  test('is told as a table, with what changed, and with how much there is in all', async () => {
    const { out, err, code } = await diff('1', '2');
    expect(code).toBe(0);
    expect(
      out
        .split('\n')
        .slice(2)
        .map((line) => line.replaceAll(/ {2,}/g, ' | ')),
    ).toEqual([
      'changed | oauth_grant | 1 | ada | google-workspace C01 | attributes.of: {"deep":true} -> []; attributes.…',
      'gone | oauth_grant | 2 | google-workspace C01',
      'unverified | oauth_grant | 3 | google-workspace C01',
      '',
    ]);
    expect(out.split('\n')[0]!.split(/ {2,}/)).toEqual(['class', 'kind', 'what', 'holder', 'where', 'changed']);
    expect(err).toBe('0 appeared, 0 returned, 1 changed, 1 gone, 1 unverified, 2 persisting\n');
  });

  test('is of lists what came and what went, and of all else before and after', async () => {
    const [{ changes }] = JSON.parse((await diff('1', '2', 'json')).out) as [{ changes: unknown }];
    expect(changes).toEqual([
      { field: 'attributes.of', before: { deep: true }, after: [] },
      { field: 'attributes.size', before: 1, after: 2 },
      { field: 'grantedAt', before: null, after: '2026-01-01' },
      { field: 'permissions', before: ['a', 'b'], after: ['b', 'c'] },
    ]);
    const csv = await ask((context) => diffCommand(context, '1', '2', { config: 'config.json', format: 'csv' }));
    expect(csv.out).toMatch(/attributes\.size: 1 -> 2; grantedAt: unknown -> 2026-01-01; permissions: \+c -a"?\r?\n/);
    expect(csv.err).toBe('Names of persons in it: holders of what differs.\n');
  });

  test('is by default what the last night brought, and of the first one all that is there, newly seen', async () => {
    expect(await classes()).toEqual(['returned 2', 'gone 3', 'appeared 4', 'gone 6']);
    expect(await classes('1', '3')).toEqual(['changed 1', 'returned 2', 'gone 3', 'appeared 4', 'gone 6']);
    expect(await classes('2')).toEqual(await classes('2', '3'));
    const first = await diff(undefined, '1');
    expect(first.out.match(/newly seen/g)).toHaveLength(5);
    expect(first.err).toBe('5 appeared, 0 returned, 0 changed, 0 gone, 0 unverified, 0 persisting\n');
    expect((await diff('2', '3')).out).toMatch(/^appeared /m);
    expect((await diff('2', '3')).err).toBe('1 appeared, 1 returned, 0 changed, 2 gone, 0 unverified, 2 persisting\n');
  });

  test('is asked for with the earlier scan first, and says no more than that where it is to be quiet', async () => {
    expect((await diff('2', '2')).refused).toBe('Scan 2 is the same as scan 2. Give two scans, the earlier first.');
    expect((await diff('3', '1')).refused).toBe('Scan 3 is later than scan 1. Give the earlier first: `noctule diff 1 3`.');
    expect((await diff('1', '2', 'table', true)).err).toBe('');
  });
});
