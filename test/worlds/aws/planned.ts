/** Reads that the outside facts plan for, by package of the SDK; anything else that is sent needs a reason. */
export const PLANNED: Readonly<Record<string, string>> = {
  iam: 'GetAccountAuthorizationDetails GenerateCredentialReport GetCredentialReport ListServiceSpecificCredentials ListOpenIDConnectProviders GetOpenIDConnectProvider ListSAMLProviders GetOutboundWebIdentityFederationInfo GetAccountSummary ListAccountAliases ListAccessKeys GetAccessKeyLastUsed GenerateServiceLastAccessedDetails GetServiceLastAccessedDetails GenerateOrganizationsAccessReport GetOrganizationsAccessReport ListRoles ListVirtualMFADevices ListDelegationRequests',
  sts: 'GetCallerIdentity AssumeRole',
  organizations: 'DescribeOrganization ListAccounts ListDelegatedAdministrators',
  cloudtrail: 'LookupEvents DescribeTrails GetEventSelectors',
  cloudwatch: 'ListMetrics',
  bedrock:
    'ListCustomModels ListImportedModels ListProvisionedModelThroughputs ListInferenceProfiles ListMarketplaceModelEndpoints ListCustomModelDeployments ListModelInvocationJobs ListGuardrails GetModelInvocationLoggingConfiguration',
  'bedrock-agent': 'ListAgents GetAgent ListKnowledgeBases ListFlows ListPrompts ListAgentAliases ListAgentActionGroups',
  'bedrock-agentcore-control':
    'ListAgentRuntimes GetAgentRuntime ListWorkloadIdentities GetWorkloadIdentity ListOauth2CredentialProviders GetOauth2CredentialProvider ListApiKeyCredentialProviders ListPaymentCredentialProviders ListGateways GetGateway ListGatewayTargets ListMemories ListBrowsers ListCodeInterpreters ListHarnesses',
  sagemaker: 'ListEndpoints ListNotebookInstances ListDomains ListUserProfiles ListPartnerApps ListMlflowTrackingServers',
  qbusiness: 'ListApplications ListPlugins ListIndices ListDataSources ListSubscriptions',
  'sso-admin':
    'ListInstances ListApplications DescribeApplication ListApplicationGrants ListApplicationAccessScopes ListApplicationAssignments ListTrustedTokenIssuers',
  'secrets-manager': 'ListSecrets',
  ssm: 'DescribeParameters',
  lambda: 'ListFunctions',
  ecs: 'ListTaskDefinitionFamilies DescribeTaskDefinition',
  eventbridge: 'ListConnections ListApiDestinations',
  'api-gateway': 'GetApiKeys',
  'cost-explorer': 'GetCostAndUsage',
  'marketplace-agreement': 'SearchAgreements DescribeAgreement GetAgreementTerms',
  accessanalyzer: 'ListAnalyzers ListFindingsV2',
  'resource-explorer-2': 'ListIndexes ListViews Search ListResources',
  'config-service': 'DescribeConfigurationAggregators SelectAggregateResourceConfig SelectResourceConfig',
  account: 'ListRegions',
  // Beyond those facts: who stands behind the ids of Identity Center.
  identitystore: 'ListUsers',
};
