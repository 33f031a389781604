import { describe, expect, test } from 'vitest';
import { config } from '../../../connectors/github/config.ts';
import { newFolder, noctule, writeConfig } from '../../cli/run.ts';
import { openWorld, type Night } from '../../worlds/world.ts';

const SEATS = 'GET /enterprises/{enterprise}/copilot/billing/seats';
const AGENTS = 'GET /enterprises/{enterprise}/copilot/custom-agents';
const COLLECTORS = ['members', 'enterprise_seats', 'enterprise_agents'];
/** Alone, and beside the organisations in which the App is installed. */
const ALONE = { organization: undefined, app: undefined, enterprise: 'lantern-group' };
const BESIDE = { organization: undefined, organizations: 'installed', enterprise: 'lantern-group' };
const ACCOUNT = 'enterprise/4021';

const gapsOf = ({ gaps }: Night) =>
  gaps.filter(({ byDesign }) => !byDesign).map(({ scope, reason, effect }) => `${scope} ${reason}: ${effect}`);
const kindsOf = ({ facts }: Night) =>
  Object.fromEntries(['seat', 'agent'].map((kind) => [kind, facts.filter((fact) => fact.kind === kind).length]));

describe('an enterprise', () => {
  test('is an account of its own: its seats, one for each that gives it, and its agents', async () => {
    const world = await openWorld('github');
    const { enterprise_seats: seats, enterprise_agents: agents } = world.provider.sizes();
    const night = await world.scan({ collectors: COLLECTORS, config: ALONE });
    expect([night.source.state, night.source.message, gapsOf(night)]).toEqual(['read', undefined, []]);
    expect(kindsOf(night)).toEqual({ seat: seats, agent: agents });
    for (const { scope } of night.facts) expect(scope.startsWith(`${ACCOUNT}/`)).toBe(true);
    const [twice] = night.facts.filter(({ nativeId }) => nativeId.includes('/team/'));
    const own = night.facts.filter(({ kind, principal }) => kind === 'seat' && principal!.id === twice!.principal!.id);
    expect(own.map(({ attributes }) => [attributes['organization'], attributes['team']])).toContainEqual([undefined, 'ent:platform']);
    expect(night.facts.find(({ kind }) => kind === 'agent')?.attributes).toMatchObject({
      repository: 'lanternworks/.github-private',
      forAll: true,
    });
  });

  test('may stand beside the organisations of an App, each of which is read as by itself', async () => {
    const alone = await openWorld('github');
    const members = (await alone.scan({ collectors: ['members'], config: { organization: undefined, organizations: 'installed' } })).facts;
    const world = await openWorld('github');
    const night = await world.scan({ collectors: COLLECTORS, config: BESIDE });
    const told = (facts: Night['facts']) => facts.map(({ scope, nativeId }) => `${scope} ${nativeId}`).toSorted();
    expect(members.length).toBeGreaterThan(3);
    expect(told(night.facts.filter(({ collector }) => collector === 'members'))).toEqual(told(members));
    expect(kindsOf(night)).toMatchObject({ seat: world.provider.sizes()['enterprise_seats'], agent: 3 });
  });

  test('that keeps its agents nowhere has none, and what it had is gone', async () => {
    const world = await openWorld('github');
    await world.scan({ collectors: COLLECTORS, config: ALONE });
    world.plant(AGENTS, () => ({ status: 200, body: { custom_agents: null } }));
    const night = await world.scan({ collectors: COLLECTORS, config: ALONE, night: 1 });
    expect(night.facts.filter(({ kind }) => kind === 'agent').map(({ state }) => state)).toEqual(['gone', 'gone', 'gone']);
    // Elsewhere null is no list.
    world.plant(SEATS, () => ({ status: 200, body: { seats: null } }));
    const broken = await world.scan({ collectors: COLLECTORS, config: ALONE, night: 1 });
    expect(gapsOf(broken).map((gap) => gap.split(':')[0])).toEqual([`${ACCOUNT}/seats/copilot provider_error`]);
  });

  test('refuses a list to a token without its scope: a gap that names it, and nothing is gone', async () => {
    const world = await openWorld('github');
    const before = await world.scan({ collectors: COLLECTORS, config: ALONE });
    world.provider.revoke('token:admin:enterprise');
    const night = await world.scan({ collectors: COLLECTORS, config: ALONE, night: 1 });
    expect(night.gaps.map(({ scope, reason, permission }) => [scope, reason, permission])).toEqual([
      [`${ACCOUNT}/agents`, 'permission_denied', 'token:admin:enterprise'],
    ]);
    expect(night.facts.map(({ nativeId, state }) => [nativeId, state === 'gone']).filter(([, gone]) => gone).length).toBeLessThan(
      before.facts.length,
    );
    expect(night.facts.filter(({ kind }) => kind === 'agent').map(({ state }) => state)).toEqual([
      'unverified',
      'unverified',
      'unverified',
    ]);
  });

  test.each([
    ['not an owner’s', () => ({ data: { enterprise: null }, errors: [{ type: 'FORBIDDEN', message: 'x', path: ['enterprise'] }] })],
    ['for no such enterprise', () => ({ data: { enterprise: null }, errors: [{ type: 'NOT_FOUND', message: 'x', path: ['enterprise'] }] })],
  ])('is not opened with a token that is %s, and says so', async (_how, body) => {
    const world = await openWorld('github');
    await world.scan({ collectors: COLLECTORS, config: ALONE });
    world.plant('POST /graphql', () => ({ status: 200, body: body() }));
    const night = await world.scan({ collectors: COLLECTORS, config: ALONE, night: 1 });
    expect(night.source.state).toBe('unread');
    expect(night.source.message).toContain('the enterprise lantern-group is not shown: the token: GraphQL answers');
    expect(night.facts.filter(({ state }) => state === 'gone')).toEqual([]);
  });

  test('is read over all pages, whether their addresses hold its slug or its number', async () => {
    for (const name of ['lantern-group', '4021']) {
      const world = await openWorld('github');
      let seats: { assignee: { id: number } }[] = [];
      world.plant(SEATS, (request, nth, usual) => {
        if (nth === 1) ({ seats } = usual().body as { seats: typeof seats });
        const link = `<${request.url.origin}/enterprises/${name}/copilot/billing/seats?page=2>; rel="next"`;
        const page = seats.map((row) => ({ ...row, assignee: { ...row.assignee, id: row.assignee.id + 1_000_000 * nth } }));
        return { status: 200, body: { total_seats: 1, seats: page }, headers: nth === 1 ? { link } : {} };
      });
      const night = await world.scan({ collectors: ['enterprise_seats'], config: ALONE });
      expect(gapsOf(night)).toEqual([]);
      expect(night.facts).toHaveLength(2 * world.provider.sizes()['enterprise_seats']!);
    }
  });
});

