import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DATA_CLASSES } from '../../src/connector/index.ts';
import { sightedIn, grownBeyond } from '../../src/policy/acknowledgement.ts';
import { judgementOf, type FindingBody } from '../../src/policy/findings.ts';
import type { Integration } from '../../src/policy/integration.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { NOW, policy, SIGNED } from './apps.ts';
import { app, MATCH, reach, thing } from './invented.ts';

const SIGNED_ELSEWHERE = { product: 'acme/brain', accounts: ['A2'], ...SIGNED };

describe('an entry of the policy', () => {
  const { product: _product, productName: _name, vendor: _vendor, ...unnamed } = MATCH;
  const about = {
    product: { product: 'acme/brain' },
    app: { apps: ['app-1'] },
    both: { product: 'acme/brain', apps: ['app-1'] },
    'other product': { product: 'acme/cortex' },
    'other app': { apps: ['app-2'] },
    'product and other app': { product: 'acme/brain', apps: ['app-2'] },
  };
  /** Where the app stands by each entry alone, at each grade of its match. */
  const stands = (entries: (entry: object) => object) =>
    Object.fromEntries(
      Object.entries(about).map(([what, entry]) => [
        what,
        (['exact', 'strong', 'likely', 'suspected', 'no'] as const).map((grade) => {
          const sure = grade === 'exact' || grade === 'strong' || grade === 'likely';
          const match = grade === 'no' ? { ...unnamed, grade, candidates: [] } : { ...(sure ? MATCH : unnamed), grade };
          return standingOf(app({ match }), policy(entries(entry)), NOW).is;
        }),
      ]),
    );

  test('approves an app that it lists, and by its product alone what is surely that product; what may be it looks alike', () => {
    expect(stands((entry) => ({ approvals: [{ ...entry, ...SIGNED }] }))).toEqual({
      product: ['approved', 'approved', 'look-alike', 'look-alike', 'undecided'],
      app: ['approved', 'approved', 'approved', 'approved', 'approved'],
      both: ['approved', 'approved', 'approved', 'approved', 'approved'],
      'other product': ['undecided', 'undecided', 'undecided', 'undecided', 'undecided'],
      'other app': ['undecided', 'undecided', 'undecided', 'undecided', 'undecided'],
      'product and other app': ['undecided', 'undecided', 'look-alike', 'look-alike', 'undecided'],
    });
  });

  test('denies an app that it lists, and by its product alone what is likely that product', () => {
    expect(stands((entry) => ({ denials: [{ ...entry, reason: 'no' }] }))).toEqual({
      product: ['denied', 'denied', 'denied', 'undecided', 'undecided'],
      app: ['denied', 'denied', 'denied', 'denied', 'denied'],
      both: ['denied', 'denied', 'denied', 'denied', 'denied'],
      'other product': ['undecided', 'undecided', 'undecided', 'undecided', 'undecided'],
      'other app': ['undecided', 'undecided', 'undecided', 'undecided', 'undecided'],
      'product and other app': ['undecided', 'undecided', 'undecided', 'undecided', 'undecided'],
    });
  });

  test('that names nothing is about nothing, not about every app of which no product is known', () => {
    const approvals = [SIGNED];
    const denials = [{ reason: 'no' }];
    for (const grade of ['exact', 'strong', 'likely'] as const)
      expect(standingOf(app({ match: { ...unnamed, grade } }), { ...policy({}), approvals, denials }, NOW)).toEqual({
        is: 'undecided',
      });
  });

  test('about a product does not deny what is only suspected, even where the match names it', () => {
    const match = { ...MATCH, grade: 'suspected' as const };
    expect(standingOf(app({ match }), policy({ denials: [{ product: 'acme/brain', reason: 'no' }] }), NOW).is).toBe('undecided');
  });

  test('is told with where the app stands', () => {
    const approval = { product: 'acme/brain', expires: '2026-01-31', ...SIGNED };
    const denial = { product: 'acme/brain', reason: 'no' };
    const one = app();
    expect([
      standingOf(one, policy({ approvals: [SIGNED_ELSEWHERE, approval] }), new Date('2026-01-01')),
      standingOf(one, policy({ approvals: [SIGNED_ELSEWHERE, approval] }), NOW),
      standingOf(one, policy({ approvals: [approval], denials: [denial] }), NOW),
      standingOf(app({ match: { ...MATCH, grade: 'likely' } }), policy({ approvals: [SIGNED_ELSEWHERE, approval] }), NOW),
      standingOf(one, policy({}), NOW),
    ]).toEqual([
      { is: 'approved', approval },
      { is: 'expired', approval },
      { is: 'denied', denial },
      { is: 'look-alike', approval },
      { is: 'undecided' },
    ]);
  });

  test('that holds elsewhere makes nothing look alike here', () => {
    const one = app({ match: { ...MATCH, grade: 'likely' } });
    expect(standingOf(one, policy({ approvals: [SIGNED_ELSEWHERE] }), NOW)).toEqual({ is: 'undecided' });
  });
});

