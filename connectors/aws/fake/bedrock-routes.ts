import { modelArn } from './regions.ts';
import { found, iso, list, PAGE, rest, type ServiceRoute } from './service-route.ts';

/** Agents, knowledge bases, flows and models. */
export const BEDROCK_ROUTES: readonly ServiceRoute[] = [
  list(
    'bedrock-agent.ListAgents',
    'bedrock',
    'POST',
    '/agents/',
    PAGE('agentSummaries', 1000),
    ({ agents }) => agents,
    (item) => ({
      agentId: item.id,
      agentName: item.name,
      agentStatus: 'PREPARED',
      updatedAt: iso(item.created),
    }),
  ),
  {
    ...rest('bedrock-agent.GetAgent', 'bedrock', 'GET', '/agents/{agentId}/'),
    answer({ world, region, request }) {
      const item = found(region.agents.find(({ id }) => id === request.params['agentId']));
      return {
        agent: {
          agentId: item.id,
          agentName: item.name,
          agentArn: modelArn(region.name, world.account, 'agent', item.id),
          agentVersion: 'DRAFT',
          agentStatus: 'PREPARED',
          idleSessionTTLInSeconds: 1800,
          agentResourceRoleArn: item.role,
          foundationModel: item.model,
          createdAt: iso(item.created),
          updatedAt: iso(item.created),
        },
      };
    },
  },
  list(
    'bedrock-agent.ListKnowledgeBases',
    'bedrock',
    'POST',
    '/knowledgebases/',
    PAGE('knowledgeBaseSummaries', 1000),
    ({ knowledgeBases }) => knowledgeBases,
    (item) => ({
      knowledgeBaseId: item.id,
      name: item.name,
      status: 'ACTIVE',
      updatedAt: iso(item.updated),
    }),
  ),
  list(
    'bedrock-agent.ListFlows',
    'bedrock',
    'GET',
    '/flows/',
    PAGE('flowSummaries', 1000),
    ({ flows }) => flows,
    (item, { account, region }) => ({
      id: item.id,
      name: item.name,
      arn: modelArn(region, account, 'flow', item.id),
      status: 'Prepared',
      createdAt: iso(item.created),
      updatedAt: iso(item.created),
      version: 'DRAFT',
    }),
  ),
  list(
    'bedrock.ListCustomModels',
    'bedrock',
    'GET',
    '/custom-models',
    PAGE('modelSummaries', 1000),
    ({ customModels }) => customModels,
    (item, { account, region }) => ({
      modelArn: modelArn(region, account, 'custom-model', item.name),
      modelName: item.name,
      creationTime: iso(item.created),
      baseModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0',
      baseModelName: 'amazon.nova-lite',
    }),
  ),
  list(
    'bedrock.ListImportedModels',
    'bedrock',
    'GET',
    '/imported-models',
    PAGE('modelSummaries', 1000),
    ({ importedModels }) => importedModels,
    (item, { account, region }) => ({
      modelArn: modelArn(region, account, 'imported-model', item.name),
      modelName: item.name,
      creationTime: iso(item.created),
      modelArchitecture: 'llama',
    }),
  ),
  list(
    'bedrock.ListProvisionedModelThroughputs',
    'bedrock',
    'GET',
    '/provisioned-model-throughputs',
    PAGE('provisionedModelSummaries', 1000),
    ({ provisioned }) => provisioned,
    (item, { account, region }) => ({
      provisionedModelName: item.name,
      provisionedModelArn: modelArn(region, account, 'provisioned-model', item.name),
      modelArn: modelArn(region, account, 'custom-model', item.name),
      desiredModelArn: modelArn(region, account, 'custom-model', item.name),
      foundationModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0',
      modelUnits: 1,
      desiredModelUnits: 1,
      status: 'InService',
      creationTime: iso(item.created),
      lastModifiedTime: iso(item.created),
    }),
  ),
  list(
    'bedrock.ListInferenceProfiles',
    'bedrock',
    'GET',
    '/inference-profiles',
    PAGE('inferenceProfileSummaries', 1000),
    ({ profiles }) => profiles,
    (item, { account, region }) => ({
      inferenceProfileName: item.name,
      inferenceProfileArn: modelArn(region, account, 'application-inference-profile', item.name),
      inferenceProfileId: item.name,
      models: [{ modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0' }],
      status: 'ACTIVE',
      type: 'APPLICATION',
      createdAt: iso(item.created),
      updatedAt: iso(item.created),
    }),
  ),
  list(
    'bedrock.ListGuardrails',
    'bedrock',
    'GET',
    '/guardrails',
    PAGE('guardrails', 1000),
    ({ guardrails }) => guardrails,
    (item, { account, region }) => ({
      id: item.id,
      arn: modelArn(region, account, 'guardrail', item.id),
      name: item.name,
      status: 'READY',
      version: 'DRAFT',
      createdAt: iso(item.created),
      updatedAt: iso(item.created),
    }),
  ),
  {
    ...rest('bedrock.GetModelInvocationLoggingConfiguration', 'bedrock', 'GET', '/logging/modelinvocations'),
    // Where nothing is configured, the member is left out.
    answer: ({ region: { logging } }) =>
      logging
        ? {
            loggingConfig: {
              s3Config: { bucketName: logging.bucket, keyPrefix: 'calls' },
              textDataDeliveryEnabled: logging.text,
              imageDataDeliveryEnabled: false,
              embeddingDataDeliveryEnabled: false,
            },
          }
        : {},
  },
];
