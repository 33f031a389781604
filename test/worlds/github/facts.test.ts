/* oxlint-disable vitest/no-standalone-expect -- a statement is a test, and what is said above says it once */
import { expect, test } from 'vitest';
import { formsOf } from '../../cli/run.ts';
import { openWorld, statementsOf, type Fact, type Night } from '../world.ts';
import { collectorsOf, gapsIn, factsOf, openKeys } from './nights.ts';
import { byProgram, only } from './program.ts';
import { account, hook, installation, secret } from './rows.ts';
import { listen } from './servers.ts';
import { asksOf, changed, GRAPHQL, ok, HOOKS, INSTALLATIONS, MEMBERS } from './wire.ts';

/** What is kept of what GitHub says, and what is not. Each of the numbered statements is a planted case. */
const statement = statementsOf('github');

statement('C-25', async () => {
  const world = await openWorld('github');
  const mark = (of: string) => `planted-${of}-5f2d9c`;
  const variables = (extra: object[]) =>
    ok({
      total_count: 1 + extra.length,
      variables: [{ ...secret('OPENAI_BASE_URL'), value: mark('variable') }, ...extra],
    });
  for (const store of ['actions', 'agents']) world.plant(`GET /orgs/{org}/${store}/variables`, () => variables([]));
  // The one is well-formed, the others are not: what is wrong about them must not be told by showing them.
  world.plant('GET /repos/{owner}/{repo}/actions/variables', () =>
    variables([{ ...secret('X'), name: { text: 7 }, value: mark('misshapen') }]),
  );
  world.plant(HOOKS, () => ok([hook(1, `https://api.coderabbit.ai/in?token=${mark('query')}#${mark('fragment')}`, mark('hook'))]));
  world.plant('GET /repos/{owner}/{repo}/hooks', () => ok([hook(2, `not an address?${mark('query')}`, mark('hook'))]));
  world.plant('GET /orgs/{org}/secret-scanning/alerts', (_request, _nth, usual) => {
    const rows = usual().body as { number: number }[];
    return ok(rows.map((row, place) => ({ ...row, secret: mark('alert'), ...(place === 2 && { created_at: { secret: mark('alert') } }) })));
  });
  const servers = {
    remote: {
      type: 'http',
      url: `https://mcp.notion.com/mcp?key=${mark('query')}`,
      headers: { Authorization: `Bearer ${mark('header')}` },
    },
    local: { command: 'npx', args: ['-y', 'docs-server'], env: { API_KEY: mark('env') } },
  };
  const odd = { odd: { command: 7, env: [mark('env')], headers: mark('header') } };
  world.plant(GRAPHQL, (_request, _nth, usual) =>
    changed(usual, ({ data }) => {
      for (const [place, node] of data.organization.repositories.nodes.entries()) {
        const named = place === 0 ? servers : odd;
        for (const name of Object.keys(node).filter((key) => /mcp/i.test(key)))
          node[name] = { isBinary: false, isTruncated: false, text: JSON.stringify({ mcpServers: named, servers: named }) };
      }
    }),
  );
  const night = await world.scan();
  const seen = new Set(night.facts.map(({ subject }) => subject.name));
  for (const name of ['OPENAI_BASE_URL', 'api.coderabbit.ai', 'OpenAI API Key']) expect([...seen]).toContain(name);
  expect(night.facts.filter(({ thing }) => thing.includes('/mcp/')).length).toBeGreaterThan(1);
  // What is misshapen was met, and set aside.
  for (const collector of ['repository_settings', 'leaked_secrets']) expect(gapsIn(night).map((gap) => gap.collector)).toContain(collector);
  expect(asksOf(world, 'GET /repos/{owner}/{repo}/hooks').length).toBeGreaterThan(0);
  expect(asksOf(world, 'GET /orgs/{org}/secret-scanning/alerts').every(({ url }) => url.searchParams.get('hide_secret') === 'true')).toBe(
    true,
  );

  const finding = night.findings.find(({ name }) => name.includes('coderabbit')) ?? night.findings[0]!;
  const commands = [
    ['coverage', '--format', 'json'],
    ['findings', '--format', 'json'],
    ['diff', '--format', 'json'],
    ['show', finding.key, '--format', 'json'],
    ['query', 'SELECT * FROM integrations', '--format', 'json'],
  ];
  const whole = await byProgram(world, { pace: { perSecond: 1000, inFlight: 4 }, collectors: await only(world, ...collectorsOf(night)) });
  const printed = [whole.stdout, whole.stderr, whole.written];
  for (const command of commands) {
    const { stdout, stderr } = await world.cli(command);
    printed.push(stdout, stderr);
  }
  expect(printed.join('')).toContain('OPENAI_BASE_URL');
  const all = `${world.written()}${printed.join('\n')}`;
  for (const of of ['variable', 'misshapen', 'query', 'fragment', 'hook', 'alert', 'header', 'env'])
    for (const form of formsOf(mark(of))) expect(all.includes(form), `${of} as ${form}`).toBe(false);
});

