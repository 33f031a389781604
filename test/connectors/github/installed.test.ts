import { describe, expect, test } from 'vitest';
import { newFolder, noctule, writeConfig } from '../../cli/run.ts';
import { openWorld, type Night, type World } from '../../worlds/world.ts';

const ALL = { organization: undefined, organizations: 'installed', token: undefined };
const INSTALLATIONS = 'GET /app/installations';
const ORGANIZATION = 'GET /orgs/{org}';
const COLLECTORS = ['members', 'app_installations', 'webhooks'];
const LABS = 'lanternworks-labs';

interface Row {
  id: number;
  account: { id: number; login?: string };
  suspended_at: string | null;
}

/** The App is installed in two organisations, of which the other shows nothing but itself, with a person and with an enterprise. */
async function twoOrganisations(options: { plan?: 'server'; labs?: Partial<Row>; opens?: number; times?: number } = {}) {
  const world = await openWorld('github', options as object);
  let labs = 0;
  world.plant(INSTALLATIONS, (_request, _nth, usual) => {
    const rows = usual().body as Row[];
    const [other, own] = [rows.find(({ account }) => account.login === LABS)!, rows.find(({ account }) => account.login !== LABS)!];
    labs = other.account.id;
    const person = { ...own, id: 5, account: { id: 31, login: 'mara', type: 'User' } };
    const enterprise = { ...own, id: 6, account: { id: 32, slug: 'lantern-group' } };
    const told = [person, { ...other, ...options.labs }, enterprise, own];
    return { status: 200, body: Array.from({ length: options.times ?? 1 }, () => told).flat() };
  });
  world.plant(ORGANIZATION, ({ params }, _nth, usual) =>
    params['org'] === LABS ? { status: 200, body: { id: options.opens ?? labs, login: LABS } } : usual(),
  );
  return { world, labs: () => labs };
}

const scanAll = (world: World, night = 0) => world.scan({ collectors: COLLECTORS, config: ALL, night });
const toldOf = (night: Night) =>
  night.facts.map(({ collector, nativeId, scope, state, subject, evidence }) => [collector, nativeId, scope, state, subject, evidence]);
const gapsOf = (night: Night) =>
  night.gaps.filter(({ byDesign }) => !byDesign).map(({ collector, scope, reason }) => `${collector} ${scope} ${reason}`);

