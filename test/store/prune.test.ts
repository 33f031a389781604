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
  const rows = grants.map(([person, app, power]) => grant(person, app, power));
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
        fc.double({ min: 0, max: 1, noNaN: true }),
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

          const horizon = days[Math.floor(where * days.length)] ?? days.at(-1)!;
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
    expect(pruned).toBeGreaterThan(50);
  }, 120_000);
});
