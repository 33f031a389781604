import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DATA_CLASSES } from '../../src/connector/index.ts';
import { riskOf, summandsOf, takenOf, totalOf } from '../../src/policy/risk.ts';
import { MATCH, reach, thing } from './invented.ts';

const NOBODY = { count: 0, leavers: 0, administrators: 0 };
const LOW = { severity: 'low', things: [thing(1)] } as const;

describe('the risk of a finding', () => {
  test('is a sum, each part with its reason', () => {
    const things = [thing(1, { kind: 'api_key', expiresAt: 'never', state: 'unverified' }), thing(2)];
    const reaches = [reach('mail', 'write'), { ...reach('profile', 'read'), known: false }];
    const risk = riskOf(
      { reach: reaches, match: MATCH, things },
      { severity: 'high', things },
      { count: 8, leavers: 1, administrators: 2 },
    );
    expect(summandsOf({ risk, taken: '12300000' })).toEqual([
      { points: 8, why: 'write mail (mail, write)' },
      { points: 4, why: 'read profile (profile, read)', unknown: true },
      { points: 6, why: 'What is wrong is high' },
      { points: 6, why: 'Held by 8' },
      { points: 4, why: '2 of them administer the account' },
      { points: 3, why: '1 of them left' },
      { points: 3, why: '1 of its keys never end' },
      { points: 2, why: 'Known as what it is called by a strong match' },
      { points: 0, why: '1 of 2 could not be read this time', unknown: true },
      { points: 4, why: 'It took 12300000 bytes' },
    ]);
    expect(totalOf({ risk, taken: '12300000' })).toBe(40);
  });

  test('is never silent about what nobody knows', () => {
    const risk = riskOf({ reach: [], match: MATCH, things: [] }, LOW, NOBODY);
    expect(summandsOf({ risk })).toEqual([
      { points: 4, why: 'What it can reach is not told by any permission', unknown: true },
      { points: 2, why: 'Known as what it is called by a strong match' },
      { points: 0, why: 'What it took is in no log that was read', unknown: true },
    ]);
    expect([summandsOf({}), totalOf({})]).toEqual([[], 0]);
  });

  test('grows with what it can reach and took, whatever it is called', () => {
    const reaches = fc.uniqueArray(
      fc.record({
        dataClass: fc.constantFrom(...DATA_CLASSES),
        access: fc.constantFrom('read' as const, 'write' as const, 'admin' as const),
      }),
      { selector: ({ dataClass }) => dataClass, minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(reaches, fc.nat(8), (held, digits) => {
        const total = (some: typeof held, grade: 'exact' | 'no', taken: number) =>
          totalOf({
            risk: riskOf(
              { reach: some.map((one) => reach(one.dataClass, one.access)), match: { ...MATCH, grade }, things: [] },
              LOW,
              NOBODY,
            ),
            taken: String(taken),
          });
        expect(total(held, 'no', 10 ** (digits + 7))).toBeGreaterThan(total(held, 'no', 10 ** (digits + 6)) - 1);
        expect(total([...held, { dataClass: 'mail', access: 'admin' }], 'no', 0)).toBeGreaterThan(total(held, 'exact', 0));
      }),
    );
  });
});

test('what an app took is what its things took together, and unknown where no log was read', () => {
  const took = (taken: string) => thing(1, { taken });
  expect([takenOf([took('9007199254740993'), took('1'), thing(2)]), takenOf([thing(1)]), takenOf([])]).toEqual([
    '9007199254740994',
    'unknown',
    'unknown',
  ]);
});
