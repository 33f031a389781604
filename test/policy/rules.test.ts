import { describe, expect, test } from 'vitest';
import { judgementOf } from '../../src/policy/findings.ts';
import { toldName } from '../../src/policy/told-name.ts';
import type { Integration, Reach, Thing } from '../../src/policy/integration.ts';
import type { FindingRow, IntegrationRow } from '../../src/policy/judged.ts';
import { hitsOf, RULES } from '../../src/policy/rules.ts';
import type { Standing } from '../../src/policy/standing.ts';
import { NOW, policy, SIGNED } from './apps.ts';
import { app, MATCH, reach, thing, verdict } from './invented.ts';

const unheld = (): Partial<Thing> => {
  const { holder: _nobody, ...rest } = thing(1);
  return rest;
};
const UNDECIDED: Standing = { is: 'undecided' };
const APPROVAL = { apps: ['app-2'], expires: '2026-01-31', ...SIGNED };
const hits = (one: Integration, standing: Standing = UNDECIDED) => hitsOf(one, standing);
const severities = (standing: Standing, ...powers: readonly Reach[]) =>
  powers.map((power) => hits(app({ reach: [reach('profile', 'read'), power] }), standing)[0]?.severity);
/** Powers of 4, 7 and a bit, and 8: below and at the borders. */
const NONE = reach('profile', 'admin');
const SOME = reach('ci', 'read');
const HALF = reach('files', 'read');
const NEARLY = reach('calendar', 'admin');
const MUCH = reach('mail', 'write');

describe('what was decided', () => {
  test('to be denied says why it was, and is critical where it can do much', () => {
    const denial = { apps: ['app-1'], reason: 'Trains on what it sees' };
    expect(hits(app(), { is: 'denied', denial })).toEqual([
      { rule: 'denied-ai-tool', severity: 'high', details: ['Denied: Trains on what it sees'], things: [thing(1)] },
    ]);
    expect(hits(app(), { is: 'denied', denial: { ...denial, redirect: 'Cortex' } })[0]?.details).toEqual([
      'Denied: Trains on what it sees',
      'Use instead: Cortex',
    ]);
    expect(severities({ is: 'denied', denial }, NONE, NEARLY, MUCH)).toEqual(['high', 'high', 'critical']);
  });

  test('to be approved says nothing', () => {
    expect(hits(app(), { is: 'approved', approval: APPROVAL })).toEqual([]);
  });

  test('to be approved within limits says what exceeds them', () => {
    const standing: Standing = { is: 'exceeded', approval: APPROVAL, excess: ['mail: read, approved for nothing'] };
    expect(hits(app(), standing)).toEqual([
      { rule: 'approval-exceeded', severity: 'medium', details: ['mail: read, approved for nothing'], things: [thing(1)] },
    ]);
    expect(severities(standing, NONE, NEARLY, MUCH)).toEqual(['medium', 'medium', 'high']);
  });

  test('to be approved for a time says when that ended', () => {
    const standing: Standing = { is: 'expired', approval: APPROVAL };
    expect(hits(app(), standing)).toEqual([
      { rule: 'approval-expired', severity: 'medium', details: ['The approval ended on 2026-01-31'], things: [thing(1)] },
    ]);
    expect(severities(standing, NONE, MUCH)).toEqual(['medium', 'medium']);
  });

  test('to be on trial says when that ended and who answers for it', () => {
    const standing: Standing = { is: 'probation-over', approval: { ...APPROVAL, stage: 'probation' } };
    expect(hits(app(), standing)).toEqual([
      {
        rule: 'probation-over',
        severity: 'medium',
        details: ['The probation ended on 2026-01-31', 'it answers for it'],
        things: [thing(1)],
      },
    ]);
    expect(severities(standing, NONE, MUCH)).toEqual(['medium', 'medium']);
    expect(hits(app({ state: 'gone' }), standing)).toEqual([]);
  });

  test('to be looked at again says by when and who answers for it, and is never more than low', () => {
    const standing: Standing = { is: 'review-due', approval: { apps: ['app-1'], review: '2026-01-31', ...SIGNED } };
    expect(hits(app(), standing)).toEqual([
      {
        rule: 'review-due',
        severity: 'low',
        details: ['The review was due on 2026-01-31', 'it answers for it'],
        things: [thing(1)],
      },
    ]);
    expect(severities(standing, NONE, MUCH)).toEqual(['low', 'low']);
    expect(hits(app({ state: 'gone' }), standing)).toEqual([]);
  });

  test('of another app, whose name it bears, says so and why it looks alike', () => {
    const standing: Standing = { is: 'look-alike', approval: APPROVAL };
    expect(hits(app(), standing)).toEqual([
      {
        rule: 'look-alike-of-approved',
        severity: 'high',
        details: ['Its id app-1 is not among the approved ones', 'reason 1', 'reason 2', 'reason 3'],
        things: [thing(1)],
      },
    ]);
    expect(severities(standing, NONE, SOME, HALF, NEARLY, MUCH)).toEqual(['medium', 'medium', 'high', 'high', 'critical']);
  });
});

