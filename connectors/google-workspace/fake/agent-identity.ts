import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { AGENTS, ALL, LIST, locationOf, nameOf, ownProject, PROVIDERS, SUMMARIES, workload } from './agents.ts';
import { DATA_PROJECT } from './cloud.ts';
import { answerRows } from './lists.ts';
import { type Shape, shapeOf } from './mask.ts';
import { query } from './parameters.ts';
import { Refused, refusal } from './refusals.ts';
import type { World } from './world.ts';

/** Answers of the identities of agents: what they used, and the grants that they hold. */

export function listSummaries(world: World, request: FakeRequest): FakeAnswer {
  if (request.params['location'] === ALL) ownProject(world, request);
  const here = request.params['location'] === ALL ? undefined : locationOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = SUMMARIES.filter(({ agent }) => (here ?? agent.location) === agent.location).map(({ agent, id, user }) => ({
    name: `projects/${DATA_PROJECT.id}/locations/${agent.location}/accessSummaries/${id}`,
    workloadId: workload(agent),
    userId: world.company.person(user).email,
    scopes: ['https://www.googleapis.com/auth/drive.readonly'],
    tokenUrl: 'https://oauth2.googleapis.com/token',
    firstAccessTime: world.company.ago(30).toISOString(),
    lastAccessTime: world.company.ago(2).toISOString(),
    purgeTime: world.company.ago(-60).toISOString(),
  }));
  const summary = shapeOf(
    'authProvider authProviderType firstAccessTime labels lastAccessTime name purgeTime scopes tokenUrl userId workloadId',
  );
  const shape: Shape = { nextPageToken: true, unreachable: true, accessSummaries: summary };
  return answerRows(rows, request, values, { ...LIST, usual: 100, field: 'accessSummaries', shape });
}

export function listProviders(world: World, request: FakeRequest): FakeAnswer {
  ownProject(world, request);
  const here = request.params['location'] === ALL ? undefined : locationOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = PROVIDERS.filter(({ location }) => (here ?? location) === location).map((provider) => ({
    name: nameOf(provider),
    state: 'ENABLED',
    deleted: false,
    createTime: world.company.ago(90).toISOString(),
    ...(provider.allowedScopes && { allowedScopes: provider.allowedScopes }),
    authProviderTypeParams: provider.params,
  }));
  const params: Shape = {
    apiKey: shapeOf('apiKey'),
    geAuthProvider: true,
    threeLeggedOauth: shapeOf('authorizationUrl clientId clientSecret defaultContinueUri enablePkce redirectUrl tokenUrl'),
    twoLeggedOauth: shapeOf('clientId clientSecret tokenUrl'),
  };
  const provider: Shape = {
    ...shapeOf('allowedScopes blockedScopes createTime deleted description expireTime labels name state updateTime workloadIds'),
    authProviderTypeParams: params,
  };
  const shape: Shape = { nextPageToken: true, unreachable: true, authProviders: provider };
  return answerRows(rows, request, values, { ...LIST, usual: 100, field: 'authProviders', shape });
}

function providerAt(world: World, request: FakeRequest): (typeof PROVIDERS)[number] {
  const here = locationOf(world, request);
  const found = PROVIDERS.find(({ id, location }) => id === request.params['provider'] && location === here);
  if (!found) throw new Refused(refusal(404));
  return found;
}

export function queryWorkloads(world: World, request: FakeRequest): FakeAnswer {
  const provider = providerAt(world, request);
  const values = query(request, ['pageSize', 'pageToken']);
  const ids: readonly string[] = provider.agents;
  const rows = AGENTS.filter(({ id }) => ids.includes(id)).map(workload);
  const shape: Shape = { nextPageToken: true, workloadIds: true };
  return answerRows(rows, request, values, { ...LIST, usual: 100, field: 'workloadIds', shape });
}

export function listAuthorizations(world: World, request: FakeRequest): FakeAnswer {
  const provider = providerAt(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = provider.grants.map(({ id, user, state }) => ({
    name: `${nameOf(provider)}/authorizations/${id}`,
    clientUserId: world.company.person(user).email,
    scopes: ['read_content'],
    state,
    createTime: world.company.ago(30 + user).toISOString(),
  }));
  const shape: Shape = {
    nextPageToken: true,
    unreachable: true,
    authorizations: shapeOf('clientUserId createTime name scopes state updateTime'),
  };
  return answerRows(rows, request, values, { ...LIST, usual: 100, field: 'authorizations', shape });
}
