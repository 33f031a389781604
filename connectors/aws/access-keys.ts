import { path, reading, within, type CollectContext, type Observation, type ScanEvent, type Trait } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Granted } from './permissions.ts';
import { inPieces } from './pieces.ts';
import { isUnknown, readReport, reportRows, type ReportRow } from './credential-report.ts';
import { appOf, isKeyHolder } from './principals.ts';

/** The place of all access keys: apart from users and roles, because another answer tells of them. */
export const ACCESS_KEYS = 'access_keys';

/** What the list of users said of one. */
export interface KnownUser {
  id: string;
  aiLevel: Granted['aiLevel'];
}

/**
 * The access keys of all users and of the root user, and who signs in with a password, from one report. It knows users by ARN alone, and an ARN may be given
 * to another user later: `users` leads from the part of the ARN behind the account to the user.
 */
export async function* accessKeyEvents(
  { account, client, sleep }: CollectContext<unknown, Client>,
  users: ReadonlyMap<string, KnownUser>,
): AsyncGenerator<ScanEvent> {
  const place = within(account.scope, ACCESS_KEYS);
  const effect = 'Access keys, their age and their last use are unknown';
  const result = await reading({ scope: place, effect }, async () => {
    const { text, generatedAt } = await readReport({ client, sleep });
    return { rows: reportRows(text), generatedAt };
  });
  if (result.gap) {
    yield result.gap;
    return;
  }
  const { rows, generatedAt } = result.value;
  const waiting = new Map(users);
  const next = inPieces(sleep);
  let malformed = 0;
  for (const row of rows) {
    await next();
    if (!row) {
      malformed++;
      continue;
    }
    const name = shortArn(row.arn);
    const user = name === ROOT ? ROOT_USER : users.get(name);
    waiting.delete(name);
    // A user that is no longer listed was deleted after the report was written.
    if (!user) continue;
    for (const slot of [1, 2] as const) {
      const key = accessKeyOf(place, user, row, slot, generatedAt);
      if (key) yield key;
    }
    if (user.id !== ROOT && row.password_enabled === true) yield signInOf(place, user, row);
  }
  if (malformed > 0)
    yield { type: 'gap', scope: place, reason: 'provider_error', effect: `${malformed} rows of the credential report were set aside` };
  for (const { id } of waiting.values())
    yield {
      type: 'gap',
      scope: within(place, id),
      reason: 'not_observable',
      effect:
        malformed > 0
          ? 'The credential report has no readable row of this user: its access keys are unknown'
          : 'The user is younger than the credential report: its access keys are unknown until the next one',
    };
}

const ROOT = 'root';
const ROOT_USER: KnownUser = { id: ROOT, aiLevel: 'admin' };
const SOURCE = 'iam.GetCredentialReport';
const CONSOLE = 'https://console.aws.amazon.com/iam/home#/credential_report';

/** What is behind the account in an ARN: `user/team/name`, or `root`. */
export function shortArn(arn: string): string {
  return arn.split(':').slice(5).join(':');
}

function accessKeyOf(
  place: string,
  { id: userId, aiLevel }: KnownUser,
  row: ReportRow,
  slot: 1 | 2,
  generatedAt: string | undefined,
): Observation | undefined {
  const active = row[`access_key_${slot}_active`];
  const rotated = row[`access_key_${slot}_last_rotated`];
  const used = row[`access_key_${slot}_last_used_date`];
  const region = row[`access_key_${slot}_last_used_region`];
  const service = row[`access_key_${slot}_last_used_service`];
  if (active !== true && isUnknown(rotated)) return undefined;
  const id = path('access_key', userId, `access_key_${slot}`);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'api_key',
    scope: within(place, userId),
    subject: { app: appOf(userId), credential: `access_key_${slot}`, name: row.user },
    principal: { id: userId, name: row.user, traits: traitsOf(row, userId, active === true) },
    signals: userId === ROOT ? [] : [{ type: 'iam_name', value: row.user }],
    permissions: [],
    ...(!isUnknown(rotated) && { grantedAt: { at: rotated, from: 'report' } }),
    ...(!isUnknown(used) && { lastUsedAt: { at: used, from: 'report' } }),
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html: long-term, until somebody deletes it.
    expiresAt: 'never',
    ...(active !== true && { use: 'inactive' as const }),
    attributes: {
      // Opens whatever its holder may do, unlike a key for one service.
      general: true,
      ...(userId === ROOT && { root: true }),
      // Somebody signs in with the same user that a program holds a key of.
      ...(userId !== ROOT && row.password_enabled === true && active === true && { shared: 'human and machine' }),
      aiLevel,
      active,
      rotatedAt: rotated,
      lastUsed: isUnknown(used) ? used : 'known',
      ...(wasNeverUsed(used, rotated) && { neverUsed: true }),
      lastUsedService: service,
      lastUsedRegion: region,
      passwordEnabled: row.password_enabled,
      mfaActive: row.mfa_active,
      ...(generatedAt !== undefined && { reportGeneratedAt: generatedAt }),
    },
    evidence: { source: SOURCE, url: CONSOLE },
  };
}

/**
 * N/A of a key that there is: it was not used since IAM keeps track, which a younger key was never.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
 */
function wasNeverUsed(used: string, rotated: string): boolean {
  return used === 'N/A' && !isUnknown(rotated) && rotated >= '2015-04-23';
}

/** A person: somebody has a password for this user. The list of users does not say so. */
function signInOf(place: string, { id, aiLevel }: KnownUser, row: ReportRow): Observation {
  const holdsKey = row.access_key_1_active === true || row.access_key_2_active === true;
  const traits: Trait[] = ['interactive_login', ...(holdsKey ? (['standing_credential'] as const) : [])];
  return {
    type: 'observation',
    thing: path('user', id),
    nativeId: path('sign_in', id),
    kind: 'identity',
    scope: within(place, id),
    subject: { app: appOf(id), name: row.user },
    principal: { id, name: row.user, traits },
    signals: [],
    permissions: [],
    attributes: { arn: row.arn, passwordEnabled: true, mfaActive: row.mfa_active, aiLevel },
    evidence: { source: SOURCE, url: CONSOLE },
  };
}

function traitsOf(row: ReportRow, userId: string, active: boolean): Trait[] {
  const traits: Trait[] = [];
  // The root user always signs in with a password; the report has no field for it.
  if (row.password_enabled === true || userId === ROOT) traits.push('interactive_login');
  if (active) traits.push('standing_credential');
  if (userId === ROOT) traits.push('administrator');
  if (isKeyHolder(row.user)) traits.push('key_holder');
  return traits;
}
