import { describe, expect, it } from 'vitest';
import { ORG, LISTS, OTHERS, ALL, start, ask, owner, app, everything, others } from './asking.ts';

const MCP_FILE = `query Mcp { organization(login: "lanternworks") { repositories(first: 1) {
  nodes { object(expression: "HEAD:.mcp.json") { ... on Blob { text } } }
} } }`;

describe('the world', () => {
  it('expects exactly what it serves, on every night', async () => {
    const github = await start();
    for (const night of [0, 1, 2, 40]) {
      github.night(night);
      const served = [
        ...(await everything(github, 'members')).map((row) => ['identity', row.id]),
        ...(await everything(github, 'installations')).map((row) => ['app_installation', row.app_id]),
        ...(await everything(github, 'tokens')).map((row) => ['api_key', row.token_id]),
        ...(await everything(github, 'token_requests')).map((row) => ['api_key', 'request', row.id]),
        ...(await everything(github, 'actions_secrets')).map((row) => ['secret_name', 'actions', row.name]),
        ...(await everything(github, 'dependabot_secrets')).map((row) => ['secret_name', 'dependabot', row.name]),
        ...(await everything(github, 'codespaces_secrets')).map((row) => ['secret_name', 'codespaces', row.name]),
        ...(await everything(github, 'agents_secrets')).map((row) => ['secret_name', 'agents', row.name]),
        ...(await everything(github, 'seats')).map((row) => ['seat', row.assignee.id]),
        ...(await others(github, OTHERS.authorizations)).map((row) => [
          row.credential_type.endsWith('app token') ? 'oauth_grant' : 'api_key',
          'credential',
          row.credential_id,
        ]),
        ...(await others(github, OTHERS.actions_variables, 'variables')).map((row) => ['secret_name', 'actions_variables', row.name]),
        ...(await others(github, OTHERS.agents_variables, 'variables')).map((row) => ['secret_name', 'agents_variables', row.name]),
        ...(await others(github, OTHERS.hooks)).map((row) => ['vendor_integration', row.id]),
        ...(await others(github, `${ORG}/copilot-spaces`, 'spaces')).map((row) => ['agent', row.id]),
        ...(await others(github, OTHERS.runners, 'runners')).map((row) => ['service_account', row.id]),
        ...('download_links' in (await ask(`${github.url}${OTHERS.usage}`, owner(github))).body ? [['usage', 'copilot']] : []),
        ...(await others(github, OTHERS.alerts))
          .filter((row) => row.provider !== 'Slack')
          .map((row) => ['exposure', row.repository.id, row.number]),
      ].map((entry) => entry.map(String));
      const expected = github.expected().map(({ kind, ids }) => [kind, ...ids]);
      // Settings, what is read repository by repository, and what GraphQL shows are the contract suite's to compare.
      expect(served).toEqual(
        expected
          .filter(([kind, id]) => kind !== 'control' && kind !== 'code_evidence' && id !== 'deploy_key' && id !== 'runner')
          .filter((entry) => !['repository', 'environment', 'agent'].some((word) => entry.includes(word, 1)))
          .filter((entry) => !/^51\d{6}$/.test(entry[2] ?? '')),
      );
      expect(new Set(expected.map(String)).size).toBe(expected.length);
    }
  });

  it('expects the moment at which a token expires, whatever zone it is written in', async () => {
    const github = await start();
    const expected = github.expected().filter(({ kind, ids }) => kind === 'api_key' && ids.length === 1);
    const served = (await everything(github, 'tokens')).map(({ token_expires_at: at }) =>
      at === null ? 'never' : new Date(at).toISOString(),
    );
    expect(expected.map(({ expiresAt }) => expiresAt)).toEqual(served);
    expect(served.filter((at) => at === 'never').length).toBeGreaterThan(0);
  });

  it('is the same world for the same seed, in whatever order it is asked', async () => {
    const [one, other] = [await start(), await start()];
    other.night(3);
    other.expected();
    other.night(0);
    expect(other.expected()).toEqual(one.expected());
  });

  it('installs, renames, removes, returns and empowers apps over the nights', async () => {
    const github = await start();
    // oxlint-disable-next-line typescript/no-explicit-any -- rows are what the test is about
    const apps: Map<number, any>[] = [];
    for (const night of [0, 1, 2]) {
      github.night(night);
      apps.push(new Map((await everything(github, 'installations')).map((row) => [row.app_id, row])));
    }
    const over = (id: number, field: string) => apps.map((night) => night.get(id)?.[field]);
    expect(over(956_858, 'app_slug')).toEqual([undefined, 'gemini-code-assist', 'gemini-code-assist']);
    expect(over(484_649, 'app_slug')).toEqual(['qodo-merge-pro', 'qodo-merge', 'qodo-merge']);
    expect(new Set(over(484_649, 'id')).size).toBe(1);
    expect(over(1_066_231, 'app_slug')).toEqual(['windsurf-bot', undefined, 'windsurf-bot']);
    expect(over(1_066_231, 'id')[2]).not.toBe(over(1_066_231, 'id')[0]);
    expect(over(1_027_498, 'permissions').map((permissions) => permissions.contents)).toEqual(['read', 'write', 'write']);
    expect(over(48_477, 'suspended_at')[0]).toMatch(/Z$/);
    expect(apps[0]?.size).toBeGreaterThanOrEqual(10);
  });

  it('lets leavers go, and keeps their tokens', async () => {
    const github = await start();
    const members = async () => new Set((await everything(github, 'members')).map(({ login }) => login));
    const before = await members();
    github.night(1);
    const after = await members();
    const left = [...before].filter((login) => !after.has(login));
    expect(left.map((login) => login.split('-').at(-1))).toEqual(['6', '7']);
    const standing = (await everything(github, 'tokens')).filter(
      (token) => !after.has(token.owner.login) && token.token_expires_at === null,
    );
    expect(standing.map((token) => token.token_name)).toEqual(expect.arrayContaining(['codex-cli', 'langchain-experiments']));
  });

  it('moves the dates of last use every night, and nothing else of a token', async () => {
    const github = await start();
    const before = new Map((await everything(github, 'tokens')).map((token) => [token.token_id, token]));
    github.night(2);
    const after = (await everything(github, 'tokens')).filter((token) => before.has(token.token_id));
    const used = after.filter((token) => token.token_last_used_at !== null);
    expect(used.every((token) => token.token_last_used_at > before.get(token.token_id).token_last_used_at)).toBe(true);
    const still = ({ token_last_used_at: _used, token_expired: _expired, ...token }: Record<string, unknown>) => token;
    expect(after.map(still)).toEqual(after.map((token) => still(before.get(token.token_id))));
    expect(used[0].token_last_used_at).toMatch(/-07:00$/);
    expect(after.some((token) => token.token_expired)).toBe(true);
    expect(new Set(after.map((token) => token.repository_selection))).toEqual(new Set(['none', 'all', 'subset']));
  });

  it('turns a request that was approved into a token with the same id', async () => {
    const github = await start();
    const pending = (await everything(github, 'token_requests')).map((request) => request.token_id);
    github.night(1);
    const still = (await everything(github, 'token_requests')).map((request) => request.token_id);
    const [approved] = pending.filter((id) => !still.includes(id));
    expect((await everything(github, 'tokens')).map((token) => token.token_id)).toContain(approved);
    expect([pending.length, still.length]).toEqual([2, 2]);
  });

  it('gives about 60 of 100 developers a seat, and keeps that of a leaver until the month ends', async () => {
    const github = await start({ people: 1000 });
    const { seats, members } = github.sizes();
    expect(seats! / members!).toBeCloseTo(0.6, 1);
    const cancelled = async () => (await everything(github, 'seats')).filter((seat) => seat.pending_cancellation_date !== null);
    expect((await cancelled()).map((seat) => seat.pending_cancellation_date)).toEqual(['2026-12-01']);
    github.night(30);
    expect(await cancelled()).toEqual([]);
  });

  it('names things in a hostile way where anybody can name them', async () => {
    const github = await start();
    const names = (await everything(github, 'tokens')).map((token) => token.token_name).join('\n');
    const reasons = (await everything(github, 'token_requests')).map((request) => request.reason).join('\n');
    for (const text of [names, reasons]) {
      expect(text).toContain('\u001b[');
      expect(text).toContain('\u202E');
      expect(text.length).toBeGreaterThan(10_000);
    }
  });

  it('has nothing in an empty organisation but its owner', async () => {
    const github = await start({ empty: true });
    const { members, audit_apart: silent, usage_report_files: files, ...sizes } = github.sizes();
    const { external_identities: known, enterprise_identities: above, ...others } = sizes;
    // Both identity providers know the owner, and somebody who has no account yet; the report tells of days on which nobody used Copilot.
    expect([members, known, above, silent, files]).toEqual([1, 2, 2, 11, 2]);
    expect(new Set(Object.values(others))).toEqual(new Set([0]));
    expect(github.expected().filter(({ kind }) => kind !== 'control')).toHaveLength(1);
    const token = await app(github);
    expect((await ask(`${github.url}${LISTS.actions_secrets}`, token)).body).toEqual({ total_count: 0, secrets: [] });
    expect((await ask(`${github.url}${LISTS.seats}`, token)).body).toEqual({ total_seats: 0, seats: [] });
  });

  it.each([1, 2, 5])('exists for a company of %i', async (people) => {
    const github = await start({ people });
    for (const list of ALL) expect(await everything(github, list)).toHaveLength(github.sizes()[list]!);
  });

  it('plants every secret that it counts among the canaries', async () => {
    const github = await start();
    const token = await app(github);
    const pages = await Promise.all(
      [
        '/user',
        ORG,
        LISTS.installations,
        OTHERS.authorizations,
        OTHERS.hooks,
        OTHERS.usage,
        OTHERS.actions_variables,
        `${ORG}/secret-scanning/alerts`,
        `${ORG}/audit-log?phrase=${encodeURIComponent('action:org created:>=2026-01-01')}`,
      ].map((path) => ask(`${github.url}${path}`, owner(github)).then(({ body }) => JSON.stringify(body))),
    );
    const files = await ask(`${github.url}/graphql`, owner(github), { method: 'POST', body: JSON.stringify({ query: MCP_FILE }) });
    pages.push(JSON.stringify(files.body));
    const seen = `${pages.join('\n')}\n${github.environment.GITHUB_APP_KEY}\n${github.environment.GITHUB_TOKEN}\n${token}`;
    expect(github.canaries.length).toBeGreaterThanOrEqual(8);
    expect(github.canaries.filter((canary) => canary.length >= 20 && seen.includes(canary))).toEqual(github.canaries);
  });
});
