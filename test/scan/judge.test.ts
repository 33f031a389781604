import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import type { Connector, Observation, Standing } from '../../src/connector/index.ts';
import type { FindingBody } from '../../src/policy/findings.ts';
import { EMPTY_POLICY, type Policy } from '../../src/policy/policy.ts';
import { createJudge, interestOf, verdictOn } from '../../src/scan/judge.ts';
import { observationRow } from '../../src/scan/rows.ts';
import type { KnownAround } from '../../src/store/around.ts';
import type { StoredObservation } from '../../src/store/rows.ts';
import { dateOf, TENANT } from '../store/facts.ts';
import { finds, grantOf, inventedSource } from './invented.ts';

const catalog = loadCatalog();
const collector = finds('grants', []);
const APP = { tenant: TENANT, connector: 'invented', account: 'A', appId: 'app' };
const AI = [{ type: 'domain', value: 'claude.ai' }];
const PERHAPS = [{ type: 'app_name', value: 'my gpt' }];

/** What is known around an app: nothing, unless a test says more. */
function around(more: Partial<KnownAround> = {}): KnownAround {
  return {
    directory: () => undefined,
    origins: (() => expect.unreachable()) as never,
    readWhole: () => undefined,
    unitOf: () => undefined,
    groupsOf: () => [],
    historyOf: () => ({ earlier: [], returned: [], held: [] }),
    controls: () => [],
    beside: { heldBy: () => [], peers: (_collectors, count) => count([]) },
    arrival: () => undefined,
    ...more,
  };
}

function stored(
  id: string,
  more: Partial<Observation> = {},
  firstScan = 1,
  state: StoredObservation['state'] = 'present',
): StoredObservation {
  const { thing, kind, body, volatile } = observationRow(
    grantOf(`account/A/${id}`, id, { subject: { app: 'app', name: 'The app' }, signals: AI, ...more }),
    collector,
  );
  return { collector: 'grants', mode: 'inventory', thing, kind, state, firstScan, body, volatile };
}

const ada = (more: object = {}) => ({ principal: { id: 'ada', name: 'Ada', traits: ['interactive_login' as const], ...more } });

function judge(
  facts: readonly StoredObservation[],
  known: KnownAround = around(),
  { policy = EMPTY_POLICY, declared = {} }: { policy?: Policy; declared?: Partial<Connector> } = {},
) {
  const { connector } = inventedSource('one', [collector], declared);
  return createJudge({ catalog, policy, connectors: [connector], now: dateOf(9) }).judge(APP, facts, known);
}
const rulesOf = (judged: ReturnType<typeof judge>) => judged!.findings.map(({ rule }) => rule).toSorted();
const bodyOf = (judged: ReturnType<typeof judge>) => JSON.parse(judged!.findings[0]!.body) as FindingBody;

