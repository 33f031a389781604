import type { Company } from '../../../src/testing/company.ts';
import { written } from './dates.ts';

/** Planted where a scanner has no business: the key in a webhook's address, and its secret. */
export const HOOK_CANARY = 'canary-hook-key-77c0a1f2';

export interface Hook {
  id: number;
  host: string;
  events: readonly string[];
  active: boolean;
  age: number;
  until?: number;
}

const HOOKS: readonly Hook[] = [
  { id: 41_000_001, host: 'hooks.chat.example', events: ['push'], active: true, age: 900 },
  { id: 41_000_002, host: 'api.coderabbit.ai', events: ['pull_request', 'issue_comment'], active: true, age: 60 },
  { id: 41_000_003, host: 'ci.lanternworks.example', events: ['*'], active: true, age: 1200, until: 2 },
  { id: 41_000_004, host: 'hooks.zapier.com', events: ['issues'], active: false, age: 300 },
];

export function hooksOn(night: number): readonly Hook[] {
  return HOOKS.filter(({ until }) => night < (until ?? Number.POSITIVE_INFINITY));
}

/** As GitHub writes it: a key may stand in the path, in the query, and as a name and a password. */
export function hookRow(hook: Hook, company: Company, api: string) {
  const url = `${api}/hooks/${hook.id}`;
  return {
    id: hook.id,
    url,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    name: 'web',
    events: hook.events,
    active: hook.active,
    config: {
      url: `https://${HOOK_CANARY}:${HOOK_CANARY}@${hook.host}/github/${HOOK_CANARY}?key=${HOOK_CANARY}`,
      content_type: 'json',
      insecure_ssl: '0',
      secret: HOOK_CANARY,
    },
    updated_at: written(company.ago(hook.age)),
    created_at: written(company.ago(hook.age)),
    type: 'Organization',
  };
}
