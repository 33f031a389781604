import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgementOf } from '../../src/policy/findings.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { NOW, policy, SIGNED } from './apps.ts';
import { WORLD } from './planted.ts';

// Of every planted app, whatever is planted of it: another approval settles what there is to decide, and never adds to it.

/** Of what exceeds its approval these are not told apart: beyond a limit another rule tells. */
const WITHIN_LIMITS = new Set(['entitlement-drift', 'spread-of-ai-tool']);

/** An approval says these of itself: that it ended, is due, or is about another app that this one only looks like. */
const OF_APPROVALS = new Set(['approval-exceeded', 'approval-expired', 'probation-over', 'review-due', 'look-alike-of-approved']);

const day = fc.constantFrom('2026-01-31', '2026-10-15', '2027-01-31');
const entry = fc.record(
  {
    ceiling: fc.constantFrom(
      { data: {} },
      { data: { files: 'read' } },
      { data: { files: 'admin', mail: 'admin', source_code: 'admin', admin: 'admin', cloud: 'admin', other: 'admin', ci: 'admin' } },
    ),
    decided: fc.constantFrom('2026-01-01', '2026-06-01', '2026-11-02'),
    review: day,
    expires: day,
    population: fc.constantFrom({ most: 1 }, { most: 1000 }),
  },
  { requiredKeys: [] },
);

test('adding an approval adds no finding but what it says of itself', () => {
  fc.assert(
    fc.property(fc.constantFrom(...WORLD), fc.array(entry, { maxLength: 3 }), entry, ({ app, integration }, some, added) => {
      const entries = [...some, added].map((one) => ({ apps: [app], ...one, ...SIGNED }));
      const [before, after] = [policy({ approvals: entries.slice(0, -1) }), policy({ approvals: entries })];
      const rulesBy = (by: typeof before) => judgementOf(integration, by, NOW, () => undefined).findings.map(({ rule }) => rule);
      const [old, now] = [rulesBy(before), rulesBy(after)];
      const wasBeyond = standingOf(integration, before, NOW).is === 'exceeded';
      const news = now.filter((rule) => !old.includes(rule) && !OF_APPROVALS.has(rule) && !(wasBeyond && WITHIN_LIMITS.has(rule)));
      expect(news).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});
