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

  test.each([
    [{}, ['unread'], ['copilot_usage', 'enterprise_agents', 'enterprise_seats']],
    [{}, ['unread', 'copilot_usage'], ['enterprise_agents', 'enterprise_seats']],
    [BESIDE, ['unread', 'enterprise_seats'], ['copilot_usage', 'enterprise_agents']],
    [BESIDE, ['unread', 'copilot_usage', 'enterprise_seats', 'enterprise_agents'], []],
  ])('and the use of Copilot are said to be unread until a source asks for them', async (own, on, unread) => {
    const world = await openWorld('github');
    const night = await world.scan({ collectors: on, config: own });
    const places = night.gaps.filter(({ scope }) => scope.includes('/unread/')).map(({ scope }) => scope.split('/').at(-1)!);
    const deep = ['repository_packages', 'repository_rules', 'repository_settings'];
    const always = new Set(['agent_tasks', 'enterprise', 'code_search', ...deep]);
    expect(places.filter((place) => !always.has(place)).toSorted()).toEqual(unread);
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
    // Seats are read by another scope: who left in the night has none any more, and nobody else.
    const gone = night.facts.filter(({ state }) => state === 'gone');
    const nowListed = (await (await openWorld('github')).scan({ collectors: COLLECTORS, config: ALONE, night: 1 })).facts;
    const left = before.facts.filter(({ nativeId }) => nowListed.every((fact) => fact.nativeId !== nativeId));
    expect(gone.map(({ nativeId }) => nativeId)).toEqual(left.map(({ nativeId }) => nativeId));
    expect(gone.map(({ kind, principal }) => [kind, principal?.name])).toEqual([
      ['seat', 'mara-grau-6'],
      ['seat', 'pavel-reiher-7'],
    ]);
    expect(night.facts.filter(({ kind }) => kind === 'agent').map(({ state }) => state)).toEqual([
      'unverified',
      'unverified',
      'unverified',
    ]);
  });

  test.each([
    ['expired', () => ({ status: 401, body: { message: 'Bad credentials' } }), 'GitHub does not accept the credential'],
    [
      'for an enterprise that was renamed',
      () => ({
        status: 200,
        body: { data: { enterprise: null }, errors: [{ type: 'NOT_FOUND', message: 'x', path: ['enterprise'] }] },
      }),
      'GraphQL answers NOT_FOUND',
    ],
    ['met by an outage', () => ({ status: 502, body: '' }), 'GitHub answers 502'],
  ])('whose token is %s costs no organisation that stands beside it', async (_how, answer, said) => {
    const world = await openWorld('github');
    const before = await world.scan({ collectors: COLLECTORS, config: BESIDE });
    world.plant('POST /graphql', (request, _nth, usual) => (String(request.body).includes('query Enterprise') ? answer() : usual()));
    const night = await world.scan({ collectors: COLLECTORS, config: BESIDE });
    expect(night.source.state).toBe('partly');
    const told = (place: string) => new RegExp(`^app/[0-9]+/${place} .*: the enterprise lantern-group is not shown: .*${said}`);
    expect(gapsOf(night).filter((gap) => gap.startsWith('app/'))).toEqual(
      ['agents', 'seats/copilot'].map((place) => expect.stringMatching(told(place))),
    );
    const states = (facts: Night['facts']) => facts.map(({ collector, nativeId, state }) => `${collector} ${nativeId} ${state}`).toSorted();
    expect(states(night.facts.filter(({ collector }) => collector === 'members'))).toEqual(
      states(before.facts.filter(({ collector }) => collector === 'members')),
    );
    const own = night.facts.filter(({ scope }) => scope.startsWith('enterprise/'));
    expect(own.length).toBeGreaterThan(3);
    expect(new Set(own.map(({ state }) => state))).toEqual(new Set(['unverified']));
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

  const person = (id: number) => ({ login: `p${id}`, id, type: 'User' });
  const TWO = [
    [1, 2, 1],
    [2, 3],
  ];
  test.each([
    ['all whom GitHub counts', TWO, 3, []],
    ['more than GitHub bills', TWO, 2, []],
    [
      'fewer than GitHub counts',
      TWO,
      4,
      [`${ACCOUNT}/seats/copilot truncated: Who holds a Copilot seat in the enterprise is unknown: GitHub speaks of 4 and lists 3`],
    ],
    [
      'fewer, with a seat whose account is gone',
      [
        [1, 2],
        [3, null],
      ],
      9,
      [],
    ],
  ])('lists its seats over pages: %s', async (_which, pages, total, gaps) => {
    const world = await openWorld('github');
    let row: object = {};
    world.plant(SEATS, (request, _nth, usual) => {
      row = (usual().body as { seats: object[] }).seats[0] ?? row;
      const second = request.url.searchParams.get('page') === '2';
      const link = `<${request.url.origin}/enterprises/4021/copilot/billing/seats?page=2>; rel="next"`;
      const seats = pages[second ? 1 : 0]!.map((id, at) => ({
        ...row,
        assignee: id === null ? null : { ...(row as { assignee: object }).assignee, ...person(id) },
        assigning_team: null,
        organization: { login: `o${at}`, id: 70 + at },
      }));
      return { status: 200, body: { total_seats: total, seats }, headers: second ? {} : { link } };
    });
    expect(gapsOf(await world.scan({ collectors: ['enterprise_seats'], config: ALONE }))).toEqual(gaps);
  });
});

test.each([
  [ALONE, ['enterprise_seats', 'enterprise_identities', 'enterprise_organizations']],
  [
    { ...ALONE, collectors: { enterprise_agents: true, members: true } },
    ['enterprise_seats', 'enterprise_agents', 'enterprise_identities', 'enterprise_organizations'],
  ],
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
