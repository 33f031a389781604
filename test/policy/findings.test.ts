import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findingKey, judgementOf, transition, type FindingBody } from '../../src/policy/findings.ts';
import type { Fact, Integration } from '../../src/policy/integration.ts';
import type { FindingRow, FindingState, StoredFinding } from '../../src/policy/judged.ts';
import { hitsOf, RULES, type RuleId } from '../../src/policy/rules.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { grant, integration, NOW, policy, scopes, SIGNED } from './apps.ts';
import { app, thing } from './invented.ts';

describe('the key of a finding', () => {
  // Golden vectors: a key that changes would make every open finding a new one. That is a breaking change, with a migration.
  test.each([
    ['8bafad4b4bf4dfb3fca0674bfaa10678', ['default', 'google-workspace', 'C01', 'unapproved-ai-tool', 'client-1']],
    ['e5c5973dcb354c76206be98e46b1a778', ['default', 'google-workspace', 'C01', 'never-expiring-ai-key', 'client-1', 'key-1']],
    ['be46b8971253c5f1c1e5b1b1cc836f4f', ['other', 'github', '4711', 'look-alike-of-approved', '123456']],
    [
      '86844506bb3e830a036baf70863647be',
      ['default', 'aws', '392806202334', 'never-expiring-ai-key', 'bedrock.amazonaws.com', 'ACCAVAP7LNOVNR74WNGDM'],
    ],
    ['a700be678ccdb875d17b69f64694f3da', ['default', 'google-workspace', 'C01', 'suspected-ai-tool', 'client-1']],
    ['37dfc9fe9b28e084d26c3ec87d9cd5d2', ['default', 'github', '4711', 'unapproved-ai-tool', 'secret/actions/OPENAI_API_KEY — ключ']],
  ] as const)('is %s', (expected, parts) => {
    const [tenant, connector, account, rule, app, credential] = parts as readonly [string, string, string, RuleId, string, string?];
    expect(findingKey(tenant, connector, account, rule, app, credential)).toBe(expected);
  });

  test('tells any two things apart, also where their ids could be read together', () => {
    const id = fc.string({ unit: fc.constantFrom('a', '"', ',', '/', '\\', '\u0000', ' '), maxLength: 4 });
    const parts = fc.tuple(id, id, id, fc.constantFrom(...(Object.keys(RULES) as RuleId[])), id, fc.option(id, { nil: undefined }));
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(findingKey(...one) === findingKey(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 1000 },
    );
  });

  test('does not change with names, permissions, holders, times or the product that the catalog sees in the app', () => {
    const keys = (fact: Fact) => judgementOf(integration([fact]), policy({}), NOW, () => undefined).findings.map(({ key }) => key);
    const one = keys(grant('client-1', 'ChatGPT'));
    expect(one).toEqual([findingKey('default', 'google-workspace', 'C01', 'unapproved-ai-tool', 'client-1')]);
    const lastUsedAt = { at: '2026-01-01T00:00:00.000Z', from: 'log' } as const;
    expect(
      keys(grant('client-1', 'Claude', { permissions: scopes('drive'), principal: { id: '9', name: 'x', traits: [] }, lastUsedAt })),
    ).toEqual(one);
  });
});

