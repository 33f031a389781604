import type { ChangesOptions } from '../commands/changes.ts';
import type { DataClass, GapReason, Kind, Standing, Trait } from '../connector/index.ts';

// The vocabularies that options take. They are written out, and held to their types: the modules that they come from are too much for a
// line of help.

export const VERDICTS = ['ai', 'ai_feature', 'suspected', 'not_ai', 'unknown'];

/** Kinds of grants: what only gives context to others is none. */
export const GRANT_KINDS = words({
  oauth_grant: 0,
  app_installation: 0,
  delegation: 0,
  trust: 0,
  api_key: 0,
  secret_name: 0,
  service_account: 0,
  agent: 0,
  vendor_integration: 0,
  seat: 0,
  code_evidence: 0,
  usage: 0,
  exposure: 0,
} satisfies Record<Exclude<Kind, 'identity' | 'control'>, 0>);

export const CHANGES = words({
  appeared: 0,
  newly_seen: 0,
  returned: 0,
  changed: 0,
  gone: 0,
  unverified: 0,
  verified: 0,
  opened: 0,
  resolved: 0,
  excepted: 0,
  reopened: 0,
} satisfies Record<NonNullable<ChangesOptions['change']>[number], 0>);

export const STANDINGS = words({ active: 0, suspended: 0, archived: 0, deleted: 0, not_a_member: 0 } satisfies Record<Standing, 0>);

export const TRAITS = words({
  interactive_login: 0,
  directory_person: 0,
  bot_account: 0,
  workload: 0,
  agent_runtime: 0,
  federated: 0,
  standing_credential: 0,
  administrator: 0,
  external: 0,
  no_owner: 0,
  key_holder: 0,
} satisfies Record<Trait, 0>);

export const DATA_CLASSES = words({
  mail: 0,
  files: 0,
  calendar: 0,
  contacts: 0,
  chat: 0,
  source_code: 0,
  ci: 0,
  secrets: 0,
  cloud: 0,
  ai_models: 0,
  directory: 0,
  admin: 0,
  profile: 0,
  other: 0,
} satisfies Record<DataClass, 0>);

export const GAP_REASONS = words({
  permission_denied: 0,
  not_licensed: 0,
  not_observable: 0,
  not_of_interest: 0,
  rate_limited: 0,
  provider_error: 0,
  truncated: 0,
  over_budget: 0,
  stale: 0,
} satisfies Record<GapReason, 0>);

function words(all: Readonly<Record<string, 0>>): readonly string[] {
  return Object.keys(all);
}