describe('what nobody decided', () => {
  const details = ['Matched (likely): reason 1', 'Matched (likely): reason 2', 'Matched (likely): reason 3'];

  test('is unapproved where it is AI, and weighs what it can do', () => {
    expect(hits(app())).toEqual([{ rule: 'unapproved-ai-tool', severity: 'high', details, things: [thing(1)] }]);
    expect(severities(UNDECIDED, NONE, SOME, HALF, NEARLY, MUCH)).toEqual(['medium', 'medium', 'high', 'high', 'critical']);
    expect(hits(app({ reach: [] }))[0]?.severity).toBe('medium');
  });

  test('is low where it may only sign people in, and is known to', () => {
    const severity = (...reaches: readonly Reach[]) => hits(app({ reach: reaches }))[0]?.severity;
    const signIn = reach('profile', 'read');
    expect([
      severity(signIn),
      severity({ ...signIn, known: false }),
      severity(reach('profile', 'write')),
      severity(signIn, reach('other', 'read')),
    ]).toEqual(['low', 'medium', 'medium', 'medium']);
  });

  test('is suspected where it may be AI, and never more than medium', () => {
    const one = (power: Reach) => hits(app({ match: verdict('suspected'), reach: [power] }));
    expect(one(SOME)).toEqual([{ rule: 'suspected-ai-tool', severity: 'low', details, things: [thing(1)] }]);
    expect([one(HALF)[0]?.severity, one(MUCH)[0]?.severity]).toEqual(['medium', 'medium']);
  });

  test('is a general tool with AI features where that is what it is, and low', () => {
    expect(hits(app({ match: verdict('ai_feature'), reach: [MUCH] }))).toEqual([
      { rule: 'ai-feature-of-general-tool', severity: 'low', details, things: [thing(1)] },
    ]);
  });

  test('is nothing to speak of where it is no AI, or where nobody knows', () => {
    const key = thing(1, { kind: 'api_key', expiresAt: 'never', holder: { id: '1', name: 'ada', standing: 'deleted', traits: [] } });
    for (const one of ['not_ai', 'unknown'] as const) expect(hits(app({ match: verdict(one), things: [key], reach: [MUCH] }))).toEqual([]);
  });

  test('is nothing where the app is gone', () => {
    expect(hits(app({ state: 'gone' }))).toEqual([]);
  });

  test('rests on what is still there and known from more than a log', () => {
    const things = [thing(1, { state: 'gone' }), thing(2, { logOnly: true }), thing(3, { state: 'unverified' }), thing(4)];
    expect(hits(app({ things }))[0]?.things.map(({ id }) => id)).toEqual(['grant/3', 'grant/4']);
  });
});

describe('a key that was exposed', () => {
  const key = (more: Partial<Thing> = {}) => thing(1, { kind: 'api_key', attributes: { exposed: true }, ...more });

  test.each([
    [key(), 'Thing 1 was seen where others can read it, and can be used'],
    [key({ use: 'inactive' }), 'Thing 1 was seen where others can read it, and is disabled, and still there'],
  ])('is critical whatever it opens, and disabled too', (one, detail) => {
    const [hit, ...others] = hits(app({ match: verdict('unknown'), things: [thing(2), one] }));
    expect(others).toEqual([]);
    expect(hit).toEqual({
      rule: 'exposed-key',
      severity: 'critical',
      details: [detail],
      credential: one,
      things: [one],
    });
  });

  test('is none where it is gone, known from a log alone, no key, or not exposed', () => {
    const others = [key({ state: 'gone' }), key({ logOnly: true }), key({ kind: 'oauth_grant' }), key({ attributes: { exposed: false } })];
    for (const one of others) expect(hits(app({ match: verdict('unknown'), things: [one] }))).toEqual([]);
  });
});

