/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import type { FakeAnswer } from '../../../src/testing/server.ts';
import { openWorld } from '../world.ts';
import { startFront } from './front.ts';
import { impatient } from './impatient.ts';
import {
  CLIENTS,
  askedFor,
  findingsOf,
  gapAt,
  grantOf,
  json,
  person,
  plantPeople,
  refusal,
  refusals,
  scope,
  tokens,
  type Person,
} from './plants.ts';
import { ID, statement, GRANTS, CONTEXT_AI, GEMINI_CLI, twoHolders, expectUnread } from './statement.ts';

// Silence, the last of the ways in which an answer can stay away, is planted for T09.
statement('T01', async () => {
  for (const answer of [refusals.forbidden, refusals.unauthenticated, refusals.tooMany, refusals.internal, refusals.unavailable]) {
    const told = await twoHolders(answer);
    expectUnread(told);
    // The same finding closes when the list is read and empty: what held it open was the gap.
    told.heal(() => tokens([]));
    const third = await told.world.scan({ ...GRANTS, night: 2 });
    expect(findingsOf(third, CLIENTS.contextAi)).toEqual([]);
  }
});

statement('T02', async () => {
  const html = (): FakeAnswer => ({
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html><title>Sorry</title>',
  });
  const cut = (): FakeAnswer => ({
    status: 200,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: JSON.stringify(tokens([CONTEXT_AI]).body).slice(0, 60),
  });
  for (const answer of [html, cut]) expectUnread(await twoHolders(answer));
});

statement('T03', async () => {
  const { second, ada } = await twoHolders(() => json({ kind: 'admin#directory#tokenList', etag: '"x"' }));
  expect(second.gaps).toEqual([]);
  expect(second.source.state).toBe('read');
  expect(grantOf(second, ada, CLIENTS.contextAi)?.state).toBe('gone');
  expect(findingsOf(second, CLIENTS.contextAi)).toEqual([]);
});

statement('T04', async () => {
  const notFound = () => refusal(404, 'notFound', 'Resource Not Found: userKey');
  expectUnread(await twoHolders(notFound));

  // The user is deleted between the list of users and the list of grants.
  const world = await openWorld(ID);
  let ada: Person = person(1, [CONTEXT_AI]);
  const bo = person(2, [GEMINI_CLI]);
  plantPeople(world, [ada, bo]);
  await world.scan(GRANTS);
  ada = {
    ...ada,
    grants: () => {
      ada.gone = true;
      return notFound();
    },
  };
  plantPeople(world, [ada, bo]);
  const second = await world.scan({ ...GRANTS, night: 1 });
  expect(askedFor(world, 'directory.tokens.list', ada.id)).toHaveLength(2);
  expect(['unverified', 'gone']).toContain(grantOf(second, ada, CLIENTS.contextAi)?.state);
  // At the latest the next night, which does not meet the user at all, knows.
  const third = await world.scan({ ...GRANTS, night: 2 });
  expect(grantOf(third, ada, CLIENTS.contextAi)?.state).toBe('gone');
  expect(findingsOf(third, CLIENTS.contextAi)).toEqual([]);
  expect(grantOf(third, bo, CLIENTS.geminiCli)?.state).toBe('present');
});

statement('T05', async () => {
  const world = await openWorld(ID);
  const people = Array.from({ length: 80 }, (_, number) => person(number, refusals.noScope));
  plantPeople(world, people);
  const night = await world.scan(GRANTS);
  const { first, repeats } = night.sent('directory.tokens.list');
  expect([first > 0, repeats]).toEqual([true, 0]);
  // 10 to 15 in flight is what the quota advises.
  expect(first).toBeLessThanOrEqual(15);
  // One message about the collector; beside it stand only those who had been asked for when it came.
  const whole = gapAt(night, 'grants', '');
  expect([whole?.reason, whole?.permission]).toEqual(['permission_denied', scope('admin.directory.user.security')]);
  expect(night.gaps.filter(({ collector }) => collector === 'grants')).toHaveLength(first + 1);
  expect(night.facts.filter(({ kind }) => kind === 'identity')).toHaveLength(80);
});

statement('T06', async () => {
  const world = await openWorld(ID);
  const ada = person(1, (_, nth) => (nth <= 2 ? refusals.quotaExceeded() : tokens([CONTEXT_AI])));
  plantPeople(world, [ada]);
  const night = await world.scan(GRANTS);
  expect(askedFor(world, 'directory.tokens.list', ada.id)).toHaveLength(3);
  expect(night.facts.filter(({ kind }) => kind === 'oauth_grant')).toHaveLength(1);
  expect(grantOf(night, ada, CLIENTS.contextAi)?.state).toBe('present');
  expect(night.gaps).toEqual([]);
});

