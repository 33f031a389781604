import type { Match, Reason } from '../../src/catalog/match.ts';
import type { Integration, Reach, Thing } from '../../src/policy/integration.ts';

// One invented app as judgement sees it, so that a test can say exactly what it is and leave catalog and provider out of it.

const SIGNAL = { type: 'app_name', value: 'Brain' };
const reason = (number: number): Reason => ({ signal: SIGNAL, grade: 'likely', speaksFor: 'acme/brain', why: `reason ${number}` });

export const MATCH: Match = {
  verdict: 'ai',
  grade: 'strong',
  product: 'acme/brain',
  productName: 'Brain',
  vendor: 'Acme',
  candidates: ['acme/brain'],
  reasons: [1, 2, 3, 4, 5, 6].map(reason),
  flags: ['name_differs'],
};

export function thing(number: number, more: Partial<Thing> = {}): Thing {
  return {
    id: `grant/${number}`,
    kind: 'oauth_grant',
    state: 'present',
    logOnly: false,
    name: `Thing ${number}`,
    holder: { id: String(number), name: `user ${number}`, standing: 'active', traits: [] },
    permissions: [],
    attributes: {},
    ...more,
  };
}

export const reach = (dataClass: Reach['dataClass'], access: Reach['access'], permissions: readonly string[] = []): Reach => ({
  dataClass,
  access,
  plain: `${access} ${dataClass}`,
  permissions,
  known: true,
});

export function app(more: Partial<Integration> = {}): Integration {
  return {
    tenant: 'default',
    connector: 'provider',
    account: 'A1',
    appId: 'app-1',
    name: 'My Brain',
    match: MATCH,
    state: 'present',
    kinds: ['oauth_grant'],
    things: [thing(1)],
    reach: [reach('files', 'read')],
    clients: [],
    actsAs: [],
    ...more,
  };
}

export const verdict = (one: Match['verdict']): Match => ({ ...MATCH, verdict: one });
