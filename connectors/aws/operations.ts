import type { Operation } from '../../src/connector/index.ts';

/**
 * Everything that this connector may ever send. AWS's query protocol posts a form to `/` in which `Action` names the operation;
 * its JSON protocol names it in a header; its REST protocol has a path for each. Origins are the services, one address a region.
 */
export const operations = [
  // Answers every valid credential, whatever its policies say.
  { id: 'sts.GetCallerIdentity', ...toSts('GetCallerIdentity'), class: 'read', permission: 'sts:GetCallerIdentity' },
  { id: 'sts.AssumeRole', ...toSts('AssumeRole'), class: 'auth', permission: 'sts:AssumeRole' },
  iam('GetAccountAuthorizationDetails'),
  // Starts a report that AWS keeps for four hours; IAM classes it as a read.
  iam('GenerateCredentialReport'),
  iam('GetCredentialReport'),
  iam('ListServiceSpecificCredentials'),
  // Starts a report too, about one principal.
  iam('GenerateServiceLastAccessedDetails'),
  iam('GetServiceLastAccessedDetails'),
  iam('ListOpenIDConnectProviders'),
  iam('GetOpenIDConnectProvider'),
  iam('ListSAMLProviders'),
  iam('GetOutboundWebIdentityFederationInfo'),
  json('organizations', 'DescribeOrganization', 'organizations'),
  json('organizations', 'ListAccounts', 'organizations'),
  rest('account', 'ListRegions', 'account', 'POST', '/listRegions'),
  rest('bedrock-agentcore-control', 'ListAgentRuntimes', 'bedrock-agentcore', 'POST', '/runtimes/'),
  rest('bedrock-agentcore-control', 'GetAgentRuntime', 'bedrock-agentcore', 'GET', '/runtimes/{agentRuntimeId}/'),
  rest('bedrock-agentcore-control', 'ListWorkloadIdentities', 'bedrock-agentcore', 'POST', '/identities/ListWorkloadIdentities'),
  rest(
    'bedrock-agentcore-control',
    'ListOauth2CredentialProviders',
    'bedrock-agentcore',
    'POST',
    '/identities/ListOauth2CredentialProviders',
  ),
  rest('bedrock-agentcore-control', 'GetOauth2CredentialProvider', 'bedrock-agentcore', 'POST', '/identities/GetOauth2CredentialProvider'),
  rest(
    'bedrock-agentcore-control',
    'ListApiKeyCredentialProviders',
    'bedrock-agentcore',
    'POST',
    '/identities/ListApiKeyCredentialProviders',
  ),
  rest('bedrock-agentcore-control', 'ListGateways', 'bedrock-agentcore', 'GET', '/gateways/'),
  rest('bedrock-agentcore-control', 'ListGatewayTargets', 'bedrock-agentcore', 'GET', '/gateways/{gatewayIdentifier}/targets/'),
  rest('bedrock-agentcore-control', 'ListMemories', 'bedrock-agentcore', 'POST', '/memories/'),
  rest('bedrock-agentcore-control', 'ListBrowsers', 'bedrock-agentcore', 'POST', '/browsers'),
  rest('bedrock-agentcore-control', 'ListCodeInterpreters', 'bedrock-agentcore', 'POST', '/code-interpreters'),
  rest('bedrock-agent', 'ListAgents', 'bedrock', 'POST', '/agents/'),
  rest('bedrock-agent', 'GetAgent', 'bedrock', 'GET', '/agents/{agentId}/'),
  rest('bedrock-agent', 'ListKnowledgeBases', 'bedrock', 'POST', '/knowledgebases/'),
  rest('bedrock-agent', 'ListFlows', 'bedrock', 'GET', '/flows/'),
  rest('bedrock', 'ListCustomModels', 'bedrock', 'GET', '/custom-models'),
  rest('bedrock', 'ListImportedModels', 'bedrock', 'GET', '/imported-models'),
  rest('bedrock', 'ListProvisionedModelThroughputs', 'bedrock', 'GET', '/provisioned-model-throughputs'),
  rest('bedrock', 'ListInferenceProfiles', 'bedrock', 'GET', '/inference-profiles'),
  rest('bedrock', 'ListGuardrails', 'bedrock', 'GET', '/guardrails'),
  rest('bedrock', 'GetModelInvocationLoggingConfiguration', 'bedrock', 'GET', '/logging/modelinvocations'),
  rest('qbusiness', 'ListApplications', 'qbusiness', 'GET', '/applications'),
  rest('qbusiness', 'ListPlugins', 'qbusiness', 'GET', '/applications/{applicationId}/plugins'),
  rest('qbusiness', 'ListIndices', 'qbusiness', 'GET', '/applications/{applicationId}/indices'),
  rest('qbusiness', 'ListDataSources', 'qbusiness', 'GET', '/applications/{applicationId}/indices/{indexId}/datasources'),
  rest('qbusiness', 'ListSubscriptions', 'qbusiness', 'GET', '/applications/{applicationId}/subscriptions'),
  json('cloudtrail', 'LookupEvents', 'cloudtrail'),
  json('cloudwatch', 'ListMetrics', 'cloudwatch'),
  json('sagemaker', 'ListEndpoints', 'sagemaker'),
  json('sagemaker', 'ListNotebookInstances', 'sagemaker'),
  json('sagemaker', 'ListPartnerApps', 'sagemaker'),
  json('sso-admin', 'ListInstances', 'sso'),
  json('sso-admin', 'ListApplications', 'sso'),
  json('sso-admin', 'ListApplicationGrants', 'sso'),
  json('sso-admin', 'ListApplicationAccessScopes', 'sso'),
  json('sso-admin', 'ListApplicationAssignments', 'sso'),
  json('identitystore', 'ListUsers', 'identitystore'),
  json('marketplace-agreement', 'SearchAgreements', 'aws-marketplace'),
  json('eventbridge', 'ListApiDestinations', 'events'),
  json('secrets-manager', 'ListSecrets', 'secretsmanager'),
  json('ssm', 'DescribeParameters', 'ssm'),
  rest('lambda', 'ListFunctions', 'lambda', 'GET', '/2015-03-31/functions'),
  json('ecs', 'ListTaskDefinitionFamilies', 'ecs'),
  json('ecs', 'DescribeTaskDefinition', 'ecs'),
] as const satisfies readonly Operation[];

export type AwsOperation = (typeof operations)[number]['id'];

function iam<const Action extends string>(action: Action) {
  const id = `iam.${action}` as const;
  const permission = `iam:${action}` as const;
  return { id, method: 'POST', origin: 'iam', path: '/', action, class: 'read', permission } as const;
}

function toSts<const Action extends string>(action: Action) {
  return { method: 'POST', origin: 'sts', path: '/', action } as const;
}

/** A service is called here as its package of the SDK is; policies call it by another name now and then. */
function json<const Service extends string, const Action extends string>(service: Service, action: Action, prefix: string) {
  const id = `${service}.${action}` as const;
  return { id, method: 'POST', origin: service, path: '/', action, class: 'read', permission: `${prefix}:${action}` } as const;
}

function rest<const Service extends string, const Action extends string>(
  service: Service,
  action: Action,
  prefix: string,
  method: 'GET' | 'POST',
  path: string,
) {
  const id = `${service}.${action}` as const;
  return { id, method, origin: service, path, class: 'read', permission: `${prefix}:${action}` } as const;
}