statement('T07', async () => {
  const world = await openWorld(ID);
  const [ada, bo] = [person(1, () => refusals.tooMany()), person(2, [GEMINI_CLI])];
  plantPeople(world, [ada, bo]);
  const night = await world.scan(GRANTS);
  const requests = askedFor(world, 'directory.tokens.list', ada.id).length;
  expect(requests).toBeGreaterThan(1);
  expect(requests).toBeLessThanOrEqual(10);
  expect(gapAt(night, 'grants', `/user/${ada.id}`)?.reason).toBe('rate_limited');
  expect(grantOf(night, bo, CLIENTS.geminiCli)?.state).toBe('present');
});

statement('T08', async () => {
  // How long it waited, on the real clock; a machine that is busy with something else gets another try.
  let waited = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 && waited > 2_200; tries++) {
    const world = await openWorld(ID);
    const ada = person(1, (_, nth) => (nth === 1 ? refusals.tooMany(2) : tokens([CONTEXT_AI])));
    plantPeople(world, [ada]);
    const night = await world.scan({ ...GRANTS, speed: 1 });
    const [first, second] = askedFor(world, 'directory.tokens.list', ada.id);
    waited = second!.at - first!.at;
    expect(waited).toBeGreaterThan(1_990);
    expect(grantOf(night, ada, CLIENTS.contextAi)?.state).toBe('present');
  }
  expect(waited).toBeLessThanOrEqual(2_200);
});

statement('T09', async () => {
  const world = await openWorld(ID);
  const people = [person(1, [CONTEXT_AI]), person(2, [GEMINI_CLI]), person(3, [GEMINI_CLI])];
  plantPeople(world, people);
  let silent = false;
  const front = await startFront(world.provider.config['endpoint'], (_, url) =>
    silent && url.pathname.includes(`${people[0]!.id}/tokens`) ? 'silence' : undefined,
  );
  const scan = impatient(world, front.url, 400, GRANTS.collectors);
  await scan(0);
  silent = true;
  const night = await scan(1);
  const place = `customer/${night.outcome.sources[0]!.account!.id}/user/${people[0]!.id}`;
  expect(night.gaps.map((gap) => [gap.collector, gap.scope, gap.reason])).toEqual([['grants', place, 'provider_error']]);
  const states = Object.fromEntries(night.grants.map(({ native, state }) => [native.split('/')[1], state]));
  expect(states).toEqual({ [people[0]!.id]: 'unverified', [people[1]!.id]: 'present', [people[2]!.id]: 'present' });
  expect(night.findings.some(({ appId }) => appId === CLIENTS.contextAi)).toBe(true);
});

statement('T10', async () => {
  const world = await openWorld(ID);
  const people = Array.from({ length: 30 }, (_, number) => person(number, [CONTEXT_AI]));
  plantPeople(world, people);
  // Everybody on both nights, so that many requests are under way when the token ends.
  const everybody = { collectors: ['grants'], config: { mode: 'full' } };
  const undisturbed = await world.scan(everybody);
  const usually = undisturbed.sent('oauth2.token').first;
  world.asked.length = 0;
  let stale: string | undefined;
  let refused = 0;
  let calls = 0;
  const listed = (request: { headers: { authorization?: string | undefined } }): FakeAnswer => {
    if (++calls === 12) stale = request.headers.authorization;
    if (stale === undefined || request.headers.authorization !== stale) return tokens([CONTEXT_AI]);
    refused++;
    return refusals.unauthenticated();
  };
  plantPeople(
    world,
    people.map((one) => ({ ...one, grants: listed })),
  );
  const night = await world.scan({ ...everybody, night: 1 });
  expect(refused).toBeGreaterThan(0);
  expect(night.sent('oauth2.token').first + night.sent('oauth2.token').repeats).toBe(usually + 1);
  // One repeat of each request that met the stale token, and none of any other.
  expect(night.sent('directory.tokens.list')).toEqual({ first: 30, repeats: refused });
  expect(night.gaps).toEqual([]);
  expect(night.facts.filter(({ kind, state }) => kind === 'oauth_grant' && state === 'present')).toHaveLength(30);
});