statement('C-26', async () => {
  const store = await listen();
  const world = await openWorld('github');
  const collectors = ['copilot_usage'];
  const signature = 'planted-signature-8c1f';
  const latest = 'GET /orgs/{org}/copilot/metrics/reports/organization-28-day/latest';
  const answer = (host: string) =>
    ok({
      download_links: [`${host}/organization-28-day-report/a/b.ndjson?sig=${signature}`],
      report_start_day: '2026-10-24',
      report_end_day: '2026-11-20',
    });
  const day = { day: '2026-11-20', daily_active_users: 4, monthly_active_users: 9 };
  world.plant('GET copilot-reports/{+file}', () => ({ status: 200, body: `${JSON.stringify({ day_totals: [day] })}\n` }));

  world.plant(latest, () => answer('https://copilot-reports.github.com'));
  const night = await world.scan({ collectors });
  expect(factsOf(night, 'copilot_usage').map(({ attributes }) => attributes['inMonth'])).toEqual([{ people: 9 }]);
  const whole = await byProgram(world, { pace: { perSecond: 1000, inFlight: 4 }, collectors: await only(world, ...collectors) });
  const fetched = asksOf(world, 'GET copilot-reports/{+file}');
  expect(fetched.map(({ url }) => url.searchParams.get('sig'))).toEqual([signature, signature]);
  for (const { headers } of fetched) expect(Object.keys(headers)).not.toContain('authorization');

  // Nobody but the host that keeps GitHub's reports is sent anything, whatever GitHub's answer names.
  for (const host of [
    `http://127.0.0.1:${store.port}`,
    'https://copilot-reports.github.com.evil.example',
    'https://a:b@copilot-reports.github.com',
  ]) {
    world.plant(latest, () => answer(host));
    expect(gapsIn(await world.scan({ collectors })).map(({ collector, reason }) => [collector, reason])).toEqual([
      ['copilot_usage', 'truncated'],
    ]);
  }
  world.plant(latest, () => answer(`http://127.0.0.1:${store.port}`));
  const led = await byProgram(world, { pace: { perSecond: 1000, inFlight: 4 }, collectors: await only(world, ...collectors) });
  expect(store.heard).toEqual([]);
  expect(asksOf(world, 'GET copilot-reports/{+file}')).toHaveLength(2);

  // What went wrong there is told without the address.
  world.plant(latest, () => answer('https://copilot-reports.github.com'));
  const printed = [whole.stdout, whole.stderr, whole.written, led.stdout, led.stderr, led.written];
  for (const broken of [
    { status: 403, body: 'no' },
    { status: 200, body: `<a href="?sig=${signature}">` },
    { status: 302, headers: { location: `/?sig=${signature}` } },
  ]) {
    world.plant('GET copilot-reports/{+file}', () => broken);
    const { stdout, stderr, written } = await byProgram(world, {
      pace: { perSecond: 1000, inFlight: 4 },
      collectors: await only(world, ...collectors),
    });
    printed.push(stdout, stderr, written);
  }
  expect(printed.join('')).toContain('How much Copilot is used is unknown');
  expect(`${world.written()}${printed.join('')}`).not.toContain(signature);
});

statement('C-27', async () => {
  const world = await openWorld('github');
  const collectors = ['app_installations'];
  const list = (...apps: { id: number; appId: number; slug: string }[]) =>
    world.plant(INSTALLATIONS, () => ok({ total_count: apps.length, installations: apps.map((app) => installation(app)) }));
  list({ id: 501, appId: 484_649, slug: 'qodo-merge-pro' });
  const first = await world.scan({ collectors });
  expect(first.findings.map(({ rule, appId }) => [rule, appId])).toEqual([
    ['unapproved-ai-tool', '484649'],
    ['over-privileged-ai', '484649'],
  ]);

  list({ id: 501, appId: 484_649, slug: 'some-other-name' });
  const renamed = await world.scan({ collectors, night: 1 });
  expect(renamed.changes.map((change) => [change.class, change.name])).toEqual([['changed', 'some-other-name']]);
  expect(openKeys(renamed)).toEqual(openKeys(first));
  expect(renamed.facts).toHaveLength(1);
  expect(JSON.stringify(renamed.facts[0])).toContain('"501"');

  // The name without the id is another app.
  list({ id: 777, appId: 90_555_001, slug: 'some-other-name' });
  const other = await world.scan({ collectors, night: 2 });
  expect(other.changes.map((change) => change.class).toSorted()).toEqual(['appeared', 'gone']);
  expect(Object.fromEntries(other.facts.map(({ subject, state }) => [subject.app, state]))).toEqual({
    484649: 'gone',
    90555001: 'present',
  });
});

