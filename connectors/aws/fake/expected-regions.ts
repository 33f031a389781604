import type { Expected } from '../../../src/testing/fake.ts';
import { expectedInIdentityCenter } from './identity-center.ts';
import { modelArn, partnerAppId, type Region } from './regions.ts';

/** Names that a complete scan keeps, written down beside the variables and never computed from them. */
const KEPT = new Set(['OPENAI_API_KEY', 'GROQ_API_KEY', 'ANTHROPIC_API_KEY', 'COHERE_API_KEY', 'PINECONE_API_KEY']);

export function expectedIn(region: Region, account: string): Expected[] {
  const named = (kind: Expected['kind'], ...ids: string[]): Expected => ({ kind, ids: [region.name, ...ids] });
  const kept = (holder: string, names: readonly string[]) =>
    names.filter((name) => KEPT.has(name)).map((name) => named('secret_name', holder, name));
  return [
    ...region.runtimes.map(({ id }) => named('agent', 'agent_runtime', id)),
    ...region.runtimes.map(({ id }) => named('service_account', 'role_use', 'agent_runtime', id)),
    ...region.runtimes.flatMap(({ id, variables }) => kept(`agent_runtime:${id}`, Object.keys(variables))),
    ...region.workloads.map((name) => named('agent', 'workload_identity', name)),
    ...region.gateways.map(({ id }) => named('agent', 'gateway', id)),
    ...region.gateways.map(({ id }) => named('vendor_integration', 'gateway_targets', id)),
    ...region.memories.map(({ id }) => named('vendor_integration', 'memory', id)),
    ...region.browsers.map(({ id }) => named('vendor_integration', 'browser', id)),
    ...region.interpreters.map(({ id }) => named('vendor_integration', 'code_interpreter', id)),
    ...region.guardrails.map(({ id }) => named('control', 'guardrail', id)),
    // That nothing is logged is a fact as well.
    named('control', 'invocation_logging'),
    ...region.agents.map(({ id }) => named('agent', id)),
    ...region.agents.map(({ id }) => named('service_account', 'role_use', id)),
    ...region.flows.map(({ id }) => named('agent', id)),
    ...region.assistants.flatMap((assistant) => [
      named('agent', 'q_application', assistant.id),
      ...assistant.plugins.map(({ id }) => named('vendor_integration', 'q_plugin', id)),
      ...assistant.indices.flatMap(({ sources }) => sources.map(({ id }) => named('vendor_integration', 'q_data_source', id))),
      ...assistant.seats.map(({ id }) => named('seat', 'q_subscription', id)),
    ]),
    ...region.agreements.map(({ id, ends }): Expected => ({
      kind: 'vendor_integration',
      ids: ['marketplace_agreement', id],
      ...(ends && { expiresAt: ends.toISOString() }),
    })),
    ...(region.identityCenter ? expectedInIdentityCenter(region.identityCenter) : []),
    ...region.keyProviders.map(({ name }) => named('api_key', 'api_key_provider', name)),
    ...region.oauthProviders.map(({ name }) => named('vendor_integration', 'oauth_provider', name)),
    ...region.knowledgeBases.map(({ id }) => named('vendor_integration', id)),
    ...modelArns(region, account).map((arn) => named('vendor_integration', arn)),
    ...region.endpoints.map(({ name }) => named('vendor_integration', `endpoint/${name}`)),
    ...region.notebooks.map(({ name }) => named('vendor_integration', `notebook-instance/${name}`)),
    ...region.partnerApps.map(({ name }) => named('vendor_integration', `partner-app/${partnerAppId(name)}`)),
    ...region.destinations.map(({ name }) => named('vendor_integration', 'api_destination', name)),
    ...region.secrets.map(({ name }) => named('secret_name', 'secretsmanager', name)),
    ...region.parameters.map(({ name }) => named('secret_name', 'ssm', name)),
    ...region.functions.flatMap(({ name, variables }) => kept(`lambda:${name}`, Object.keys(variables ?? {}))),
    ...region.tasks.flatMap(({ family, variables, secrets }) => kept(`ecs:${family}`, [...Object.keys(variables), ...secrets])),
  ];
}

function modelArns({ name: region, customModels, importedModels, provisioned, profiles }: Region, account: string): string[] {
  const arns = (what: string, list: readonly { name: string }[]) => list.map(({ name }) => modelArn(region, account, what, name));
  return [
    ...arns('custom-model', customModels),
    ...arns('imported-model', importedModels),
    ...arns('provisioned-model', provisioned),
    ...arns('application-inference-profile', profiles),
  ];
}