test.each([
  [ALONE, ['enterprise_seats']],
  [{ ...ALONE, collectors: { enterprise_agents: true, members: true } }, ['enterprise_seats', 'enterprise_agents']],
])('of an enterprise alone nothing else is planned', async (own, planned) => {
  const world = await openWorld('github');
  const folder = newFolder();
  const { organization: _organization, app: _app, ...config } = world.provider.config;
  const file = writeConfig(folder, { lantern: { ...config, ...own } });
  const { stdout } = await noctule(['scan', '--plan', '--config', file], { cwd: folder, env: world.provider.environment });
  expect([...stdout.matchAll(/^lantern +(\w+)/gm)].map(([, id]) => id)).toEqual(planned);
});

describe('a configuration', () => {
  const token = { env: 'TOKEN' };
  const app = { id: 7, privateKey: { env: 'KEY' } };
  const problemsOf = (read: object) => config.safeParse(read).error?.issues.map(({ path }) => path.join('.')) ?? [];

  test.each([
    ['an enterprise', { enterprise: 'acme', token }, []],
    ['an enterprise beside all organisations of an App', { enterprise: 'acme', organizations: 'installed', app, token }, []],
    ['an enterprise without a token', { enterprise: 'acme', app }, ['token']],
    ['an enterprise beside one organisation', { enterprise: 'acme', organization: 'acme', token }, ['organization']],
    ['an address', { enterprise: 'https://github.com/enterprises/acme', token }, ['enterprise']],
    ['nothing', { token }, ['organization']],
  ])('that names %s', (_what, read, problems) => {
    expect(problemsOf(read)).toEqual(problems);
  });
});
