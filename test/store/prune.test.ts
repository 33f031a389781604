import { createHash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { openReader } from '../../src/store/read.ts';
import type { ObservationRow, StatementRow } from '../../src/store/rows.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { ACCOUNT, dateOf, said, scan, temporaryFolder, TENANT, type Told } from './facts.ts';
import { integrityOf, rowsOf } from './logical-dump.ts';

const file = temporaryFolder();
const catalog = loadCatalog();
const connectors = [await loadConnector('google-workspace')];

function judgeOn(night: number) {
  return createJudge({ catalog, policy: EMPTY_POLICY, connectors, now: dateOf(night) });
}

function row(kind: string, nativeId: string, thing: string, person: string, appId: string, body: object): ObservationRow {
  const scope = kind === 'identity' ? `${ACCOUNT}/directory/${person}` : `${ACCOUNT}/user/${person}`;
  const text = JSON.stringify({ attributes: {}, evidence: { source: 'list' }, kind, permissions: [], scope, signals: [], thing, ...body });
  const fingerprint = createHash('sha256').update(text).digest().subarray(0, 16);
  return { nativeId, thing, kind, scope, appId, principalId: person, fingerprint, body: text, volatile: null };
}

const CHATGPT = '77377267392-xxx.apps.googleusercontent.com';
const DRIVE = 'https://www.googleapis.com/auth/drive';
const PERMISSIONS = [['openid'], [`${DRIVE}.readonly`], [DRIVE, 'https://mail.google.com/']];

/** A grant of one of three apps, with more or less power. */
function grant(person: string, app: number, power: number, standing = 'active'): ObservationRow {
  const subject = [
    { app: CHATGPT, name: 'ChatGPT' },
    { app: 'calendar-app', name: 'Calendar Sync' },
    { app: 'claude-app', name: 'Claude' },
  ][app]!;
  return row('oauth_grant', `${person}/${subject.app}`, `grant/${person}/${subject.app}`, person, subject.app, {
    permissions: PERMISSIONS[power],
    principal: { id: person, name: `${person}@corp.example`, standing, traits: ['interactive_login'] },
    signals: [{ type: 'app_name', value: subject.name }],
    subject,
  });
}

function identity(person: string, standing: string): ObservationRow {
  return row('identity', person, `user/${person}`, person, person, {
    principal: { id: person, name: `${person}@corp.example`, standing, traits: ['interactive_login'] },
    subject: { app: person, name: person },
  });
}

/** A list says of the grant that it was used last on a night. */
function usedOn(of: ObservationRow, night: number): ObservationRow {
  return { ...of, volatile: JSON.stringify({ lastUsedAt: { at: dateOf(night).toISOString(), from: 'listed' } }) };
}

/** That a log told of a grant on a night. */
function event(of: ObservationRow, night: number): ObservationRow {
  const body = {
    ...(JSON.parse(of.body) as object),
    evidence: { source: 'log' },
    grantedAt: { at: dateOf(night).toISOString(), from: 'log' },
  };
  const text = JSON.stringify(body);
  return {
    ...of,
    nativeId: `${of.nativeId}/${night}`,
    body: text,
    fingerprint: createHash('sha256').update(text).digest().subarray(0, 16),
  };
}

const PEOPLE = ['ada', 'bob', 'eve'];
const word = fc.constantFrom<StatementRow['statement']>('covered', 'covered', 'covered', 'gap', 'unchanged');

/** What the readers of one night saw and said; everything may be missing. */
const night = fc.record({
  after: fc.constantFrom(1, 1, 1, 3, 20),
  grants: fc.uniqueArray(fc.tuple(fc.constantFrom(...PEOPLE), fc.nat(2), fc.nat(2)), {
    selector: ([person, app]) => `${person} ${app}`,
    maxLength: 6,
  }),
  said: fc.tuple(word, fc.option(fc.tuple(fc.constantFrom(...PEOPLE), word))),
  version: fc.constantFrom(1, 1, 1, 1, 2),
  ends: fc.constantFrom<'ended' | 'failed'>('ended', 'ended', 'ended', 'failed'),
  people: fc.option(fc.tuple(fc.subarray(PEOPLE), fc.constantFrom('active', 'suspended'), word)),
  logged: fc.boolean(),
});
type Night = typeof night extends fc.Arbitrary<infer Value> ? Value : never;

let version = 1;
function toldOn(number: number, { grants, said: [whole, one], ends, people, logged, ...more }: Night): Record<string, Told> {
  version = Math.max(version, more.version);
  const rows = grants.map(([person, app, power]) => usedOn(grant(person, app, power), number));
  const statements = [said(whole, ACCOUNT, dateOf(number)), ...(one ? [said(one[1], `${ACCOUNT}/user/${one[0]}`, dateOf(number))] : [])];
  return {
    grants: { rows, statements, version, ends },
    ...(people && {
      users: {
        rows: people[0].map((person) => identity(person, people[1])),
        statements: [said(people[2], `${ACCOUNT}/directory`, dateOf(number))],
      },
    }),
    ...(logged && {
      token_log: {
        rows: rows.map((one) => event(one, number)),
        statements: [said('covered', ACCOUNT, dateOf(number))],
        mode: 'log' as const,
      },
    }),
  };
}

/** Has these nights one after the other, and answers the day of each. */
async function had(store: Store, nights: readonly Night[], from = 0): Promise<number[]> {
  const days: number[] = [];
  let day = from;
  for (const one of nights) {
    day += one.after;
    days.push(day);
    await scan(store, day, toldOn(day, one), TENANT, judgeOn(day));
  }
  return days;
}

/** Everything that analysts may ask of these scans. */
function answers(path: string, kept: readonly number[], day: number): unknown {
  const reader = openReader(path);
  try {
    const last = kept.at(-1)!;
    const at = (id: number) => (id === last ? undefined : id);
    const findings = kept.map((id) =>
      reader.findings({ tenant: TENANT, limit: -1, states: ['open', 'acknowledged', 'excepted', 'resolved'], asOf: at(id) }),
    );
    const apps = [CHATGPT, 'calendar-app', 'claude-app'].map((appId) => ({
      tenant: TENANT,
      connector: 'google-workspace',
      account: 'C01',
      appId,
    }));
    return {
      findings,
      evidence: kept.map((id) =>
        apps
          .map((app) => reader.observationsOfApp(app, 1_000, at(id)).filter(({ mode, state }) => mode === 'inventory' || state !== 'gone'))
          .map((views) =>
            views.filter(
              ({ mode, thing }) =>
                mode === 'inventory' ||
                views.some((other) => other.thing === thing && other.mode === 'inventory' && other.state !== 'gone'),
            ),
          ),
      ),
      judgedAgain: kept.map((id) => reader.judgedAgain(TENANT, id, judgeOn(day))),
      diffs: kept.flatMap((from) => kept.filter((to) => to > from).map((to) => reader.diff(TENANT, from, to))),
      gaps: kept.map((id) => reader.gaps(id)),
      readings: kept.map((id) => reader.readings(id)),
      sources: kept.map((id) => reader.sources(id)),
      requests: kept.map((id) => reader.requests(id)),
      present: kept.map((id) => reader.presentAt(TENANT, id)),
      supervised: kept.map((id) => reader.supervised(TENANT, at(id))),
      unread: kept.map((id) => reader.unread(TENANT, id)),
      turnings: kept.map((id) => reader.turnings(TENANT, id)),
      identities: kept.map((id) => [...reader.identities(TENANT, at(id))]),
      leftOut: kept.map((id) => reader.leftOut(TENANT, id)),
      lately: reader.lately(TENANT, kept.length),
      sizes: reader.lastSizes(TENANT, 'workspace'),
      scans: reader.scans(TENANT, -1).filter(({ id }) => kept.includes(id)),
    };
  } finally {
    reader.close();
  }
}

async function prune(path: string, beforeDay: number, plan = false) {
  const store = openStore(path);
  try {
    return await store.prune(TENANT, {
      before: dateOf(beforeDay),
      keepDays: 31,
      actor: 'ada@host (claimed)',
      at: dateOf(10_000).toISOString(),
      plan,
    });
  } finally {
    await store.close();
  }
}

describe('after history was pruned', () => {
  test('every question about a kept scan is answered as before, and the nights after conclude the same', async () => {
    let pruned = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(night, { minLength: 3, maxLength: 9 }),
        fc.array(night, { minLength: 1, maxLength: 3 }),
        fc.nat(8),
        fc.boolean(),
        async (told, later, where, logged) => {
          const nights = told.map((one) => ({ ...one, logged: one.logged && logged }));
          version = 1;
          const path = file();
          const store = openStore(path);
          const days = await had(store, nights);
          await store.close();
          const copy = file();
          copyFileSync(path, copy);

          const horizon = days[where] ?? days.at(-1)! + 1;
          const done = await prune(copy, horizon);
          pruned += done.scans;
          const ids = rowsOf<{ id: number }>(path, 'SELECT id FROM scan ORDER BY id').map(({ id }) => id);
          const kept = ids.filter((id) => id >= done.firstKept!);
          expect(kept.length).toBeGreaterThanOrEqual(2);
          expect(answers(copy, kept, days.at(-1)!)).toEqual(answers(path, kept, days.at(-1)!));
          expect(integrityOf(copy)).toBe('ok');
          expect(rowsOf(copy, 'PRAGMA foreign_key_check')).toEqual([]);
          // A second time finds nothing to do.
          expect(await prune(copy, horizon)).toMatchObject({ scans: 0, rows: {} });

          // What a log once told of a grant that went may be gone when the grant comes back.
          if (logged) return;
          const reached = version;
          for (const one of [path, copy]) {
            version = reached;
            const again = openStore(one);
            await had(again, later, days.at(-1));
            await again.close();
          }
          const all = rowsOf<{ id: number }>(path, 'SELECT id FROM scan ORDER BY id').map(({ id }) => id);
          const last = days.at(-1)! + later.reduce((sum, { after }) => sum + after, 0);
          const since = all.filter((id) => id >= done.firstKept!);
          expect(answers(copy, since, last)).toEqual(answers(path, since, last));
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
    expect(pruned).toBeGreaterThan(40);
  });

  test('the trail tells of it with counts and a digest, and a plan says the same and does nothing', async () => {
    version = 1;
    const path = file();
    const store = openStore(path);
    const grants = { statements: [said('covered', ACCOUNT)] };
    for (const [day, power] of [0, 1, 2, 0, 1].entries())
      await scan(
        store,
        day * 30,
        { grants: { ...grants, rows: [usedOn(grant('ada', 0, power), day), usedOn(grant('bob', 1, power), day)] } },
        TENANT,
        judgeOn(day * 30),
      );
    await store.close();
    const before = rowsOf(path, 'SELECT (SELECT count(*) FROM observation) AS facts, (SELECT min(started_at) FROM scan) AS first');
    const planned = await prune(path, 70, true);
    expect(rowsOf(path, 'SELECT count(*) AS scans FROM scan WHERE pruned_at IS NOT NULL')).toEqual([{ scans: 0 }]);
    const done = await prune(path, 70);
    expect(done).toEqual(planned);
    expect(done).toMatchObject({ firstKept: 4, scans: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    // What ChatGPT could do before stays, because growth is told by it; of the other app it goes.
    // When it was used last goes of both, and was kept of ChatGPT alone.
    expect(done.rows).toMatchObject({ observation_version: 3, volatile_version: 3, statement: 2 });
    const reader = openReader(path);
    expect(reader.auditVerified(TENANT).broken).toBeUndefined();
    const [event] = reader.auditTrail(TENANT, 1);
    expect({ ...event, details: JSON.parse(event!.details) }).toMatchObject({
      action: 'history.pruned',
      subject: 'scan/4',
      actor: 'ada@host (claimed)',
      details: { keepDays: 31, firstKept: 4, scans: 3, rows: done.rows, sha256: done.sha256 },
    });
    expect(reader.scans(TENANT, -1).map(({ id, prunedAt }) => [id, prunedAt !== null])).toEqual([
      [5, false],
      [4, false],
      [3, true],
      [2, true],
      [1, true],
    ]);
    reader.close();
    expect(rowsOf(path, 'SELECT (SELECT count(*) FROM observation) AS facts, (SELECT min(started_at) FROM scan) AS first')).toEqual(before);
  });

  test('a gap stands since when it stood, however often its history is pruned, and begins anew once it was closed', async () => {
    const path = file();
    const store = openStore(path);
    const night = (day: number, open: boolean) =>
      scan(store, day, { grants: { statements: [said(open ? 'gap' : 'covered', ACCOUNT, dateOf(day))] } });
    const since = () => {
      const reader = openReader(path);
      const [last] = reader.scans(TENANT, 1);
      const gaps = reader.gaps(last!.id).map((gap) => [gap.since, gap.known]);
      reader.close();
      return gaps;
    };
    for (const day of [0, 40, 80, 120, 160]) await night(day, true);
    const first = [[dateOf(0).toISOString(), 1]];
    await prune(path, 75);
    expect(since()).toEqual(first);
    await night(200, true);
    await prune(path, 170);
    expect(since()).toEqual(first);
    await night(240, false);
    await night(280, true);
    expect(since()).toEqual([[dateOf(280).toISOString(), 0]]);
    await store.close();
  });

  test('another tenant keeps what it has, and files by which both were judged', async () => {
    const path = file();
    const store = openStore(path);
    for (const tenant of [TENANT, 'other'])
      for (const day of [0, 40, 80, 120])
        await scan(
          store,
          day,
          { grants: { rows: [grant('ada', 1, day % 3)], statements: [said('covered', ACCOUNT)] } },
          tenant,
          judgeOn(day),
        );
    await store.keepDocument('catalog', 'catalog', '{}');
    await store.keepDocument('config', 'config', '{}');
    await store.close();
    const others = () =>
      rowsOf(
        path,
        `SELECT s.id, s.pruned_at, count(t.scope) AS said FROM scan s LEFT JOIN reading r ON r.scan_id = s.id LEFT JOIN statement t ON t.reading_id = r.id WHERE s.tenant = 'other' GROUP BY s.id`,
      );
    const before = others();
    expect((await prune(path, 130)).scans).toBe(2);
    expect(others()).toEqual(before);
    expect(rowsOf(path, 'SELECT hash FROM document ORDER BY hash')).toEqual([{ hash: 'catalog' }, { hash: 'config' }]);
  });

  test('the last two scans stay however old they are, and nothing is done twice', async () => {
    const path = file();
    const store = openStore(path);
    await store.close();
    expect(await prune(path, 1_000)).toMatchObject({ firstKept: null, scans: 0, rows: {} });
    const again = openStore(path);
    for (const day of [0, 1]) await scan(again, day, { grants: { statements: [said('covered', ACCOUNT)] } });
    await again.close();
    expect(await prune(path, 1_000)).toMatchObject({ firstKept: 1, scans: 0, rows: {} });
    expect(rowsOf(path, `SELECT count(*) AS events FROM audit_event WHERE action = 'history.pruned'`)).toEqual([{ events: 0 }]);
  });
});
