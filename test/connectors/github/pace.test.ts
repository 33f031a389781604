import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { Client } from '../../../connectors/github/client.ts';
import { connector } from '../../../connectors/github/index.ts';
import { createCalls, createWire, type Connector, type ConnectTools } from '../../../src/connector/index.ts';
import { Secret } from '../../../src/secret/secret.ts';
import { fastClock } from '../../../src/testing/clock.ts';
import { serve } from '../../http/server.ts';
import { openWorld } from '../../worlds/world.ts';

const LATENCY = 80;

describe('a token that several organisations are read with', () => {
  test('is asked for one after the other, whichever of them it is for', async () => {
    const world = await openWorld('github', { latency: LATENCY });
    // Of the other one GitHub says who it is, and refuses all else.
    const other = { login: 'lanternworks-labs', id: 0 };
    world.plant('GET /app/installations', (_request, _nth, usual) => {
      const answer = usual();
      for (const { account } of answer.body as { account: typeof other }[]) if (account.login === other.login) other.id = account.id;
      return answer;
    });
    world.plant('GET /orgs/{org}', ({ params }, _nth, usual) => (params['org'] === other.login ? { status: 200, body: other } : usual()));
    const collectors = ['codespaces_secret_names', 'copilot_spaces', 'rulesets'];
    const night = await world.scan({ collectors, config: { organization: undefined, organizations: 'installed' } });
    expect(night.source.message).toBe('2 accounts read');
    const token = `bearer ${world.provider.environment['GITHUB_TOKEN']}`;
    const asked = world.asked.filter(({ headers }) => headers.authorization === token);
    expect(new Set(asked.map(({ url }) => url.pathname.split('/')[2])).size).toBe(2);
    expect(asked.length).toBeGreaterThan(4);
    expect(mostAtOnce(asked.map(({ at }) => at))).toBe(1);
  });

  test('is known by a fingerprint of its own at each address, which does not give it away; installations are known by none', async () => {
    const { url } = await github();
    const known = async (token: string, more: object = {}) => {
      const { asKnown } = await open({ organization: 'acme', baseUrl: url, token: { env: token }, ...more });
      return asKnown;
    };
    const one = await known('one');
    expect(one.filter((as) => as === undefined)).toHaveLength(2);
    expect(new Set(one).size).toBe(3);
    expect(await known('one', { organization: 'other' })).toEqual(one);
    expect((await known('two')).filter((as) => as !== undefined && one.includes(as))).toEqual([]);
    expect((await known('one', { baseUrl: `${url}/api/v3` })).filter((as) => as !== undefined && one.includes(as))).toEqual([]);
    expect(one.join(' ')).not.toContain('ghp_');
  });
});

test('no more than ten requests are under way at once to one GitHub, however many accounts are read and whatever their paces', async () => {
  const server = await github();
  const { signal } = new AbortController();
  const opened = await Promise.all(
    ['one', 'two', 'three'].map((token) => open({ organization: 'acme', baseUrl: server.url, token: { env: token } }, signal)),
  );
  await Promise.all(opened.flatMap(({ client }) => Array.from({ length: 20 }, () => client.page('GET /orgs/{org}/hooks', null))));
  expect(server.most()).toBe(10);
});

test('queries, lists and reports with one credential are together no more than may be under way at once, until they are answered whole', async () => {
  const server = await github();
  const { client } = await open({ organization: 'acme', baseUrl: server.url, token: { env: 'one' } }, undefined, 3);
  const query = { name: 'Viewer', text: 'query Viewer { viewer { login } }', schema: z.object({}) };
  const ways = [
    () => client.page('GET /orgs/{org}/hooks', null),
    () => client.query(query, {}),
    () => client.report('https://copilot-reports.github.com/report'),
  ];
  await Promise.all(Array.from({ length: 18 }, (_, index) => ways[index % ways.length]!()));
  expect(server.most()).toBe(3);
});

test('what is asked with the App and with the token is together no more than may be under way at once', async () => {
  const world = await openWorld('github', { latency: LATENCY });
  await world.scan();
  const bearers = new Set(world.asked.map(({ headers }) => headers.authorization));
  expect(bearers.size).toBeGreaterThan(2);
  expect(mostAtOnce(world.asked.map(({ at }) => at))).toBe(1);
});

/** How many were under way at once, told by when each was answered. */
function mostAtOnce(ends: readonly number[]): number {
  return Math.max(...ends.map((end, place) => ends.slice(place).filter((other) => other - LATENCY < end - 3).length));
}

/** A GitHub that takes its time, and counts how many wait for it. */
async function github() {
  let [now, most] = [0, 0];
  const answerTo = (url: string) => (url.includes('/hooks') ? [] : url.includes('/graphql') ? { data: {} } : { id: 42, login: 'acme' });
  const server = await serve((request, response) => {
    most = Math.max(most, ++now);
    response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': 'repo, admin:org' });
    response.flushHeaders();
    setTimeout(() => {
      now--;
      response.end(JSON.stringify(answerTo(request.url!)));
    }, 20);
  });
  return { url: server.url, most: () => most };
}

async function open(config: object, signal = new AbortController().signal, inFlight = 10) {
  const asKnown: (string | undefined)[] = [];
  const clock = fastClock();
  const tools: ConnectTools = {
    now: () => clock.now(),
    sleep: (milliseconds) => clock.sleep(milliseconds, signal),
    secret: (reference) => new Secret(`ghp_${'env' in reference ? reference.env : ''}`),
    wire: (origins) => createWire({ operations: connector.operations, origins, signal, count() {} }),
    calls(usual, classify, as) {
      asKnown.push(as);
      return createCalls({ clock, pace: { ...usual, perSecond: Number.POSITIVE_INFINITY, inFlight }, classify, signal });
    },
    signal,
    pageSize: (largest) => largest,
  };
  const general = connector as unknown as Connector;
  const { client, close } = await general.connect({ ...tools, config: general.config.parse(config) });
  onTestFinished(() => close?.());
  return { client: client as Client, asKnown };
}
