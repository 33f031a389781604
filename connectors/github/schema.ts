import { z } from 'zod';

/** Only the fields that we read: a secret's value, an e-mail address or a signed address has no field to live in. */

/** Ids are numbers, and the SDK turns those beyond 2^53 into bigints: as text they stay exact. */
const id = z.union([z.int().nonnegative(), z.bigint()]).transform(String);

/** GitHub writes times with and without an offset from UTC. */
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());

/** An open map: GitHub's own description does not name all permissions that there are. */
const levels = z.record(z.string(), z.string());

export const organization = z.object({ id, login: z.string().min(1) });

/** `permissions` are those of the token; where they are not said, none is taken for granted. */
export const accessToken = z.object({ token: z.string().min(1), permissions: levels.optional() });

/** An installation of our own App; enterprises as targets have no login. */
export const ownInstallation = z.object({ id: z.int(), account: z.object({ login: z.string().optional() }).nullish() });

/** The rows of a page, and how many there are in all, where the page says so. */
export interface RowPage {
  rows: unknown[];
  total: number | undefined;
}

const rows = z.array(z.unknown());

export const bareRows = rows.transform((page): RowPage => ({ rows: page, total: undefined }));

export const installationRows = z
  .object({ installations: rows, total_count: z.int() })
  .transform((page): RowPage => ({ rows: page.installations, total: page.total_count }));

export const secretRows = z
  .object({ secrets: rows, total_count: z.int() })
  .transform((page): RowPage => ({ rows: page.secrets, total: page.total_count }));

export const seatRows = z
  .object({ seats: rows, total_seats: z.int() })
  .transform((page): RowPage => ({ rows: page.seats, total: page.total_seats }));

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
  assigning_team: z.object({ name: z.string().optional(), slug: z.string().optional() }).nullish(),
  created_at: time,
  last_activity_at: time.nullish(),
  last_activity_editor: z.string().nullish(),
  pending_cancellation_date: z.string().nullish(),
  plan_type: z.string().nullish(),
});