describe('a client that may act as everybody', () => {
  const delegation = thing(1, { kind: 'delegation' });
  const one = (more: Partial<Integration> = {}) =>
    app({ match: verdict('unknown'), things: [delegation], origin: { of: 'home/1', since: 1, is: 'outside' }, ...more });

  test('is a finding where it belongs to nothing of the organisation, and critical where it can do much', () => {
    expect(hits(one())).toEqual([
      {
        rule: 'delegation-to-outside',
        severity: 'high',
        details: ["My Brain is no service account of the organisation's own"],
        things: [delegation],
      },
    ]);
    expect(hits(one({ reach: [MUCH] }))[0]?.severity).toBe('critical');
  });

  test('is none where it is own, where nobody can say, where it was decided, and where another finding is about the tool', () => {
    const rules = (integration: Integration, standing?: Standing) => hits(integration, standing).map(({ rule }) => rule);
    expect(rules(one({ origin: { of: 'home/1', since: 1, is: 'own', name: 'robot' } }))).toEqual([]);
    expect(rules(one({ origin: { of: 'home/1', since: 1, is: 'unknown' } }))).toEqual([]);
    expect(rules(one(), { is: 'approved', approval: APPROVAL })).toEqual([]);
    expect(rules(one({ match: MATCH }))).toEqual(['unapproved-ai-tool', 'delegation-to-ai']);
    expect(rules(one({ things: [thing(1)] }))).toEqual([]);
  });
});

describe('a key that never expires', () => {
  const key = (more: Partial<Thing> = {}) => thing(1, { kind: 'api_key', expiresAt: 'never', ...more });
  const found = (more: Partial<Thing>, match = MATCH) =>
    hits(app({ match, things: [key(more)] }), { is: 'approved', approval: APPROVAL }).map(({ rule }) => rule);

  test('is a finding of its own, about that key, whatever was approved', () => {
    expect(hits(app({ things: [thing(2), key()] }), { is: 'approved', approval: APPROVAL })).toEqual([
      {
        rule: 'never-expiring-ai-key',
        severity: 'high',
        details: ['Thing 1, held by user 1, has no expiry date'],
        credential: key(),
        things: [key()],
      },
    ]);
    const own = { ...MATCH, grade: 'exact' } as const;
    expect(hits(app({ things: [key()], match: own })).map(({ rule, severity }) => `${rule} ${severity}`)).toContain(
      'never-expiring-ai-key critical',
    );
    const lost = { ...unheld(), kind: 'api_key', expiresAt: 'never' } as Thing;
    expect(hits(app({ things: [lost] }))[1]?.details).toEqual(['Thing 1, without a known holder, has no expiry date']);
  });

  test('is none where it expires, is no key, cannot be used, is gone, or opens no AI tool', () => {
    expect([
      found({}),
      found({ expiresAt: { at: '2027-01-01T00:00:00.000Z', from: 'listed' } }),
      found({ kind: 'oauth_grant' }),
      found({ use: 'inactive' }),
      found({ use: 'pending' }),
      found({ state: 'gone' }),
      found({ logOnly: true }),
      found({}, verdict('suspected')),
      found({}, verdict('ai_feature')),
    ]).toEqual([['never-expiring-ai-key'], [], [], [], [], [], [], [], []]);
  });
});

describe('a grant of somebody who left', () => {
  const of = (standing: NonNullable<Thing['holder']>['standing'], more: Partial<Thing> = {}): Thing =>
    thing(1, { holder: { id: '1', name: 'ada', traits: [], ...(standing && { standing }) }, ...more });
  const found = (things: readonly Thing[], match = MATCH) => hits(app({ match, things }), { is: 'approved', approval: APPROVAL });

  test.each([
    ['suspended', 'ada is suspended'],
    ['archived', 'ada is archived'],
    ['deleted', 'ada is deleted'],
    ['not_a_member', 'ada is not a member'],
  ] as const)('is a finding whatever was approved: %s', (standing, detail) => {
    expect(found([thing(2), of(standing)])).toEqual([
      { rule: 'leaver-holds-grant', severity: 'high', details: [detail], things: [of(standing)] },
    ]);
  });

  test('is none of somebody who is there, of nobody, or of somebody of whom nothing is said; nor where it cannot be used', () => {
    for (const one of [
      of('active'),
      of(undefined),
      unheld() as Thing,
      of('deleted', { use: 'inactive' }),
      of('deleted', { state: 'gone' }),
    ])
      expect(found([one])).toEqual([]);
  });

  test('is told of an app that may be AI, and not of a general tool', () => {
    expect(found([of('deleted')], verdict('suspected')).map(({ rule }) => rule)).toEqual(['leaver-holds-grant']);
    expect(found([of('deleted')], verdict('ai_feature'))).toEqual([]);
  });

  test('names ten people and rests on all of them', () => {
    const things = Array.from({ length: 12 }, (_, number) =>
      thing(number, { holder: { id: String(number), name: `user ${number}`, traits: [], standing: 'deleted' } }),
    );
    const [hit] = found(things);
    expect([hit?.details.length, hit?.things.length, hit?.details[9]]).toEqual([10, 12, 'user 9 is deleted']);
  });
});

