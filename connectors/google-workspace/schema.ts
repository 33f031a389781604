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

/** A page of any list. `items` is empty where Google leaves the field out: it says nothing about the pages that follow. */
export interface Page {
  items: readonly unknown[];
  next: string | null;
}

/** The schema of a page whose items stand in the field. */
export function pageOf(field: string): z.ZodType<Page> {
  return z
    .object({ nextPageToken: z.string().min(1).optional() })
    .catchall(z.unknown())
    .refine((answer) => answer[field] === undefined || Array.isArray(answer[field]), { path: [field] })
    .transform((answer) => ({ items: (answer[field] ?? []) as unknown[], next: answer.nextPageToken ?? null }));
}

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

export const activity = z.object({
  // 64-bit numbers arrive as text, and stay text: some lie beyond what a number can hold.
  id: z.object({ time: z.iso.datetime({ offset: true }), uniqueQualifier: z.string().min(1), applicationName: z.string() }),
  actor: z.object({ email: z.string().optional(), profileId: z.string().optional() }).optional(),
  events: z.array(
    z.object({
      name: z.string(),
      parameters: z
        .array(
          z.object({
            name: z.string(),
            value: z.string().optional(),
            // 64-bit too: bytes that an app has taken.
            intValue: z
              .string()
              .regex(/^-?\d+$/)
              .optional(),
            multiValue: z.array(z.string()).optional(),
          }),
        )
        .optional(),
    }),
  ),
});
export type Activity = z.infer<typeof activity>;

export const ACTIVITY_FIELDS =
  'nextPageToken,items(id(time,uniqueQualifier,applicationName),actor(email,profileId),events(name,parameters(name,value,intValue,multiValue)))';

/** An app password. `codeId` counts per user. Times are seconds since 1970, in text; the password itself Google never shows again. */
export const appPassword = z.object({
  codeId: z.number().int(),
  name: z.string().optional(),
  creationTime: seconds(),
  /** Zero = never used. */
  lastTimeUsed: seconds().optional(),
});
export type AppPassword = z.infer<typeof appPassword>;

export const APP_PASSWORD_FIELDS = 'items(codeId,name,creationTime,lastTimeUsed)';

function seconds() {
  return z
    .string()
    .regex(/^\d+$/)
    .transform((text) => Number(text) * 1000);
}

export const role = z.object({
  roleId: z.string().min(1),
  roleName: z.string(),
  isSuperAdminRole: z.boolean().optional(),
  isSystemRole: z.boolean().optional(),
});
export type Role = z.infer<typeof role>;

export const ROLE_FIELDS = 'nextPageToken,items(roleId,roleName,isSuperAdminRole,isSystemRole)';

/** `assigneeType` knows users and groups alone, and calls service accounts users. */
export const roleAssignment = z.object({
  roleAssignmentId: z.string().min(1),
  roleId: z.string().min(1),
  assignedTo: z.string().min(1),
  assigneeType: z.string().optional(),
  scopeType: z.string().optional(),
  orgUnitId: z.string().optional(),
});
export type RoleAssignment = z.infer<typeof roleAssignment>;

export const ASSIGNMENT_FIELDS = 'nextPageToken,items(roleAssignmentId,roleId,assignedTo,assigneeType,scopeType,orgUnitId)';

/** Part of a service account's key file. */
export const serviceAccountKey = z.object({ client_email: z.email(), private_key: z.string().includes('PRIVATE KEY') });
