import { z } from 'zod';
import { serversOf } from './mcp.ts';

/** Only the fields that we read: a secret's value, an e-mail address or a signed address has no field to live in. */

/** Ids are numbers, and the SDK turns those beyond 2^53 into bigints: as text they stay exact. */
const id = z.union([z.int().nonnegative(), z.bigint()]).transform(String);

/** GitHub writes times with and without an offset from UTC. */
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());

/** An open map: GitHub's own description does not name all permissions that there are. */
const levels = z.record(z.string(), z.string());

/** `plan` is told to owners, and to Apps with the permission for it. */
export const organization = z.object({ id, login: z.string().min(1), plan: z.object({ name: z.string() }).optional() });

/** GitHub shows no enterprise to who may not see it. */
export const enterpriseNamed = z.object({ enterprise: z.object({ databaseId: id, slug: z.string().min(1) }) });

/** `permissions` are those of the token; where they are not said, none is taken for granted. */
export const accessToken = z.object({
  token: z.string().min(1),
  permissions: levels.optional(),
  repository_selection: z.string().optional(),
});

/** An installation of our own App; enterprises as targets have no login. */
export const namedInstallation = z.object({ id: z.int(), account: z.object({ login: z.string().optional() }).nullish() });

/** The same, where every one counts: it is installed with an organisation, a person or an enterprise, and what is none of them is not understood. */
export const ownInstallation = z.object({
  id: z.int(),
  account: z.union([
    z.object({ type: z.literal('Organization'), id, login: z.string().min(1) }),
    z.object({ type: z.literal('User') }),
    z.object({ type: z.literal('Enterprise').optional(), slug: z.string(), login: z.undefined().optional() }),
  ]),
  suspended_at: time.nullish(),
});
export type OwnInstallation = z.infer<typeof ownInstallation>;

/** The rows of a page, and how many there are in all, where the page says so. */
export interface RowPage {
  rows: unknown[];
  total: number | undefined;
}

const rows = z.array(z.unknown());

export const bareRows = rows.transform((page): RowPage => ({ rows: page, total: undefined }));

/** The rows of a page that stand beside their number, by the names of both; without names the page is the rows. */
export function rowsIn(names: readonly [rows: string, total?: string] | undefined, noneIsNull = false): z.ZodType<RowPage> {
  if (!names) return bareRows;
  const [field, total] = names;
  return z
    .looseObject({ [field]: noneIsNull ? rows.nullable() : rows, ...(total !== undefined && { [total]: z.int() }) })
    .transform((page): RowPage => ({
      rows: (page[field] ?? []) as unknown[],
      total: total === undefined ? undefined : (page[total] as unknown as number),
    }));
}

/** What is absent in one event of the log is null in another, and most of it stands below `data` as often as beside it. */
const word = z.string().nullish();
const idInLog = z.union([z.string(), id]).nullish();

/** An event of the audit log. GitHub describes few of its fields; what the log tells of besides is left where it is. */
export const auditEvent = z.preprocess(
  (raw) => (typeof raw === 'object' && raw !== null && 'data' in raw ? { ...(raw.data as object | null), ...raw } : raw),
  z.object({
    _document_id: z.string().min(1),
    action: z.string().min(1),
    '@timestamp': z.int().transform((milliseconds) => new Date(milliseconds).toISOString()),
    actor: word,
    actor_id: idInLog,
    actor_is_agent: z.boolean().nullish(),
    programmatic_access_type: word,
    user: word,
    user_id: idInLog,
    repo: word,
    repo_id: idInLog,
    integration: word,
    application_client_id: word,
    repository_selection: word,
    oauth_application_id: idInLog,
    oauth_application_name: word,
    user_programmatic_access_name: word,
  }),
);
export type AuditEvent = z.infer<typeof auditEvent>;

export const user = z.object({ id, login: z.string().min(1), type: z.string() });
export type User = z.infer<typeof user>;

export const installation = z.object({
  id,
  app_id: id,
  app_slug: z.string().min(1),
  client_id: z.string().optional(),
  repository_selection: z.string(),
  permissions: levels,
  events: z.array(z.string()),
  created_at: time,
  suspended_at: time.nullish(),
});
export type Installation = z.infer<typeof installation>;

