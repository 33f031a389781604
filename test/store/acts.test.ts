import { describe, expect, test } from 'vitest';
import { sightedIn } from '../../src/policy/acknowledgement.ts';
import { meantBy } from '../../src/identity/meant.ts';
import { openReadOnly } from '../../src/store/database.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { scanNight, type AppTonight } from '../tickets/nights.ts';
import { dateOf, temporaryFolder, TENANT } from './facts.ts';
import { logicalDump } from './logical-dump.ts';

const file = temporaryFolder();
const act = (what: 'acknowledged' | 'assigned' | 'commented', text = '') => ({
  act: what,
  text,
  actor: 'eve@host (claimed)',
  at: dateOf(1).toISOString(),
});

async function scanned(...nights: Record<string, AppTonight>[]): Promise<{ path: string; store: Store }> {
  const path = file();
  const store = openStore(path);
  for (const [night, apps] of nights.entries()) await scanNight(store, TENANT, night, apps, { planner: 'none' });
  return { path, store };
}

function asked<Answer>(path: string, question: (reader: ReturnType<typeof openReader>) => Answer): Answer {
  const reader = openReader(path);
  try {
    return question(reader);
  } finally {
    reader.close();
  }
}

const findings = (path: string, asOf?: number) =>
  asked(path, (reader) =>
    reader
      .findings({ tenant: TENANT, states: ['open', 'acknowledged', 'excepted', 'resolved'], limit: -1, asOf })
      .map(({ key, appId, state }) => ({ key, appId, state })),
  );

describe('an acknowledged finding', () => {
  test('stays acknowledged while it changes a little, and is open again with the reason when it has grown', async () => {
    const { path, store } = await scanned({ a: { holders: 4, read: true } });
    const { key } = findings(path)[0]!;
    expect(await store.actOn(TENANT, key, act('acknowledged', 'seen'), sightedIn)).toBe(true);
    expect(findings(path)).toMatchObject([{ state: 'acknowledged' }]);
    await scanNight(store, TENANT, 1, { a: { holders: 8, read: true } }, { planner: 'none' });
    expect(findings(path)).toMatchObject([{ state: 'acknowledged' }]);
    const last = await scanNight(store, TENANT, 2, { a: { holders: 9, read: true, administrators: 1 } }, { planner: 'none' });
    expect(findings(path)).toMatchObject([{ state: 'open' }]);
    expect(asked(path, (reader) => reader.reopened(key))?.detail).toBe('It is held by 9, where it was 4. An administrator holds it now.');
    // Each moment is told as it was: it was acknowledged after the first scan, and until the last.
    expect([last - 2, last - 1, last].map((scan) => findings(path, scan)[0]!.state)).toEqual(['open', 'acknowledged', 'open']);
    await store.close();
  });

  const before: AppTonight = { holders: 4, read: true, product: 'vendor/product' };
  const other = { ...before, holders: 1 };
  test.each<[string, Record<string, AppTonight>, string]>([
    [
      'another class of data',
      { a: { ...before, data: { files: 'read', mail: 'read' } } },
      'It reaches another class of data: mail (read).',
    ],
    ['writing where it read', { a: { ...before, data: { files: 'write' } } }, 'It may do more to files: write, where it was read.'],
    ['administration', { a: { ...before, data: { files: 'admin' } } }, 'It may do more to files: admin, where it was read.'],
    ['twice as many holders and five more', { a: { ...before, holders: 9 } }, 'It is held by 9, where it was 4.'],
    ['a first administrator', { a: { ...before, administrators: 1 } }, 'An administrator holds it now.'],
    [
      'another account',
      { a: before, b: { ...other, at: { connector: 'google-workspace', account: 'C02' } } },
      'It is in another account: google-workspace/C02.',
    ],
    ['another plane', { a: before, b: { ...other, at: { connector: 'aws', account: '111' } } }, 'It is on another plane: aws/111.'],
    ['an indicator of compromise', { a: before, b: { ...other, rule: 'known-compromised' } }, 'It is known to be compromised now.'],
  ])('comes back in the scan that sees %s, and says so', async (_growth, tonight, reason) => {
    const { path, store } = await scanned({ a: before });
    const { key } = findings(path)[0]!;
    await store.actOn(TENANT, key, act('acknowledged'), sightedIn);
    await scanNight(store, TENANT, 1, { a: before }, { planner: 'none' });
    expect(findings(path)).toMatchObject([{ state: 'acknowledged' }]);
    const last = await scanNight(store, TENANT, 2, tonight, { planner: 'none' });
    expect(findings(path).find((finding) => finding.key === key)).toMatchObject({ state: 'open' });
    expect(findings(path, last - 1)).toMatchObject([{ state: 'acknowledged' }]);
    expect(asked(path, (reader) => reader.reopened(key))?.detail).toBe(reason);
    await store.close();
  });

  test('may be acknowledged while a scan runs, or one that was interrupted waits for its end: the scans after it go on, and each moment is told as it was', async () => {
    const { path, store } = await scanned({ a: { holders: 4, read: true } });
    const { key } = findings(path)[0]!;
    /** The store of a scan before whose next step of that name something else is done. */
    const before = (step: 'openReading' | 'judgeScan', does: () => Promise<unknown>) =>
      new Proxy(store, {
        get: (target, name) =>
          name === step
            ? async (...given: never[]) => does().then(() => Reflect.apply(target[step], target, given))
            : Reflect.get(target, name),
      });
    const acknowledge = async () => {
      expect(await store.actOn(TENANT, key, act('acknowledged'), sightedIn)).toBe(true);
      const since = openReadOnly(path);
      expect(since.prepare('SELECT state_since FROM findings').pluck().get()).not.toBeNull();
      since.close();
    };
    const night = (number: number, holders: number, by = store, administrators = 0) =>
      scanNight(by, TENANT, number, { a: { holders, read: true, administrators } }, { planner: 'none' });
    const scans = [
      await night(1, 5, before('openReading', acknowledge)),
      await night(2, 6),
      await night(3, 9, store, 1),
      // Its facts are concluded, and it ended before its judgement.
      await night(4, 10, before('judgeScan', acknowledge), 1),
      await night(5, 11, store, 1),
      await night(6, 30, store, 1),
    ];
    // A scan of somebody else has the number that would have been the next.
    await acknowledge();
    await scanNight(store, 'other', 7, { b: { holders: 1, read: true } }, { planner: 'none' });
    scans.push(await night(8, 31, store, 1));
    expect(
      [scans[0]! - 1, ...scans].map((scan) =>
        findings(path, scan)
          .map(({ state }) => state)
          .join(),
      ),
    ).toEqual(['open', 'acknowledged', 'acknowledged', 'open', 'acknowledged', 'acknowledged', 'open', 'acknowledged']);
    await store.close();
  });

  test('cannot be what is not open', async () => {
    const { path, store } = await scanned({ a: { holders: 1, read: true } }, { a: { read: true } });
    const { key, state } = findings(path)[0]!;
    expect(state).toBe('resolved');
    expect(await store.actOn(TENANT, key, act('acknowledged'), sightedIn)).toBe(false);
    expect(asked(path, (reader) => [reader.acts(key), reader.auditTrail(TENANT, 1)[0]!.action])).toEqual([[], 'scan.concluded']);
    await store.close();
  });
});