describe('the order in which facts arrive', () => {
  const AT = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'];
  // Of one thing there is one listed statement and any number of events of a log; times differ.
  const facts = fc
    .uniqueArray(
      fc.record({
        user: fc.integer({ min: 1, max: 4 }),
        from: fc.constantFrom('listed' as const, 'log' as const),
        at: fc.integer({ min: 0, max: 40 }),
        name: fc.constantFrom('ChatGPT', 'Chat GPT', 'Claude', 'Zoom'),
        state: fc.constantFrom('present' as const, 'unverified' as const, 'gone' as const),
        standing: fc.constantFrom('active' as const, 'suspended' as const),
        permissions: fc.subarray(scopes('openid', 'drive', 'drive.readonly', 'gmail.modify', 'unheard.of')),
        kind: fc.constantFrom('oauth_grant' as const, 'api_key' as const),
      }),
      { minLength: 1, maxLength: 8, selector: ({ user, from, at }) => (from === 'listed' ? `listed ${user}` : `log ${at}`) },
    )
    .map((rows) =>
      rows.map(({ user, from, at, name, state, standing, permissions, kind }): Fact =>
        grant('client-1', name, {
          thing: `grant/${user}`,
          kind,
          mode: from === 'listed' ? 'inventory' : 'log',
          collector: from,
          state,
          permissions,
          principal: { id: String(user), name: `user ${user}`, traits: [], standing },
          ...(from === 'log' && { grantedAt: { at: new Date(Date.parse(AT[0]!) + at * 86_400_000).toISOString(), from: 'log' } }),
          ...(kind === 'api_key' && { expiresAt: 'never' }),
        }),
      ),
    )
    // A thing that only the log knows has as many bodies as events: which of them stands for it is not the question here.
    .map((rows) =>
      rows.filter((row) => row.mode === 'inventory' || rows.some((other) => other.thing === row.thing && other.mode === 'inventory')),
    )
    .filter((rows) => rows.length > 0);
  const decided = policy({ approvals: [{ product: 'openai/chatgpt', apps: ['another'], ...SIGNED }] });

  test('changes neither the integration nor what the rules say of it', () => {
    fc.assert(
      fc.property(
        facts.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
        ([rows, shuffled]) => {
          const [one, other] = [integration(rows), integration(shuffled)];
          expect(other).toEqual(one);
          expect(hitsOf(other, standingOf(other, decided, NOW))).toEqual(hitsOf(one, standingOf(one, decided, NOW)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('nor does the order of approvals and denials change where the app stands', () => {
    const entries = [
      { product: 'openai/chatgpt', ceiling: { data: { files: 'read' } } },
      { apps: ['client-1'], expires: '2020-01-01' },
      { apps: ['client-1'], ceiling: { data: {} } },
      { apps: ['client-1'], review: '2020-01-01' },
      { apps: ['client-1'], ceiling: { data: { files: 'write' } } },
      { product: 'openai/chatgpt', apps: ['other'] },
    ].map((entry) => ({ ...entry, ...SIGNED }));
    fc.assert(
      fc.property(
        fc.subarray(entries),
        fc.constantFrom(scopes('openid'), scopes('drive.readonly'), scopes('drive', 'gmail.readonly')),
        (approvals, permissions) => {
          const one = integration([grant('client-1', 'ChatGPT', { permissions })]);
          const is = (list: readonly object[]) => standingOf(one, policy({ approvals: list }), NOW).is;
          expect(is(approvals.toReversed())).toBe(is(approvals));
        },
      ),
    );
  });
});

describe('what the rules say', () => {
  const undecided = policy({});
  const hits = (facts: readonly Fact[]) => {
    const one = integration(facts);
    return hitsOf(one, standingOf(one, undecided, NOW)).map(({ rule, severity }) => [rule, severity]);
  };

  test('about what is gone, and about what only a log knows, is nothing', () => {
    const log = { mode: 'log', collector: 'token_log' } as const;
    expect([
      hits([grant('1', 'ChatGPT', { state: 'gone' })]),
      hits([grant('1', 'ChatGPT', log)]),
      hits([grant('1', 'ChatGPT', { state: 'gone' }), grant('1', 'ChatGPT', log)]),
    ]).toEqual([[], [], []]);
  });

  test('about what could not be verified is the same as before', () => {
    expect(hits([grant('1', 'ChatGPT', { state: 'unverified' })])).toEqual(hits([grant('1', 'ChatGPT')]));
  });

  test('grows with what the app can do', () => {
    const can = (...names: string[]) => hits([grant('1', 'ChatGPT', { permissions: scopes(...names) })]);
    expect([can('openid'), can('openid', 'drive.readonly'), can('drive')]).toEqual([
      [['unapproved-ai-tool', 'low']],
      [['unapproved-ai-tool', 'high']],
      [['unapproved-ai-tool', 'critical']],
    ]);
  });

  test('about somebody who left is said of AI tools, once for the app', () => {
    const left = (number: number, standing: 'suspended' | 'deleted') => ({
      thing: `grant/${number}`,
      principal: { id: String(number), name: `user ${number}`, traits: [], standing },
    });
    expect(hits([grant('1', 'ChatGPT', left(1, 'suspended')), grant('1', 'ChatGPT', left(2, 'deleted'))])).toEqual([
      ['unapproved-ai-tool', 'high'],
      ['leaver-holds-grant', 'high'],
    ]);
    expect(hits([grant('1', 'Calendly', left(1, 'suspended'))])).toEqual([]);
  });
});

describe('what is kept of an integration', () => {
  const kept = (one: Integration) =>
    JSON.parse(judgementOf(one, policy({}), NOW, () => undefined).integration.body) as Record<string, unknown>;

  test('says when the same facts will be judged otherwise: when a thing gets old, or a trace', () => {
    const aging = thing(1, { kind: 'api_key', expiresAt: 'never', grantedAt: { at: '2026-10-01T00:00:00.000Z', from: 'listed' } });
    const returned = [{ thing: 'grant/1', at: '2026-09-01T00:00:00.000Z' }];
    expect(
      [app({ things: [aging] }), app({ returned }), app({ things: [aging], returned }), app()].map((one) => kept(one)['turnsAt']),
    ).toEqual(['2026-12-30T00:00:00.000Z', '2026-11-30T00:00:00.000Z', '2026-11-30T00:00:00.000Z', undefined]);
  });

  test('names its clients, and those under which it acts, where there are any', () => {
    expect(kept(app({ clients: ['c1'], actsAs: ['c2'] }))).toMatchObject({ clients: ['c1'], actsAs: ['c2'] });
    expect(Object.keys(kept(app()))).not.toContain('actsAs');
    expect(Object.keys(kept(app()))).not.toContain('clients');
  });

  test('is told with its findings to be internal, where it belongs to what is the organisation’s own', () => {
    const told = (origin: Integration['origin']) =>
      (JSON.parse(judgementOf(app({ ...(origin && { origin }) }), policy({}), NOW, () => undefined).findings[0]!.body) as FindingBody)
        .details;
    expect(told({ of: 'project/1', since: 1, is: 'own', name: 'rota' })).toContain(
      "It is internal: it belongs to rota, which is the organisation's own",
    );
    expect(told({ of: 'project/1', since: 1, is: 'outside' }).join()).not.toContain('internal');
  });
});

describe('what becomes of a finding', () => {
  const row = (more: Partial<FindingRow> = {}): FindingRow => {
    const [finding] = judgementOf(integration([grant('1', 'ChatGPT')]), policy({}), NOW, () => undefined).findings;
    return { ...finding!, ...more };
  };
  const before = (state: FindingState, more: Partial<StoredFinding> = {}): StoredFinding => ({
    state,
    body: row().body,
    unverifiedScan: null,
    ...more,
  });

  test('every state has its next one, and every event happens once', () => {
    const changed = judgementOf(integration([grant('1', 'ChatGPT', { permissions: scopes('drive') })]), policy({}), NOW, () => undefined)
      .findings[0]!;
    // As an earlier release offered them.
    const offering = (body: string) => {
      const { approve, deny, ...rest } = JSON.parse(body) as FindingBody;
      return JSON.stringify({ ...rest, approve: { ...approve, accounts: undefined }, deny: { ...deny, accounts: undefined } });
    };
    expect(offering(row().body)).not.toBe(row().body);
    const table: readonly [string, unknown, unknown][] = [
      ['new', transition(undefined, row()), { state: 'open', events: ['opened'] }],
      ['new under an exception', transition(undefined, row({ excepted: true })), { state: 'excepted', events: ['opened', 'excepted'] }],
      ['the same', transition(before('open'), row()), { state: 'open', events: [] }],
      ['acknowledged', transition(before('acknowledged'), row()), { state: 'acknowledged', events: [] }],
      [
        'offered other entries',
        transition({ ...before('acknowledged'), body: offering(row().body) }, row()),
        { state: 'acknowledged', events: [] },
      ],
      ['grown', transition(before('open'), changed), { state: 'open', events: ['changed'] }],
      ['resolved', transition(before('open'), undefined), { state: 'resolved', events: ['resolved'] }],
      ['resolved before', transition(before('resolved'), undefined), { state: 'resolved', events: [] }],
      ['back', transition(before('resolved'), row()), { state: 'open', events: ['returned'] }],
      ['excepted', transition(before('open'), row({ excepted: true })), { state: 'excepted', events: ['excepted'] }],
      ['still excepted', transition(before('excepted'), row({ excepted: true })), { state: 'excepted', events: [] }],
      ['the exception is over', transition(before('excepted'), row()), { state: 'open', events: ['reopened'] }],
      ['unread', transition(before('open'), row({ unverified: true })), { state: 'open', events: ['unverified'] }],
      ['still unread', transition(before('open', { unverifiedScan: 3 }), row({ unverified: true })), { state: 'open', events: [] }],
      ['back, and read', transition(before('resolved', { unverifiedScan: 3 }), row()), { state: 'open', events: ['returned'] }],
      ['read again', transition(before('open', { unverifiedScan: 3 }), row()), { state: 'open', events: ['verified'] }],
    ];
    expect(table.map(([title, got]) => [title, got])).toEqual(table.map(([title, , want]) => [title, want]));
  });

  test('dates of last use are no news', () => {
    const used = (at: string) =>
      judgementOf(integration([grant('1', 'ChatGPT', { lastUsedAt: { at, from: 'listed' } })]), policy({}), NOW, () => undefined)
        .findings[0]!;
    const old = used('2026-01-01T00:00:00.000Z');
    expect(transition({ state: 'open', body: old.body, unverifiedScan: null }, used('2026-10-01T00:00:00.000Z'))).toEqual({
      state: 'open',
      events: [],
    });
  });

  test('an exception holds for the finding that it names, up to its last day', () => {
    const key = row().key;
    const at = (finding: string, until: string) =>
      judgementOf(
        integration([grant('1', 'ChatGPT')]),
        policy({ exceptions: [{ finding, until, owner: 'it', reason: 'later' }] }),
        NOW,
        () => undefined,
      ).findings[0]!.excepted;
    expect([at(key, '2026-11-02'), at(key.slice(0, 8), '2026-11-02'), at(key, '2026-11-01'), at('0'.repeat(8), '2030-01-01')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