describe('the judge', () => {
  test('has nothing to say of an app of which nothing is stored', () => {
    expect(judge([])).toBeUndefined();
  });

  test('joins what is said of one thing, and tells several things apart', () => {
    const facts = [stored('1'), stored('1', { nativeId: 'again', permissions: ['a'] }), stored('2', { permissions: ['b'] })];
    const { integration } = judge(facts)!;
    expect(integration).toMatchObject({ connector: 'invented', account: 'A', appId: 'app', product: 'anthropic/claude', verdict: 'ai' });
    expect(bodyOf(judge(facts)).things).toEqual({ count: 2, unverified: 0 });
  });

  test.each<[string, object, Standing | undefined, { asks: boolean; left: boolean }]>([
    ['a person, as the list has it', {}, 'suspended', { asks: true, left: true }],
    ['a person of whom no list knows', {}, undefined, { asks: true, left: false }],
    ['a person of whom the statement itself says more', { standing: 'deleted' }, 'active', { asks: false, left: true }],
    ['a machine', { traits: ['workload'] }, 'suspended', { asks: false, left: false }],
    [
      'an administrator who stands in no list',
      { traits: ['interactive_login', 'administrator'] },
      'suspended',
      { asks: false, left: false },
    ],
  ])('takes the standing of %s', (_title, principal, listed, { asks, left }) => {
    const asked: unknown[] = [];
    const directory = (id: string, since: number) => {
      asked.push([id, since]);
      return listed;
    };
    const rules = rulesOf(judge([stored('1', ada(principal), 7)], around({ directory })));
    expect(asked).toEqual(asks ? [['ada', 7]] : []);
    expect(rules.filter((rule) => rule !== 'unapproved-ai-tool')).toEqual(left ? ['leaver-holds-grant'] : []);
  });

  test('asks the past and the settings of what is or may be AI alone', () => {
    const at = dateOf(8).toISOString();
    const asks = (signals: Observation['signals']) => {
      let asked = 0;
      const historyOf = (app: unknown) => {
        asked++;
        expect(app).toEqual(APP);
        return { earlier: [], returned: [{ thing: 'thing/1', at }], held: [] };
      };
      let settings = 0;
      const controls = () => {
        settings++;
        return [];
      };
      const judged = judge([stored('1', { signals })], around({ historyOf, controls }));
      return [asked, settings, rulesOf(judged).includes('revoked-and-returned')];
    };
    expect([asks(AI), asks(PERHAPS), asks([])]).toEqual([
      [1, 1, true],
      [1, 1, true],
      [0, 0, false],
    ]);
  });

  test('holds what a thing could do before against what it can do now, thing by thing', () => {
    const meaning: Connector['meaning'] = (permission) => ({
      dataClass: 'source_code',
      access: permission === 'w' ? 'write' : 'read',
      plain: permission,
      known: true,
    });
    const before = (thing: string, permissions: readonly string[], selection?: string) => ({
      thing,
      until: dateOf(8).toISOString(),
      permissions,
      attributes: selection === undefined ? {} : { repositorySelection: selection },
    });
    const drift = (earlier: readonly ReturnType<typeof before>[], attributes: Observation['attributes'] = {}, permission = 'w') => {
      const historyOf = () => ({ earlier, returned: [], held: [] });
      const judged = judge([stored('1', { permissions: [permission], attributes })], around({ historyOf }), { declared: { meaning } });
      const found = judged!.findings.find(({ rule }) => rule === 'entitlement-drift');
      return found && (JSON.parse(found.body) as { details: string[] }).details;
    };
    expect(drift([before('thing/1', ['r'])])).toEqual(['source_code: read → write']);
    expect(drift([before('thing/1', ['w'])])).toBeUndefined();
    expect(drift([before('thing/another', ['r'])])).toBeUndefined();
    const widened = ['Selected repositories → all, also those to come'];
    expect(drift([before('thing/1', ['r'], 'selected')], { repositorySelection: 'all' }, 'r')).toEqual(widened);
    expect(drift([before('thing/1', ['r'], 'all')], { repositorySelection: 'all' }, 'r')).toBeUndefined();
    expect(drift([before('thing/1', ['r'], 'selected')], { repositorySelection: 'selected' }, 'r')).toBeUndefined();
  });

  test('asks in which unit or group somebody is where an approval asks for it, and of whom nothing is known is in none', () => {
    const approval = { product: 'anthropic/claude', owner: 'o', approver: 'a', reason: 'r' };
    const facts = [stored('1', ada()), stored('2', { principal: { id: 'ben', name: 'Ben', traits: ['interactive_login'] } }), stored('3')];
    const excess = (population: object | undefined, known: Partial<KnownAround>) => {
      const policy = {
        ...EMPTY_POLICY,
        approvals: [
          { ...approval, ...(population && { population }) },
          { ...approval, product: 'openai/chatgpt' },
        ],
      } as Policy;
      const found = judge(facts, around(known), { policy })!.findings.find(({ rule }) => rule === 'approval-exceeded');
      return found && (JSON.parse(found.body) as { details: string[] }).details;
    };
    const never = () => expect.unreachable();
    expect(excess(undefined, { unitOf: never, groupsOf: never })).toBeUndefined();
    expect(excess({ units: ['/Sales'] }, { unitOf: () => '/Sales/North', groupsOf: never })).toBeUndefined();
    const unitOf = (id: string) => (id === 'ada' ? '/Sales' : undefined);
    expect(excess({ units: ['/Sales'] }, { unitOf, groupsOf: never })?.join()).toMatch(/^(?!.*Ada).*Ben of no known unit/);
    expect(excess({ groups: ['g'] }, { unitOf: never, groupsOf: () => ['g'] })).toBeUndefined();
    const groupsOf = (id: string) => (id === 'ada' ? ['g'] : []);
    expect(excess({ groups: ['g'] }, { unitOf: never, groupsOf })?.join()).toMatch(/^(?!.*Ada).*Ben in no group that was read/);
  });

  test('says whether an app acts for another, since that is judged by what is known of the other', () => {
    const acting = [...AI, { type: 'acts_as_client', value: 'client' }];
    expect([AI, acting].map((signals) => judge([stored('1', { signals })])!.actsForOthers)).toEqual([false, true]);
  });

  test('asks where an app belongs since it was first seen, where its id tells', () => {
    const asked: unknown[] = [];
    const origins = (...of: unknown[]) => {
      asked.push(of);
      return undefined as never;
    };
    const facts = [stored('1', {}, 5), stored('1', { nativeId: 'x' }, 3), stored('2', {}, 4)];
    const home = { app: 'its home' } as never;
    judge(facts, around({ origins }), { declared: { homeOf: () => home } });
    judge(facts, around({ origins }), { declared: { homeOf: () => undefined } });
    expect(asked).toEqual([[home, 3]]);
  });

  test('asks since when it is here of AI that is there alone, by the places in which lists stated it first', () => {
    const asked: unknown[] = [];
    const arrival: KnownAround['arrival'] = (after, places) => {
      asked.push([after, places]);
      return undefined;
    };
    const at = (id: string, scope: string, firstScan: number, more: Partial<StoredObservation> = {}) => ({
      ...stored(id, { scope }, firstScan),
      ...more,
    });
    judge([stored('1', { signals: PERHAPS })], around({ arrival }));
    judge([stored('1', {}, 1, 'gone')], around({ arrival }));
    expect(asked).toEqual([]);
    const facts = [at('1', 'a/x', 5), at('2', 'a/y', 4), at('3', 'a/y', 4), at('4', 'a/log', 1, { mode: 'log' }), at('5', 'a/z', 5)];
    expect(judge(facts, around({ arrival }))!.isNewcomer).toBe(false);
    const ninetyDaysAgo = new Date(dateOf(9).getTime() - 90 * 86_400_000).toISOString();
    expect(asked).toEqual([[ninetyDaysAgo, [{ collector: 'grants', scopes: ['a/y', 'a'], firstScan: 4 }]]]);
    const many = Array.from({ length: 30 }, (_, number) => at(String(number), `a/${number}`, 4));
    judge([...many, at('x', 'b/x', 4, { collector: 'other' })], around({ arrival }));
    expect((asked[1] as [string, { collector: string }[]])[1].map(({ collector: of }) => of)).toEqual([
      ...Array<string>(20).fill('grants'),
      'other',
    ]);
  });

  test('holds what came lately against what its product could do elsewhere, once it is told that', () => {
    const came = { arrival: () => ({ scan: 7, at: dateOf(8).toISOString() }) };
    const asked: unknown[] = [];
    const known = [{ connector: 'invented', account: 'B', since: dateOf(2).toISOString() }];
    const meaning: Connector['meaning'] = (permission) => ({
      dataClass: 'files',
      access: permission === 'w' ? 'write' : 'read',
      plain: permission,
      known: true,
    });
    const spread = (elders: KnownAround['elders'], held: string) => {
      const judged = judge([stored('1', { permissions: [held] })], around({ ...came, ...(elders && { elders }) }), {
        declared: { meaning },
      })!;
      const found = judged.findings.find(({ rule }) => rule === 'spread-of-ai-tool');
      return [judged.isNewcomer, found && (JSON.parse(found.body) as FindingBody).details.slice(1)];
    };
    const elders: KnownAround['elders'] = (...of) => {
      asked.push(of);
      return { known, held: [{ connector: 'invented', permission: 'r' }] };
    };
    const before = 'Known before: invented/B, since 2026-11-04';
    expect(spread(undefined, 'w')).toEqual([true, undefined]);
    expect(spread(() => undefined, 'w')).toEqual([true, undefined]);
    expect(spread(elders, 'r')).toEqual([true, [before]]);
    expect(spread(elders, 'w')).toEqual([true, [before, 'It could do so nowhere before: files: read → write']]);
    expect(asked).toEqual(Array.from({ length: 2 }, () => [APP, 'anthropic/claude', 7]));
  });

  test('says what to do in the words of the connector', () => {
    const remediation = { oauth_grant: 'Take it away there.' };
    expect(JSON.stringify(bodyOf(judge([stored('1')], around(), { declared: { remediation } })))).toContain('Take it away there.');
  });

  test('takes a permission that nobody explains for one to write', () => {
    const { connector } = inventedSource('one', [], { id: 'another' });
    const judged = createJudge({ catalog, policy: EMPTY_POLICY, connectors: [connector], now: dateOf(9) }).judge(
      APP,
      [stored('1', { permissions: ['p'] })],
      around(),
    );
    expect(JSON.parse(judged!.integration.body)).toMatchObject({
      reach: [{ dataClass: 'other', access: 'write', plain: 'Unknown permission p', known: false }],
    });
  });

  test('believes a log that alone can tell, until it says nothing for so many days, and was read whole after that', () => {
    const log = finds('log', [], { mode: 'log', kinds: ['oauth_grant', 'usage'], soleWitness: { kinds: ['oauth_grant'], days: 5 } });
    const { connector } = inventedSource('one', [log]);
    const judgedAt = (day: number, read: number | undefined, more: Partial<StoredObservation>, row: Partial<Observation> = {}) => {
      const made = createJudge({ catalog, policy: EMPTY_POLICY, connectors: [connector], now: dateOf(day) });
      const fact = {
        ...stored('1', { ...ada(), happened: { at: dateOf(2).toISOString() }, ...row }),
        collector: 'log',
        mode: 'log' as const,
      };
      const readWhole = () => (read === undefined ? undefined : dateOf(read).toISOString());
      const judged = made.judge(APP, [{ ...fact, ...more }], around({ readWhole }))!;
      const { turnsAt } = JSON.parse(judged.integration.body) as { turnsAt?: string };
      return [judged.integration.state, rulesOf(judged), turnsAt && new Date(turnsAt).getTime() === dateOf(7).getTime()];
    };
    const found = ['unverified', ['unapproved-ai-tool'], true];
    const gone = ['gone', [], undefined];
    expect(judgedAt(3, 3, {})).toEqual(found);
    expect(judgedAt(8, 8, {})).toEqual(gone);
    // That nobody read on says nothing.
    expect(judgedAt(8, 6, {})).toEqual(found);
    expect(judgedAt(8, undefined, {})).toEqual(found);
    // Of other kinds, and of another log, it is no witness.
    expect(judgedAt(3, 3, { kind: 'usage' })).toEqual(gone);
    expect(judgedAt(3, 3, { collector: 'another' })).toEqual(gone);
  });

  test('says which collectors are held against others, and asks when these were read whole', () => {
    const { connector } = inventedSource('one', [finds('keys', []), finds('uses', [], { heldAgainst: ['keys'], mode: 'log' }), collector]);
    const made = createJudge({ catalog, policy: EMPTY_POLICY, connectors: [connector], now: dateOf(9) });
    expect(made.eachTime).toEqual([{ connector: 'invented', collector: 'uses' }]);
    const asked: unknown[] = [];
    const readWhole = (ids: readonly string[]) => {
      asked.push(ids);
      return undefined;
    };
    made.judge(APP, [stored('1')], around({ readWhole }));
    expect(asked).toEqual([['keys'], ['uses']]);
  });
});

describe('how deep a collector reads', () => {
  test('follows what the catalog makes of signals', () => {
    const general = [{ type: 'app_name', value: 'Notion' }];
    expect([AI, PERHAPS, general, []].map((signals) => interestOf(catalog, signals))).toEqual(['ai', 'suspected', 'ai', 'unknown']);
  });

  test('and what is hidden with a name leaves no verdict behind', () => {
    expect([
      verdictOn(catalog, { type: 'domain', value: 'no-such-domain.example' }),
      JSON.parse(verdictOn(catalog, AI[0]!)) as unknown,
    ]).toEqual(['', ['ai', expect.any(String), 'anthropic/claude', expect.anything()]]);
  });
});
