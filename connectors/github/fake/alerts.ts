import type { Company } from '../../../src/testing/company.ts';
import { type Account, accountRow } from './accounts.ts';
import { written } from './dates.ts';
import { repositoryOf, repositoryRow } from './repositories.ts';

/** Planted where a scanner has no business: the leaked key itself, which GitHub sends unless it is asked not to. */
export const ALERT_CANARY = 'sk-canary-leaked-2f7be0';

export interface Alert {
  number: number;
  repository: number;
  type: string;
  title: string;
  vendor: string;
  age: number;
  validity: 'active' | 'inactive' | 'unknown';
  publicly?: true;
  /** Resolved on that night. */
  resolved?: number;
}

const ALERTS: readonly Alert[] = [
  {
    number: 7,
    repository: 0,
    type: 'openai_api_key',
    title: 'OpenAI API Key',
    vendor: 'OpenAI',
    age: 40,
    validity: 'active',
    publicly: true,
  },
  {
    number: 2,
    repository: 1,
    type: 'anthropic_api_key',
    title: 'Anthropic API Key',
    vendor: 'Anthropic',
    age: 9,
    validity: 'inactive',
    resolved: 1,
  },
  { number: 8, repository: 0, type: 'slack_api_token', title: 'Slack API Token', vendor: 'Slack', age: 100, validity: 'unknown' },
];

/** The catalog is none of this server's business: these two are what the tests take for AI. */
export function isAiSecret(type: string): boolean {
  return type === 'openai_api_key' || type === 'anthropic_api_key';
}

export function alerts(): readonly Alert[] {
  return ALERTS;
}

/** `hidden`: the caller asked for the alert without the secret. */
export function alertRow(
  alert: Alert,
  company: Company,
  organization: Account,
  owner: Account,
  said: { origin: string; night: number; hidden: boolean; isServer: boolean },
) {
  const repository = repositoryRow(repositoryOf(company, alert.repository), organization, said.origin);
  const isResolved = alert.resolved !== undefined && said.night >= alert.resolved;
  const url = `${repository.url}/secret-scanning/alerts/${alert.number}`;
  return {
    number: alert.number,
    created_at: written(company.ago(alert.age)),
    updated_at: written(company.ago(alert.age)),
    url,
    html_url: `${repository.html_url}/security/secret-scanning/${alert.number}`,
    locations_url: `${url}/locations`,
    state: isResolved ? 'resolved' : 'open',
    resolution: isResolved ? 'revoked' : null,
    resolved_at: isResolved ? written(company.ago(0, 3, alert.resolved)) : null,
    resolved_by: isResolved ? accountRow(owner, said.origin) : null,
    secret_type: alert.type,
    secret_type_display_name: alert.title,
    // Enterprise Server has no such fields.
    ...(!said.isServer && {
      provider: alert.vendor,
      provider_slug: alert.vendor.toLowerCase(),
      publicly_leaked: alert.publicly ?? false,
    }),
    ...(!said.hidden && { secret: ALERT_CANARY }),
    repository,
    push_protection_bypassed: alert.publicly ?? false,
    push_protection_bypassed_by: null,
    push_protection_bypassed_at: null,
    resolution_comment: null,
    validity: alert.validity,
    multi_repo: false,
  };
}