async function forgetAda(path: string, store: Store): Promise<void> {
  const address = 'ada@corp.example';
  const meant = asked(path, (reader) => meantBy(address, reader.candidates(TENANT, address)));
  if (meant === 'programs' || 'unclear' in meant) throw new Error(JSON.stringify(meant));
  await store.forgetPerson(TENANT, { ...meant, address, actor: 'eve@host (claimed)', at: dateOf(9).toISOString(), plan: false });
}

describe('what analysts do', () => {
  test('is kept in order, told to the audit trail without a word or a name, and forgotten with the person', async () => {
    const { path, store } = await scanned({ a: { holders: 1, read: true } });
    const { key } = findings(path)[0]!;
    await store.actOn(TENANT, key, act('assigned', 'ada@corp.example'), sightedIn);
    await store.actOn(TENANT, key, act('commented', 'ada@corp.example asked the vendor'), sightedIn);
    await store.actOn(TENANT, key, act('assigned', ''), sightedIn);
    expect(asked(path, (reader) => reader.acts(key).map(({ number, act: what, text }) => [number, what, text]))).toEqual([
      [1, 'assigned', 'ada@corp.example'],
      [2, 'commented', 'ada@corp.example asked the vendor'],
      [3, 'assigned', ''],
    ]);
    expect(asked(path, (reader) => reader.assignments(TENANT).get(key))).toEqual({ assigned: '', comments: 1 });
    const trail = asked(path, (reader) => reader.auditTrail(TENANT, 3));
    expect(trail.map(({ action, subject, details }) => [action, subject, details])).toEqual([
      ['finding.assigned', `finding/${key}`, '{"number":3}'],
      ['finding.commented', `finding/${key}`, '{"number":2}'],
      ['finding.assigned', `finding/${key}`, '{"number":1}'],
    ]);
    await forgetAda(path, store);
    await store.close();
    expect(logicalDump(path)).not.toContain('ada@corp.example');
  });

  test('and a ticket that waits forgets the person too, together with the decision of an app that is made of an id', async () => {
    const path = file();
    const store = openStore(path);
    await scanNight(store, TENANT, 0, { 'key of ada@corp.example': { holders: 1, read: true } });
    expect(logicalDump(path)).toMatch(/outbox .*ada@corp\.example/);
    expect(logicalDump(path)).toMatch(/\ndecision .*ada@corp\.example/);
    await forgetAda(path, store);
    await store.close();
    expect(logicalDump(path)).not.toContain('ada@corp.example');
  });
});
