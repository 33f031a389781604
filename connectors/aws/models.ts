import { z } from 'zod';
import { path, type Observation } from '../../src/connector/index.ts';
import { agent, roleUse } from './agents.ts';
import { consoleOf, regionalFact, regionalList, type Place } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

const PAGE = { size: 'maxResults', token: 'nextToken', next: 'nextToken', largest: 1000 } as const;
const name = z.string().min(1);
const time = z.date().optional();

const classicAgents = regionalList({
  operation: 'bedrock-agent.ListAgents',
  what: 'agent',
  place: 'agent',
  purpose: 'List agents',
  page: { ...PAGE, items: 'agentSummaries' },
  item: z.object({ agentId: name, agentName: name }),
  id: ({ agentId }) => agentId,
  detail: {
    operation: 'bedrock-agent.GetAgent',
    purpose: 'Read the role and the model of an agent',
    input: ({ agentId }) => ({ agentId }),
    schema: z.object({
      agent: z.object({
        agentArn: name,
        agentStatus: z.string(),
        agentResourceRoleArn: z.string().optional(),
        foundationModel: z.string().optional(),
        createdAt: time,
      }),
    }),
  },
  observe: (item, { agent: detail }, place) => [
    agent(place, 'agent', {
      id: item.agentId,
      name: item.agentName,
      createdAt: detail.createdAt,
      attributes: {
        arn: detail.agentArn,
        status: detail.agentStatus,
        ...(detail.agentResourceRoleArn !== undefined && { roleArn: detail.agentResourceRoleArn }),
        ...(detail.foundationModel !== undefined && { model: detail.foundationModel }),
      },
    }),
    ...roleUse(place, { what: 'agent', id: item.agentId, name: item.agentName, roleArn: detail.agentResourceRoleArn }),
  ],
});

const knowledgeBases = regionalList({
  operation: 'bedrock-agent.ListKnowledgeBases',
  what: 'knowledge base',
  place: 'knowledge_base',
  purpose: 'List knowledge bases: data of the company that models answer from',
  page: { ...PAGE, items: 'knowledgeBaseSummaries' },
  item: z.object({ knowledgeBaseId: name, name, status: z.string() }),
  id: ({ knowledgeBaseId }) => knowledgeBaseId,
  observe: (item, _none, place) => [
    agent(place, 'knowledge_base', {
      id: item.knowledgeBaseId,
      name: item.name,
      kind: 'vendor_integration',
      attributes: { status: item.status },
    }),
  ],
});

const flows = regionalList({
  operation: 'bedrock-agent.ListFlows',
  what: 'flow',
  place: 'flow',
  purpose: 'List flows of prompts and models',
  page: { ...PAGE, items: 'flowSummaries' },
  item: z.object({ id: name, name, arn: name, status: z.string(), createdAt: time }),
  id: ({ id }) => id,
  observe: (item, _none, place) => [
    agent(place, 'flow', { id: item.id, name: item.name, createdAt: item.createdAt, attributes: { arn: item.arn, status: item.status } }),
  ],
});

const customModels = regionalList({
  operation: 'bedrock.ListCustomModels',
  what: 'custom model',
  place: 'custom_model',
  purpose: 'List models that were trained further',
  page: { ...PAGE, items: 'modelSummaries' },
  item: z.object({ modelArn: name, modelName: name, baseModelArn: z.string().optional(), creationTime: time }),
  id: ({ modelArn }) => modelArn,
  observe: (item, _none, place) => [
    agent(place, 'custom_model', {
      id: item.modelArn,
      name: item.modelName,
      kind: 'vendor_integration',
      createdAt: item.creationTime,
      attributes: { arn: item.modelArn, ...(item.baseModelArn !== undefined && { model: item.baseModelArn }) },
    }),
  ],
});

const importedModels = regionalList({
  operation: 'bedrock.ListImportedModels',
  what: 'imported model',
  place: 'imported_model',
  purpose: 'List models that were brought along',
  page: { ...PAGE, items: 'modelSummaries' },
  item: z.object({ modelArn: name, modelName: name, modelArchitecture: z.string().optional(), creationTime: time }),
  id: ({ modelArn }) => modelArn,
  observe: (item, _none, place) => [
    agent(place, 'imported_model', {
      id: item.modelArn,
      name: item.modelName,
      kind: 'vendor_integration',
      createdAt: item.creationTime,
      attributes: { arn: item.modelArn, ...(item.modelArchitecture !== undefined && { architecture: item.modelArchitecture }) },
    }),
  ],
});

