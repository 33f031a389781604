import { describe, expect, test } from 'vitest';
import { ageHits } from '../../src/policy/age-rules.ts';
import { judgementOf } from '../../src/policy/findings.ts';
import { RULES } from '../../src/policy/rule-list.ts';
import { hitsOf } from '../../src/policy/rules.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { NOW } from './apps.ts';
import { DECIDED, readerOf, WORLD, type Planted } from './planted.ts';

const found = ({ integration }: Planted) => judgementOf(integration, DECIDED, NOW, () => undefined).findings.map(({ rule }) => rule);

describe('over three planes', () => {
  test.each(WORLD.map((one) => [`${one.plane} ${one.app}`, one] as const))(
    '%s: every rule that is planted fires, and no other',
    (_name, one) => {
      expect(found(one).toSorted()).toEqual([...one.rules].toSorted());
    },
  );

  test('every rule is planted, on each plane something is planted and something is not', () => {
    expect([...new Set(WORLD.flatMap(({ rules }) => rules))].toSorted()).toEqual(Object.keys(RULES).toSorted());
    for (const of of Map.groupBy(WORLD, ({ plane }) => plane).values())
      expect([of.some(({ rules }) => rules.length > 0), of.some(({ rules }) => rules.length === 0)]).toEqual([true, true]);
  });

  test('what no reader of a plane can state cannot be planted there, and what logs alone tell is planted as told by a log', () => {
    expect(() => readerOf('google-workspace', 'exposure')).toThrow('No reader of google-workspace states a fact of kind exposure');
    expect(() => readerOf('aws', 'trust', 'invocations')).toThrow('that is called invocations');
    expect(readerOf('aws', 'usage')).toMatchObject({ mode: 'log' });
    expect(readerOf('google-workspace', 'oauth_grant')).toEqual({ collector: 'grants', mode: 'inventory' });
  });

  test('a remedy that a hit brings along is a sentence', () => {
    const remedies = WORLD.flatMap(({ integration }) => [
      ...hitsOf(integration, standingOf(integration, DECIDED, NOW)),
      ...ageHits(integration, NOW),
    ]).flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy]));
    expect(remedies.length).toBeGreaterThan(20);
    expect(remedies.filter((remedy) => !/^[A-Z].{20,}\.$/.test(remedy))).toEqual([]);
  });

  test('there is one finding for an app and a rule, unless each credential is one', () => {
    for (const one of WORLD) expect(new Set(found(one)).size).toBe(found(one).length);
  });
});
