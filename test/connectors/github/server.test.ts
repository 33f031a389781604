import { describe, expect, onTestFinished, test } from 'vitest';
import { config } from '../../../connectors/github/config.ts';
import { fake } from '../../../connectors/github/fake/index.ts';
import { connector } from '../../../connectors/github/index.ts';
import { appSignals, botSignals, idOf, serverOf } from '../../../connectors/github/server.ts';
import type { Connector, Observation } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector } from '../../../src/testing/runner.ts';
import { openWorld } from '../../worlds/world.ts';

const at = (baseUrl: string) => config.parse({ organization: 'acme', token: { env: 'TOKEN' }, baseUrl });
const CLOUD = at('https://api.github.com');

describe('an id', () => {
  test.each([
    ['https://api.github.com', undefined],
    ['https://API.github.com', undefined],
    ['https://api.github.com:443/', undefined],
    ['http://127.0.0.1:4601', undefined],
    ['http://127.0.0.1:4601/api/v3', '127.0.0.1:4601'],
    ['https://git.example.com/api/v3', 'git.example.com'],
    ['https://GIT.example.com:8443/api/v3/', 'git.example.com:8443'],
    ['https://api.example.com/api/v3', 'api.example.com'],
    ['https://proxy.example.com/one/api/v3', 'proxy.example.com/one'],
    ['https://api.acme.ghe.com', 'acme.ghe.com'],
  ])('that %s gave belongs to %s', (baseUrl, server) => {
    expect(serverOf(at(baseUrl))).toBe(server);
    expect(idOf(at(baseUrl), '42')).toBe(server === undefined ? '42' : `42@${server}`);
  });

  test('of an app or a bot is a signal where github.com gave it, and elsewhere its name is', () => {
    const app = { id: '29110', slug: 'claude', clientId: 'Iv1.1' };
    expect(appSignals(CLOUD, app)).toEqual([
      { type: 'github_app_id', value: '29110' },
      { type: 'github_app', value: 'claude' },
      { type: 'github_client_id', value: 'Iv1.1' },
    ]);
    expect(botSignals(CLOUD, 'claude[bot]', '7')).toEqual([
      { type: 'bot_login', value: 'claude[bot]' },
      { type: 'bot_user_id', value: '7' },
    ]);
    for (const other of [at('https://git.example.com/api/v3'), at('https://api.acme.ghe.com')]) {
      expect(appSignals(other, app)).toEqual([{ type: 'app_name', value: 'claude' }]);
      expect(appSignals(other, { clientId: 'Iv1.1' })).toEqual([]);
      expect(botSignals(other, 'claude[bot]', '7')).toEqual([{ type: 'app_name', value: 'claude' }]);
    }
  });
});

test('what another server counts is never told as if github.com had counted it', async () => {
  const github = await fake.start(createCompany({ people: 12 }), { plan: 'server' });
  onTestFinished(() => github.close());
  const { account, collectors } = await runConnector(connector as unknown as Connector, github, { largestPage: 100 });
  const { host } = new URL(github.url);
  expect(account).toMatchObject({ id: expect.stringMatching(/^\d+@127\.0\.0\.1:\d+$/), scope: `organization/${account!.id}` });
  const told = collectors.flatMap(({ events }) => events.filter((event): event is Observation => event.type === 'observation'));
  const types = new Set(told.flatMap(({ signals }) => signals.map(({ type }) => type)));
  for (const type of ['github_app_id', 'github_app', 'github_client_id', 'bot_login', 'bot_user_id']) expect(types).not.toContain(type);
  expect(types).toContain('app_name');
  // An app's id, and whatever else this server numbered, is told with the server; names, hosts and files are not its own.
  const own = told.filter(({ kind }) => !['control', 'identity', 'seat', 'exposure'].includes(kind)).map(({ subject }) => subject.app);
  const numbered = own.filter((app) => /(^|\/)(\d{4,}|DK_[\w]+)($|\/)/.test(app));
  expect(own.filter((app) => app.includes(`@${host}`)).length).toBeGreaterThan(20);
  expect(numbered).toEqual([]);
});

describe('an app of another server', () => {
  /** What a night finds of the one app that is installed: github.com's number 347564 is a known reviewer of code. */
  async function found(plan: 'saml' | 'server', slug: string, approvals: readonly object[] = []) {
    const world = await openWorld('github', { plan } as object);
    world.plant('GET /orgs/{org}/installations', (_request, _nth, usual) => {
      const { installations } = usual().body as { installations: { app_id: number }[] };
      const app = installations.find(({ app_id: id }) => id === 347_564)!;
      return { status: 200, body: { total_count: 1, installations: [{ ...app, app_slug: slug }] } };
    });
    const night = await world.scan({ collectors: ['app_installations'], policy: { formatVersion: 1, approvals } });
    expect(night.facts.map(({ subject }) => subject.app)).toEqual([
      plan === 'saml' ? '347564' : `347564@${new URL(world.provider.url).host}`,
    ]);
    return night.findings.map(({ rule }) => rule);
  }

  test('that has the number of a known one is not recognised by it', async () => {
    expect(await found('saml', 'build-helper')).toEqual(['unapproved-ai-tool']);
    expect(await found('server', 'build-helper')).toEqual([]);
  });

  test('that has the number and the name of an approved one is not approved by either', async () => {
    const [byId, byProduct] = [{ apps: ['347564'] }, { product: 'coderabbit/coderabbit' }].map((of) => ({
      ...of,
      owner: 'it@acme.example',
      approver: 'ciso@acme.example',
      reason: 'It reviews code.',
    }));
    expect(await found('saml', 'coderabbitai', [byId!])).toEqual([]);
    expect(await found('server', 'coderabbitai', [byId!])).toEqual(['unapproved-ai-tool']);
    expect(await found('saml', 'coderabbitai', [byProduct!])).toEqual([]);
    expect(await found('server', 'coderabbitai', [byProduct!])).toEqual(['look-alike-of-approved']);
  });
});