describe('a limit of an approval', () => {
  const found = (limits: object, more: Partial<Integration>) =>
    standingOf(app(more), policy({ approvals: [{ product: 'acme/brain', ...limits, ...SIGNED }] }), NOW);

  test('of data leaves out reading name and address, and nothing else about the profile', () => {
    const data = { ceiling: { data: {} } };
    expect(found(data, { reach: [reach('profile', 'read')] }).is).toBe('approved');
    expect(found(data, { reach: [reach('profile', 'write')] })).toMatchObject({
      is: 'exceeded',
      excess: ['profile: write, approved for nothing'],
    });
    expect(found(data, { reach: [reach('mail', 'read')] })).toMatchObject({ excess: ['mail: read, approved for nothing'] });
  });

  test('of permissions names what is beyond it, in the order of their names', () => {
    const beyond = found(
      { ceiling: { permissions: ['b'] } },
      { reach: [reach('mail', 'read', ['d', 'b']), reach('files', 'read', ['c', 'a'])] },
    );
    expect(beyond).toMatchObject({ is: 'exceeded', excess: ['permission a', 'permission c', 'permission d'] });
    expect(found({ ceiling: { permissions: ['b'] } }, { reach: [reach('mail', 'read', ['b'])] }).is).toBe('approved');
  });

  test('of people counts those who hold something that is there and known from more than a log', () => {
    const limit = { population: { most: 1 } };
    const things = [thing(1), thing(2, { state: 'gone' }), thing(3, { logOnly: true })];
    expect(found(limit, { things }).is).toBe('approved');
    expect(found(limit, { things: [...things, thing(4)] })).toMatchObject({ is: 'exceeded', excess: ['2 holders, approved for 1'] });
    expect(found(limit, { things: [...things, thing(4, { state: 'unverified' })] }).is).toBe('exceeded');
  });

  test('that is exceeded least is the one that is told', () => {
    const approvals = [{ data: {} }, { data: { mail: 'read' } }, { data: { files: 'read', calendar: 'read' } }].map((ceiling) => ({
      product: 'acme/brain',
      ceiling,
      ...SIGNED,
    }));
    const one = app({ reach: [reach('mail', 'read'), reach('files', 'write'), reach('chat', 'read')] });
    for (const list of [approvals, approvals.toReversed()])
      expect(standingOf(one, policy({ approvals: list }), NOW)).toMatchObject({
        is: 'exceeded',
        approval: { ceiling: { data: { mail: 'read' } } },
        excess: ['files: write, approved for nothing', 'chat: read, approved for nothing'],
      });
  });
});

describe('the entry that a finding prints', () => {
  const bodyOf = (reaches: Integration['reach']): string =>
    judgementOf(app({ reach: reaches }), policy({}), NOW, () => undefined).findings.find(({ rule }) => rule === 'unapproved-ai-tool')!.body;

  test('covers the app as it is, whatever it can do', () => {
    const held = fc.uniqueArray(
      fc.tuple(fc.constantFrom(...DATA_CLASSES), fc.constantFrom('read' as const, 'write' as const, 'admin' as const)),
      { selector: ([dataClass]) => dataClass },
    );
    fc.assert(
      fc.property(held, (pairs) => {
        const reaches = pairs.map(([dataClass, access]) => reach(dataClass, access));
        const { approve } = JSON.parse(bodyOf(reaches)) as FindingBody;
        const approvals = [{ ...approve, ...SIGNED, expires: '2027-01-31' }];
        const rules = judgementOf(app({ reach: reaches }), policy({ approvals }), NOW, () => undefined).findings.map(({ rule }) => rule);
        expect(rules).toEqual([]);
      }),
    );
  });

  test('says nothing of a name and an address, and that they may be changed it says', () => {
    const dataOf = (access: 'read' | 'write') =>
      (JSON.parse(bodyOf([reach('profile', access)])) as { approve: { ceiling: unknown } }).approve.ceiling;
    expect([dataOf('read'), dataOf('write')]).toEqual([{ data: {} }, { data: { profile: 'write' } }]);
  });

  test('is what an acknowledgement goes by: that a profile may be changed is more than that it may be read', () => {
    const seen = (access: 'read' | 'write') => sightedIn({ body: bodyOf([reach('profile', access)]), places: [], compromised: false });
    expect(grownBeyond(seen('read'), seen('write'))).toEqual(['It reaches another class of data: profile (write).']);
  });
});
