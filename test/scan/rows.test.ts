import { describe, expect, test } from 'vitest';
import type { Observation, Statement } from '../../src/connector/index.ts';
import { changedFields, gapOfTooLarge, isRenamed, observationRow, principalText, statementRow } from '../../src/scan/rows.ts';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-02-01T00:00:00.000Z';

function observation(more: Partial<Observation> = {}): Observation {
  return {
    type: 'observation',
    thing: 'grant/1/app',
    nativeId: '1/app',
    kind: 'oauth_grant',
    scope: 'customer/C1/user/1',
    subject: { app: 'app', name: 'App' },
    signals: [{ type: 'app_name', value: 'App' }],
    permissions: ['read'],
    attributes: {},
    evidence: { source: 'tokens.list' },
    ...more,
  };
}

const row = (more: Partial<Observation> = {}, volatile: readonly string[] = []) => observationRow(observation(more), { volatile });
const version = (more: Partial<Observation> = {}, volatile: readonly string[] = []) =>
  Buffer.from(row(more, volatile).fingerprint).toString('hex');

describe('an observation that is too large', () => {
  const long = 'x'.repeat(1_025);
  const gapOf = (more: Partial<Observation>, volatile: readonly string[] = []) => gapOfTooLarge(observation(more), row(more, volatile));

  test('is a gap in its place, which says what is too large of it', () => {
    expect(gapOf({ nativeId: long })).toEqual({
      type: 'gap',
      scope: 'customer/C1/user/1',
      reason: 'truncated',
      effect: 'One oauth grant was set aside: its id has 1025 characters, more than 1024',
    });
  });

  test.each<[string, Partial<Observation>]>([
    ['thing', { thing: long }],
    ['app', { subject: { app: long, name: 'App' } }],
    ['credential', { subject: { app: 'app', credential: long, name: 'App' } }],
    ['holder', { principal: { id: long, name: 'ada', traits: [] } }],
  ])('is one whose %s is longer than any id', (what, more) => {
    expect(gapOf(more)?.effect).toBe(`One oauth grant was set aside: its ${what} has 1025 characters, more than 1024`);
  });

  test('whose very place is too long is a gap in the nearest place around it', () => {
    expect(gapOf({ scope: `customer/C1/user/${long}/grant/2` })?.scope).toBe('customer/C1/user');
  });

  test.each<[string, Partial<Observation>, readonly string[]]>([
    ['attributes', { attributes: { note: 'x'.repeat(262_144) } }, []],
    ['attributes that move every night', { attributes: { note: 'x'.repeat(262_144) } }, ['note']],
    ['letters of several bytes', { attributes: { note: '鼠'.repeat(90_000) } }, []],
    ['permissions', { permissions: Array.from({ length: 30_000 }, (_, number) => `permission-${number}`) }, []],
  ])('is one that says too much: %s', (_title, more, volatile) => {
    expect(gapOf(more, volatile)?.effect).toMatch(/^One oauth grant was set aside: it says \d{6} bytes, more than 262144$/);
  });

  test('is none that is as large as may be', () => {
    const id = 'x'.repeat(1_024);
    const whole = { nativeId: id, thing: id, scope: `customer/C1/${'x'.repeat(1_012)}`, subject: { app: id, credential: id, name: 'App' } };
    expect(gapOf({ ...whole, principal: { id, name: 'ada', traits: [] }, attributes: { note: 'x'.repeat(250_000) } })).toBeUndefined();
  });
});

describe('what may be kept to the byte', () => {
  const LARGEST = 262_144;
  const bodyOf = (note: number) => row({ attributes: { note: 'x'.repeat(note) } }).body.length;

  test('a body of the largest size is kept, and one byte more is not', () => {
    const note = LARGEST - bodyOf(0);
    const exact = { attributes: { note: 'x'.repeat(note) } };
    expect(row(exact).body).toHaveLength(LARGEST);
    expect(gapOfTooLarge(observation(exact), row(exact))).toBeUndefined();
    const more = { attributes: { note: 'x'.repeat(note + 1) } };
    expect(gapOfTooLarge(observation(more), row(more))?.effect).toContain(`it says ${LARGEST + 1} bytes`);
  });

  test('a place of the greatest length is named, whatever else is too long', () => {
    const scope = `customer/C1/${'x'.repeat(1_012)}`;
    const long = { scope, nativeId: 'x'.repeat(1_025) };
    expect(gapOfTooLarge(observation(long), row(long))?.scope).toBe(scope);
  });
});