const provisioned = regionalList({
  operation: 'bedrock.ListProvisionedModelThroughputs',
  what: 'provisioned throughput',
  place: 'provisioned_model',
  purpose: 'List models that are paid for by the hour',
  page: { ...PAGE, items: 'provisionedModelSummaries' },
  item: z.object({
    provisionedModelArn: name,
    provisionedModelName: name,
    modelArn: name,
    modelUnits: z.number(),
    status: z.string(),
    creationTime: time,
  }),
  id: ({ provisionedModelArn }) => provisionedModelArn,
  observe: (item, _none, place) => [
    agent(place, 'provisioned_model', {
      id: item.provisionedModelArn,
      name: item.provisionedModelName,
      kind: 'vendor_integration',
      createdAt: item.creationTime,
      attributes: { arn: item.provisionedModelArn, model: item.modelArn, units: item.modelUnits, status: item.status },
    }),
  ],
});

const profiles = regionalList({
  operation: 'bedrock.ListInferenceProfiles',
  what: 'inference profile',
  place: 'inference_profile',
  purpose: 'List the profiles that applications call models by',
  // Those of AWS itself are in every account.
  input: { typeEquals: 'APPLICATION' },
  page: { ...PAGE, items: 'inferenceProfileSummaries' },
  item: z.object({ inferenceProfileArn: name, inferenceProfileName: name, status: z.string(), createdAt: time }),
  id: ({ inferenceProfileArn }) => inferenceProfileArn,
  observe: (item, _none, place) => [
    agent(place, 'inference_profile', {
      id: item.inferenceProfileArn,
      name: item.inferenceProfileName,
      kind: 'vendor_integration',
      createdAt: item.createdAt,
      attributes: { arn: item.inferenceProfileArn, status: item.status },
    }),
  ],
});

const guardrails = regionalList({
  operation: 'bedrock.ListGuardrails',
  what: 'guardrail',
  place: 'guardrail',
  purpose: 'List what holds models back',
  page: { ...PAGE, items: 'guardrails' },
  item: z.object({ id: name, arn: name, name, status: z.string(), version: z.string().optional(), createdAt: time }),
  id: ({ id }) => id,
  observe: (item, _none, place) => [
    control(place, path('guardrail', place.region, item.id), item.name, { arn: item.arn, status: item.status }),
  ],
});

const delivered = z.boolean().optional();

const logging = regionalFact({
  operation: 'bedrock.GetModelInvocationLoggingConfiguration',
  what: 'Whether calls of models are logged',
  place: 'invocation_logging',
  purpose: 'Know whether calls of models are logged, and where to',
  schema: z.object({
    loggingConfig: z
      .object({
        cloudWatchConfig: z.object({}).optional(),
        s3Config: z.object({}).optional(),
        textDataDeliveryEnabled: delivered,
        imageDataDeliveryEnabled: delivered,
        embeddingDataDeliveryEnabled: delivered,
      })
      .optional(),
  }),
  observe: ({ loggingConfig: config }, place) =>
    control(place, path('invocation_logging', place.region), `logging of calls in ${place.region}`, {
      callsLogged: config !== undefined,
      ...(config && {
        to: [...(config.cloudWatchConfig ? ['cloudwatch'] : []), ...(config.s3Config ? ['s3'] : [])],
        // Prompts and answers themselves stand in the log then.
        text: config.textDataDeliveryEnabled ?? false,
        images: config.imageDataDeliveryEnabled ?? false,
        embeddings: config.embeddingDataDeliveryEnabled ?? false,
      }),
    }),
});

/** What the customer has set up to keep watch. */
function control(place: Place, id: string, name: string, attributes: Observation['attributes']): Observation {
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'control',
    scope: place.scope,
    subject: { app: id, name },
    signals: [],
    permissions: [],
    attributes: { region: place.region, ...attributes },
    evidence: { source: place.source, url: consoleOf(place) },
  };
}

/** What the account has of its own at the model service: agents, data, models, capacity. */
export const models = regionalCollector({
  id: 'models',
  version: 3,
  title: 'Models, agents and knowledge bases',
  kinds: ['agent', 'vendor_integration', 'control', 'service_account'],
  lists: [classicAgents, knowledgeBases, flows, customModels, importedModels, provisioned, profiles, guardrails, logging],
  limits: [
    'Models that AWS offers to everybody leave nothing in the account: their use is no list',
    'Which calls a guardrail holds back is not read; prompts, batch jobs and marketplace endpoints are not read yet',
  ],
});
