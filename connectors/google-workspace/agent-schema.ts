import { z } from 'zod';

/** Agents as Google Cloud registers them, and what they used. Only the fields that we read: clients of OAuth have secrets beside them. */

/** https://cloud.google.com/agent-registry/docs/reference/rest/v1/projects.locations */
export const location = z.object({ locationId: z.string().min(1) });
export const LOCATION_FIELDS = 'nextPageToken,locations(locationId)';

const contacts = z.array(z.object({ email: z.string().optional() })).optional();

const AGENT_NAME = z.string().regex(/^projects\/[^/]+\/locations\/[^/]+\/agents\/[^/]+$/);

/** An application that agents are part of, and who answers for it. */
export const application = z.object({
  name: z.string().regex(/^projects\/[^/]+\/locations\/[^/]+\/aiApplications\/[^/]+$/),
  displayName: z.string().optional(),
  attributes: z.object({ businessOwners: contacts, developerOwners: contacts, operatorOwners: contacts }).optional(),
});
export type Application = z.infer<typeof application>;
export const APPLICATION_FIELDS =
  'nextPageToken,unreachable,aiApplications(name,displayName,attributes(businessOwners(email),developerOwners(email),operatorOwners(email)))';

/** An agent of an application, by its name in the registry. */
export const member = z.object({ name: AGENT_NAME });
export const MEMBER_FIELDS = 'nextPageToken,agents(name)';

const SYSTEM = 'agentregistry.googleapis.com/system';

/** What the registry itself says of an agent stands in attributes under names of its own. */
export const registeredAgent = z.object({
  name: AGENT_NAME,
  uid: z.string().min(1).optional(),
  agentId: z.string().min(1).optional(),
  displayName: z.string().optional(),
  version: z.string().optional(),
  createTime: z.iso.datetime({ offset: true }).optional(),
  attributes: z
    .object({
      [`${SYSTEM}/Framework`]: z.object({ framework: z.string().optional() }).optional(),
      [`${SYSTEM}/RuntimeIdentity`]: z.object({ principal: z.string().optional() }).optional(),
      [`${SYSTEM}/RuntimeReference`]: z.object({ uri: z.string().optional() }).optional(),
    })
    .transform((said) => ({
      framework: said[`${SYSTEM}/Framework`]?.['framework'],
      principal: said[`${SYSTEM}/RuntimeIdentity`]?.['principal'],
      runtime: said[`${SYSTEM}/RuntimeReference`]?.['uri'],
    }))
    .optional(),
});
export type RegisteredAgent = z.infer<typeof registeredAgent>;
export const AGENT_FIELDS = 'nextPageToken,agents(name,uid,agentId,displayName,version,createTime,attributes)';

const tool = z.object({
  name: z.string(),
  /** What the server itself says of the tool. */
  annotations: z.object({ readOnlyHint: z.boolean().optional(), destructiveHint: z.boolean().optional() }).optional(),
});
export type Tool = z.infer<typeof tool>;

/** A server of tools (MCP). */
export const mcpServer = z.object({
  name: z.string().regex(/^projects\/[^/]+\/locations\/[^/]+\/mcpServers\/[^/]+$/),
  mcpServerId: z.string().min(1).optional(),
  displayName: z.string().optional(),
  createTime: z.iso.datetime({ offset: true }).optional(),
  interfaces: z.array(z.object({ url: z.string().optional() })).optional(),
  tools: z.array(tool).optional(),
  attributes: z
    .object({ [`${SYSTEM}/RuntimeIdentity`]: z.object({ principal: z.string().optional() }).optional() })
    .transform((said) => ({ principal: said[`${SYSTEM}/RuntimeIdentity`]?.principal }))
    .optional(),
});
export type McpServer = z.infer<typeof mcpServer>;
export const SERVER_FIELDS =
  'nextPageToken,mcpServers(name,mcpServerId,displayName,createTime,interfaces(url),tools(name,annotations(readOnlyHint,destructiveHint)),attributes)';

/** That an agent may call another, a server of tools or an endpoint, and with whose tokens. */
export const binding = z.object({
  name: z.string().regex(/^projects\/[^/]+\/locations\/[^/]+\/bindings\/[^/]+$/),
  displayName: z.string().optional(),
  source: z.object({ identifier: z.string().optional() }).optional(),
  target: z.object({ identifier: z.string().min(1) }),
  authProviderBinding: z.object({ authProvider: z.string().optional(), scopes: z.array(z.string()).optional() }).optional(),
});
export type Binding = z.infer<typeof binding>;
export const BINDING_FIELDS =
  'nextPageToken,bindings(name,displayName,source(identifier),target(identifier),authProviderBinding(authProvider,scopes))';

/** Where a summary is, and its id. */
export const LOCATED = /\/locations\/([^/]+)\/accessSummaries\/([^/]+)$/;

/** What a workload used in somebody's name. Times are rounded to the hour; the user is whom the workload names, and Google proves none. */
export const accessSummary = z.object({
  name: z.string().regex(LOCATED),
  workloadId: z.string().min(1),
  userId: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  tokenUrl: z.string().optional(),
  firstAccessTime: z.iso.datetime({ offset: true }).optional(),
  lastAccessTime: z.iso.datetime({ offset: true }).optional(),
});
export type AccessSummary = z.infer<typeof accessSummary>;
export const SUMMARY_FIELDS =
  'nextPageToken,unreachable,accessSummaries(name,workloadId,userId,scopes,tokenUrl,firstAccessTime,lastAccessTime)';

/** Where a provider is, and its id. The name becomes part of an address. */
export const PROVIDER = /^projects\/[\w.:-]+\/locations\/([\w.-]+)\/authProviders\/([\w.-]+)$/;
export const IN_PROVIDER = /\/authProviders\/[^/]+\/authorizations\/([^/]+)$/;

const flow = z.object({ authorizationUrl: z.string().optional(), tokenUrl: z.string().optional() }).optional();

/** Where agents get tokens. Keys and secrets of its clients have no field here, and none in the mask. */
export const authProvider = z.object({
  name: z.string().regex(PROVIDER),
  allowedScopes: z.array(z.string()).optional(),
  state: z.string().optional(),
  deleted: z.boolean().optional(),
  createTime: z.iso.datetime({ offset: true }).optional(),
  authProviderTypeParams: z.object({ threeLeggedOauth: flow, twoLeggedOauth: flow }).optional(),
});
export type AuthProvider = z.infer<typeof authProvider>;
export const PROVIDER_FIELDS =
  'nextPageToken,unreachable,authProviders(name,allowedScopes,state,deleted,createTime,authProviderTypeParams(threeLeggedOauth(authorizationUrl,tokenUrl),twoLeggedOauth(tokenUrl)))';

/** An agent that used a provider: `principal://…`. */
export const workloadId = z.string().min(1);
export const WORKLOAD_FIELDS = 'nextPageToken,workloadIds';

/** What somebody let agents do at another service; whom, only the client says. */
export const authorization = z.object({
  name: z.string().regex(IN_PROVIDER),
  clientUserId: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  state: z.string().optional(),
  createTime: z.iso.datetime({ offset: true }).optional(),
});
export type Authorization = z.infer<typeof authorization>;
export const AUTHORIZATION_FIELDS = 'nextPageToken,unreachable,authorizations(name,clientUserId,scopes,state,createTime)';