describe('two versions that differ in names alone', () => {
  const person = { id: '1', name: 'ada', traits: [] };
  const named = (name: string, holder = 'ada', more: Partial<Observation> = {}) =>
    row({
      subject: { app: 'app', name },
      principal: { ...person, name: holder },
      signals: [
        { type: 'app_name', value: name },
        { type: 'domain', value: 'app.example' },
      ],
      ...more,
    }).body;

  test('are the same but for what the app and its holder call themselves, and where that was read', () => {
    expect(isRenamed(named('App'), named('Other'))).toBe(true);
    expect(isRenamed(named('App'), named('App', 'Ada L.'))).toBe(true);
    expect(isRenamed(named('App'), named('Other', 'Ada L.', { evidence: { source: 'elsewhere' } }))).toBe(true);
  });

  test.each<[string, Partial<Observation>]>([
    ['another holder', { principal: { ...person, id: '2' } }],
    ['another app', { subject: { app: 'app-2', name: 'App' } }],
    ['another permission', { permissions: ['write'] }],
    ['a signal that is no name', { signals: [{ type: 'app_name', value: 'App' }] }],
    ['no holder', { principal: undefined as never }],
  ])('are not those with %s', (_what, more) => {
    expect(isRenamed(named('App'), named('App', 'ada', more))).toBe(false);
  });

  test('may both be without a holder', () => {
    expect(
      isRenamed(
        row({ subject: { app: 'app', name: 'A' }, signals: [] }).body,
        row({ subject: { app: 'app', name: 'B' }, signals: [] }).body,
      ),
    ).toBe(true);
  });

  test('are told of a holder whose text differs from the kept one', () => {
    const { principal } = JSON.parse(named('App')) as { principal: object };
    expect(principalText(person)).toBe(JSON.stringify(principal));
    expect(principalText({ ...person, standing: 'suspended' })).not.toBe(JSON.stringify(principal));
  });
});

