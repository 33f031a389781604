import { describe, expect, test } from 'vitest';
import { judgementOf, type FindingBody } from '../../src/policy/findings.ts';
import { remedyOf, RULES, type RuleId } from '../../src/policy/rule-list.ts';
import { NOW } from './apps.ts';
import { connectors, DECIDED, readerOf, WORLD, type Planted } from './planted.ts';

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

  test('a remedy is a sentence, and the steps of the provider follow what the rule says', () => {
    const remedies = Object.keys(RULES).flatMap((rule) => remedyOf(rule as RuleId) ?? []);
    expect(remedies.length).toBeGreaterThan(20);
    expect(remedies.filter((remedy) => !/^[A-Z].{20,}\.$/.test(remedy))).toEqual([]);
    const toDo = (app: string) => {
      const { integration } = WORLD.find((one) => one.app === app)!;
      const { remediation } = connectors.get(integration.connector)!;
      const steps = (kind: string) => remediation[kind as keyof typeof remediation];
      return judgementOf(integration, DECIDED, NOW, steps).findings.map(({ rule, body }) => {
        const told = JSON.parse(body) as FindingBody;
        return [rule, told.remedy, told.steps];
      });
    };
    const [aws, github] = ['aws', 'github'].map((id) => connectors.get(id)!.remediation);
    expect(toDo('root')).toEqual([['key-of-root', remedyOf('key-of-root'), aws!.api_key]]);
    expect(toDo('keys')).toEqual([['never-expiring-ai-key', aws!.api_key, undefined]]);
    expect(toDo('around')).toEqual([['no-approval-gate', remedyOf('no-approval-gate'), github!.app_installation]]);
    expect(toDo('calls')).toEqual([['model-calls-unlogged', remedyOf('model-calls-unlogged'), undefined]]);
  });

  test('there is one finding for an app and a rule, unless each credential is one', () => {
    for (const one of WORLD) expect(new Set(found(one)).size).toBe(found(one).length);
  });
});
