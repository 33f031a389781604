import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/connector/index.ts';
import { google, read } from './one-collector.ts';

const ID = 'cloud_projects';

/** All that a statement says, but where it was found and who was asked. */
function said({ scope: _scope, evidence: _evidence, ...rest }: Observation): Omit<Observation, 'scope' | 'evidence'> {
  return rest;
}

const byThing = (one: { thing: string }, other: { thing: string }) => (one.thing < other.thing ? -1 : 1);

describe('Google Cloud, project by project', () => {
  it('states what the inventory of assets states, under the same ids, but for identity pools', async () => {
    const [server, inventory] = [await google(), await google()];
    const { observations, gaps } = await read(server, ID);
    const assets = (await read(inventory, 'cloud_assets')).observations.filter(({ kind }) => kind !== 'trust');
    expect(gaps).toEqual([]);
    expect(observations.map(said).toSorted(byThing)).toEqual(assets.map(said).toSorted(byThing));
    expect(server.requests.map(({ operation }) => operation)).not.toContain('cloudasset.assets.list');
  });

  it('sends one request for the organisation, two for each place that holds projects, and four for each project with an account', async () => {
    const { requests } = await read(await google(), ID);
    // Two projects have a service account each, and its keys; the third has none.
    expect(requests).toBe(1 + 2 * 2 + 4 + 4 + 3);
  });

  it('reads the projects that it may see where a folder is refused, and claims nothing of the others', async () => {
    const server = await google();
    server.faults.add({ operation: 'cloudresourcemanager.projects.list', fault: 403, where: 'folders' });
    const { account, observations, gaps, covered } = await read(server, ID);
    const place = `${account}/cloud_project`;
    const projects = observations.filter(({ thing }) => thing.startsWith('project/')).map(({ scope }) => scope);
    expect(projects).toHaveLength(2);
    expect(gaps).toMatchObject([{ scope: place, reason: 'permission_denied', permission: 'resourcemanager.projects.list' }]);
    // The gap lies over what was not seen, and each project that was seen claims itself.
    expect(covered.toSorted()).toEqual([place, ...projects.map((scope) => scope.split('/').slice(0, 4).join('/'))].toSorted());
  });

  it('says that it does not know what a key without limits may call where services are refused', async () => {
    const server = await google();
    server.revoke('serviceusage.services.list');
    const { observations, gaps } = await read(server, ID);
    const keys = observations.filter(({ thing }) => thing.startsWith('api_key/'));
    expect(keys.map(({ subject }) => subject.name).toSorted()).toEqual(['Gemini prototype', 'Maps on the web site']);
    const unknown = gaps.filter(({ effect }) => effect.startsWith('What a key without limits may call'));
    expect(unknown).toHaveLength(2);
  });

  it('asks nothing of a project whose deletion was asked for', async () => {
    const server = await google();
    const projects = [{ name: 'projects/123', projectId: 'going', state: 'DELETE_REQUESTED' }];
    server.plant('cloudresourcemanager.projects.list', (_request, nth) => ({ status: 200, body: nth === 1 ? { projects } : {} }));
    const { account, observations, gaps, covered, requests } = await read(server, ID);
    expect(observations).toMatchObject([{ thing: 'project/123', attributes: { state: 'DELETE_REQUESTED' } }]);
    expect(gaps).toEqual([]);
    expect(covered).toContain(`${account}/cloud_project/123`);
    expect(requests).toBe(1 + 2 * 2);
  });

  it.each([undefined, 'STATE_UNSPECIFIED', 'ARCHIVED'])(
    'claims nothing of a project that it does not ask, in the state %s',
    async (state) => {
      const server = await google();
      const projects = [{ name: 'projects/123', projectId: 'odd', ...(state !== undefined && { state }) }];
      server.plant('cloudresourcemanager.projects.list', (_request, nth) => ({ status: 200, body: nth === 1 ? { projects } : {} }));
      const { account, observations, gaps, covered, requests } = await read(server, ID);
      expect(observations).toMatchObject([{ thing: 'project/123' }]);
      expect(gaps).toMatchObject([{ scope: `${account}/cloud_project/123`, reason: 'provider_error' }]);
      expect(covered).toEqual([`${account}/cloud_project`]);
      expect(requests).toBe(1 + 2 * 2);
    },
  );
});
