/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { formsOf } from '../../cli/run.ts';
import { smallCompany, sourceOf, startFake } from '../../scan/night.ts';
import { logicalDump } from '../../store/logical-dump.ts';
import { openWorld } from '../world.ts';
import {
  CLIENTS,
  admitted,
  apiKey,
  askedFor,
  before,
  grantOf,
  json,
  person,
  plantAssets,
  plantLogs,
  plantPeople,
  project,
  refusals,
  service,
  tokenEvent,
  userOf,
  type Token,
} from './plants.ts';
import { installed, modulesIn } from './programs.ts';
import { ID, statement, GRANTS, CONTEXT_AI, GEMINI_CLI } from './statement.ts';

statement('T45', async () => {
  const world = await openWorld(ID);
  // Google may send more than the mask asked for.
  const planted = {
    recoveryEmail: 'recovery.of.ada@mailbox.example',
    recoveryPhone: '+12025550199',
    phones: [{ type: 'mobile', value: '+12025550198' }],
    notes: { value: 'door code 8347123' },
  };
  const people = [person(1, [CONTEXT_AI], planted), person(2, [GEMINI_CLI])];
  plantPeople(world, people);
  const keyValue = `AIza${'q'.repeat(35)}`;
  plantAssets(world, [
    project('400500600700', 'lab'),
    service('400500600700', 'generativelanguage.googleapis.com'),
    apiKey('400500600700', 'a'.repeat(32), { keyString: keyValue }),
  ]);
  await world.scan();
  plantPeople(world, [{ ...people[0]!, grants: refusals.unavailable }, people[1]!]);
  const night = await world.scan({ night: 1 });
  expect(night.findings.length).toBeGreaterThan(2);
  expect(night.gaps.some(({ collector }) => collector === 'grants')).toBe(true);
  // The program waits between attempts by a clock of its own.
  plantPeople(world, people);
  const commands = [
    ['findings', '--format', 'csv'],
    ['coverage', '--format', 'json'],
    ['diff', '1', '2', '--format', 'json'],
    ['show', night.findings[0]!.key, '--format', 'json'],
    ['doctor'],
  ];
  const ended = [await world.cli(['scan']), ...(await Promise.all(commands.map((args) => world.cli(args))))];
  for (const { stdout, stderr } of ended) expect(`${stdout}${stderr}`.length).toBeGreaterThan(100);
  const whole = [...ended.flatMap(({ stdout, stderr }) => [stdout, stderr]), world.written()].join('\n');
  // What was really asked and answered is there, so that the search can find something.
  for (const seen of [people[0]!.mail, CLIENTS.contextAi, 'Gemini CLI', 'a'.repeat(32)]) expect(whole).toContain(seen);
  const secrets = [
    ...world.provider.canaries,
    keyValue,
    planted.recoveryEmail,
    planted.recoveryPhone,
    planted.phones[0]!.value,
    'door code 8347123',
  ];
  for (const secret of secrets) for (const form of formsOf(secret)) expect(whole.includes(form), `${form} was written`).toBe(false);
});

statement('T46', async () => {
  // A tenth of the ten thousand, so that it takes seconds: one request a person, pages of 500, and a handful.
  const PEOPLE = 1_000;
  const PAGES = PEOPLE / 500;
  const world = await openWorld(ID);
  const ada = person(0);
  const people = Array.from({ length: PEOPLE }, (_, number) => person(number, [CONTEXT_AI]));
  const log = people.map((one) => tokenEvent('authorize', before(100), one, CONTEXT_AI));
  plantPeople(world, people);
  plantLogs(world, { token: log });
  const requests = () => world.asked.filter(({ operation }) => operation !== 'oauth2.token').length;
  const full = await world.scan(GRANTS);
  expect(full.facts.filter(({ kind, state }) => kind === 'oauth_grant' && state === 'present')).toHaveLength(PEOPLE);
  // 10,050 for 10,000 people leaves two walks through the directory and ten more.
  expect(requests()).toBeLessThanOrEqual(PEOPLE + 2 * PAGES + 10);

  world.asked.length = 0;
  const touched = people.slice(0, 20);
  plantPeople(
    world,
    people.map((one) => (touched.includes(one) ? { ...one, grants: [CONTEXT_AI, GEMINI_CLI] } : one)),
  );
  plantLogs(world, { token: [...log, ...touched.map((one) => tokenEvent('authorize', before(0.5, 1), one, GEMINI_CLI))] });
  const delta = await world.scan({ ...GRANTS, night: 1 });
  expect(touched.map((one) => grantOf(delta, one, CLIENTS.geminiCli)?.state)).toEqual(touched.map(() => 'present'));
  expect(grantOf(delta, people[PEOPLE - 1]!, CLIENTS.contextAi)?.state).toBe('present');
  expect(grantOf(delta, ada, CLIENTS.contextAi)?.state).toBe('present');
  // 45 for 10,000 people, of which 20 are pages of the directory.
  expect(requests()).toBeLessThanOrEqual(25 + PAGES);
});

