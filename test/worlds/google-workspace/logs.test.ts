/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { openWorld, type Night } from '../world.ts';
import {
  CLIENTS,
  askedFor,
  before,
  delegated,
  findingsOf,
  gapAt,
  parameter,
  person,
  plantLogs,
  plantPeople,
  scope,
  tokenEvent,
  type LogEvent,
  type Person,
} from './plants.ts';
import { ID, statement, CONTEXT_AI, GEMINI_CLI } from './statement.ts';

statement('T19', async () => {
  const world = await openWorld(ID);
  const ada = person(1, [CONTEXT_AI, GEMINI_CLI]);
  plantPeople(world, [ada]);
  const HOUR = 1 / 24;
  const early = [
    tokenEvent('authorize', before(HOUR), ada, CONTEXT_AI),
    tokenEvent('activity', before(2 * HOUR), ada, { ...CONTEXT_AI, bytes: '100' }),
  ];
  const late = [
    tokenEvent('authorize', before(HOUR, 1), ada, GEMINI_CLI),
    tokenEvent('activity', before(HOUR, 1), ada, { ...CONTEXT_AI, bytes: '7' }),
  ];
  const collectors = ['users', 'grants', 'token_log', 'app_use'];
  plantLogs(world, { token: early });
  // On a clock that runs faster, a busy machine would begin minutes later.
  const speed = 1;
  const first = await world.scan({ collectors, speed });
  const authorised = (night: Night, clientId: string) =>
    night.facts.filter(
      ({ collector, subject, attributes }) => collector === 'token_log' && subject.app === clientId && attributes['event'] === 'authorize',
    );
  expect(authorised(first, CLIENTS.contextAi)).toHaveLength(1);

  world.asked.length = 0;
  plantLogs(world, { token: [...early, ...late] });
  const second = await world.scan({ collectors, night: 1, speed });
  // The second night asks for the last hours before the first one again.
  const starts = askedFor(world, 'reports.activities.list', 'eventName=authorize').map(({ url }) =>
    Date.parse(url.searchParams.get('startTime')!),
  );
  expect(starts.length).toBeGreaterThan(0);
  for (const start of starts) expect(start).toBeLessThanOrEqual(before(6 * HOUR).getTime() + 60_000);
  expect(authorised(second, CLIENTS.contextAi)).toHaveLength(1);
  expect(authorised(second, CLIENTS.geminiCli)).toHaveLength(1);
  const appeared = second.changes.filter((change) => change.class === 'appeared' && change.thing.includes(CLIENTS.contextAi));
  expect(appeared).toEqual([]);
  const use = second.facts.filter(({ collector, subject }) => collector === 'app_use' && subject.app === CLIENTS.contextAi);
  expect(use.map(({ attributes }) => [String(attributes['calls']), attributes['bytes']])).toEqual([['2', '107']]);
});

statement('T20', async () => {
  const world = await openWorld(ID);
  const ada = person(1, [CONTEXT_AI]);
  plantPeople(world, [ada]);
  // Pairs that a double cannot tell apart.
  const qualifiers = ['9007199254740992', '9007199254740993', '-9223372036854775808', '-9223372036854775807', '-1'];
  plantLogs(world, {
    token: qualifiers.map((qualifier) => ({ ...tokenEvent('authorize', before(3), ada, CONTEXT_AI), qualifier })),
  });
  const night = await world.scan({ collectors: ['users', 'token_log'] });
  const stated = night.facts.filter(({ collector }) => collector === 'token_log').map(({ nativeId }) => nativeId);
  expect(stated).toHaveLength(qualifiers.length);
  for (const qualifier of qualifiers) expect(stated.filter((id) => new RegExp(`(?<![\\d-])${qualifier}(?!\\d)`).test(id))).toHaveLength(1);
});

statement('T21', async () => {
  const world = await openWorld(ID);
  const ada = person(1, [CONTEXT_AI]);
  plantPeople(world, [ada]);
  const bytes = ['9007199254740993', '9007199254740993', '1'];
  plantLogs(world, {
    token: [
      tokenEvent('authorize', before(30), ada, CONTEXT_AI),
      ...bytes.map((count, index) => tokenEvent('activity', before(index + 1), ada, { ...CONTEXT_AI, bytes: count })),
    ],
  });
  const night = await world.scan({ collectors: ['users', 'grants', 'token_log', 'app_use'] });
  const use = night.facts.filter(({ collector }) => collector === 'app_use');
  expect(use.map(({ attributes }) => attributes['bytes'])).toEqual(['18014398509481987']);
  expect(use[0]!.lastUsedAt).toEqual({ at: before(1).toISOString(), from: 'log' });
});

