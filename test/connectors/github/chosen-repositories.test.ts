import { describe, expect, test } from 'vitest';
import type { FakeRequest, PlantedAnswer } from '../../../src/testing/server.ts';
import { openWorld, type Night, type World } from '../../worlds/world.ts';

// Which repositories get a secret that is given to chosen ones, and what is made of it night after night.

const CHOSEN = 'GET /orgs/{org}/actions/secrets/{secret_name}/repositories';
const ACTIONS = ['secret_names'];
const PLACE = 'secrets/actions/ANTHROPIC_API_KEY/repositories';
const THING = 'secret/actions/ANTHROPIC_API_KEY/repositories';

/** So many repositories were chosen; GitHub shows a page of them. */
function chosen(count: number, shown = Math.min(count, 100)): PlantedAnswer {
  const repositories = Array.from({ length: shown }, (_, index) => ({ id: 900 + index, full_name: `lanternworks/r${index}` }));
  return () => ({ status: 200, body: { total_count: count, repositories } });
}

const statedIn = ({ facts }: Night) => facts.filter(({ kind }) => kind === 'control').map(({ thing, attributes }) => [thing, attributes]);
const asksFor = ({ asked }: World, operation: string) => asked.filter((request) => request.operation === operation);
const nameIn = ({ url }: FakeRequest) => decodeURIComponent(url.pathname.split('/').at(-2)!);
const rulesIn = ({ findings }: Night) =>
  findings
    .filter(({ rule }) => rule === 'ai-secret-for-everything')
    .map(({ appId, severity, state }) => [appId, severity, state])
    .toSorted(byText);
function byText(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : 1;
}
/** What every repository gets, whatever was chosen for others. */
const OTHERS = [
  ['secret/actions/OPENAI_API_KEY', 'medium', 'open'],
  ['secret/actions/PROD_OPENROUTER_API_KEY', 'medium', 'open'],
];

