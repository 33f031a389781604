import { describe, expect, test } from 'vitest';
import type { FakeAnswer } from '../../../src/testing/server.ts';
import { openWorld, type Night, type World } from '../../worlds/world.ts';

/** Alone, and beside the organisations in which the App is installed. */
const ALONE = { organization: undefined, app: undefined, enterprise: 'lantern-group' };
const BESIDE = { organization: undefined, organizations: 'installed', enterprise: 'lantern-group' };
const COLLECTORS = ['members', 'enterprise_organizations'];
const PLACE = 'enterprise/4021/organizations';
const APART = 'organization/19999017';

const organizationsIn = ({ facts }: Night) => facts.filter(({ collector }) => collector === 'enterprise_organizations');
const gapsIn = ({ gaps }: Night) =>
  gaps.filter(({ scope }) => scope.startsWith('enterprise/')).map(({ scope, reason, effect }) => `${scope} ${reason}: ${effect}`);

/** The enterprise is shown, and its organisations are answered otherwise. */
function plant(world: World, answer: (usual: FakeAnswer) => FakeAnswer): void {
  world.plant('POST /graphql', ({ body }, _nth, usual) => (body.includes('EnterpriseOrganizations') ? answer(usual()) : usual()));
}

describe('the organisations of an enterprise', () => {
  test('are stated, and one in which nobody installed the App is a gap, but not one of those that are read', async () => {
    const world = await openWorld('github');
    const night = await world.scan({ collectors: COLLECTORS, config: BESIDE, largestPage: 2 });
    const read = new Set(night.facts.filter(({ collector }) => collector === 'members').map(({ scope }) => scope.split('/')[1]));
    const found = organizationsIn(night).map(({ thing }) => thing);
    expect([found.length, found.includes(APART)]).toEqual([world.provider.sizes()['enterprise_organizations'], true]);
    for (const id of read) expect(found).toContain(`organization/${id}`);
    expect(gapsIn(night)).toEqual([
      `${PLACE}/19999017 permission_denied: This source reads nothing of the organisation lantern-archive: the App is not installed there`,
    ]);
    expect(night.source.state).toBe('partly');
  });

  test('are stated alone where the source reads none of them: others may', async () => {
    const night = await (await openWorld('github')).scan({ collectors: COLLECTORS, config: ALONE });
    expect([organizationsIn(night).length, gapsIn(night), night.source.state]).toEqual([3, [], 'read']);
  });

  test('are not called unread where nobody could tell in which of them the App is installed', async () => {
    const world = await openWorld('github');
    world.plant('GET /app/installations', () => ({ status: 500, body: {} }));
    const night = await world.scan({ collectors: COLLECTORS, config: BESIDE });
    expect([organizationsIn(night).length, gapsIn(night), night.source.state]).toEqual([3, [], 'unread']);
  });

  test('that left the enterprise are gone, and the App that was installed meanwhile ends the gap', async () => {
    const world = await openWorld('github');
    await world.scan({ collectors: COLLECTORS, config: BESIDE });
    const left = (usual: FakeAnswer) => {
      const body = structuredClone(usual.body) as { data: { enterprise: { organizations: { nodes: { login: string }[] } } } };
      const { organizations } = body.data.enterprise;
      organizations.nodes = organizations.nodes.filter(({ login }) => login !== 'lantern-archive');
      return { ...usual, body };
    };
    plant(world, left);
    const night = await world.scan({ collectors: COLLECTORS, config: BESIDE, night: 1 });
    expect(organizationsIn(night).flatMap(({ thing, state }) => (state === 'gone' ? [thing] : []))).toEqual([APART]);
    expect(gapsIn(night)).toEqual([]);
  });

  test.each<[string, string, (usual: FakeAnswer) => FakeAnswer]>([
    [
      'shows those of a member alone',
      'token:read:enterprise',
      (usual) => {
        const body = structuredClone(usual.body) as { data: { enterprise: { ownerInfo: object | null } } };
        body.data.enterprise.ownerInfo = null;
        return { ...usual, body };
      },
    ],
    [
      'names the scopes that are missing',
      'token:read:org',
      () => ({ status: 200, body: { data: null, errors: [{ type: 'INSUFFICIENT_SCOPES', message: 'x' }] } }),
    ],
  ])('are a gap that names the permission where GitHub %s, and none is gone', async (_how, permission, answer) => {
    const world = await openWorld('github');
    await world.scan({ collectors: COLLECTORS, config: ALONE });
    plant(world, answer);
    const night = await world.scan({ collectors: COLLECTORS, config: ALONE, night: 1 });
    const [gap] = night.gaps;
    expect([gap!.scope, gap!.reason, gap!.permission]).toEqual([PLACE, 'permission_denied', permission]);
    expect(organizationsIn(night).map(({ state }) => state)).toEqual(['unverified', 'unverified', 'unverified']);
  });

  test('are shown by name to a token with read:org alone', async () => {
    const world = await openWorld('github');
    world.provider.revoke('token:read:org');
    const night = await world.scan({ collectors: ['enterprise_organizations'], config: ALONE });
    expect(night.gaps.map(({ scope, reason, permission }) => [scope, reason, permission])).toEqual([
      [PLACE, 'permission_denied', 'token:read:org'],
    ]);
  });
});
