import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { tellTrail } from '../../src/store/trail.ts';
import { scanNight, type AppTonight } from '../tickets/nights.ts';
import { ACCOUNT, begin, conclude, fact, said, scan, temporaryFolder, TENANT } from './facts.ts';
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
  test('leaves little of its events to be read again by every question', async () => {
    const path = await scanned(1);
    const event = {
      at: '2026-11-23T08:00:00.000Z',
      actor: 'ada@host (claimed)',
      action: 'export.written',
      subject: 'findings',
      details: '{}',
    };
    for (let exports = 0; exports < 100; exports++) {
      const reader = openReader(path);
      reader.auditHead(TENANT);
      await tellTrail(path, TENANT, event);
      reader.close();
    }
    const PAGE = 4_096;
    expect(statSync(`${path}-wal`).size).toBeLessThan(100 * PAGE);
  });

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
    expect(asked(path, (reader) => reader.auditVerified(TENANT, first!.hash).broken)).toBeUndefined();
  });

  test('tells what scans were judged by, once it is another, and by whom each was begun', async () => {
    const path = file();
    const store = openStore(path);
    const night = async (number: number, more: Parameters<typeof begin>[3], state?: 'abandoned') =>
      conclude(store, await begin(store, number, TENANT, more), number, state);
    await night(0, { configHash: 'c1 readers', policyHash: 'p1' });
    // The same file: of some sources, and read by other readers.
    await night(1, { configHash: 'c1 readers one', policyHash: 'p1', partial: true });
    await night(2, { configHash: 'c1 others', policyHash: 'p1' });
    // Its facts are judged with the next one, by the policy of that.
    await night(3, { configHash: 'c1 others', policyHash: 'p2', actor: 'bob@host (claimed)' }, 'abandoned');
    await night(4, { configHash: 'c1 others', policyHash: 'p1' });
    await night(5, { configHash: 'c2 others', catalogHash: 'k2', policyHash: null });
    await store.close();
    const trail = asked(path, (reader) => reader.auditTrail(TENANT, 20)).toReversed();
    expect(trail.map(({ action, subject, actor }) => `${action} ${subject} ${actor}`)).toEqual([
      'scan.concluded scan/1 ada@host (claimed)',
      'scan.concluded scan/2 ada@host (claimed)',
      'scan.concluded scan/3 ada@host (claimed)',
      'scan.abandoned scan/4 bob@host (claimed)',
      'scan.concluded scan/5 ada@host (claimed)',
      'config.changed config unknown',
      'catalog.changed catalog unknown',
      'policy.changed policy unknown',
      'scan.concluded scan/6 ada@host (claimed)',
    ]);
    const details = trail.map((link) => JSON.parse(link.details) as object);
    expect(details[3]).not.toHaveProperty('judgedBy');
    expect(details[5]).toEqual({ before: 'c1', after: 'c2' });
    expect(details[7]).toEqual({ before: 'p1', after: null });
  });

  test('tells in an event of its own what integrations are taken for since a scan, where it is another, and of none by its id', async () => {
    const path = file();
    const store = openStore(path);
    const night = (number: number, apps: Record<string, AppTonight>) => scanNight(store, TENANT, number, apps, { planner: 'none' });
    const both = { 'key of ada': { holders: 1, read: true }, other: { holders: 1, read: true } };
    await night(0, both);
    await night(1, both);
    await night(2, { ...both, 'key of ada': { ...both['key of ada'], product: 'acme/brain' } });
    // A holder more, and an app that goes or comes, is no other verdict.
    await night(3, {
      'key of ada': { holders: 9, read: true, product: 'acme/brain' },
      other: { read: true },
      new: { holders: 1, read: true },
    });
    await store.close();
    const trail = asked(path, (reader) => reader.auditTrail(TENANT, 20)).toReversed();
    expect(trail.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      'scan.concluded scan/1',
      'scan.concluded scan/2',
      'verdicts.changed scan/3',
      'scan.concluded scan/3',
      'scan.concluded scan/4',
    ]);
    const taken = '["i1",["ai",null,"strong"],["ai","acme/brain","strong"]]';
    expect(JSON.parse(trail[2]!.details)).toEqual({
      integrations: 1,
      verdicts: {},
      products: { 'unknown → acme/brain': 1 },
      grades: {},
      sha256: hash('sha256', taken, 'hex'),
    });
    expect(JSON.stringify(trail)).not.toContain('key of ada');
  });

  test('that is no JSON any more keeps no scan from ending', async () => {
    const path = await scanned(1);
    tamper(path, `${UNLOCK} UPDATE audit_event SET details = 'x'`);
    const store = openStore(path);
    await scan(store, 1, { grants: { rows: [], statements: whole } });
    await store.close();
    expect(asked(path, (reader) => reader.auditVerified(TENANT))).toMatchObject({ broken: { number: 1 } });
  });

  test('is not changed and not shortened by SQL', async () => {
    const path = await scanned(1);
    const replace = `INSERT OR REPLACE INTO audit_event SELECT tenant, number, previous, at, 'nobody', action, subject, details, hash FROM audit_event`;
    for (const sql of [`UPDATE audit_event SET actor = 'nobody'`, 'DELETE FROM audit_event', replace])
      expect(() => tamper(path, sql)).toThrow('The audit trail is added to and never changed');
    expect(asked(path, (reader) => reader.auditVerified(TENANT).broken)).toBeUndefined();
  });

  test('names the event that was changed by who took the locks away, and the one that is missing', async () => {
    const changed = await scanned(3);
    tamper(changed, `${UNLOCK} UPDATE audit_event SET actor = 'nobody' WHERE number = 2`);
    expect(asked(changed, (reader) => reader.auditVerified(TENANT).broken)).toEqual({ number: 2, why: 'its content is not what it was' });
    const shortened = await scanned(3);
    tamper(shortened, `${UNLOCK} DELETE FROM audit_event WHERE number = 1`);
    expect(asked(shortened, (reader) => reader.auditVerified(TENANT).broken)).toEqual({ number: 1, why: 'it is missing' });
  });

  test('that lost its end is found out by a head that was kept', async () => {
    const path = await scanned(3);
    const { hash } = asked(path, (reader) => reader.auditHead(TENANT));
    tamper(path, `${UNLOCK} DELETE FROM audit_event WHERE number = 3`);
    expect(asked(path, (reader) => reader.auditVerified(TENANT).broken)).toBeUndefined();
    expect(asked(path, (reader) => reader.auditVerified(TENANT, hash).broken)).toMatchObject({ number: 2 });
  });

  test('of a tenant that nobody scanned is empty and whole', async () => {
    const path = await scanned(1);
    expect(
      asked(path, (reader) => [reader.auditTrail('other', 10), reader.auditHead('other').number, reader.auditVerified('other').broken]),
    ).toEqual([[], 0, undefined]);
  });
});