describe('the repositories that were chosen for a secret', () => {
  test('are asked for once for each name of an AI vendor, and named while they are few', async () => {
    const world = await openWorld('github');
    const night = await world.scan({ collectors: ['secret_names', 'codespaces_secret_names'] });
    const asked = world.asked.filter(({ operation }) => operation?.endsWith('/repositories'));
    expect(asked.map((request) => [request.url.pathname.split('/')[3], nameIn(request), request.url.search]).toSorted(byText)).toEqual([
      ['actions', 'ANTHROPIC_API_KEY', '?per_page=100'],
      ['agents', 'COPILOT_MCP_NOTION_API_KEY', '?per_page=100'],
      ['codespaces', 'GEMINI_API_KEY', '?per_page=100'],
      ['dependabot', 'HF_TOKEN', '?per_page=100'],
    ]);
    const of = (of: string, ...repositoryNames: string[]) => [
      `secret/${of}/repositories`,
      { repositories: repositoryNames.length, repositoriesAtLeast: 1, repositoryNames },
    ];
    const [one, two, three] = inOrder(night) as [string, string, string];
    expect(statedIn(night).toSorted(byText)).toEqual([
      of('actions/ANTHROPIC_API_KEY', ...[one, two, three].toSorted()),
      of('agents/COPILOT_MCP_NOTION_API_KEY', one),
      of('codespaces/GEMINI_API_KEY', ...[one, two].toSorted()),
      of('dependabot/HF_TOKEN', one),
    ]);
    expect(night.gaps).toEqual([]);
  });

  test('cost nothing where none were chosen for an AI vendor, and it is said that nobody asked', async () => {
    const world = await openWorld('github');
    const { gaps } = await world.scan({ collectors: ACTIONS, interest: () => 'unknown' });
    expect(world.asked.filter(({ operation }) => operation?.startsWith('GET /orgs/{org}/'))).toHaveLength(3);
    expect(gaps.map(({ scope, reason, byDesign }) => [scope.split('/').slice(3).join('/'), reason, byDesign])).toEqual([
      ['actions/ANTHROPIC_API_KEY/repositories', 'not_of_interest', 1],
      ['agents/COPILOT_MCP_NOTION_API_KEY/repositories', 'not_of_interest', 1],
      ['dependabot/HF_TOKEN/repositories', 'not_of_interest', 1],
    ]);
  });

  test('are told by a power of ten where they are many, and their number moves without a change', async () => {
    const world = await openWorld('github');
    const nights: Night[] = [];
    for (const [night, count] of [37, 41, 8, 1000].entries()) {
      world.plant(CHOSEN, chosen(count));
      nights.push(await world.scan({ collectors: ACTIONS, night: 0, from: new Date(Date.UTC(2026, 9, 1 + night, 2)) }));
    }
    const [first, second, third, fourth] = nights as [Night, Night, Night, Night];
    const low = ['secret/actions/ANTHROPIC_API_KEY', 'low', 'open'];
    expect(nights.map(rulesIn)).toEqual([[low, ...OTHERS], [low, ...OTHERS], OTHERS, [low, ...OTHERS]]);
    expect([first, third, fourth].map((night) => statedIn(night)[0]![1])).toEqual([
      { repositories: 37, repositoriesAtLeast: 10 },
      { repositories: 8, repositoriesAtLeast: 1, repositoryNames: Array.from({ length: 8 }, (_, index) => `lanternworks/r${index}`) },
      { repositories: 1000, repositoriesAtLeast: 1000 },
    ]);
    expect([second.changes, statedIn(second)[0]![1]]).toEqual([[], { repositories: 41, repositoriesAtLeast: 10 }]);
    const finding = fourth.findings.find(({ appId, rule }) => appId === low[0] && rule === 'ai-secret-for-everything')!;
    expect(finding.explained['details']).toEqual(['1,000 or more chosen repositories get ANTHROPIC_API_KEY']);
    const { stdout } = await world.cli(['show', finding.key]);
    expect(stdout).toContain('control  ANTHROPIC_API_KEY, given to 1,000 chosen repositories  [secret_names]');
  });

  test('that cannot be read leave the secret and what was known of it, and the gap names the permission', async () => {
    const world = await openWorld('github');
    world.plant(CHOSEN, chosen(37));
    const before = await world.scan({ collectors: ACTIONS });
    world.plant(CHOSEN, () => ({ status: 404, body: { message: 'Not Found' } }));
    const after = await world.scan({ collectors: ACTIONS, from: new Date(Date.UTC(2026, 9, 2, 2)) });
    expect(after.gaps.filter(({ byDesign }) => byDesign === 0)).toMatchObject([
      { scope: expect.stringContaining(PLACE), reason: 'permission_denied', permission: 'app:organization_secrets:read' },
    ]);
    const stands = ({ facts }: Night) => facts.filter(({ thing }) => thing.includes('ANTHROPIC')).map(({ kind, state }) => [kind, state]);
    expect([stands(before), stands(after)]).toEqual([
      [
        ['secret_name', 'present'],
        ['control', 'present'],
      ],
      [
        ['secret_name', 'present'],
        ['control', 'unverified'],
      ],
    ]);
    expect(rulesIn(after)).toEqual(rulesIn(before));
  });

  test('are gone with the secret, and with the choice', async () => {
    const world = await openWorld('github');
    await world.scan({ collectors: ACTIONS });
    const at = '2026-01-01T00:00:00Z';
    const secrets = [{ name: 'ANTHROPIC_API_KEY', visibility: 'all', created_at: at, updated_at: at }];
    world.plant('GET /orgs/{org}/actions/secrets', () => ({ status: 200, body: { total_count: 1, secrets } }));
    world.plant('GET /orgs/{org}/dependabot/secrets', () => ({ status: 200, body: { total_count: 0, secrets: [] } }));
    const { facts } = await world.scan({ collectors: ACTIONS, from: new Date(Date.UTC(2026, 9, 2, 2)) });
    const states = facts.filter(({ kind, scope }) => kind === 'control' && !scope.includes('agents')).map(({ state }) => state);
    expect(states).toEqual(['gone', 'gone']);
  });

  test('may be more than an App is told of that is installed on some, and more than a token is without `repo`', async () => {
    const selective = await openWorld('github', { selective: true } as object);
    const some = await selective.scan({ collectors: ACTIONS });
    expect(some.gaps.filter(({ scope }) => scope.endsWith(PLACE))).toMatchObject([
      { reason: 'permission_denied', effect: expect.stringContaining('the App is installed on some alone') },
    ]);
    expect(statedIn(some)).toEqual([]);
    const world = await openWorld('github');
    world.provider.revoke('token:repo');
    const alone = await world.scan({ collectors: ACTIONS, config: { app: undefined } });
    expect(alone.gaps.filter(({ scope }) => scope.endsWith(PLACE))).toMatchObject([
      { permission: 'token:repo', effect: expect.stringContaining('it lacks the permission') },
    ]);
    // Of Dependabot's GitHub asks for no more than the list.
    expect(statedIn(alone).map(([thing]) => thing)).toEqual(['secret/dependabot/HF_TOKEN/repositories']);
    expect(asksFor(world, CHOSEN)).toHaveLength(1);
  });

  test.each(['of which GitHub hides some', 'of which GitHub lists some'] as const)('%s say nothing against what was known', async (why) => {
    const world = await openWorld('github');
    world.plant(CHOSEN, chosen(37));
    const before = await world.scan({ collectors: ACTIONS });
    world.plant(CHOSEN, why === 'of which GitHub lists some' ? chosen(9, 3) : chosen(3));
    if (why === 'of which GitHub hides some')
      world.plant('POST /app/installations/{installation_id}/access_tokens', (_request, _nth, usual) => {
        const { status, body } = usual();
        return { status, body: { ...(body as object), repository_selection: 'selected' } };
      });
    const after = await world.scan({ collectors: ACTIONS, from: new Date(Date.UTC(2026, 9, 2, 2)) });
    const stands = ({ facts }: Night) =>
      facts.filter(({ thing }) => thing === THING).map(({ state, attributes }) => [state, attributes['repositories']]);
    expect([stands(before), stands(after)]).toEqual([[['present', 37]], [['unverified', 37]]]);
    expect(rulesIn(after)).toEqual(rulesIn(before));
    expect(rulesIn(after)[0]).toEqual(['secret/actions/ANTHROPIC_API_KEY', 'low', 'open']);
  });

  test('are all of them where a token answers, whatever the App beside it is installed on', async () => {
    const world = await openWorld('github', { selective: true } as object);
    world.provider.revoke('app:organization_secrets:read');
    const night = await world.scan({ collectors: [...ACTIONS, 'codespaces_secret_names'] });
    // Codespaces are shown to no App, and those of Actions not to this one.
    expect(statedIn(night).map(([thing]) => thing)).toEqual(
      expect.arrayContaining([THING, 'secret/codespaces/GEMINI_API_KEY/repositories']),
    );
    expect(night.gaps.map(({ scope }) => scope.split('/').slice(-3).join('/')).toSorted()).toEqual([
      'agents/COPILOT_MCP_NOTION_API_KEY/repositories',
      'dependabot/HF_TOKEN/repositories',
    ]);
  });

  test.each([
    [5, 2],
    [250, 99],
  ])('of which GitHub speaks of %i and lists %i are a gap', async (count, shown) => {
    const world = await openWorld('github');
    world.plant(CHOSEN, chosen(count, shown));
    const night = await world.scan({ collectors: ACTIONS });
    expect(statedIn(night).map(([thing]) => thing)).not.toContain(THING);
    expect(night.gaps).toMatchObject([{ scope: expect.stringContaining(PLACE), reason: 'truncated' }]);
  });
});

/** Of the simulated organisation, the most recently pushed first. */
function inOrder({ facts }: Night): string[] {
  const named = facts.find(({ thing }) => thing === THING)!.attributes['repositoryNames'];
  return (named as string[]).toSorted((a, b) => Number(a.split('-').at(-1)) - Number(b.split('-').at(-1)));
}
