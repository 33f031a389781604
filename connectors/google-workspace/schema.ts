import { z } from 'zod';

/** Only the fields that we read. Recovery mail, phones and addresses have no field to live in. */

export const customer = z.object({ id: z.string().min(1), customerDomain: z.string().optional() });

export const user = z.object({
  id: z.string().min(1),
  primaryEmail: z.string(),
  suspended: z.boolean().optional(),
  archived: z.boolean().optional(),
  isAdmin: z.boolean().optional(),
  isEnrolledIn2Sv: z.boolean().optional(),
  lastLoginTime: z.string().optional(),
  creationTime: z.string().optional(),
  deletionTime: z.string().optional(),
  orgUnitPath: z.string().optional(),
});
export type User = z.infer<typeof user>;

/** The mask of a user list: with it, Google does not even send what we do not read. */
export const USER_FIELDS =
  'nextPageToken,users(id,primaryEmail,suspended,archived,isAdmin,isEnrolledIn2Sv,lastLoginTime,creationTime,deletionTime,orgUnitPath)';

export const userPage = z.object({ users: z.array(z.unknown()).optional(), nextPageToken: z.string().min(1).optional() });

/** A live grant. Google states no time here: dates come from the audit log alone. */
export const token = z.object({
  clientId: z.string().min(1),
  displayText: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  nativeApp: z.boolean().optional(),
  anonymous: z.boolean().optional(),
});
export type Token = z.infer<typeof token>;

export const TOKEN_FIELDS = 'items(clientId,displayText,scopes,nativeApp,anonymous)';

/** `items` is absent where the user has granted nothing. */
export const tokenList = z.object({ items: z.array(z.unknown()).optional() });

export const activity = z.object({
  // 64-bit numbers arrive as text, and stay text: some lie beyond what a number can hold.
  id: z.object({ time: z.iso.datetime({ offset: true }), uniqueQualifier: z.string().min(1), applicationName: z.string() }),
  actor: z.object({ email: z.string().optional(), profileId: z.string().optional() }).optional(),
  events: z.array(
    z.object({
      name: z.string(),
      parameters: z
        .array(z.object({ name: z.string(), value: z.string().optional(), multiValue: z.array(z.string()).optional() }))
        .optional(),
    }),
  ),
});
export type Activity = z.infer<typeof activity>;

export const ACTIVITY_FIELDS =
  'nextPageToken,items(id(time,uniqueQualifier,applicationName),actor(email,profileId),events(name,parameters(name,value,multiValue)))';

export const activityPage = z.object({ items: z.array(z.unknown()).optional(), nextPageToken: z.string().min(1).optional() });

/** Part of a service account's key file. */
export const serviceAccountKey = z.object({ client_email: z.email(), private_key: z.string().includes('PRIVATE KEY') });