test('a person whose number is that of an app, and who leaves, takes nothing from the app', async () => {
  const world = await openWorld('github');
  const collectors = ['members', 'app_installations'];
  world.plant(INSTALLATIONS, () =>
    ok({
      total_count: 1,
      installations: [installation({ id: 1, appId: 347_564, slug: 'coderabbitai', permissions: { contents: 'write' } })],
    }),
  );
  const rulesOf = (night: Night) => night.findings.map(({ rule, appId }) => [rule, appId]);
  world.plant(MEMBERS, () => ok([account('mara', 31), account('jo', 347_564)]));
  const first = await world.scan({ collectors });
  world.plant(MEMBERS, () => ok([account('mara', 31)]));
  const second = await world.scan({ collectors, night: 1 });
  expect(second.changes.map((change) => [change.class, change.kind])).toEqual([['gone', 'identity']]);
  expect(rulesOf(first)).toEqual([
    ['unapproved-ai-tool', '347564'],
    ['over-privileged-ai', '347564'],
  ]);
  expect(rulesOf(second)).toEqual(rulesOf(first));
  expect(factsOf(second, 'app_installations').map(({ thing, principal }) => [thing, principal!.id])).toEqual([
    ['app/347564', 'app/347564'],
  ]);
});

statement('C-28', async () => {
  const world = await openWorld('github');
  const permissions = { contents: 'read', quantum_widgets: 'admin', organization_agent_variables: 'write', workflows: 'sometimes' };
  world.plant(INSTALLATIONS, () =>
    ok({ total_count: 1, installations: [installation({ id: 1, appId: 347_564, slug: 'coderabbitai', permissions })] }),
  );
  world.plant('GET /orgs/{org}/personal-access-tokens', (_request, _nth, usual) => {
    const [row] = usual().body as object[];
    return ok([
      { ...row, permissions: { organization: { new_thing: 'read' }, repository: { quantum_widgets: 'write' }, other: { gists: 'write' } } },
    ]);
  });
  const night = await world.scan({ collectors: ['app_installations', 'personal_access_tokens'] });
  expect(gapsIn(night)).toEqual([]);
  expect(factsOf(night, 'app_installations')[0]!.permissions.toSorted()).toEqual(
    Object.entries(permissions)
      .map(([name, access]) => `${name}:${access}`)
      .toSorted(),
  );
  const token = factsOf(night, 'personal_access_tokens')[0]!.permissions.join(' ');
  for (const name of ['new_thing:read', 'quantum_widgets:write', 'gists:write']) expect(token).toContain(name);
});

statement('C-29', async () => {
  const { listed, proposed } = await botOnBothSides();
  expect(proposed.map(({ principal }) => principal?.id)).toEqual(proposed.map(() => listed.principal!.id));
});

test("GraphQL's name of a bot is stored in REST's form", async () => {
  const { listed, proposed } = await botOnBothSides();
  expect(proposed.map(({ principal }) => principal?.name)).toEqual(proposed.map(() => listed.principal!.name));
});

/** A bot that is listed as a member, and that proposes changes. */
async function botOnBothSides(): Promise<{ listed: Fact; proposed: Fact[] }> {
  const world = await openWorld('github');
  const bot = account('devin-ai-integration[bot]', 158_243_242, 'Bot');
  const author = { __typename: 'Bot', login: 'devin-ai-integration', databaseId: bot.id, id: 'BOT_kgDOCW6Zeg' };
  const proposal = { createdAt: '2026-11-01T08:00:00Z', mergedAt: null, latestOpinionatedReviews: { totalCount: 0, nodes: [] }, author };
  world.plant(MEMBERS, () => ok([account('mara', 1), bot]));
  world.plant(GRAPHQL, (_request, _nth, usual) =>
    changed(usual, ({ data }) => {
      for (const node of data.organization.repositories.nodes) if (node['pullRequests']) node['pullRequests'] = { nodes: [proposal] };
    }),
  );
  const night = await world.scan({ collectors: ['members', 'code_authors'] });
  const listed = factsOf(night, 'members').find(({ thing }) => thing.endsWith(String(bot.id)))!;
  expect(listed.principal!.traits).toContain('bot_account');
  const proposed = factsOf(night, 'code_authors').filter(({ subject }) => subject.app.includes('devin'));
  expect(proposed.length).toBeGreaterThan(0);
  return { listed, proposed };
}
