import { loadCatalog } from '../../src/catalog/catalog.ts';
import { match } from '../../src/catalog/match.ts';
import type { Meaning, Signal } from '../../src/connector/index.ts';
import { meaning as meaningOf } from '../../connectors/google-workspace/meaning.ts';
import { integrationOf, type Fact, type Integration } from '../../src/policy/integration.ts';
import { policySchema, type Policy } from '../../src/policy/policy.ts';

export const catalog = loadCatalog();
export const NOW = new Date('2026-11-02T02:00:00Z');
export const ACCOUNT = 'C01';

const AUTH = 'https://www.googleapis.com/auth/';
/** Permissions by their short names, as Google has them. */
export function scopes(...names: readonly string[]): string[] {
  return names.map((name) => (name === 'openid' ? name : `${AUTH}${name}`));
}

const judge = {
  match: (signals: readonly Signal[]) => match(catalog, signals),
  meaning: (_connector: string, permission: string): Meaning => meaningOf(permission),
};

/** A grant of somebody to an app, as it is stored. */
export function grant(app: string, name: string, more: Partial<Fact> & { signals?: readonly Signal[] } = {}): Fact {
  return {
    connector: 'google-workspace',
    account: ACCOUNT,
    collector: 'grants',
    mode: 'inventory',
    thing: `grant/1/${app}`,
    kind: 'oauth_grant',
    state: 'present',
    subject: { app, name },
    principal: { id: '1', name: 'ada@lanternworks.example', traits: ['directory_person'], standing: 'active' },
    signals: [
      { type: 'oauth_client_id', value: app },
      { type: 'app_name', value: name },
    ],
    permissions: scopes('openid', 'drive.readonly'),
    attributes: {},
    ...more,
  };
}

export function integration(facts: readonly Fact[]): Integration {
  return integrationOf('default', facts, judge);
}

export const SIGNED = { owner: 'it', approver: 'security', reason: 'reviewed' } as const;

/** A policy as its file would be read. */
export function policy(parts: {
  [List in 'approvals' | 'denials' | 'exceptions' | 'compromised' | 'workflows']?: readonly object[];
}): Policy {
  return policySchema.parse({ formatVersion: 1, ...parts });
}
