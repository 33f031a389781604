import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { meantBy } from '../../src/identity/meant.ts';
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
  const meant = meantBy(text, reader.candidates(TENANT, text));
  reader.close();
  if (meant === 'programs' || 'unclear' in meant) throw new Error(JSON.stringify(meant));
  const store = openStore(path);
  const { label } = await store.forgetPerson(TENANT, {
    ...meant,
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

  test('takes the name out of what was said of others, with who said it, and leaves the word itself', async () => {
    const path = await scanned([grant('1042', 'ada'), bob]);
    const store = openStore(path);
    const word = { connector: 'google-workspace', account: 'C01', class: 'machine', at: dateOf(1).toISOString() } as const;
    await store.overrideIdentity(TENANT, { ...word, id: '7', reason: 'Shared by ada and others', actor: 'Ada@host (claimed)' });
    await store.overrideIdentity(TENANT, { ...word, id: '1042', reason: 'A mailbox', actor: 'eve@host (claimed)' });
    await store.overrideIdentity(TENANT, { ...word, account: 'C02', id: '9', reason: 'Written in ada', actor: 'eve@host (claimed)' });
    await store.close();
    const label = await forget(path, 'ada');
    expect(rowsOf(path, 'SELECT principal_id AS id, class, reason, actor FROM identity_override ORDER BY id')).toEqual([
      { id: '7', class: 'machine', reason: `Shared by ${label} and others`, actor: `${label}@host (claimed)` },
      { id: '9', class: 'machine', reason: 'Written in ada', actor: 'eve@host (claimed)' },
    ]);
  });

  test('the trail names a classified person by a mark that goes with the person: nobody can make it again', async () => {
    const path = await scanned([grant('1042', 'ada')]);
    const store = openStore(path);
    const word = {
      connector: 'google-workspace',
      account: 'C01',
      id: '1042',
      reason: 'why',
      actor: 'eve@host',
      at: dateOf(1).toISOString(),
    };
    await store.overrideIdentity(TENANT, { ...word, class: 'machine' });
    await store.overrideIdentity(TENANT, { ...word, class: null });
    await store.close();
    const subjects = rowsOf<{ subject: string }>(path, `SELECT DISTINCT subject FROM audit_event WHERE action = 'identity.classified'`);
    expect(subjects).toEqual([{ subject: expect.stringMatching(/^identity\/[0-9a-f]{32}$/) as string }]);
    const mark = subjects[0]!.subject.slice('identity/'.length);
    const digest = createHash('sha256')
      .update(JSON.stringify([TENANT, word.connector, word.account, word.id]))
      .digest('hex');
    expect(digest.startsWith(mark)).toBe(false);
    expect(rowsOf(path, 'SELECT DISTINCT mark FROM identity_override')).toEqual([{ mark }]);
    await forget(path, 'ada');
    expect(rowsOf(path, 'SELECT mark FROM identity_override')).toEqual([]);
  });

  test.each([
    ['an address in the address of a page', 'mara@corp.example', { url: 'https://x.example/#/users/details/mara%40corp.example?a=b' }],
    ['a login with letters beyond ASCII', 'ÅSA-Çelik', { asked: 'åsa-çelik' }],
    ['a login with a backslash', 'CORP\\mara', { asked: 'corp\\mara' }],
  ])('leaves nothing of %s', async (_, name, more) => {
    const path = await scanned([grant('1042', name, more), grant('7', 'bob', more)]);
    const spelled = name.toLowerCase();
    await forget(path, spelled);
    // A permission is a word of the provider, and stays one.
    const texts = rowsOf<{ body: string }>(path, 'SELECT body FROM observation').map(({ body }) => {
      const { permissions: _words, ...others } = JSON.parse(body) as Record<string, unknown>;
      return JSON.stringify(others).toLowerCase();
    });
    expect(texts).toHaveLength(2);
    for (const form of [JSON.stringify(spelled).slice(1, -1), encodeURIComponent(spelled).toLowerCase()])
      expect(texts.filter((text) => text.includes(form))).toEqual([]);
  });

  test('a name with a backslash goes from columns that are no JSON, too', async () => {
    const name = 'CORP\\mara';
    const path = await scanned([{ ...grant('1042', name), scope: `${ACCOUNT}/user/${name}`, nativeId: `${name}/app` }]);
    const label = await forget(path, name);
    expect(rowsOf(path, 'SELECT native_id AS id, scope FROM observation')).toEqual([
      { id: `${label}/app`, scope: `${ACCOUNT}/user/${label}` },
    ]);
  });

  test('an address is taken out of the files by which was judged, also where no provider lists anybody under it', async () => {
    const path = await scanned([bob]);
    const store = openStore(path);
    const policy = '{ "owner": "mara@corp.example" } // asked by Mara@corp.example';
    await store.keepDocument('policy', 'catalog', policy);
    await store.close();
    const label = await forget(path, 'mara@corp.example');
    expect(rowsOf(path, `SELECT content FROM document WHERE kind = 'policy'`)).toEqual([
      { content: `{ "owner": "${label}" } // asked by ${label}` },
    ]);
    const events = () => rowsOf(path, `SELECT 1 FROM audit_event WHERE action = 'person.forgotten'`).length;
    expect(events()).toBe(1);
    await forget(path, 'mara@corp.example');
    expect(events()).toBe(1);
  });

  test('who took over a login is somebody else, and stays', async () => {
    const person = (id: string, name: string): ObservationRow => {
      const row = grant(id, name);
      const body = row.body.replace('"kind":"oauth_grant"', '"kind":"identity"');
      return { ...row, nativeId: id, thing: `user/${id}`, kind: 'identity', appId: 'directory', body };
    };
    const byName = { ...grant('login/ada', 'ada'), nativeId: 'log' };
    const path = await scanned([person('1042', 'ada'), byName], [person('1042', 'ada-old'), person('2000', 'ada'), byName]);
    const reader = openReader(path);
    const candidates = reader.candidates(TENANT, 'ada');
    reader.close();
    expect(meantBy('ada', candidates)).toEqual({
      unclear: [expect.objectContaining({ id: '1042' }), expect.objectContaining({ id: '2000' })],
    });
    const label = await forget(path, '1042');
    const stated = rowsOf<{ id: string; name: string }>(
      path,
      `SELECT body ->> '$.principal.id' AS id, body ->> '$.principal.name' AS name FROM observation ORDER BY native_id`,
    );
    expect(stated).toEqual([
      { id: '2000', name: 'ada' },
      { id: label, name: label },
      { id: expect.stringContaining(label) as string, name: label },
    ]);
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
  decision: 'id tenant connector rule_group product first_scan merged_into',
  decision_finding: 'key decision read_gone read_scan',
  diff_entry: 'scan_id observation_id class state',
  document: 'hash kind',
  earlier_gap: 'collector_id reason permission since',
  finding: 'key tenant connector account rule product severity rank state first_scan state_scan unverified_scan body_scan',
  finding_act: 'key number act seen at',
  finding_event: 'scan_id key event',
  finding_version: 'key until_scan from_scan product severity rank state unverified_scan',
  identity_override: 'tenant connector account number class at mark',
  integration: 'id tenant connector account product verdict grade state first_scan body_scan',
  integration_version: 'integration_id until_scan from_scan product verdict grade state',
  lease: 'tenant holder pid beat_at process_start',
  moving_unnoted: 'last_scan',
  notice: 'id tenant notifier made_at since_scan scan_id failure attempts trouble delivered_at',
  observation: 'id collector_id kind state first_scan state_scan body_scan volatile_scan',
  observation_version: 'observation_id until_scan from_scan',
  outbox: 'id tenant sink decision generation op idempotency_key state attempts not_before scan_id queued_at sent_at',
  pseudonym: 'tenant mark',
  pseudonymous_tenant: 'tenant key_check',
  reading:
    'id scan_id collector_id source version state started_at ended_at sizes reader_changed first delta_since sweep withdrawn catalog_hash',
  request_count: 'scan_id source collector operation first repeats',
  scan: 'id tenant state started_at ended_at config_hash catalog_hash policy_hash program_version partial judged judged_at pruned_at policy_faults',
  source_result: 'scan_id source connector account account_name state',
  stale_place: 'reading_id unsaid',
  statement: 'reading_id statement reason permission by_design window_from window_to stated_at spot_check',
  suspected_place: 'reading_id',
  ticket:
    'decision sink generation remote_id label url remote_state content_hash told closed_by closed_at last_comment_day last_sync verify_at writes',
  ticket_sink: 'tenant sink baseline_scan',
  volatile_version: 'observation_id until_scan from_scan',
};
