import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { PERSONAL } from '../../src/store/personal-data.ts';
import { openReader } from '../../src/store/read.ts';
import type { ObservationRow } from '../../src/store/rows.ts';
import { openStore } from '../../src/store/store.ts';
import { ACCOUNT, dateOf, said, scan, temporaryFolder, TENANT } from './facts.ts';
import { logicalDump, rowsOf } from './logical-dump.ts';

const file = temporaryFolder();
const whole = [said('covered', ACCOUNT)];

/** A grant of somebody, as a collector would keep it. */
function grant(id: string, name: string, more: Record<string, unknown> = {}): ObservationRow {
  const thing = `grant/${id}/app`;
  const scope = `${ACCOUNT}/user/${id}`;
  const body = JSON.stringify({
    attributes: { state: 'usual', ...more },
    kind: 'oauth_grant',
    permissions: ['files', name],
    principal: { id, name, standing: 'active', traits: ['interactive_login'] },
    scope,
    signals: [{ type: 'app_name', value: 'Notes' }],
    subject: { app: 'app', name: 'Notes' },
    thing,
    evidence: { source: 'list' },
  });
  const fingerprint = createHash('sha256').update(body).digest().subarray(0, 16);
  return { nativeId: `${id}/app`, thing, kind: 'oauth_grant', scope, appId: 'app', principalId: id, fingerprint, body, volatile: null };
}

const bob = grant('7', 'bob', { asked: 'ada', told: 'ada and others' });

async function scanned(...nights: ObservationRow[][]): Promise<string> {
  const path = file();
  const store = openStore(path);
  for (const [night, rows] of nights.entries()) await scan(store, night, { grants: { rows, statements: whole } });
  await store.close();
  return path;
}

async function forget(path: string, text: string): Promise<string> {
  const reader = openReader(path);
  const people = reader.candidates(TENANT, text);
  reader.close();
  const store = openStore(path);
  const { label } = await store.forgetPerson(TENANT, {
    people,
    others: [],
    address: text.includes('@') ? text : undefined,
    actor: 'eve@host (claimed)',
    at: dateOf(9).toISOString(),
    plan: false,
  });
  await store.close();
  return label;
}

describe('forgetting', () => {
  test('somebody who has gone stays forgotten on the nights after, and the nights before still tell what was', async () => {
    const path = await scanned([grant('1042', 'ada'), bob], [grant('1042', 'ada', { more: 1 }), bob], [bob]);
    const label = await forget(path, 'ADA');
    const store = openStore(path);
    const { classes } = await scan(store, 3, { grants: { rows: [bob], statements: whole } });
    await store.close();
    // The fact of bob that names ada is as it was, as far as its digest tells: it is not written again.
    expect(classes).toEqual({ persisting: 1 });
    expect(logicalDump(path)).not.toMatch(/1042|"ada"/);
    const reader = openReader(path);
    const app = { tenant: TENANT, connector: 'google-workspace', account: 'C01', appId: 'app' };
    const holders = (asOf?: number) =>
      reader
        .observationsOfApp(app, 10, asOf)
        .map(({ state, body }) => `${(JSON.parse(body) as { principal: { name: string } }).principal.name} ${state}`);
    expect([holders(1).sort(), holders(2).sort(), holders().sort()]).toEqual([
      ['bob present', `${label} present`],
      ['bob present', `${label} present`],
      ['bob present', `${label} gone`],
    ]);
    expect(reader.diff(TENANT, 2, 3).map((row) => row.class)).toEqual(['gone']);
    expect(reader.auditVerified(TENANT).broken).toBeUndefined();
    reader.close();
  });

  test('takes a login where it stands alone, and leaves the word where it is a word', async () => {
    const path = await scanned([grant('1042', 'ada'), bob]);
    const label = await forget(path, 'ada');
    const [own, other] = rowsOf<{ body: string }>(path, 'SELECT body FROM observation ORDER BY id').map(
      ({ body }) => JSON.parse(body) as Record<string, object>,
    );
    expect(own).toMatchObject({ principal: { id: label, name: label }, scope: `${ACCOUNT}/user/${label}`, thing: `grant/${label}/app` });
    expect(other).toMatchObject({ attributes: { asked: label, told: 'ada and others' }, principal: { name: 'bob' } });
  });

  test.each(['active', 'interactive_login', 'oauth_grant', 'files', 'principal', 'name', 'app_name', 'list'])(
    'somebody whose login is "%s" does not take our own word along',
    async (login) => {
      const path = await scanned([grant('1042', login), bob]);
      await forget(path, login);
      for (const { body } of rowsOf<{ body: string }>(path, 'SELECT body FROM observation'))
        expect(JSON.parse(body)).toMatchObject({
          kind: 'oauth_grant',
          permissions: expect.arrayContaining(['files']) as string[],
          principal: { standing: 'active', traits: ['interactive_login'], name: expect.any(String) as string },
          signals: [{ type: 'app_name' }],
        });
    },
  );

  test('nobody is another’s id by chance: 104 is not 1042, and a count is no id', async () => {
    const near = grant('104', 'eve', { devices: '1042', path: 'device/1042', owner: 'user/1042' });
    const path = await scanned([grant('1042', 'ada'), near]);
    const label = await forget(path, '1042');
    const [other] = rowsOf<{ body: string }>(path, `SELECT body FROM observation WHERE principal_id = '104'`);
    expect(JSON.parse(other!.body)).toMatchObject({
      attributes: { devices: '1042', path: 'device/1042', owner: `user/${label}` },
      principal: { id: '104', name: 'eve' },
    });
  });

  test('of one tenant leaves another tenant’s person of that name alone', async () => {
    const path = file();
    const store = openStore(path);
    for (const tenant of [TENANT, 'other'])
      await scan(store, 0, { grants: { rows: [grant('1042', 'ada@corp.example')], statements: whole } }, tenant);
    await store.close();
    await forget(path, 'ada@corp.example');
    const named = rowsOf(
      path,
      `SELECT c.tenant FROM observation o JOIN collector c ON c.id = o.collector_id WHERE o.body LIKE '%ada@corp.example%'`,
    );
    expect(named).toEqual([{ tenant: 'other' }]);
  });
});