describe('all organisations in which the App is installed', () => {
  test('are accounts of their own, each as it would be by itself; what one refuses is a gap of that one', async () => {
    const alone = await openWorld('github');
    const single = await alone.scan({ collectors: COLLECTORS, config: { token: undefined } });
    const { world, labs } = await twoOrganisations();
    const night = await scanAll(world);
    const hostless = (told: unknown) => JSON.parse(JSON.stringify(told).replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')) as unknown;
    expect(night.facts.length).toBeGreaterThan(20);
    expect(hostless(toldOf(night))).toEqual(hostless(toldOf(single)));
    expect(night.findings.map(({ key }) => key)).toEqual(single.findings.map(({ key }) => key));
    expect(night.source).toMatchObject({ state: 'partly', message: '2 accounts read' });
    expect(gapsOf(night).toSorted()).toEqual(
      [
        `app_installations organization/${labs()}/apps`,
        `members organization/${labs()}/members`,
        `webhooks organization/${labs()}/webhooks`,
      ].map((gap) => `${gap} permission_denied`),
    );
    const tokens = new Set(world.asked.filter(({ operation }) => operation === ORGANIZATION).map(({ headers }) => headers.authorization));
    expect(tokens.size, 'a token for each installation').toBe(2);
  });

  test('are left out where the App is suspended, in words', async () => {
    const { world, labs } = await twoOrganisations({ labs: { suspended_at: '2026-11-01T00:00:00Z' } });
    const night = await scanAll(world);
    expect(night.source.message).toBe('1 accounts read, 1 left out');
    expect(world.asked.filter(({ url }) => url.pathname.includes(LABS))).toEqual([]);
    expect([...night.source.members!].find(([id]) => id === String(labs()))?.[1]).toEqual({
      reason: 'permission_denied',
      effect: 'Nothing of this organisation is read: the App is suspended there',
    });
  });

  test('are not taken for others that have their names by now', async () => {
    const { world, labs } = await twoOrganisations({ opens: 77 });
    const night = await scanAll(world);
    expect(night.source.message).toBe('1 accounts read, 1 refused');
    expect(new Set(gapsOf(night).map((gap) => gap.split(' ')[1]))).toEqual(new Set([`organization/${labs()}`]));
    expect(night.facts.some(({ scope }) => scope.startsWith('organization/77'))).toBe(false);
  });

  test.each([
    ['refused', () => ({ status: 403, body: { message: 'Forbidden' } })],
    ['misshapen', () => ({ status: 200, body: [{ id: 'x' }] })],
    ['empty', () => ({ status: 200, body: [] })],
    ['of no organisation', () => ({ status: 200, body: [{ id: 5, account: { id: 31, login: 'mara', type: 'User' } }] })],
  ])('are not read, and nothing of any is concluded, where their list is %s', async (_how, answer) => {
    const { world } = await twoOrganisations();
    const before = await scanAll(world);
    world.plant(INSTALLATIONS, answer);
    const night = await scanAll(world, 1);
    expect(night.source.state).toBe('unread');
    expect(night.facts.map(({ nativeId }) => nativeId)).toEqual(before.facts.map(({ nativeId }) => nativeId));
    expect(night.facts.filter(({ state }) => state === 'gone')).toEqual([]);
  });

  // The last but one could be an enterprise, if it had no login.
  test.each([null, {}, { id: 7, login: 'acme' }, { id: 7, login: 'acme', slug: 'acme' }, { id: 7, type: 'Organization' }])(
    'are not read where nobody can tell whether %j is one',
    async (account) => {
      const { world } = await twoOrganisations();
      world.plant(INSTALLATIONS, (_request, _nth, usual) => ({ status: 200, body: [...(usual().body as Row[]), { id: 7, account }] }));
      const { source } = await scanAll(world);
      expect(source.state).toBe('unread');
      expect(source.message).toContain('another shape than documented');
    },
  );

  test('are told to be none where the App is installed in none', async () => {
    const { world } = await twoOrganisations();
    world.plant(INSTALLATIONS, () => ({ status: 200, body: [] }));
    const { source } = await scanAll(world);
    expect(source.state).toBe('unread');
    expect(source.message).toContain('the App is installed in no organisation');
  });

  test('are each read once, though the list names one twice', async () => {
    const { world } = await twoOrganisations({ times: 2 });
    expect((await scanAll(world)).source.message).toBe('2 accounts read');
    expect(world.asked.filter(({ operation }) => operation === ORGANIZATION).length).toBe(2);
  });

  test('are not told by a token alone', async () => {
    const { world } = await twoOrganisations();
    const folder = newFolder();
    const { organization: _one, ...config } = world.provider.config;
    const file = writeConfig(folder, { github: { ...config, organizations: 'installed', pace: { perSecond: 1000 } } });
    const { stdout, stderr } = await noctule(['doctor', '--config', file], { cwd: folder, env: world.provider.environment });
    expect(stdout).toContain('[env GITHUB_TOKEN]: only the GitHub App tells where it is installed');
    expect(stdout).toContain('[env GITHUB_APP_KEY]: opens GitHub App 90017201');
    expect(stderr).not.toContain('bug');
  });

  test('of another server carry its host', async () => {
    const { world } = await twoOrganisations({ plan: 'server' });
    const night = await scanAll(world);
    const { host } = new URL(world.provider.url);
    expect(night.facts.length).toBeGreaterThan(20);
    for (const { scope } of night.facts) expect(scope.split('/')[1]).toMatch(new RegExp(`^\\d+@${host}$`));
  });
});
