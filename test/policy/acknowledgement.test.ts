import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grownBeyond, sightedIn, type Sighted } from '../../src/policy/acknowledgement.ts';
import { judgementOf } from '../../src/policy/findings.ts';
import { grant, integration, NOW, policy, scopes } from './apps.ts';

const CLASSES = ['files', 'mail', 'cloud', 'admin'] as const;
const ACCESS = ['read', 'write', 'admin'] as const;
const PLACES = ['one/1', 'one/2', 'two/1'] as const;

const sighted: fc.Arbitrary<Sighted> = fc.record({
  data: fc.dictionary(fc.constantFrom(...CLASSES), fc.constantFrom(...ACCESS), { maxKeys: 4 }),
  holders: fc.nat(40),
  administrators: fc.nat(3),
  places: fc.subarray([...PLACES]),
  compromised: fc.boolean(),
});

const seen: Sighted = { data: { files: 'read' }, holders: 4, administrators: 0, places: ['one/1'], compromised: false };

describe('what was acknowledged', () => {
  test.each<[string, Partial<Sighted>, string[]]>([
    ['is what was seen', {}, []],
    ['another class of data', { data: { files: 'read', mail: 'read' } }, ['It reaches another class of data: mail (read).']],
    ['write, where it was read', { data: { files: 'write' } }, ['It may do more to files: write, where it was read.']],
    ['administration', { data: { files: 'admin' } }, ['It may do more to files: admin, where it was read.']],
    ['twice as many, but no five more', { holders: 8 }, []],
    ['twice as many and five more', { holders: 9 }, ['It is held by 9, where it was 4.']],
    ['a first administrator', { administrators: 1 }, ['An administrator holds it now.']],
    ['another account', { places: ['one/1', 'one/2'] }, ['It is in another account: one/2.']],
    ['another plane', { places: ['one/1', 'two/1'] }, ['It is on another plane: two/1.']],
    ['an indicator', { compromised: true }, ['It is known to be compromised now.']],
  ])('%s', (_title, now, reasons) => {
    expect(grownBeyond(seen, { ...seen, ...now })).toEqual(reasons);
  });

  test('of many holders is more once they are twice as many, and not for five more', () => {
    const by = (before: number, now: number) => grownBeyond({ ...seen, holders: before }, { ...seen, holders: now });
    expect([by(10, 15), by(10, 19), by(5, 10)]).toEqual([[], [], ['It is held by 10, where it was 5.']]);
  });

  test('stays acknowledged for as long as it is what was seen, or less in every way', () => {
    fc.assert(
      fc.property(sighted, (one) => {
        expect(grownBeyond(one, one)).toEqual([]);
      }),
    );
    const less = sighted.chain((one) =>
      fc
        .record({
          data: fc.subarray(Object.entries(one.data)).map((entries) => Object.fromEntries(entries)),
          holders: fc.nat(one.holders),
          administrators: fc.nat(one.administrators),
          places: fc.subarray([...one.places]),
          compromised: fc.constantFrom(...(one.compromised ? [true, false] : [false])),
        })
        .map((other) => [one, other] as const),
    );
    fc.assert(
      fc.property(less, ([one, other]) => {
        expect(grownBeyond(one, other)).toEqual([]);
      }),
    );
  });

  test('never comes back for one reason the less because of another', () => {
    fc.assert(
      fc.property(sighted, sighted, sighted, (before, now, more) => {
        const reasons = grownBeyond(before, now);
        const both = grownBeyond(before, {
          data: { ...more.data, ...now.data },
          holders: Math.max(now.holders, more.holders),
          administrators: Math.max(now.administrators, more.administrators),
          places: [...new Set([...now.places, ...more.places])],
          compromised: now.compromised || more.compromised,
        });
        expect(both.length).toBeGreaterThanOrEqual(reasons.length);
      }),
    );
  });

  test('is read from what a finding says: an app that only signs people in reaches no data', () => {
    const bodyOf = (...permissions: string[]) =>
      judgementOf(integration([grant('client-1', 'ChatGPT', { permissions })]), policy({}), NOW, () => undefined).findings[0]!.body;
    const of = (body: string) => sightedIn({ body, places: ['one/2', 'one/1', 'one/2'], compromised: false });
    expect(of(bodyOf('openid'))).toEqual({ data: {}, holders: 1, administrators: 0, places: ['one/1', 'one/2'], compromised: false });
    expect(grownBeyond(of(bodyOf('openid')), of(bodyOf(...scopes('openid', 'drive'))))).toHaveLength(1);
  });
});