test('every column of every table is known to hold something about persons, or not to', () => {
  const path = file();
  openStore(path);
  const found = rowsOf<{ name: string }>(
    path,
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
  ).flatMap(({ name }) =>
    rowsOf<{ column: string }>(path, `SELECT name AS "column" FROM pragma_table_info('${name}')`).map(({ column }) => `${name}.${column}`),
  );
  const personal = Object.entries(PERSONAL).flatMap(([table, columns]) => Object.keys(columns).map((column) => `${table}.${column}`));
  expect(personal.filter((column) => !found.includes(column))).toEqual([]);
  const others = Object.entries(NOT_ABOUT_PERSONS).flatMap(([table, columns]) => columns.split(' ').map((column) => `${table}.${column}`));
  expect(found.filter((column) => !personal.includes(column))).toEqual(others);
});

/** What is here was looked at. A new column that is about persons belongs into personal-data.ts instead. */
const NOT_ABOUT_PERSONS: Readonly<Record<string, string>> = {
  app_to_judge: 'tenant connector account',
  audit_event: 'tenant number previous at action subject hash',
  collector: 'id tenant connector account account_scope collector mode',
  diff_entry: 'scan_id observation_id class state',
  document: 'hash kind',
  finding: 'key tenant connector account rule product severity rank state first_scan state_scan unverified_scan body_scan',
  finding_event: 'scan_id key event',
  finding_version: 'key until_scan from_scan product severity rank state unverified_scan',
  identity_override: 'tenant connector account number class at mark',
  integration: 'id tenant connector account product verdict grade state first_scan body_scan',
  integration_version: 'integration_id until_scan from_scan product verdict grade state',
  lease: 'tenant holder pid beat_at process_start',
  observation: 'id collector_id kind state first_scan state_scan body_scan',
  observation_version: 'observation_id until_scan from_scan',
  reading:
    'id scan_id collector_id source version state started_at ended_at sizes reader_changed first delta_since sweep withdrawn catalog_hash',
  request_count: 'scan_id source collector operation first repeats',
  scan: 'id tenant state started_at ended_at config_hash catalog_hash policy_hash program_version partial judged judged_at',
  source_result: 'scan_id source connector account account_name state',
  stale_place: 'reading_id unsaid',
  statement: 'reading_id statement reason permission by_design window_from window_to stated_at spot_check',
  suspected_place: 'reading_id',
};
