import { describe, expect, test } from 'vitest';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { ACCOUNT, fact, said, scan, temporaryFolder, TENANT } from './facts.ts';
import { connect } from './logical-dump.ts';

const file = temporaryFolder();
const whole = [said('covered', ACCOUNT)];

async function scanned(nights: number): Promise<string> {
  const path = file();
  const store = openStore(path);
  for (let night = 0; night < nights; night++) await scan(store, night, { grants: { rows: [fact(String(night))], statements: whole } });
  await store.close();
  return path;
}

function asked<Result>(path: string, question: (reader: ReturnType<typeof openReader>) => Result): Result {
  const reader = openReader(path);
  try {
    return question(reader);
  } finally {
    reader.close();
  }
}

function tamper(path: string, sql: string): void {
  const database = connect(path);
  database.exec(sql);
  database.close();
}

const UNLOCK = 'DROP TRIGGER audit_event_is_not_changed; DROP TRIGGER audit_event_is_not_taken_away;';

describe('the audit trail', () => {
  test('tells of every scan that was judged, by whom and by what', async () => {
    const path = await scanned(2);
    const [second, first, ...more] = asked(path, (reader) => reader.auditTrail(TENANT, 10));
    expect(more).toEqual([]);
    expect([first, second]).toMatchObject([
      { number: 1, action: 'scan.concluded', subject: 'scan/1', actor: 'ada@host (claimed)', tenant: TENANT },
      { number: 2, action: 'scan.concluded', subject: 'scan/2', previous: first!.hash },
    ]);
    expect(JSON.parse(second!.details)).toMatchObject({ partial: false, gaps: 0, judgedBy: { config: expect.any(String) } });
    expect(asked(path, (reader) => reader.auditHead(TENANT))).toMatchObject({ number: 2, hash: second!.hash });
    expect(asked(path, (reader) => reader.auditBreak(TENANT, first!.hash))).toBeUndefined();
  });

  test('is not changed and not shortened by SQL', async () => {
    const path = await scanned(1);
    for (const sql of [`UPDATE audit_event SET actor = 'nobody'`, 'DELETE FROM audit_event'])
      expect(() => tamper(path, sql)).toThrow('The audit trail is added to and never changed');
    expect(asked(path, (reader) => reader.auditBreak(TENANT))).toBeUndefined();
  });

  test('names the event that was changed by who took the locks away, and the one that is missing', async () => {
    const changed = await scanned(3);
    tamper(changed, `${UNLOCK} UPDATE audit_event SET actor = 'nobody' WHERE number = 2`);
    expect(asked(changed, (reader) => reader.auditBreak(TENANT))).toEqual({ number: 2, why: 'its content is not what it was' });
    const shortened = await scanned(3);
    tamper(shortened, `${UNLOCK} DELETE FROM audit_event WHERE number = 1`);
    expect(asked(shortened, (reader) => reader.auditBreak(TENANT))).toEqual({ number: 1, why: 'it is missing' });
  });

  test('that lost its end is found out by a head that was kept', async () => {
    const path = await scanned(3);
    const { hash } = asked(path, (reader) => reader.auditHead(TENANT));
    tamper(path, `${UNLOCK} DELETE FROM audit_event WHERE number = 3`);
    expect(asked(path, (reader) => reader.auditBreak(TENANT))).toBeUndefined();
    expect(asked(path, (reader) => reader.auditBreak(TENANT, hash))).toMatchObject({ number: 2 });
  });

  test('of a tenant that nobody scanned is empty and whole', async () => {
    const path = await scanned(1);
    expect(asked(path, (reader) => [reader.auditTrail('other', 10), reader.auditHead('other').number, reader.auditBreak('other')])).toEqual(
      [[], 0, undefined],
    );
  });
});
