import { describe, expect, test } from 'vitest';
import { withCurrentIds } from '../../src/policy/policy.ts';
import { workflowMap, workflowsOf, type MappedApp } from '../../src/policy/workflow-map.ts';
import { policySchema } from '../../src/policy/policy.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { supervisionOf } from '../../src/policy/supervision.ts';
import { NOW, policy, SIGNED } from './apps.ts';
import { app, reach } from './invented.ts';

const FULL = {
  id: 'support',
  businessProcess: 'Answers to customers',
  products: ['acme/brain'],
  connectors: ['provider'],
  data: ['files'],
  owners: { business: 'sales', control: 'it', legal: 'counsel' },
  approvalPoints: ['before an answer is sent'],
  reviewPoints: ['every month'],
};
const BARE = { id: 'code', businessProcess: 'Review of changes', apps: ['app-2'] };
const DECIDED = policy({ approvals: [{ apps: ['app-1'], ...SIGNED }], workflows: [FULL, BARE] });
const [full, bare] = DECIDED.workflows!;

function found(appId: string, product: string | null, more: Partial<MappedApp> = {}): MappedApp {
  const one = app({ appId });
  return {
    connector: 'provider',
    account: 'A1',
    appId,
    name: appId,
    product,
    reach: one.reach,
    supervision: supervisionOf(one, standingOf(one, DECIDED, NOW)),
    holders: new Map([['A1 1', 'human']]),
    withoutGate: false,
    ...more,
  };
}

describe('the workflow map', () => {
  test('joins what is declared with what was found, and says what is outside', () => {
    const apps = [
      found('app-1', 'acme/brain', { reach: [reach('files', 'read'), reach('profile', 'read')] }),
      found('app-2', null, {
        withoutGate: true,
        reach: [],
        holders: new Map([
          ['A1 1', 'human'],
          ['A1 2', 'ai'],
        ]),
      }),
      found('app-3', 'acme/brain', { connector: 'other' }),
    ];
    const { workflows, coverage, outside } = workflowMap([full!, bare!], apps);
    expect(coverage).toEqual({ part: 2, of: 3 });
    expect(outside.map(({ appId }) => appId)).toEqual(['app-3']);
    expect(workflows).toEqual([
      {
        id: 'support',
        businessProcess: 'Answers to customers',
        integrations: [{ connector: 'provider', account: 'A1', appId: 'app-1', name: 'app-1', product: 'acme/brain' }],
        holders: { human: 1 },
        holderKeys: ['A1 1'],
        data: { declared: ['files'], reached: ['files', 'profile'] },
        owners: FULL.owners,
        approvalPoints: FULL.approvalPoints,
        reviewPoints: FULL.reviewPoints,
        missing: [],
      },
      {
        id: 'code',
        businessProcess: 'Review of changes',
        integrations: [{ connector: 'provider', account: 'A1', appId: 'app-2', name: 'app-2', product: null }],
        holders: { ai: 1, human: 1 },
        holderKeys: ['A1 1', 'A1 2'],
        data: { declared: [], reached: [] },
        owners: {},
        approvalPoints: [],
        reviewPoints: [],
        missing: [
          'business owner',
          'control owner',
          'security or legal owner',
          'classes of data',
          'approval point',
          'review point',
          'approval in force for 1 of 1',
          'meaning of all permissions of 1',
          'gate for 1 that may go around one',
        ],
      },
    ]);
  });

  test('tells a workflow of which nothing was found, and one that reaches more than it declares', () => {
    const missing = (...apps: MappedApp[]) => workflowMap([full!], apps).workflows[0]!.missing;
    expect(missing()).toEqual(['nothing of it was found']);
    expect(missing(found('app-1', 'acme/brain', { reach: [reach('mail', 'read')] }))).toEqual(['reaches more than is declared: mail']);
    expect(workflowMap([], []).coverage).toEqual({ part: 0, of: 0 });
  });

  test('knows an integration in several workflows, and a product by its present id', () => {
    const both = [full!, { ...full!, id: 'sales', products: ['acme/old'] }];
    const renamed = withCurrentIds({ ...DECIDED, workflows: both }, (id) => (id === 'acme/old' ? 'acme/brain' : id));
    expect(workflowsOf(renamed.workflows!, found('app-1', 'acme/brain'))).toEqual(['support', 'sales']);
  });

  test('is refused where an entry is about nothing, or two bear one id', () => {
    const refused = (...workflows: object[]) => policySchema.safeParse({ formatVersion: 1, workflows }).error?.issues[0]?.message;
    expect(refused({ id: 'a', businessProcess: 'b' })).toBe('a workflow needs "products" or "apps"');
    expect(refused(BARE, BARE)).toBe('two workflows have one "id"');
    expect(refused(FULL, BARE)).toBeUndefined();
  });
});
