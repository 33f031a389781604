import { DATA_CLASSES } from '../../../src/connector/index.ts';
import { describe, expect, it } from 'vitest';
import { openWorld, type World } from '../../worlds/world.ts';
import { google, read } from './one-collector.ts';

const ID = 'groups';

describe('members of groups', () => {
  it('are the people of the groups that the configuration names, also those of a group within', async () => {
    const server = await google();
    const asked: string[] = [];
    server.watch(({ url }, operation) => void (operation === 'directory.members.list' && asked.push(url.search)));
    const { account, observations, gaps, covered, requests } = await read(server, ID);
    expect(observations.map(({ kind, principal, attributes }) => [kind, principal!.name, attributes['role']])).toEqual([
      ['control', expect.stringContaining('.1@'), 'OWNER'],
      ['control', expect.stringContaining('.2@'), 'MEMBER'],
      ['control', expect.stringContaining('.3@'), 'MEMBER'],
    ]);
    const id = String(observations[0]!.attributes['group'] as string);
    expect(covered).toEqual([`${account}/group/${id}`]);
    // Of all other groups nothing is said.
    expect(gaps).toMatchObject([{ scope: `${account}/group`, reason: 'not_of_interest', byDesign: true }]);
    expect(requests).toBe(2);
    expect(asked).toEqual([expect.stringContaining('includeDerivedMembership=true')]);
  });

  it('of a group that is not there, or that may not be read, are unknown, and those of others are read', async () => {
    const server = await google();
    const both = {
      ...server,
      config: { ...server.config, groups: ['gone@lanternworks.example', ...(server.config['groups'] as string[])] },
    };
    const { account, observations, gaps } = await read(both as typeof server, ID);
    expect(observations).toHaveLength(3);
    expect(gaps.filter(({ byDesign }) => !byDesign)).toMatchObject([{ scope: `${account}/group/gone@lanternworks.example` }]);
  });

  it('are unknown where everybody of the customer is one', async () => {
    const server = await google();
    server.plant('directory.members.list', () => ({ status: 200, body: { members: [{ id: 'C0', type: 'CUSTOMER' }] } }));
    const { observations, gaps, covered } = await read(server, ID);
    expect(observations).toEqual([]);
    expect(gaps.filter(({ byDesign }) => !byDesign)).toMatchObject([
      { reason: 'not_observable', scope: covered[0], effect: expect.stringContaining('Everybody') },
    ]);
  });

  it.each(['GROUP', 'EXTERNAL', undefined])('are unknown where one is no user: %s', async (type) => {
    const server = await google();
    const members = [
      { id: '1', type: 'USER' },
      { id: '2', email: 'team@lanternworks.example', ...(type !== undefined && { type }) },
    ];
    server.plant('directory.members.list', () => ({ status: 200, body: { members } }));
    const { observations, gaps } = await read(server, ID);
    expect(observations).toMatchObject([{ principal: { id: '1' } }]);
    // A gap at the group itself goes before its claim: nobody counts as gone from it.
    const scope = observations[0]!.scope.replace(/\/member\/1$/, '');
    expect(gaps.filter(({ byDesign }) => !byDesign)).toMatchObject([
      { reason: 'not_observable', scope, effect: expect.stringContaining('team@lanternworks.example') },
    ]);
  });

  it('are not gone when a group among the members is no longer opened', async () => {
    const world = await openWorld('google-workspace');
    const before = (await world.scan({ collectors: ['users', ID] })).facts.filter(({ collector }) => collector === ID);
    expect(before).toHaveLength(3);
    world.plant('directory.members.list', () => ({ status: 200, body: { members: [{ id: '2', type: 'GROUP' }] } }));
    const after = (await world.scan({ collectors: ['users', ID] })).facts.filter(({ collector }) => collector === ID);
    expect(after.map(({ state }) => state)).toEqual(['unverified', 'unverified', 'unverified']);
  });
});

describe('an approval for a group', () => {
  const READERS = ['users', 'grants', ID];
  const rulesOf = async (world: World, appId: string, policy: unknown) =>
    (await world.scan({ collectors: READERS, policy })).findings.filter((finding) => finding.appId === appId).map(({ rule }) => rule);

  it('covers an app that its members alone hold, and is exceeded by one that others hold', async () => {
    const world = await openWorld('google-workspace');
    const first = await world.scan({ collectors: READERS });
    const members = first.facts.filter(({ collector }) => collector === ID);
    const inGroup = new Set(members.map(({ principal }) => principal!.id));
    const group = members[0]!.attributes['group'];
    const undecided = first.findings.filter(({ rule }) => rule === 'unapproved-ai-tool').map(({ appId }) => appId);
    const holdersOf = (appId: string) => first.facts.filter(({ kind, subject }) => kind === 'oauth_grant' && subject.app === appId);
    const isTheirs = (appId: string) => holdersOf(appId).every(({ principal }) => inGroup.has(principal!.id));
    const others = undecided.find((appId) => holdersOf(appId).length > 0 && !isTheirs(appId))!;
    const policy = (appId: string, population: object) => ({
      formatVersion: 1,
      approvals: [{ apps: [appId], owner: 'it', approver: 'ciso', reason: 'pilot', ceiling: { data: ALL }, population }],
    });
    expect(await rulesOf(world, others, policy(others, { groups: [group] }))).toContain('approval-exceeded');
    // All its holders are in some group: each is, by a list that is planted.
    const holders = holdersOf(others).map(({ principal }) => ({ id: principal!.id, email: principal!.name, type: 'USER' }));
    world.plant('directory.members.list', () => ({ status: 200, body: { members: holders } }));
    expect(await rulesOf(world, others, policy(others, { groups: [group] }))).not.toContain('approval-exceeded');
  });
});

const ALL = Object.fromEntries(DATA_CLASSES.map((one) => [one, 'admin']));
