import { expect, test } from 'vitest';
import type { FakeRequest } from '../../../src/testing/server.ts';
import { openWorld, type Fact, type World } from '../world.ts';
import { gapAt, json, plantAssets, project, refusals, service } from './plants.ts';
import { ID } from './statement.ts';

const PROJECTS = ['400500600700', '400500600800'] as const;
const BOTH = { collectors: ['agent_registry', 'agent_access'] };

/** Two projects that have both services of agents enabled. */
async function withAgents(): Promise<World> {
  const world = await openWorld(ID);
  plantAssets(
    world,
    PROJECTS.flatMap((number) => [
      project(number, `own-${number}`),
      service(number, 'agentregistry.googleapis.com'),
      service(number, 'agentidentity.googleapis.com'),
    ]),
  );
  return world;
}

test('a refused credential is one gap of the whole place, and no other project is asked', async () => {
  const world = await withAgents();
  world.plant('agentregistry.projects.locations.list', refusals.noScope);
  world.plant('agentidentity.projects.locations.accessSummaries.list', refusals.noScope);
  const night = await world.scan(BOTH);
  expect(night.gaps).toHaveLength(2);
  expect(gapAt(night, 'agent_registry', '/agents')?.reason).toBe('permission_denied');
  expect(gapAt(night, 'agent_access', '/agent_access')?.reason).toBe('permission_denied');
  expect(world.asked.filter(({ operation }) => /^agent(registry|identity)\./.test(operation ?? ''))).toHaveLength(2);
});

test('a project that may not be read is a gap of its own', async () => {
  const world = await withAgents();
  world.plant('agentidentity.projects.locations.accessSummaries.list', ({ params }) =>
    params['project'] === PROJECTS[0] ? refusals.forbidden() : json({}),
  );
  const night = await world.scan({ collectors: ['agent_access'] });
  expect(night.gaps).toHaveLength(1);
  expect(gapAt(night, 'agent_access', `/agent_access/${PROJECTS[0]}`)?.reason).toBe('permission_denied');
});

const REGISTRY = 'agentregistry.projects.locations';
const HERE = 'projects/own-400500600700/locations/europe-west1';

/** One location of the first project has these agents, and an application of these members. */
function plantAgents(world: World, agents: readonly object[], members: readonly string[] = []): void {
  const inFirst = (field: string, rows: readonly object[]) => (request: FakeRequest) =>
    json(request.params['project'] === PROJECTS[0] && rows.length > 0 ? { [field]: rows } : {});
  const application = { name: `${HERE}/aiApplications/app1`, attributes: { businessOwners: [{ email: 'owner@lanternworks.example' }] } };
  world.plant(`${REGISTRY}.list`, inFirst('locations', [{ locationId: 'europe-west1' }]));
  world.plant(`${REGISTRY}.aiApplications.list`, inFirst('aiApplications', [application]));
  world.plant(
    `${REGISTRY}.aiApplications.agents.list`,
    inFirst(
      'agents',
      members.map((name) => ({ name })),
    ),
  );
  world.plant(`${REGISTRY}.agents.list`, inFirst('agents', agents));
}

async function agentsAfter(world: World, night = 0): Promise<Fact[]> {
  const { facts, gaps } = await world.scan({ collectors: ['agent_registry'], night });
  expect(gaps).toEqual([]);
  return facts.filter(({ kind }) => kind === 'agent');
}

test.each([
  [HERE, 1],
  [`projects/${PROJECTS[0]}/locations/europe-west1`, 1],
  ['projects/own-400500600700/locations/us-central1', 0],
  ['projects/own-400500600800/locations/europe-west1', 0],
])('an application whose member is in %s gives the agent of that name here %i owners', async (place, owners) => {
  const world = await withAgents();
  plantAgents(world, [{ name: `${HERE}/agents/a1` }], [`${place}/agents/a1`]);
  const [agent, ...others] = await agentsAfter(world);
  expect(others).toEqual([]);
  expect(agent!.attributes['ownerCandidates']).toHaveLength(owners);
});

test.each(['uid', 'agentId'])('an agent is known by its %s: a name that another one took over is another agent', async (field) => {
  const world = await withAgents();
  const states = async (night: number) =>
    (await agentsAfter(world, night))
      .map(({ subject, attributes, state }) => `${subject.app} ${attributes['registeredAs'] as string} ${state}`)
      .toSorted();
  const named = (name: string, id: string) => ({ name: `${HERE}/agents/${name}`, [field]: id });
  const app = (id: string) => `agent/${PROJECTS[0]}/europe-west1/${id}`;
  plantAgents(world, [named('a1', 'first')]);
  expect(await states(0)).toEqual([`${app('first')} a1 present`]);
  plantAgents(world, [named('a1', 'second')]);
  expect(await states(1)).toEqual([`${app('first')} a1 gone`, `${app('second')} a1 present`]);
});

test('an agent without an id of its own is known by its name', async () => {
  const world = await withAgents();
  plantAgents(world, [{ name: `${HERE}/agents/a1` }]);
  const [agent] = await agentsAfter(world);
  expect(agent!.subject).toEqual({ app: `agent/${PROJECTS[0]}/europe-west1/a1`, name: 'a1' });
});