statement('T22', async () => {
  const world = await openWorld(ID);
  const [replaced, old] = ['1'.padEnd(21, '7'), '1'.padEnd(21, '8')] as const;
  const [files, mail] = [scope('drive'), scope('gmail.readonly')] as const;
  const log = [
    delegated('AUTHORIZE', before(20), replaced, [files, mail]),
    delegated('AUTHORIZE', before(10), replaced, [mail]),
    delegated('AUTHORIZE', before(179.5), old, [files]),
  ];
  plantLogs(world, { admin: log });
  const first = await world.scan({ collectors: ['delegation'] });
  const delegations = (night: Night) =>
    Object.fromEntries(
      night.facts.filter(({ kind }) => kind === 'delegation').map(({ subject, state, permissions }) => [subject.app, [state, permissions]]),
    );
  expect(delegations(first)).toEqual({ [replaced]: ['present', [mail]], [old]: ['present', [files]] });
  const beginning = gapAt(first, 'delegation', '/delegation');
  expect(beginning?.reason).toBe('not_observable');
  expect(beginning?.effect).toContain(before(180).toISOString().slice(0, 10));

  // One is removed. Of the other nothing is heard any more, since the log has forgotten it: that is not the same.
  plantLogs(world, { admin: [...log, delegated('REMOVE', before(0.5, 1), replaced)] });
  const second = await world.scan({ collectors: ['delegation'], night: 1 });
  expect(delegations(second)[replaced]![0]).toBe('gone');
  expect(['present', 'unverified']).toContain(delegations(second)[old]![0]);
  expect(delegations(second)[old]![1]).toEqual([files]);
});

statement('T24', async () => {
  const world = await openWorld(ID);
  const trusted = (days: number, clientId: string): LogEvent => ({
    name: 'ADD_TO_TRUSTED_OAUTH2_APPS',
    at: before(days),
    parameters: [
      parameter('OAUTH2_APP_ID', clientId),
      parameter('OAUTH2_APP_NAME', 'Some app'),
      parameter('OAUTH2_APP_TYPE', 'WEB'),
      parameter('ORG_UNIT_NAME', '/'),
    ],
  });
  const singly = [trusted(100, CLIENTS.contextAi), trusted(10, CLIENTS.geminiCli)];
  plantLogs(world, { admin: singly });
  const controls = (night: Night) =>
    Object.fromEntries(night.facts.map(({ subject, state, attributes }) => [subject.app, [state, attributes['state']]]));
  const first = await world.scan({ collectors: ['app_control'] });
  expect(controls(first)).toEqual({ [CLIENTS.contextAi]: ['present', 'trusted'], [CLIENTS.geminiCli]: ['present', 'trusted'] });

  const parameters = [parameter('OAUTH2_NUM_APPS', { int: '7' })];
  plantLogs(world, { admin: [...singly, { name: 'MULTIPLE_ADD_TO_TRUSTED_OAUTH2_APPS', at: before(80), parameters }] });
  const second = await world.scan({ collectors: ['app_control'], night: 1 });
  expect(controls(second)).toEqual({ [CLIENTS.contextAi]: ['unverified', 'trusted'], [CLIENTS.geminiCli]: ['present', 'trusted'] });
  const day = before(80).toISOString().slice(0, 10);
  const gap = second.gaps.find(({ effect }) => /at once/.test(effect) && effect.includes(day));
  expect(gap?.reason).toBe('not_observable');
  const printed = await world.cli(['coverage', '--format', 'json']);
  expect(printed.stdout).toContain(gap!.effect);
});

statement('T25', async () => {
  const nightWith = async (use: (holder: Person) => LogEvent[]) => {
    const world = await openWorld(ID);
    const ada = person(1, [CONTEXT_AI]);
    plantPeople(world, [ada]);
    plantLogs(world, { token: [tokenEvent('authorize', before(150), ada, CONTEXT_AI), ...use(ada)] });
    const night = await world.scan({ collectors: ['users', 'grants', 'token_log', 'app_use'] });
    expect(askedFor(world, 'reports.activities.list', 'eventName=activity').length).toBeGreaterThan(0);
    return night;
  };
  const logged = await nightWith((holder) => [tokenEvent('activity', before(100), holder, CONTEXT_AI)]);
  expect(findingsOf(logged, CLIENTS.contextAi)[0]?.explained['lastUsed']).toEqual({ at: before(100).toISOString(), from: 'log' });
  const silent = await nightWith(() => []);
  expect(findingsOf(silent, CLIENTS.contextAi).map(({ explained }) => explained['lastUsed'])).toEqual(['unknown']);
  expect(silent.facts.filter(({ lastUsedAt }) => lastUsedAt !== undefined)).toEqual([]);
  expect(silent.gaps.map(({ collector, reason }) => [collector, reason])).toEqual([['app_use', 'not_licensed']]);
  expect(silent.findings.filter(({ rule, title }) => /unused|not used|idle/i.test(`${rule} ${title}`))).toEqual([]);
});
