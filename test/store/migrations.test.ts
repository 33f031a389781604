import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { observationsAt } from '../../src/store/past.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { ACCOUNT, fact, said, scan, temporaryFolder, TENANT } from './facts.ts';
import { asNobody, footprint, isRoot } from './files.ts';
import { connect, integrityOf } from './logical-dump.ts';
import { migrationFiles, migrations, newest, released, versionOf } from './released.ts';

const file = temporaryFolder();
const whole = [said('covered', ACCOUNT)];
/** A path in a folder of its own, so that files beside it are seen. */
const alone = () => join(mkdtempSync(file('alone-')), 'noctule.db');

describe('a database of an older Noctule', () => {
  test('was made by migrations that are as they were released: who has run one never runs it again', () => {
    const digests = migrationFiles.map((name) =>
      createHash('sha256')
        .update(readFileSync(new URL(name, migrations)))
        .digest('hex')
        .slice(0, 16),
    );
    expect(digests).toEqual([
      '1ded9788bb217c3c',
      'b74c5fd2347a1b12',
      'c22acb7692db05c8',
      'c81cdf17eea6f1e6',
      '9e3360a9dab03ce7',
      '197c6a5d6c6f8384',
      '67b7fa0802814162',
      '4e13c977574888e0',
      '399b096649645ed0',
      '3c2144322ba6107a',
      '2c9e3c8f1c496d4c',
      '822c249cba177e39',
      '7b8a79903b250195',
      '815d621af24a19ed',
      '8d8fe7efb9f956f0',
      '4d51179a986705c1',
    ]);
  });

  test.each(migrationFiles.map(versionOf))('of version %i becomes what a new one is, and is scanned into', async (version) => {
    const path = alone();
    released(path, version);
    const store = openStore(path);
    await scan(store, 0, { grants: { rows: [fact('1')], statements: whole } });
    await store.close();
    const fresh = alone();
    await openStore(fresh).close();
    const schemaOf = (file: string): unknown => {
      const database = connect(file);
      const columns = database
        .prepare(
          `SELECT m.name AS item, c.name, c.type, c."notnull", c.dflt_value FROM sqlite_schema m, pragma_table_info(m.name) c
           ORDER BY m.name, c.name`,
        )
        .all();
      database.close();
      return columns;
    };
    expect(schemaOf(path)).toEqual(schemaOf(fresh));
    expect(integrityOf(path)).toBe('ok');
  });

  test('keeps findings and what refers to them where a table takes the place of another', () => {
    const path = alone();
    released(path, 12);
    const before = connect(path);
    before.exec(`
      INSERT INTO integration (tenant, connector, account, app_id, name, verdict, grade, state, first_scan, body_scan, body)
      VALUES ('${TENANT}', 'github', '7', 'app', 'App', 'ai', 'exact', 'present', 1, 1, '{}');
      INSERT INTO finding (key, tenant, connector, account, rule, app_id, severity, rank, state, first_scan, state_scan, body_scan, title, body)
      VALUES ('abc', '${TENANT}', 'github', '7', 'unapproved-ai-tool', 'app', 'high', 5, 'open', 1, 1, 1, 'A title', '{"why":"so"}');
      INSERT INTO finding_event (scan_id, key, event) VALUES (1, 'abc', 'opened');
      INSERT INTO finding_act (key, number, act, text, actor, at) VALUES ('abc', 1, 'commented', 'Why?', 'ada', '2026-01-02T00:00:00.000Z');`);
    before.close();
    const reader = openReader(path);
    const [found] = reader.findings({ tenant: TENANT, limit: -1 });
    expect(found).toMatchObject({ key: 'abc', name: 'App', title: 'A title', body: '{"why":"so"}', firstScan: 1, state: 'open' });
    expect(reader.acts('abc').map(({ text }) => text)).toEqual(['Why?']);
    reader.close();
    const after = openDatabase(path);
    expect(after.pragma('foreign_key_check')).toEqual([]);
    expect(() => after.exec(`INSERT INTO finding_event (scan_id, key, event) VALUES (1, 'nobody', 'opened')`)).toThrow('FOREIGN KEY');
    after.close();
  });

  test('holds no moving fact of a night before, and that of its last one is as it stands', async () => {
    const path = alone();
    released(path, 15);
    const before = connect(path);
    before.exec(`
      INSERT INTO collector (id, tenant, connector, account, account_scope, collector, mode) VALUES (1, '${TENANT}', 'github', '7', '7', 'seats', 'inventory');
      INSERT INTO observation (collector_id, native_id, thing, kind, scope, app_id, state, first_scan, state_scan, body_scan, fingerprint, body, volatile)
      VALUES (1, 'a', 'a', 'seat', '7', 'app', 'present', 1, 1, 1, x'00', '{}', '{"lastUsedAt":1}'), (1, 'b', 'b', 'seat', '7', 'app', 'present', 1, 1, 1, x'00', '{}', NULL);
      INSERT INTO scan (tenant, state, started_at, ended_at, config_hash, catalog_hash, program_version, partial, judged)
      SELECT tenant, state, started_at, ended_at, config_hash, catalog_hash, program_version, partial, judged FROM scan;`);
    before.close();
    const after = openDatabase(path);
    const told = (scanId: number) =>
      after
        .prepare(`SELECT volatile FROM ${observationsAt(scanId)} ORDER BY native_id`)
        .pluck()
        .all();
    expect([told(1), told(2), told(3)]).toEqual([
      [null, null],
      ['{"lastUsedAt":1}', null],
      ['{"lastUsedAt":1}', null],
    ]);
    after.close();
  });

  test('is brought up to date by whatever opens it first, also by what only reads, and keeps what it holds', () => {
    const path = alone();
    released(path, 1);
    const reader = openReader(path);
    expect(reader.scans(TENANT, -1).map(({ startedAt }) => startedAt)).toEqual(['2026-01-01T02:00:00.000Z']);
    expect(reader.findings({ tenant: TENANT, limit: -1 })).toEqual([]);
    reader.close();
    const after = connect(path);
    expect(after.pragma('user_version', { simple: true })).toBe(newest);
    after.close();
    const before = footprint(path);
    openReader(path).close();
    expect(footprint(path)[basename(path)]).toBe(before[basename(path)]);
  });

  test('that may not be written says so to who only reads, and is left as it is', ({ skip }) => {
    if (!isRoot) skip('only root can give a file to somebody else');
    const folder = mkdtempSync(join(tmpdir(), 'noctule-older-'));
    try {
      const path = join(folder, 'noctule.db');
      released(path, 1);
      chmodSync(path, 0o644);
      chmodSync(folder, 0o755);
      const bytes = readFileSync(path);
      expect(asNobody(path, 'openReadOnly')).toBe(
        'StorageError Run any command on it once as its owner, or ask a copy that you may write.',
      );
      expect(readFileSync(path).equals(bytes)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
