import { describe, expect, test } from 'vitest';
import type { Integration, Thing } from '../../src/policy/integration.ts';
import { actedAs, sharedHits } from '../../src/policy/shared-identity.ts';
import { reach, thing } from './invented.ts';

const ROBOT = { id: 'robot', name: 'build robot', traits: ['workload'] } as const;
const TOOLS = [
  { id: 'acme/brain', name: 'Brain' },
  { id: 'umbra/lamp', name: 'Lamp' },
];
const key = (more: Partial<Thing> = {}) => thing(1, { kind: 'api_key', holder: ROBOT, ...more });
const told = (things: readonly Thing[], more: Partial<Integration> = {}) =>
  sharedHits({ reach: [reach('files', 'read')], sharedIdentities: new Map([['robot', TOOLS]]), ...more }, things);

describe('an identity that several AI tools share', () => {
  test('is told with the tools that are behind it, and by which of its things this one is', () => {
    expect(told([key()])).toEqual([
      {
        rule: 'shared-ai-identity',
        severity: 'medium',
        details: ['build robot is used by Brain, Lamp'],
        things: [key()],
      },
    ]);
  });

  test('is graver where this one can do much with it', () => {
    const severity = (power: Integration['reach']) => told([key()], { reach: power })[0]?.severity;
    expect([severity([]), severity([reach('calendar', 'admin')]), severity([reach('mail', 'write')])]).toEqual([
      'medium',
      'medium',
      'high',
    ]);
  });

  test('is none where it is another’s, out of use, gone, known from a log alone, or where the app goes out by it', () => {
    const others: Thing[] = [
      key({ holder: { ...ROBOT, id: 'somebody else' } }),
      key({ use: 'inactive' }),
      key({ logOnly: true }),
      key({ kind: 'trust', attributes: { trusts: 'audience' } }),
      // Of a grant, a log says which app used it.
      key({ kind: 'oauth_grant' }),
      key({ kind: 'secret_name' }),
    ];
    for (const one of others) expect(told([one])).toEqual([]);
    expect(actedAs(key({ state: 'gone' }))).toBeUndefined();
    expect(told([key()], { sharedIdentities: new Map() })).toEqual([]);
  });

  test('is none better for what could not be read tonight', () => {
    expect(told([key({ state: 'unverified' })])).toHaveLength(1);
  });

  test('is also the account that agents of one service name, where it is one for several', () => {
    const agent = (number: number, runsAs: string, more: Partial<Thing> = {}) =>
      thing(number, { kind: 'agent', holder: { id: `a${number}`, name: `agent ${number}`, traits: [] }, attributes: { runsAs }, ...more });
    const two = [agent(2, 'sa@corp'), agent(1, 'sa@corp')];
    expect(told([...two, agent(3, 'own@corp')])).toMatchObject([{ details: ['sa@corp is used by agent 1, agent 2'], things: two }]);
    expect(told([agent(1, 'sa@corp'), agent(2, 'other@corp')])).toEqual([]);
    expect(told([agent(1, 'sa@corp'), agent(2, 'sa@corp', { use: 'inactive' })])).toEqual([]);
  });

  test('names ten identities at most, whatever their order', () => {
    const keys = Array.from({ length: 12 }, (_, n) => key({ id: `k${n}`, holder: { ...ROBOT, id: `r${n}`, name: `robot ${n + 10}` } }));
    const all = new Map(keys.map(({ holder }) => [holder!.id, TOOLS]));
    const [hit] = told(keys, { sharedIdentities: all });
    expect([hit!.details.length, hit!.details[0], hit!.things.length]).toEqual([10, 'robot 10 is used by Brain, Lamp', 12]);
    expect(told(keys.toReversed(), { sharedIdentities: all })[0]!.details).toEqual(hit!.details);
  });
});