statement('T48', async () => {
  const PEOPLE = 1_200;
  const world = await openWorld(ID, { people: 12 });
  const people = Array.from({ length: PEOPLE }, (_, number) => person(number, [number % 2 === 0 ? CONTEXT_AI : GEMINI_CLI]));
  plantPeople(world, people);
  world.plant(
    'directory.users.list',
    admitted(({ url }) => {
      if (url.searchParams.get('showDeleted') === 'true') return json({});
      const from = Number(url.searchParams.get('pageToken') ?? 0);
      const size = Number(url.searchParams.get('maxResults') ?? 100);
      const more = from + size < PEOPLE && { nextPageToken: String(from + size) };
      return json({ users: people.slice(from, from + size).map(userOf), ...more });
    }),
  );
  const { collectors } = await (async () => {
    const { connector } = await sourceOf({ name: ID, config: world.provider.config });
    return { collectors: Object.fromEntries(connector.collectors.map(({ id }) => [id, id === 'users' || id === 'grants'])) };
  })();
  const more = { collectors, pace: { perSecond: 5_000, inFlight: 12 } };
  const [killed, undisturbed] = [installed(world.provider, more), installed(world.provider, more)];
  const scan = killed.start();
  world.provider.watch(() => {
    if (askedFor(world, 'directory.tokens.list').length === 1_100) scan.kill();
  });
  expect(await scan.ended).toBe('SIGKILL');
  expect(askedFor(world, 'directory.tokens.list').length).toBeLessThan(PEOPLE);
  const resumed = await killed.run(['scan']);
  expect([resumed.code, resumed.stderr]).toEqual([0, expect.any(String)]);
  const times = Map.groupBy(askedFor(world, 'directory.tokens.list'), ({ params }) => params['userKey']!);
  expect(times.size).toBe(PEOPLE);
  // What was read of the page that was under way is lost with the process; the pages before it are not.
  expect(people.slice(0, 1_000).filter(({ id }) => times.get(id)!.length > 1)).toEqual([]);
  expect([...times.values()].filter((requests) => requests.length > 1).length).toBeLessThan(200);

  expect((await undisturbed.run(['scan'])).code).toBe(0);
  const dump = logicalDump(join(undisturbed.folder, 'noctule.db'));
  expect(logicalDump(join(killed.folder, 'noctule.db'))).toEqual(dump);
  expect(JSON.stringify(dump)).toContain(people[PEOPLE - 1]!.mail);
});

statement('T49', async () => {
  const world = await openWorld(ID);
  const people = [person(1, [CONTEXT_AI, GEMINI_CLI]), person(2, [GEMINI_CLI]), person(3)];
  plantPeople(world, people);
  // Of nobody does a log tell more than the lists.
  plantLogs(world, {});
  const live = installed(world.provider);
  const rows = [
    'user,clientId,displayText,anonymous,nativeApp,userKey,scopes',
    ...people.flatMap(({ mail, id, grants }) =>
      ((grants ?? [{}]) as Partial<Token>[]).map(({ clientId = '', displayText = '', scopes = [] }) =>
        [mail, clientId, displayText, clientId && 'False', clientId && 'False', clientId && id, scopes.join(' ')].join(','),
      ),
    ),
  ];
  const file = join(live.folder, 'tokens.csv');
  writeFileSync(file, `${rows.join('\r\n')}\r\n`, { mode: 0o600 });
  expect((await live.run(['scan'])).code).toBe(0);
  // An export is read by a scan, as a collector of its own; nothing else is read here.
  const { connector } = await sourceOf({ name: ID, config: world.provider.config });
  const imported = installed(world.provider, {
    collectors: Object.fromEntries(connector.collectors.map(({ id }) => [id, id === 'imports'])),
    imports: [{ kind: 'gam-tokens', file: { file }, takenAt: before(0).toISOString() }],
  });
  const outcome = await imported.run(['scan']);
  expect([outcome.code, outcome.stderr]).toEqual([0, expect.any(String)]);
  const grants = async ({ run }: typeof live) =>
    (
      await run([
        'query',
        "SELECT app, holder, permissions FROM grants WHERE kind = 'oauth_grant' ORDER BY app, holder",
        '--format',
        'json',
      ])
    ).stdout;
  expect(JSON.parse(await grants(live))).toHaveLength(3);
  expect(await grants(imported)).toBe(await grants(live));
});

statement('T50', async () => {
  const world = await openWorld(ID);
  const github = await startFake('github', smallCompany(12));
  onTestFinished(() => github.close());
  const loadedBy = async (provider: FakeProvider, args: readonly string[]) => {
    const here = installed(provider, { pace: { perSecond: 5_000 } });
    const coverage = join(here.folder, 'coverage');
    const ended = await here.run(args, { NODE_V8_COVERAGE: coverage });
    expect(ended.code).toBe(0);
    return modulesIn(coverage);
  };
  const GOOGLE = /node_modules\/(googleapis|google-auth-library|gaxios|googleapis-common)\//;
  const [withGoogle, without] = [await loadedBy(world.provider, ['scan']), await loadedBy(github, ['scan'])];
  expect(withGoogle.filter((url) => GOOGLE.test(url)).length).toBeGreaterThan(10);
  expect(without.filter((url) => /node_modules\/@octokit\//.test(url)).length).toBeGreaterThan(0);
  expect(without.filter((url) => GOOGLE.test(url))).toEqual([]);
});
