import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DATA_CLASSES } from '../../src/connector/index.ts';
import { judgementOf } from '../../src/policy/findings.ts';
import type { Integration } from '../../src/policy/integration.ts';
import { GROUP_OF } from '../../src/policy/rule-groups.ts';
import type { RuleId } from '../../src/policy/rule-list.ts';
import { NOW, policy, SIGNED } from './apps.ts';
import { DECIDED, WORLD, type Planted } from './planted.ts';

// Of every planted app, whatever is planted of it: another approval settles what there is to decide, and never adds to it.

/** What an approval says of itself: that it ended, is due, or is about another app that this one only looks like. It takes the place of the question. */
const OF_APPROVALS = new Set<string>(['approval-exceeded', 'approval-expired', 'probation-over', 'review-due', 'look-alike-of-approved']);

const day = fc.constantFrom('2026-01-31', '2026-10-15', '2027-01-31');
const limitsOf = ({ facts, account }: Planted) =>
  fc.record(
    {
      ceiling: fc.constantFrom(
        {},
        { data: {} },
        { data: { files: 'read' } },
        { data: Object.fromEntries(DATA_CLASSES.map((one) => [one, 'admin'])) },
        { permissions: [] },
        { permissions: facts.flatMap(({ permissions }) => permissions) },
        { data: { files: 'read' }, permissions: facts[0]!.permissions },
        { data: { files: 'admin', mail: 'admin', source_code: 'admin', admin: 'admin', cloud: 'admin', other: 'admin', ci: 'admin' } },
      ),
      decided: fc.constantFrom('2026-01-01', '2026-06-01', '2026-11-02'),
      review: day,
      expires: day,
      population: fc.constantFrom(
        { most: 1 },
        { most: 1000 },
        { units: ['/'] },
        { units: ['/design'] },
        { groups: ['staff'] },
        { repositories: ['1'] },
        { most: 1000, units: ['/'], groups: ['staff'], repositories: ['1'] },
      ),
      stage: fc.constantFrom('approved', 'probation'),
      reviewEvery: fc.constantFrom(30, 365),
      connectors: fc.constantFrom(['google-workspace'], ['github', 'aws'], ['google-workspace', 'github', 'aws']),
      accounts: fc.constantFrom(['another'], ['another', account]),
    },
    { requiredKeys: [] },
  );
/** Whatever the schema asks of entries holds of them. */
const whole = ({ stage, reviewEvery, review, ...some }: Limits) => ({
  ...some,
  ...(stage !== undefined && { stage, ...(some.expires === undefined && { expires: '2027-01-31' }) }),
  ...(reviewEvery === undefined ? review !== undefined && { review } : { reviewed: review ?? '2026-10-15', reviewEvery }),
});
type Limits = ReturnType<typeof limitsOf> extends fc.Arbitrary<infer Some> ? Some : never;
const products = [...new Set(WORLD.map(({ integration: { match } }) => match.product).filter((product) => product !== undefined))];

/** An approval of the app by its id, or of a product, whichever that is. */
const entryFor = (one: Planted) =>
  fc
    .tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant({ apps: [one.app] }) },
        fc.constantFrom(...products).map((product) => ({ product })),
      ),
      limitsOf(one),
    )
    .map(([target, some]) => ({ ...target, ...whole(some), ...SIGNED }));

test('adding an approval never adds findings of the rules about approval, and in their place it only speaks of itself', () => {
  let settled = 0;
  for (const one of WORLD) {
    const holders = one.integration.things.flatMap(({ holder }) => (holder ? [holder.id] : []));
    // Of some holders it is known where they are, and of others not.
    const integration: Integration = {
      ...one.integration,
      units: new Map(holders.slice(0, 1).map((id) => [id, '/design/ux'])),
      groups: new Map(holders.slice(0, 1).map((id) => [id, ['staff']])),
    };
    const entries = fc.tuple(fc.boolean(), fc.array(entryFor(one), { maxLength: 2 }), entryFor(one));
    fc.assert(
      fc.property(entries, ([isDecided, some, added]) => {
        const approvals = [...(isDecided ? (DECIDED.approvals as object[]) : []), ...some];
        const denials = isDecided ? (DECIDED.denials as object[]) : [];
        const rulesBy = (by: object[]) =>
          judgementOf(integration, policy({ approvals: by, denials }), NOW, () => undefined).findings.map(({ rule }) => rule as RuleId);
        const [old, now] = [rulesBy(approvals), rulesBy([...approvals, added])];
        expect(now.filter((rule) => !old.includes(rule) && !OF_APPROVALS.has(rule))).toEqual([]);
        const count = (rules: typeof old) => rules.filter((rule) => GROUP_OF[rule] === 'approval').length;
        // What nobody recognised as AI is a matter of the policy as soon as an entry lists its id, and then it has the limits of that entry.
        const isRecognised = ['ai', 'suspected', 'ai_feature'].includes(integration.match.verdict);
        expect(count(now)).toBeLessThanOrEqual(isRecognised ? count(old) : Math.max(1, count(old)));
        if (count(now) < count(old)) settled += 1;
      }),
      { numRuns: 60 },
    );
  }

  expect(settled).toBeGreaterThan(100);
});
