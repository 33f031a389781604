import { z } from 'zod';

/** What stands in the `data` of an asset, by its type: the resource as its own API describes it. Only the fields that we read. */

/** https://cloud.google.com/service-usage/docs/reference/rest/v1/services */
export const service = z.object({ name: z.string().includes('/services/'), state: z.string().optional() });

/** https://cloud.google.com/resource-manager/reference/rest/v1/projects */
export const project = z.object({
  projectId: z.string().min(1),
  projectNumber: z.union([z.string().regex(/^\d+$/), z.number().int()]).transform(String),
  lifecycleState: z.string().optional(),
});

/** https://cloud.google.com/resource-manager/reference/rest/v3/folders */
export const cloudFolder = z.object({ name: z.string().startsWith('folders/') });
export const FOLDER_FIELDS = 'nextPageToken,folders(name)';

/** https://cloud.google.com/resource-manager/reference/rest/v3/projects */
export const cloudProject = z.object({
  name: z.string().regex(/^projects\/\d+$/),
  projectId: z.string().min(1),
  state: z.string().optional(),
});
export const PROJECT_FIELDS = 'nextPageToken,projects(name,projectId,state)';

export const SERVICE_FIELDS = 'nextPageToken,services(name,state)';
export const ACCOUNT_FIELDS = 'nextPageToken,accounts(uniqueId,email,displayName,disabled)';
export const ACCOUNT_KEY_FIELDS = 'keys(name,keyType,keyOrigin,validAfterTime,validBeforeTime,disabled,extendedStatus)';
export const API_KEY_FIELDS = 'nextPageToken,keys(uid,displayName,createTime,deleteTime,serviceAccountEmail,restrictions)';

/** https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts */
export const serviceAccount = z.object({
  uniqueId: z.string().regex(/^\d+$/),
  email: z.string().min(1),
  displayName: z.string().optional(),
  disabled: z.boolean().optional(),
});

/** https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.keys */
export const serviceAccountKey = z.object({
  name: z.string().min(1),
  keyType: z.string().optional(),
  keyOrigin: z.string().optional(),
  validAfterTime: z.iso.datetime({ offset: true }).optional(),
  validBeforeTime: z.iso.datetime({ offset: true }).optional(),
  disabled: z.boolean().optional(),
  extendedStatus: z.array(z.object({ key: z.string().optional() })).optional(),
});

/**
 * Who may exchange a token of their own for one of Google Cloud's. SAML has certificates and no issuer that anything could be told by.
 * https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.providers
 */
export const identityProvider = z.object({
  name: z.string().regex(/\/workloadIdentityPools\/[^/]+\/providers\/[^/]+$/),
  displayName: z.string().optional(),
  state: z.string().optional(),
  disabled: z.boolean().optional(),
  attributeCondition: z.string().optional(),
  oidc: z.object({ issuerUri: z.url() }).optional(),
  aws: z.object({ accountId: z.string().regex(/^\d{12}$/) }).optional(),
});

/** Whose key, by the address of the account or its number, and which. */
export const KEY_USED = /\/serviceAccounts\/([^/]+)\/keys\/([^/]+)$/;

/**
 * The last use of a key, as far as Google watched. What stands in `activity` is free-form in its description.
 * https://cloud.google.com/policy-intelligence/docs/activity-analyzer-service-account-authentication
 */
export const keyActivity = z.object({
  fullResourceName: z.string().regex(KEY_USED),
  observationPeriod: z.object({ endTime: z.iso.datetime({ offset: true }).optional() }).optional(),
  activity: z.object({
    /** Absent = not used while Google watched. */
    lastAuthenticatedTime: z.iso.datetime({ offset: true }).optional(),
    serviceAccountKey: z.object({ serviceAccountId: z.string().regex(/^\d+$/) }),
  }),
});
export type KeyActivity = z.infer<typeof keyActivity>;
export const KEY_ACTIVITY_FIELDS = 'nextPageToken,activities(fullResourceName,observationPeriod,activity)';

/** A model, an endpoint, an agent, a search engine or a notebook: what all of them may have. */
export const aiResource = z.object({
  displayName: z.string().optional(),
  createTime: z.iso.datetime({ offset: true }).optional(),
  /** Whom a notebook runs as. https://cloud.google.com/vertex-ai/docs/workbench/reference/rest/v1/projects.locations.instances */
  serviceAccount: z.string().optional(),
  /** Whom an agent runs as. https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/projects.locations.reasoningEngines */
  spec: z.object({ serviceAccount: z.string().optional() }).optional(),
});

/** The key itself has no field to live in. https://cloud.google.com/api-keys/docs/reference/rest/v2/projects.locations.keys */
export const apiKey = z.object({
  uid: z.string().min(1),
  displayName: z.string().optional(),
  createTime: z.iso.datetime({ offset: true }).optional(),
  deleteTime: z.iso.datetime({ offset: true }).optional(),
  serviceAccountEmail: z.string().optional(),
  restrictions: z
    .object({
      apiTargets: z.array(z.object({ service: z.string().min(1) })).optional(),
      browserKeyRestrictions: z.unknown().optional(),
      serverKeyRestrictions: z.unknown().optional(),
      androidKeyRestrictions: z.unknown().optional(),
      iosKeyRestrictions: z.unknown().optional(),
    })
    .optional(),
});
