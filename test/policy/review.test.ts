import { describe, expect, test } from 'vitest';
import { createCatalog, loadCatalog } from '../../src/catalog/catalog.ts';
import { match } from '../../src/catalog/match.ts';
import type { Fact } from '../../src/policy/integration.ts';
import { integrationOf } from '../../src/policy/integration.ts';
import { policySchema } from '../../src/policy/policy.ts';
import { hitsOf } from '../../src/policy/rules.ts';
import { standingOf } from '../../src/policy/standing.ts';

const NOW = new Date('2026-11-22T00:00:00Z');
const SIGNED = { owner: 'it', approver: 'security', reason: 'reviewed' };
const meaning = (_connector: string, permission: string) =>
  ({ dataClass: 'files', access: 'read', plain: permission, known: true }) as const;

function fact(app: string, signals: Fact['signals'], more: Partial<Fact> = {}): Fact {
  return {
    connector: 'github',
    account: '1',
    collector: 'apps',
    mode: 'inventory',
    thing: `app/${app}`,
    kind: 'app_installation',
    state: 'present',
    subject: { app, name: app },
    signals,
    permissions: [],
    attributes: {},
    ...more,
  };
}

const catalog = createCatalog({
  hash: 'test',
  products: { 'maker/tool': ['Tool', 'Maker', 'assistants', 'ai'] },
  claims: {
    github_app: { 'maker-tool': 'maker/tool' },
    github_app_id: { '77': 'maker/tool' },
    credential_service: { 'tool.example': 'maker/tool' },
  },
});
const judge = { match: (signals: Fact['signals']) => match(catalog, signals), meaning };
const named = (id: string) => [
  { type: 'github_app_id', value: id },
  { type: 'github_app', value: 'maker-tool' },
];

describe('a name that the vendor controls, taken by another app', () => {
  const approved = policySchema.parse({ formatVersion: 1, approvals: [{ product: 'maker/tool', ...SIGNED }] });

  test('is no more than likely where the id beside it is not one of the known ones, and is not approved', () => {
    const taken = integrationOf('default', [fact('999', named('999'))], judge);
    expect([taken.match.grade, taken.match.flags]).toEqual(['likely', ['id_differs']]);
    expect(standingOf(taken, approved, NOW).is).toBe('look-alike');
  });

  test('is strong where no id is known, and exact with the known one', () => {
    const own = integrationOf('default', [fact('77', named('77'))], judge);
    expect([own.match.grade, standingOf(own, approved, NOW).is]).toEqual(['exact', 'approved']);
    const slugOnly = match(catalog, [{ type: 'github_app', value: 'maker-tool' }]);
    expect(slugOnly.grade).toBe('strong');
  });
});

test('an approval that lists ids covers these apps alone, also where the product is recognised by its id', () => {
  const own = integrationOf('default', [fact('77', named('77'))], judge);
  const others = policySchema.parse({ formatVersion: 1, approvals: [{ product: 'maker/tool', apps: ['another'], ...SIGNED }] });
  expect(standingOf(own, others, NOW).is).toBe('undecided');
});

test('a key that cannot be used, or was only asked for, is no never-expiring key and holds nothing for a leaver', () => {
  const key = (use?: 'inactive' | 'pending') =>
    integrationOf(
      'default',
      [
        fact('tool.example', [{ type: 'credential_service', value: 'tool.example' }], {
          kind: 'api_key',
          expiresAt: 'never',
          principal: { id: 'u1', name: 'u1', traits: [], standing: 'deleted' },
          ...(use && { use }),
        }),
      ],
      judge,
    );
  const rules = (use?: 'inactive' | 'pending') =>
    hitsOf(key(use), {
      is: 'approved',
      approval: policySchema.parse({ formatVersion: 1, approvals: [{ product: 'maker/tool', ...SIGNED }] }).approvals[0]!,
    }).map((hit) => hit.rule);
  expect(rules()).toEqual(['never-expiring-ai-key', 'leaver-holds-grant']);
  expect(rules('inactive')).toEqual([]);
  expect(rules('pending')).toEqual([]);
});

test('the published client id of Context.ai is recognised under any display name', () => {
  const real = loadCatalog();
  const client = '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com';
  for (const name of ['Workspace Office Suite', 'ChatGPT', 'Lucidchart']) {
    const found = match(real, [
      { type: 'oauth_client_id', value: client },
      { type: 'app_name', value: name },
    ]);
    expect([found.verdict, found.grade, found.vendor, found.flags]).toEqual(['ai', 'exact', 'Context.ai', ['name_differs']]);
  }
});