describe('what a finding tells a person', () => {
  const at = (day: number) => ({ at: `2026-01-0${day}T00:00:00.000Z`, from: 'log' as const });
  const judged = (one: Integration, decided = policy({}), remedy: (kind: string) => string | undefined = (kind) => `Remove the ${kind}`) =>
    judgementOf(one, decided, NOW, remedy);
  const first = (one: Integration): FindingRow => judged(one).findings[0]!;
  const holder = (number: number, more: Partial<NonNullable<Thing['holder']>> = {}) => ({
    holder: { id: String(number), name: `user ${number}`, traits: [], ...more },
  });

  test.each([
    [undefined, 'Something', 'Something'],
    ['Otter', 'Otter.ai', 'Otter'],
    ['Claude Code', 'claude', 'Claude Code'],
    ['Amazon Bedrock', 'triage', 'Amazon Bedrock (triage)'],
  ])('its name is the product, and the own name where that says more: %s, %s', (product, name, told) => {
    expect(toldName(product, name)).toBe(told);
  });

  test('is all of it: what matched, what it can do, who holds it, since when, and what to do', () => {
    const things = [
      thing(1, { ...holder(1, { traits: ['administrator'], standing: 'active' }), grantedAt: at(2), lastUsedAt: at(4) }),
      thing(2, { ...holder(2, { standing: 'deleted' }), grantedAt: at(1), lastUsedAt: at(3), state: 'unverified', use: 'inactive' }),
      thing(3, holder(3, { standing: 'active' })),
    ];
    const one = app({ things, reach: [reach('files', 'write', ['f']), reach('profile', 'read', ['openid'])] });
    const { findings, integration } = judged(one);
    const [{ body, ...row }] = findings as [FindingRow];
    expect(findings).toHaveLength(1);
    expect(row).toEqual({
      key: row.key,
      connector: 'provider',
      account: 'A1',
      rule: 'unapproved-ai-tool',
      appId: 'app-1',
      credentialId: null,
      product: 'acme/brain',
      severity: 'critical',
      rank: 4_008_003,
      title: 'AI tool that nobody approved: Brain (My Brain)',
      excepted: false,
      unverified: false,
    });
    const target = { product: 'acme/brain', apps: ['app-1'], connectors: ['provider'], accounts: ['A1'] };
    expect(JSON.parse(body)).toEqual({
      why: RULES['unapproved-ai-tool'].why,
      details: ['Matched (likely): reason 1', 'Matched (likely): reason 2', 'Matched (likely): reason 3'],
      product: 'acme/brain',
      productName: 'Brain',
      match: { grade: 'strong', reasons: ['reason 1', 'reason 2', 'reason 3', 'reason 4', 'reason 5'], flags: ['name_differs'] },
      can: ['write files', 'read profile'],
      holders: { count: 3, some: ['user 1', 'user 2', 'user 3'], leavers: 1, administrators: 1 },
      things: { count: 3, unverified: 1 },
      since: at(1),
      lastUsed: at(4),
      risk: [
        { points: 8, why: 'write files (files, write)' },
        { points: 9, why: 'What is wrong is critical' },
        { points: 4, why: 'Held by 3' },
        { points: 4, why: '1 of them administer the account' },
        { points: 3, why: '1 of them left' },
        { points: 2, why: 'Known as what it is called by a strong match' },
        { points: 0, why: '1 of 3 could not be read this time', unknown: true },
      ],
      taken: 'unknown',
      settledBy: ['approval', 'denial'],
      remedy: 'Remove the oauth_grant',
      approve: {
        ...target,
        ceiling: { data: { files: 'write' } },
        owner: 'WHO ANSWERS FOR IT',
        approver: 'WHO DECIDED',
        reason: 'WHY',
        expires: 'YYYY-MM-DD',
      },
      deny: { ...target, reason: 'WHY' },
    });
    const { body: facts, ...columns } = integration as IntegrationRow;
    expect(columns).toEqual({
      connector: 'provider',
      account: 'A1',
      appId: 'app-1',
      name: 'My Brain',
      product: 'acme/brain',
      verdict: 'ai',
      grade: 'strong',
      state: 'present',
    });
    expect(JSON.parse(facts)).toEqual({
      match: MATCH,
      kinds: ['oauth_grant'],
      reach: one.reach,
      holders: { count: 3, some: ['user 1', 'user 2', 'user 3'], leavers: 1, administrators: 1 },
      since: at(1),
      lastUsed: at(4),
      supervision: {
        tier: 3,
        breadth: 2,
        answers: { owner: 'no', review: 'no', evidence: 'no', ends: 'unknown', scoped: 'unknown', use: 'unknown' },
        sanctioned: false,
        keys: { count: 0, ending: 0 },
      },
    });
  });

  test('of a review that is due is to look, not to take the access away', () => {
    const decided = policy({ approvals: [{ apps: ['app-1'], review: '2026-01-31', ...SIGNED }] });
    const { findings } = judged(app(), decided);
    expect(findings.map(({ rule, severity, title }) => [rule, severity, title])).toEqual([
      ['review-due', 'low', 'Approved AI tool that is due for review: Brain (My Brain)'],
    ]);
    expect(JSON.parse(findings[0]!.body).remedy).toMatch(/^Look at it again\. /);
  });

  test('names no product where none is sure, and says `unknown` and a general remedy where nothing was said', () => {
    const { product: _product, productName: _name, vendor: _vendor, ...unsure } = verdict('suspected');
    const one = app({ match: unsure, things: [thing(1)], reach: [] });
    const { findings, integration } = judged(one, policy({}), () => undefined);
    const [finding] = findings as [FindingRow];
    const body = JSON.parse(finding.body);
    expect([finding.product, finding.title, integration.product]).toEqual([null, 'App that may be an AI tool: My Brain', null]);
    expect(Object.keys(body)).not.toContain('product');
    expect(Object.keys(body)).not.toContain('productName');
    expect([body.since, body.lastUsed, body.remedy, body.approve.ceiling, body.deny]).toEqual([
      'unknown',
      'unknown',
      'Take the access away where it was given.',
      { data: {} },
      { apps: ['app-1'], connectors: ['provider'], accounts: ['A1'], reason: 'WHY' },
    ]);
  });

  test('counts each holder once, names five by name, and leaves out who holds what is gone', () => {
    const people = [3, 1, 2, 6, 5, 4, 4].map((number, index) => thing(index, holder(number)));
    const body = JSON.parse(judged(app({ things: [...people, thing(9, { ...holder(9), state: 'gone' })] })).integration.body);
    expect(body.holders).toEqual({
      count: 6,
      some: ['user 1', 'user 2', 'user 3', 'user 4', 'user 5'],
      leavers: 0,
      administrators: 0,
    });
  });

  test('is unverified where all that it rests on is', () => {
    const state = (...states: Thing['state'][]) =>
      first(app({ things: states.map((one, index) => thing(index, { state: one })) })).unverified;
    expect([state('unverified'), state('unverified', 'present'), state('unverified', 'gone'), state('present')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    // An app that is there, of which no thing is told, is a thing nobody could verify or not.
    expect(first(app({ things: [] })).unverified).toBe(false);
  });

  test('about one key is about its credential, or about the key itself where it has no id of that kind', () => {
    const key = (more: Partial<Thing>) =>
      judged(app({ things: [thing(1, { kind: 'api_key', expiresAt: 'never', ...more })] })).findings[1]!;
    expect([key({ credential: 'AKIA1' }).credentialId, key({}).credentialId]).toEqual(['AKIA1', 'grant/1']);
    expect(key({ credential: 'AKIA1' }).key).not.toBe(key({ credential: 'AKIA2' }).key);
  });

  test('ranks by severity, then by all that it can do, then by how many hold it', () => {
    const many = Array.from({ length: 1_200 }, (_, number) => thing(number));
    const rank = (more: Partial<Integration>) => first(app(more)).rank;
    expect([
      rank({ reach: [NONE] }),
      rank({ reach: [HALF, SOME] }),
      rank({ reach: [MUCH, HALF], things: many }),
      rank({ reach: Array.from({ length: 100 }, () => reach('admin', 'admin')) }),
      rank({ match: verdict('ai_feature'), reach: [NONE], things: [] }),
    ]).toEqual([2_000_001, 3_007_001, 4_012_999, 4_999_001, 1_000_000]);
  });
});
