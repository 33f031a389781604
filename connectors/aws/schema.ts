import { z } from 'zod';

/**
 * Only the fields that we read, as the SDK hands them over. An absent list is an empty one: AWS leaves the element out.
 * Of tags, the owner alone has a field to live in.
 */

export const callerIdentity = z.object({ Account: z.string().regex(/^\d{12}$/) });

export const assumedRole = z.object({
  Credentials: z.object({
    AccessKeyId: z.string().min(1),
    SecretAccessKey: z.string().min(1),
    SessionToken: z.string().min(1),
    Expiration: z.date(),
  }),
});

const page = { IsTruncated: z.boolean().optional(), Marker: z.string().optional() };
const list = z.array(z.unknown()).optional();

export const detailsPage = z.object({ ...page, UserDetailList: list, GroupDetailList: list, RoleDetailList: list, Policies: list });

const id = z.string().min(1);
const attached = z.array(z.object({ PolicyName: z.string(), PolicyArn: z.string().optional() })).optional();
const inline = z.array(z.object({ PolicyName: z.string(), PolicyDocument: z.string() })).optional();
const owners = z
  .array(z.object({ Key: z.string(), Value: z.string() }))
  .optional()
  .transform((tags) => ({ owner: valueOf(tags, 'owner'), team: valueOf(tags, 'team') }));

function valueOf(tags: readonly { Key: string; Value: string }[] | undefined, key: string): string | undefined {
  return tags?.find((tag) => tag.Key.toLowerCase() === key)?.Value;
}

const principal = {
  Arn: z.string().min(1),
  Path: z.string().optional(),
  CreateDate: z.date().optional(),
  AttachedManagedPolicies: attached,
  PermissionsBoundary: z.object({ PermissionsBoundaryArn: z.string().optional() }).optional(),
  Tags: owners,
};

export const userDetail = z.object({
  ...principal,
  UserId: id,
  UserName: id,
  UserPolicyList: inline,
  GroupList: z.array(z.string()).optional(),
});
export type UserDetail = z.infer<typeof userDetail>;

export const roleDetail = z.object({
  ...principal,
  RoleId: id,
  RoleName: id,
  RolePolicyList: inline,
  AssumeRolePolicyDocument: z.string(),
  RoleLastUsed: z.object({ LastUsedDate: z.date().optional(), Region: z.string().optional() }).optional(),
});
export type RoleDetail = z.infer<typeof roleDetail>;

export const groupDetail = z.object({ GroupName: id, AttachedManagedPolicies: attached, GroupPolicyList: inline });
export type GroupDetail = z.infer<typeof groupDetail>;

/** A policy of the customer's own; one of its versions is in force. */
export const managedPolicy = z.object({
  Arn: id,
  PolicyVersionList: z.array(z.object({ Document: z.string().optional(), IsDefaultVersion: z.boolean().optional() })).optional(),
});
export type ManagedPolicy = z.infer<typeof managedPolicy>;

export const reportState = z.object({ State: z.string() });

/** What the client makes of AWS's errors about a report that is not there. */
export const noReport = z.object({ State: z.enum(['absent', 'pending']) });

export const credentialReport = z.object({ Content: z.instanceof(Uint8Array), GeneratedTime: z.date().optional() });

export const credentialsPage = z.object({ ...page, ServiceSpecificCredentials: list });

export const serviceCredential = z.object({
  ServiceSpecificCredentialId: id,
  ServiceName: id,
  UserName: id,
  /** Active, Inactive, Expired, and whatever AWS adds. */
  Status: z.string(),
  ServiceCredentialAlias: z.string().optional(),
  CreateDate: z.date().optional(),
  /** Absent = it never expires. */
  ExpirationDate: z.date().optional(),
});
export type ServiceCredential = z.infer<typeof serviceCredential>;

export const oidcProviders = z.object({ OpenIDConnectProviderList: list });
export const samlProviders = z.object({ SAMLProviderList: list });
export const listedProvider = z.object({ Arn: z.string().min(1), CreateDate: z.date().optional() });
export type ListedProvider = z.infer<typeof listedProvider>;

export const oidcProvider = z.object({
  /** Without its scheme. */
  Url: z.string().min(1),
  ClientIDList: z.array(z.string()).optional(),
  ThumbprintList: z.array(z.string()).optional(),
  CreateDate: z.date().optional(),
});
export type OidcProvider = z.infer<typeof oidcProvider>;

export const outboundFederation = z.object({ JwtVendingEnabled: z.boolean(), IssuerIdentifier: z.string().optional() });
export type OutboundFederation = z.infer<typeof outboundFederation>;

export const startedJob = z.object({ JobId: id });

/** `IN_PROGRESS`, `COMPLETED`, `FAILED`, and whatever AWS adds. */
export const lastAccessedPage = z.object({ ...page, JobStatus: z.string(), ServicesLastAccessed: list });

export const accessedService = z.object({
  ServiceNamespace: id,
  /** Absent = there was no attempt in the time that AWS keeps. */
  LastAuthenticated: z.date().optional(),
  LastAuthenticatedRegion: z.string().optional(),
});
export type AccessedService = z.infer<typeof accessedService>;