const token = {
  id,
  owner: user,
  token_id: id,
  token_name: z.string(),
  token_expired: z.boolean().optional(),
  /** null = it never expires. */
  token_expires_at: time.nullish(),
  token_last_used_at: time.nullish(),
  repository_selection: z.string(),
  permissions: z.object({ organization: levels.optional(), repository: levels.optional(), other: levels.optional() }),
};

export const personalToken = z.object({ ...token, access_granted_at: time });
export type PersonalToken = z.infer<typeof personalToken>;

export const tokenRequest = z.object({ ...token, reason: z.string().nullish(), created_at: time });
export type TokenRequest = z.infer<typeof tokenRequest>;

export const secret = z.object({ name: z.string().min(1), visibility: z.string().optional(), created_at: time, updated_at: time });
export type SecretName = z.infer<typeof secret>;

export const seat = z.object({
  /** null where the account of the holder no longer exists. */
  assignee: user.nullish(),
  assigning_team: z.object({ id: id.optional(), name: z.string().optional(), slug: z.string().optional() }).nullish(),
  /** Which organisation gives it; told by the list of an enterprise alone. */
  organization: z.object({ id, login: z.string() }).nullish(),
  created_at: time,
  last_activity_at: time.nullish(),
  last_activity_editor: z.string().nullish(),
  pending_cancellation_date: z.string().nullish(),
  plan_type: z.string().nullish(),
});
export type Seat = z.infer<typeof seat>;

/** An agent of an enterprise is a file in one of its repositories. */
export const customAgent = z.object({ name: z.string().optional(), file_path: z.string().min(1), url: z.string().optional() });

/** What an app says of itself to everybody. Its owner may be a person, an organisation or an enterprise. */
export const appListing = z.object({
  id,
  name: z.string(),
  owner: z.object({ id, login: z.string().optional(), slug: z.string().optional(), type: z.string().optional() }).nullish(),
  external_url: z.string().nullish(),
  permissions: levels,
});
export type AppListing = z.infer<typeof appListing>;

/** Eight characters of the token, and the fingerprint of a key, are left where they are. */
export const credentialAuthorization = z.object({
  login: z.string().min(1),
  credential_id: id,
  credential_type: z.string().min(1),
  scopes: z.array(z.string()).optional(),
  credential_authorized_at: time,
  credential_accessed_at: time.nullish(),
  authorized_credential_title: z.string().nullish(),
  authorized_credential_note: z.string().nullish(),
  authorized_credential_expires_at: time.nullish(),
});
export type CredentialAuthorization = z.infer<typeof credentialAuthorization>;

/** Of an address only the host is kept: its path and its query often hold a key. undefined = it has none that can be read. */
const hostOfAddress = z.string().transform((text) => (URL.canParse(text) && new URL(text).hostname) || undefined);

export const hook = z.object({
  id,
  events: z.array(z.string()),
  active: z.boolean(),
  config: z.object({ url: hostOfAddress.optional() }),
  created_at: time,
});
export type Hook = z.infer<typeof hook>;

export const repositoryName = z.object({ id, full_name: z.string().min(1) });

/** The repositories that were chosen for a secret: how many, and the first of them. */
export const chosenRepositories = z.object({ total_count: z.int().nonnegative(), repositories: z.array(repositoryName) });

/** As REST names it. */
export interface Repository {
  id: string;
  name: string;
  full_name: string;
  owner: { login: string };
}

/** Of the rules only the one that names people is read; who they are is counted alone. */
export const environment = z.object({
  id,
  name: z.string().min(1),
  protection_rules: z
    .array(z.object({ type: z.string(), prevent_self_review: z.boolean().nullish(), reviewers: z.array(z.unknown()).optional() }))
    .optional(),
});
export type Environment = z.infer<typeof environment>;