describe('an act that is told', () => {
  const event = {
    at: '2026-11-02T02:00:00.000Z',
    actor: 'ada@host (claimed)',
    action: 'policy.approved',
    subject: 'finding/1',
    details: '{}',
  };

  test('is done and told, or neither', async () => {
    const path = await scanned(1);
    const store = openStore(path);
    let done = 0;
    await store.audited(TENANT, event, () => void done++);
    await expect(
      store.audited(TENANT, event, () => {
        throw new Error('no space');
      }),
    ).rejects.toThrow('no space');
    await store.close();
    expect([done, asked(path, (reader) => reader.auditTrail(TENANT, 10).map(({ action }) => action))]).toEqual([
      1,
      ['policy.approved', 'scan.concluded'],
    ]);
    expect(asked(path, (reader) => reader.auditVerified(TENANT).broken)).toBeUndefined();
  });

  test('is who changed the policy, where acts alone lead from the one that the last scan saw to the one of this', async () => {
    const act = (actor: string, before: string | null, after: string) => ({ ...event, actor, details: JSON.stringify({ before, after }) });
    const told = async (acts: readonly ReturnType<typeof act>[], during: readonly ReturnType<typeof act>[] = []) => {
      const path = file();
      const store = openStore(path);
      await store.audited(TENANT, { ...act('earlier', 'p1', 'p3'), at: '2026-11-01T00:00:00.000Z' }, () => {});
      const first = await begin(store, 0, TENANT, { policyHash: 'p1' });
      for (const one of during) await store.audited(TENANT, one, () => {});
      await conclude(store, first, 0);
      for (const one of acts) await store.audited(TENANT, one, () => {});
      await conclude(store, await begin(store, 1, TENANT, { policyHash: 'p3' }), 1);
      await store.close();
      return asked(path, (reader) => reader.auditTrail(TENANT, 10)).find(({ action }) => action === 'policy.changed')!.actor;
    };
    expect(await told([act('ada', 'p1', 'p2'), act('bela', 'p2', 'p3')])).toBe('ada, bela');
    expect(await told([act('ada', 'p1', 'p2'), act('ada', 'p2', 'p3')])).toBe('ada');
    expect(await told([act('ada', 'p2', 'p3')], [act('bela', 'p1', 'p2')])).toBe('bela, ada');
    expect(await told([act('ada', 'p1', 'p3')], [act('bela', 'p0', 'p1')])).toBe('ada');
    expect(await told([])).toBe('unknown');
    expect(await told([act('ada', 'p1', 'p2')])).toBe('unknown');
    expect(await told([act('ada', 'p1', 'p2'), act('bela', 'by hand', 'p3')])).toBe('unknown');
    expect(await told([{ ...event, details: 'null' }])).toBe('unknown');
  });
});
