import { z } from 'zod';

/** Only the fields that we read. Recovery mail, phones and addresses have no field to live in. */

export const customer = z.object({ id: z.string().min(1), customerDomain: z.string().optional() });

export type Customer = z.infer<typeof customer>;

export const user = z.object({
  id: z.string().min(1),
  primaryEmail: z.string(),
  suspended: z.boolean().optional(),
  archived: z.boolean().optional(),
  isAdmin: z.boolean().optional(),
  /** Has a role of an administrator that is not the one over everything. */
  isDelegatedAdmin: z.boolean().optional(),
  /** Somebody from outside, let in by a person of the organisation. */
  isGuestUser: z.boolean().optional(),
  isEnrolledIn2Sv: z.boolean().optional(),
  isEnforcedIn2Sv: z.boolean().optional(),
  lastLoginTime: z.string().optional(),
  creationTime: z.string().optional(),
  deletionTime: z.string().optional(),
  orgUnitPath: z.string().optional(),
});
export type User = z.infer<typeof user>;

/** The mask of a user list: with it, Google does not even send what we do not read. */
export const USER_FIELDS =
  'nextPageToken,users(id,primaryEmail,suspended,archived,isAdmin,isDelegatedAdmin,isGuestUser,isEnrolledIn2Sv,isEnforcedIn2Sv,lastLoginTime,creationTime,deletionTime,orgUnitPath)';

/** A page of any list. `items` is empty where Google leaves the field out: it says nothing about the pages that follow. */
export interface Page {
  items: readonly unknown[];
  next: string | null;
  /** Locations that Google could not ask: what they hold is not in the list. */
  unreachable: readonly string[];
}

