import { expect, test } from 'vitest';
import { openWorld, type World } from '../world.ts';
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