/** An entry of the firewall is a host or an address. */
const hostOfEntry = z.string().transform((text) => (URL.canParse(text) ? new URL(text).hostname : text.split(/[/?#]/)[0]!));

/** The settings of MCP servers hold keys: only what tells the servers apart is read. undefined = they are none that we understand. */
export const agentSettings = z.object({
  mcp_configuration: z.unknown().transform((said) => (said === null || said === undefined ? [] : serversOf(said))),
  require_actions_workflow_approval: z.boolean(),
  is_firewall_enabled: z.boolean(),
  is_firewall_recommended_allowlist_enabled: z.boolean(),
  custom_allowlist: z.array(hostOfEntry),
  is_automations_enabled: z.boolean(),
});
export type AgentSettings = z.infer<typeof agentSettings>;

/** Of the bill of materials only the names of packages are read. */
export const sbom = z.object({
  sbom: z.object({ packages: z.array(z.object({ externalRefs: z.array(z.object({ referenceLocator: z.string() })).optional() })) }),
});
export type Sbom = z.infer<typeof sbom>;

export const runner = z.object({
  id,
  name: z.string(),
  os: z.string(),
  status: z.string(),
  busy: z.boolean(),
  labels: z.array(z.object({ name: z.string() })),
});
export type Runner = z.infer<typeof runner>;

/** Every field is optional by GitHub's description; without these four a row names nothing. */
export const alert = z.object({
  number: z.int(),
  secret_type: z.string().min(1),
  repository: repositoryName,
  created_at: time,
  state: z.string().optional(),
  resolution: z.string().nullish(),
  resolved_at: time.nullish(),
  secret_type_display_name: z.string().optional(),
  validity: z.string().optional(),
  publicly_leaked: z.boolean().nullish(),
  multi_repo: z.boolean().nullish(),
  push_protection_bypassed: z.boolean().nullish(),
  html_url: z.string().optional(),
});

export const space = z.object({
  id,
  name: z.string(),
  base_role: z.string().optional(),
  creator: user.nullish(),
  created_at: time,
  updated_at: time,
});

export const copilotBilling = z.object({
  seat_management_setting: z.string(),
  public_code_suggestions: z.string(),
  ide_chat: z.string().optional(),
  platform_chat: z.string().optional(),
  cli: z.string().optional(),
  plan_type: z.string().optional(),
});

/** The files of a report, and the days that they tell of. No content = GitHub made none, which it does where nobody has Copilot yet. */
export const usageReport = z
  .object({ download_links: z.array(z.string()), report_start_day: z.iso.date(), report_end_day: z.iso.date() })
  .refine(({ report_start_day: start, report_end_day: end }) => start <= end)
  .optional();
export type UsageReport = NonNullable<z.infer<typeof usageReport>>;

const count = z.int().nonnegative();
const activity = { user_initiated_interaction_count: count.nullish(), code_generation_activity_count: count.nullish() };

/**
 * Counts of a day, and of the 7 and the 28 that end with it. What nobody used is often left out.
 * https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics
 */
const usageDay = z.object({
  day: z.iso.date(),
  daily_active_users: count,
  weekly_active_users: count.nullish(),
  monthly_active_users: count.nullish(),
  monthly_active_chat_users: count.nullish(),
  monthly_active_agent_users: count.nullish(),
  daily_active_cli_users: count.nullish(),
  daily_active_copilot_cloud_agent_users: count.nullish(),
  weekly_active_copilot_cloud_agent_users: count.nullish(),
  monthly_active_copilot_cloud_agent_users: count.nullish(),
  ...activity,
  totals_by_ide: z.array(z.object({ ide: z.string(), ...activity })).nullish(),
  totals_by_feature: z.array(z.object({ feature: z.string(), ...activity })).nullish(),
  totals_by_model_feature: z.array(z.object({ model: z.string(), ...activity })).nullish(),
});
export type UsageDay = z.infer<typeof usageDay>;

/** A line of the report of an organisation. */
export const usageLine = z.object({ day_totals: z.array(usageDay) });

export const codingAgent = z.object({ enabled_repositories: z.string() });

/** Paths that are kept from the assistant, by repository: which paths is not kept, they may be telling. */
export const contentExclusion = z.record(z.string(), z.array(z.unknown()));

export const actionsPolicy = z.object({
  enabled_repositories: z.string(),
  allowed_actions: z.string().optional(),
  sha_pinning_required: z.boolean().optional(),
});

export const workflowPolicy = z.object({ default_workflow_permissions: z.string(), can_approve_pull_request_reviews: z.boolean() });

/** `bypass_actors` is shown to those who may change the ruleset: absent = not said. */
export const ruleset = z.object({
  id,
  name: z.string(),
  target: z.string().optional(),
  enforcement: z.string(),
  bypass_actors: z.array(z.object({ actor_id: id.nullish(), actor_type: z.string(), bypass_mode: z.string().optional() })).optional(),
  rules: z
    .array(z.object({ type: z.string(), parameters: z.object({ required_approving_review_count: z.int().optional() }).optional() }))
    .optional(),
});