/** The schema of a page whose items stand in the field. */
export function pageOf(field: string): z.ZodType<Page> {
  return z
    .object({ nextPageToken: z.string().min(1).optional(), unreachable: z.array(z.string()).optional() })
    .catchall(z.unknown())
    .refine((answer) => answer[field] === undefined || Array.isArray(answer[field]), { path: [field] })
    .transform((answer) => ({
      items: (answer[field] ?? []) as unknown[],
      next: answer.nextPageToken ?? null,
      unreachable: answer.unreachable ?? [],
    }));
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

/** Stands where the actor is no user of the customer. https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list */
const NOBODY = '105250506097979753968';

export const activity = z.object({
  // 64-bit numbers arrive as text, and stay text: some lie beyond what a number can hold.
  id: z.object({ time: z.iso.datetime({ offset: true }), uniqueQualifier: z.string().min(1), applicationName: z.string() }),
  isAgenticAction: z.boolean().optional(),
  actor: z
    .object({
      email: z.string().optional(),
      profileId: z
        .string()
        .optional()
        .transform((id) => (id === NOBODY ? undefined : id)),
      agentAttributionInfo: z
        .object({
          agentId: z.string().optional(),
          agentName: z.string().optional(),
          agentType: z.string().optional(),
          agentOwner: z.object({ email: z.string().optional() }).optional(),
        })
        .optional(),
    })
    .optional(),
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

const ACTOR_FIELDS = 'id(time,uniqueQualifier,applicationName),actor(email,profileId';
export const ACTIVITY_FIELDS = `nextPageToken,items(${ACTOR_FIELDS}),events(name,parameters(name,value,intValue,multiValue)))`;
/** Who acted, a person or an agent, and what the event is called: nothing of what it was about. */
export const AGENT_FIELDS = `nextPageToken,items(isAgenticAction,${ACTOR_FIELDS},agentAttributionInfo),events(name))`;
/** The same with what Google's AI was asked to do, and where. */
export const AI_FIELDS = `nextPageToken,items(isAgenticAction,${ACTOR_FIELDS},agentAttributionInfo),events(name,parameters(name,value)))`;

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

/** An organisational unit. Its id stands with `id:` before it here, and without elsewhere. */
export const unit = z.object({ orgUnitId: z.string().min(1), orgUnitPath: z.string() });
export const group = z.object({ id: z.string().min(1), email: z.string().optional(), name: z.string().optional() });
export type Group = z.infer<typeof group>;
export const GROUP_FIELDS = 'id,email,name';

/** Somebody in a group, or something: another group, or everybody of a customer. */
export const member = z.object({
  id: z.string().min(1),
  email: z.string().optional(),
  type: z.string().optional(),
  role: z.string().optional(),
});
export type Member = z.infer<typeof member>;
export const MEMBER_FIELDS = 'nextPageToken,members(id,email,type,role)';

export const UNIT_FIELDS = 'organizationUnits(orgUnitId,orgUnitPath)';

/** A setting of the admin console for a unit or a group. The value is as open as there are settings. */
export const setting = z.object({
  name: z.string().min(1),
  type: z.string().optional(),
  policyQuery: z.object({ orgUnit: z.string().optional(), group: z.string().optional(), sortOrder: z.number().optional() }).optional(),
  setting: z.object({ type: z.string().min(1), value: z.record(z.string(), z.json()).optional() }),
});
export type Setting = z.infer<typeof setting>;
export const SETTING_FIELDS = 'nextPageToken,policies(name,type,policyQuery,setting)';

/** Who holds a licence. `userId` is an address, which may change; nothing may be keyed by it. */
export const licence = z.object({ userId: z.string().min(1), skuId: z.string().min(1), skuName: z.string().optional() });
export type Licence = z.infer<typeof licence>;
export const LICENCE_FIELDS = 'nextPageToken,items(userId,skuId,skuName)';

/** Counts of 64 bits arrive as text. */
const count = z.string().regex(/^\d+$/).transform(Number);

/** A web app in the report of managed browsers. */
export const site = z.object({
  app: z.string().min(1),
  organization: z.string().optional(),
  category: z.string().optional(),
  primaryDomain: z.string().optional(),
  domains: z.array(z.string()).optional(),
  distinctUsersCount: count.optional(),
  visitsCount: count.optional(),
  contentTransferDetails: z.object({ contentTransferCount: count.optional() }).optional(),
  firstNavigationTime: z.string().optional(),
  lastNavigationTime: z.string().optional(),
});
export type Site = z.infer<typeof site>;

export const visitor = z.object({
  email: z.string().min(1),
  firstNavigationTime: z.string().optional(),
  lastNavigationTime: z.string().optional(),
});
export type Visitor = z.infer<typeof visitor>;

/** An extension in managed browsers. */
export const extension = z.object({
  appId: z.string().min(1),
  displayName: z.string().optional(),
  permissions: z.array(z.string()).optional(),
  appInstallType: z.string().optional(),
  browserDeviceCount: count.optional(),
  profileCount: count.optional(),
  osUserCount: count.optional(),
  riskAssessment: z.object({ overallRiskLevel: z.string().optional() }).optional(),
});
export type Extension = z.infer<typeof extension>;

export const extensionHolder = z.object({ email: z.string().min(1), profileId: z.string().optional() });

/** An organisation of Google Cloud, and the Workspace customer that it belongs to. */
export const organization = z.object({ name: z.string().startsWith('organizations/'), directoryCustomerId: z.string().optional() });
export const ORGANIZATION_FIELDS = 'nextPageToken,organizations(name,directoryCustomerId)';

/** A resource; what stands in `data` differs with its type. */
export const asset = z.object({
  name: z.string().min(1),
  assetType: z.string().optional(),
  /** From the resource to the organisation: `projects/<number>` first, where it is in one. */
  ancestors: z.array(z.string()).optional(),
  resource: z.object({ data: z.unknown() }).optional(),
});
export type Asset = z.infer<typeof asset>;
export const ASSET_FIELDS = 'nextPageToken,assets(name,assetType,ancestors,resource/data)';