describe('the row of an observation', () => {
  test('keeps all that was said: ids in columns, facts in the body, what moves every night apart', () => {
    const { fingerprint, body, volatile, ...columns } = row(
      {
        subject: { app: 'app', name: 'App', credential: 'key-1' },
        principal: { id: '1', name: 'ada', traits: ['directory_person', 'administrator'], standing: 'active' },
        signals: [
          { type: 'domain', value: 'b.example' },
          { type: 'app_name', value: 'B' },
          { type: 'domain', value: 'a.example' },
          { type: 'app_name', value: 'A' },
        ],
        permissions: ['write', 'read', 'write'],
        grantedAt: { at: AT, from: 'listed' },
        expiresAt: { at: LATER, from: 'report' },
        lastUsedAt: { at: LATER, from: 'log' },
        use: 'inactive',
        attributes: { size: 3, nested: { b: [2, 1], a: null }, bytes: { z: 1, y: 2 } },
        evidence: { source: 'tokens.list', url: 'https://console.example/1' },
      },
      ['bytes', 'absent'],
    );
    expect(columns).toEqual({
      nativeId: '1/app',
      thing: 'grant/1/app',
      kind: 'oauth_grant',
      scope: 'customer/C1/user/1',
      appId: 'app',
      principalId: '1',
    });
    expect(fingerprint).toHaveLength(16);
    // The text itself is held: the order of its keys is part of what makes a version.
    expect(body).toBe(
      '{"attributes":{"nested":{"a":null,"b":[2,1]},"size":3},"expiresAt":{"at":"2026-02-01T00:00:00.000Z","from":"report"},' +
        '"grantedAt":{"at":"2026-01-01T00:00:00.000Z","from":"listed"},"kind":"oauth_grant","permissions":["read","write"],' +
        '"principal":{"id":"1","name":"ada","standing":"active","traits":["administrator","directory_person"]},' +
        '"scope":"customer/C1/user/1","signals":[{"type":"app_name","value":"A"},{"type":"app_name","value":"B"},' +
        '{"type":"domain","value":"a.example"},{"type":"domain","value":"b.example"}],' +
        '"subject":{"app":"app","credential":"key-1","name":"App"},"thing":"grant/1/app","use":"inactive",' +
        '"evidence":{"source":"tokens.list","url":"https://console.example/1"}}',
    );
    expect(volatile).toBe('{"attributes":{"bytes":{"y":2,"z":1}},"lastUsedAt":{"at":"2026-02-01T00:00:00.000Z","from":"log"}}');
  });

  test('says nothing of what was not said', () => {
    const { body, volatile, principalId } = row();
    expect(JSON.parse(body)).toEqual({
      attributes: {},
      kind: 'oauth_grant',
      permissions: ['read'],
      scope: 'customer/C1/user/1',
      signals: [{ type: 'app_name', value: 'App' }],
      subject: { app: 'app', name: 'App' },
      thing: 'grant/1/app',
      evidence: { source: 'tokens.list' },
    });
    expect([volatile, principalId]).toEqual([null, null]);
  });

  test('keeps the word for what never expires', () => {
    expect(JSON.parse(row({ expiresAt: 'never' }).body)).toMatchObject({ expiresAt: 'never' });
  });

  test('has a volatile part for a last use alone, and for a moving attribute alone', () => {
    expect(row({ lastUsedAt: { at: AT, from: 'listed' } }).volatile).toBe(`{"lastUsedAt":{"at":"${AT}","from":"listed"}}`);
    expect(row({ attributes: { bytes: 1, nights: 2 } }, ['bytes', 'nights']).volatile).toBe('{"attributes":{"bytes":1,"nights":2}}');
  });

  test('is the same version in whatever order its parts were said, and wherever it was read', () => {
    const signals = [
      { type: 'domain', value: 'b.example' },
      { type: 'app_name', value: 'b.example' },
      { type: 'domain', value: 'a.example' },
    ];
    const principal = { id: '1', name: 'ada', traits: ['directory_person', 'administrator'] } as const;
    const one = version({ signals, principal, permissions: ['a', 'b'], attributes: { a: 1, b: { c: 1, d: 2 } } });
    const other = version({
      signals: signals.toReversed(),
      principal: { ...principal, traits: principal.traits.toReversed() },
      permissions: ['b', 'a', 'b'],
      attributes: { b: { d: 2, c: 1 }, a: 1 },
      evidence: { source: 'elsewhere' },
    });
    expect(other).toBe(one);
    expect(version({ expiresAt: { from: 'listed', at: AT }, grantedAt: { from: 'log', at: AT } })).toBe(
      version({ expiresAt: { at: AT, from: 'listed' }, grantedAt: { at: AT, from: 'log' } }),
    );
  });

  test('is the same version when only a last use or a moving attribute moved, and another when a fact did', () => {
    const volatile = ['bytes'];
    const one = version({ lastUsedAt: { at: AT, from: 'listed' }, attributes: { bytes: 1, size: 1 } }, volatile);
    expect(version({ lastUsedAt: { at: LATER, from: 'listed' }, attributes: { bytes: 2, size: 1 } }, volatile)).toBe(one);
    expect(version({ attributes: { bytes: 1, size: 2 } }, volatile)).not.toBe(one);
    expect(version({ attributes: { size: 1 }, use: 'pending' }, volatile)).not.toBe(one);
    expect(version({ attributes: { size: 1 }, permissions: [] }, volatile)).not.toBe(one);
  });

  test('cuts names and signals at 2,000 characters, and never within one', () => {
    const text = (length: number, tail = '') => `${'a'.repeat(length)}${tail}`;
    const kept = (name: string) => {
      const { subject, principal, signals } = JSON.parse(
        row({ subject: { app: 'app', name }, principal: { id: '1', name, traits: [] }, signals: [{ type: 'app_name', value: name }] }).body,
      );
      expect([principal.name, signals[0].value]).toEqual([subject.name, subject.name]);
      return subject.name;
    };
    expect(kept(text(2_000))).toBe(text(2_000));
    expect(kept(text(2_001))).toBe(text(1_999, '…'));
    // Half a character would be no text any more.
    expect(kept(text(1_998, '😀😀'))).toBe(text(1_998, '\ufffd…'));
  });
});

