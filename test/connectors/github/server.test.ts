import { describe, expect, onTestFinished, test } from 'vitest';
import { config } from '../../../connectors/github/config.ts';
import { fake } from '../../../connectors/github/fake/index.ts';
import { connector } from '../../../connectors/github/index.ts';
import { appSignals, botSignals, idOf, serverOf } from '../../../connectors/github/server.ts';
import type { Connector } from '../../../src/connector/index.ts';
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

/** Facts that a GitHub of this plan tells of one and the same company. */
async function toldBy(plan: 'saml' | 'server') {
  const github = await fake.start(createCompany({ people: 12 }), { plan });
  onTestFinished(() => github.close());
  const { account, collectors } = await runConnector(connector as unknown as Connector, github, { largestPage: 100 });
  const facts = collectors.flatMap(({ collector, events }) =>
    events.flatMap((event) => (event.type === 'observation' ? [{ ...event, key: `${collector.id} ${event.nativeId}` }] : [])),
  );
  return { facts, account: account!, host: new URL(github.url).host };
}

/** What is called by names, hosts and files: they mean the same everywhere. */
const NAMED = ['secret', 'webhook', 'file', 'action', 'permission', 'mcp', 'author', 'package'];

test('what another server counts is never told as if github.com had counted it', async () => {
  const { facts, account, host } = await toldBy('server');
  expect(account).toMatchObject({ id: expect.stringMatching(/^\d+@127\.0\.0\.1:\d+$/), scope: `organization/${account.id}` });
  const types = new Set(facts.flatMap(({ signals }) => signals.map(({ type }) => type)));
  for (const type of ['github_app_id', 'github_app', 'github_client_id', 'bot_login', 'bot_user_id']) expect(types).not.toContain(type);
  expect(types).toContain('app_name');
  const cloud = new Map((await toldBy('saml')).facts.map(({ key, subject }) => [key, subject.app]));
  const own = facts.filter(({ kind }) => !['control', 'identity', 'seat', 'exposure'].includes(kind));
  // Without the server it is what github.com says of the same thing.
  for (const { key, subject } of own) expect([key, subject.app.replaceAll(`@${host}`, '')]).toEqual([key, cloud.get(key)]);
  const [common, others] = [true, false].map((is) =>
    own.map(({ subject }) => subject.app).filter((app) => app.includes(`@${host}`) !== is),
  );
  expect(others!.length).toBeGreaterThan(20);
  expect(common!.length).toBeGreaterThan(10);
  const numbered = common!
    .map((app) => app.split('/'))
    .filter(([kind, ...ids]) => !NAMED.includes(kind!) || ids.some((id) => /^\d+$/.test(id)));
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
    // What it may do is the same whatever it is taken for.
    return night.findings.map(({ rule }) => rule).filter((rule) => rule !== 'mixed-powers');
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