describe('the row of a statement', () => {
  const at = new Date(AT);
  const nothing = {
    reason: '',
    permission: null,
    effect: null,
    byDesign: false,
    windowFrom: null,
    windowTo: null,
    spotCheck: false,
    statedAt: AT,
  };
  const scope = 'customer/C1';

  test.each<[string, Statement, object]>([
    ['covered', { type: 'covered', scope }, { statement: 'covered' }],
    [
      'covered in a window',
      { type: 'covered', scope, window: { from: AT, to: LATER } },
      { statement: 'covered', windowFrom: AT, windowTo: LATER },
    ],
    ['unchanged', { type: 'unchanged', scope }, { statement: 'unchanged' }],
    [
      'a gap',
      { type: 'gap', scope, reason: 'permission_denied', effect: 'The tokens are unknown' },
      { statement: 'gap', reason: 'permission_denied', effect: 'The tokens are unknown' },
    ],
    [
      'a gap that nothing would close',
      { type: 'gap', scope, reason: 'not_observable', effect: 'Never shown', permission: 'tokens.read', byDesign: true },
      { statement: 'gap', reason: 'not_observable', effect: 'Never shown', permission: 'tokens.read', byDesign: true },
    ],
  ])('keeps all of it, and the time of the first page behind it: %s', (_what, statement, says) => {
    expect(statementRow(statement, at)).toEqual({ ...nothing, scope, ...says });
    expect(statementRow(statement, at, true)).toEqual({ ...nothing, scope, ...says, spotCheck: true });
  });
});

describe('the fields in which two versions differ', () => {
  const changes = (before: object, after: object) => changedFields(JSON.stringify(before), JSON.stringify(after));

  test('are named to their depth, in the order of their names; lists are compared whole', () => {
    expect(
      changes(
        { subject: { name: 'A', app: 'x' }, permissions: ['a'], principal: { standing: 'active' }, attributes: { deep: { er: [1] } } },
        {
          subject: { name: 'B', app: 'x' },
          permissions: ['a', 'b'],
          principal: { standing: 'deleted' },
          attributes: { deep: { er: [2] } },
        },
      ),
    ).toEqual([
      { field: 'attributes.deep.er', before: [1], after: [2] },
      { field: 'permissions', before: ['a'], after: ['a', 'b'] },
      { field: 'principal.standing', before: 'active', after: 'deleted' },
      { field: 'subject.name', before: 'A', after: 'B' },
    ]);
  });

  test('may be missing on one side', () => {
    expect(changes({ principal: { id: '1' }, use: 'pending' }, { grantedAt: { at: AT } })).toEqual([
      { field: 'grantedAt', before: null, after: { at: AT } },
      { field: 'principal', before: { id: '1' }, after: null },
      { field: 'use', before: 'pending', after: null },
    ]);
  });

  test('may be of another kind: an object for a list, a text for an object', () => {
    expect(changes({ a: [1], b: 'x', c: { d: 1 } }, { a: { 0: 1 }, b: { y: 1 }, c: 'z' })).toEqual([
      { field: 'a', before: [1], after: { 0: 1 } },
      { field: 'b', before: 'x', after: { y: 1 } },
      { field: 'c', before: { d: 1 }, after: 'z' },
    ]);
  });

  test('do not include the page on which it was read, nor the order of keys', () => {
    expect(changes({ a: { b: 1, c: 2 }, evidence: { source: 'x' } }, { evidence: { source: 'y' }, a: { c: 2, b: 1 } })).toEqual([]);
  });
});
