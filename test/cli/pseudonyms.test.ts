import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ScanOutcome, Source } from '../../src/scan/engine.ts';
import { everybody } from '../../src/testing/company.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake, type NightOptions } from '../scan/night.ts';
import { connect, integrityOf, logicalDump, rowsOf } from '../store/logical-dump.ts';
import { bytesBelow, formsOf, newFolder, noctule, writeConfig } from './run.ts';
import { PACE, workspace } from './workspace.ts';

const KEY = 'a key of thirty-two and more characters';
const CONNECTORS = ['aws', 'github', 'google-workspace'] as const;
const company = smallCompany();

const providers: FakeProvider[] = [];
let sources: Source[];
let environment: Record<string, string>;

interface Nights {
  path: string;
  outcomes: ScanOutcome[];
  /** What stood in the write-ahead log while the scan ran. */
  logs: string[];
}

let full: Nights;
let hidden: Nights;
/** Everything by which anybody of the company is known anywhere. */
let names: string[];

beforeAll(async () => {
  for (const id of CONNECTORS) providers.push(await startFake(id, company));
  environment = Object.assign({}, ...providers.map((provider) => provider.environment)) as Record<string, string>;
  const opened = await Promise.all(CONNECTORS.map((name, index) => sourceOf({ name, config: providers[index]!.config })));
  sources = opened.map((source) => ({
    ...source,
    collectors: Object.fromEntries(source.connector.collectors.map(({ id }) => [id, true])),
  }));
  full = await threeNights({});
  hidden = await threeNights({ personKey: KEY });
  names = namesOf(full.path);
});
afterAll(() => Promise.all(providers.map((provider) => provider.close())));

/** The second night goes by the logs; on the third nothing has changed. */
async function threeNights(more: Partial<NightOptions>): Promise<Nights> {
  const path = join(newFolder(), 'noctule.db');
  const nights: Nights = { path, outcomes: [], logs: [] };
  let told = 0;
  const progress = () => {
    if (++told % 40 === 0) nights.logs.push(bytesBelow(dirname(path)).toLowerCase());
  };
  for (const night of [0, 1, 2]) nights.outcomes.push(await oneNight(path, night, { ...more, progress }));
  return nights;
}

function oneNight(path: string, night: number, more: Partial<NightOptions>): Promise<ScanOutcome> {
  for (const provider of providers) provider.night(Math.min(night, 1));
  return runNight(path, { sources, environment, from: dawn(company, night), interest: () => 'ai', ...more });
}

/** Names of the invented people, and the ids that their providers gave them, as a scan that hides nothing has them. */
function namesOf(path: string): string[] {
  const people = [...everybody(company)];
  const called = people.flatMap(({ handle, email, given, family }) => [
    handle,
    handle.replaceAll('.', '-'),
    email,
    `${given} ${family}`.toLowerCase(),
  ]);
  const ids = rowsOf<{ id: string; name: string }>(
    path,
    `SELECT DISTINCT principal_id AS id, lower(body ->> '$.principal.name') AS name FROM observation WHERE principal_id IS NOT NULL`,
  ).flatMap(({ id, name }) => (called.includes(name) ? [id.split('/').at(-1)!.toLowerCase()] : []));
  return [...new Set([...called, 'claude.reiher', ...ids])];
}

const named = (text: string) => names.filter((name) => text.includes(name));

/** A copy in a folder of its own, with a configuration that has the key. */
function copied(of: string) {
  const folder = newFolder();
  mkdirSync(join(folder, 'data'));
  const path = join(folder, 'data', 'noctule.db');
  const database = connect(of);
  database.prepare('VACUUM INTO ?').run(path);
  database.close();
  const config = writeConfig(
    folder,
    {},
    {
      database: 'data/noctule.db',
      persons: { mode: 'pseudonymous', key: { env: 'PERSON_KEY' } },
    },
  );
  const run = (args: readonly string[], key: string | null = KEY) =>
    noctule([...args, '--config', config], { env: key === null ? {} : { PERSON_KEY: key } });
  return { path, folder, config, run };
}

const pseudonymOf = (path: string, connector: string) =>
  rowsOf<{ id: string; name: string }>(
    path,
    `SELECT id, name FROM identities WHERE connector = ? AND name LIKE 'person-%' ORDER BY name LIMIT 1`,
    connector,
  )[0]!;

describe('a tenant that keeps pseudonyms', () => {
  test('has the nights that it would have with names: the same facts, changes and ways of reading', () => {
    expect(hidden.outcomes.map(({ classes }) => classes)).toEqual(full.outcomes.map(({ classes }) => classes));
    expect(Object.keys(hidden.outcomes[2]!.classes)).toEqual(['persisting']);
    expect(hidden.outcomes.flatMap(({ sources: all }) => all.flatMap(({ bugs }) => bugs))).toEqual([]);
    const statements = `SELECT c.connector, c.collector, r.scan_id, t.statement, t.reason, r.delta_since IS NOT NULL AS by_log, count(*) AS n
      FROM statement t JOIN reading r ON r.id = t.reading_id JOIN collector c ON c.id = r.collector_id GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`;
    expect(rowsOf(hidden.path, statements)).toEqual(rowsOf(full.path, statements));
    const byLog = rowsOf<{ connector: string }>(
      hidden.path,
      `SELECT DISTINCT c.connector FROM reading r JOIN collector c ON c.id = r.collector_id WHERE r.delta_since IS NOT NULL ORDER BY 1`,
    );
    expect(byLog.map(({ connector }) => connector)).toEqual(expect.arrayContaining(['google-workspace']));
    expect(rowsOf(hidden.path, `SELECT 1 FROM statement WHERE statement = 'unchanged'`).length).toBeGreaterThan(0);
    expect(integrityOf(hidden.path)).toBe('ok');
  });

  test('has the findings and apps that it would have with names, with as many holders', () => {
    const tables = [
      `SELECT rule, connector, severity, rank, state, product, body ->> '$.holders.count' AS holders, json_array_length(body, '$.details') AS details, count(*) AS n
       FROM finding GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8`,
      `SELECT connector, verdict, grade, product, state, body ->> '$.holders' AS holders, body ->> '$.reach' AS reach, count(*) AS n
       FROM (SELECT connector, verdict, grade, product, state, json_remove(body, '$.holders.some') AS body FROM integration)
       GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7`,
    ];
    for (const sql of tables) {
      expect(rowsOf(hidden.path, sql)).toEqual(rowsOf(full.path, sql));
      expect(rowsOf(hidden.path, sql).length).toBeGreaterThan(20);
    }
  });

  test('knows as many people, and the same ones on several planes', async () => {
    const identities = async (of: string) => {
      const { run } = copied(of);
      const all = JSON.parse((await run(['identities', '--limit', '10000', '--format', 'json'], null)).stdout) as {
        connector: string;
        class: string;
        confidence: string;
        sameAs: unknown[];
      }[];
      return all.map((one) => `${one.connector} ${one.class} ${one.confidence} ${one.sameAs.length}`).sort();
    };
    expect(await identities(hidden.path)).toEqual(await identities(full.path));
  });

  test('names nobody in any byte of the database, as it is, encoded or in Base64', () => {
    expect(names.length).toBeGreaterThan(100);
    const plain = bytesBelow(dirname(full.path)).toLowerCase();
    // What is looked for is there where nothing is hidden.
    expect(named(plain).length).toBeGreaterThan(80);
    const bytes = bytesBelow(dirname(hidden.path));
    expect(bytes.length).toBeGreaterThan(1_000_000);
    expect(named(bytes.toLowerCase())).toEqual([]);
    expect(names.filter((name) => formsOf(name).some((form) => bytes.includes(form)))).toEqual([]);
  });

  test('names nobody in what stands in the file and its log while a scan runs', () => {
    expect(hidden.logs.length).toBeGreaterThan(3);
    expect(full.logs.some((log) => named(log).length > 0)).toBe(true);
    expect(hidden.logs.flatMap(named)).toEqual([]);
  });

  test.each([
    ['findings', 'json ndjson csv markdown sarif ocsf parquet'],
    ['integrations', 'json csv markdown cyclonedx parquet'],
    ['grants', 'ndjson csv markdown parquet'],
    ['identities', 'ndjson csv markdown parquet'],
    ['changes', 'ndjson csv parquet'],
    ['coverage', 'text ndjson markdown parquet'],
  ])('exports %s without a name and without the key, and says so', async (verb, formats) => {
    const { run, folder } = copied(hidden.path);
    for (const format of formats.split(' ')) {
      const output = join(folder, `${verb}.${format}`);
      const limit = verb === 'coverage' ? [] : ['--limit', '5000'];
      const { code, stderr } = await run([verb, '--format', format, '--output', output, ...limit], null);
      expect([code, stderr]).toEqual([0, expect.stringContaining('Names of persons in it: by pseudonyms alone: ')]);
      const written = readFileSync(output, 'latin1');
      expect(named(written.toLowerCase())).toEqual([]);
      // JSON, CSV and text have no place for it.
      const says = ['markdown', 'sarif', 'ocsf', 'cyclonedx', 'parquet'].includes(format);
      expect(written.includes('by pseudonyms alone: ')).toBe(says);
    }
  });

  test('prints no name anywhere else either', async () => {
    const { run, path } = copied(hidden.path);
    const findings = rowsOf<{ key: string }>(path, 'SELECT key FROM finding ORDER BY rank DESC').map(({ key }) => key.slice(0, 12));
    const lines = [
      ...findings.slice(0, 15).map((key) => ['show', key, '--format', 'json']),
      ['diff', '1', '2'],
      ['metrics', '--format', 'json'],
      ['audit', 'log', '--format', 'json'],
      ['query', 'SELECT * FROM grants', '--format', 'json', '--max-rows', '100000'],
      ['query', 'SELECT * FROM identities', '--format', 'json', '--max-rows', '100000'],
    ];
    const printed = await Promise.all(lines.map((line) => run(line, null)));
    expect(printed.filter(({ code }) => code !== 0)).toEqual([]);
    expect(printed.flatMap(({ stdout, stderr }) => named(`${stdout}${stderr}`.toLowerCase()))).toEqual([]);
  });

  test('keeps what is no person’s: service accounts, bots, roles, apps, and domains of addresses', () => {
    const kept = rowsOf<{ name: string }>(hidden.path, `SELECT DISTINCT body ->> '$.principal.name' AS name FROM observation`).map(
      ({ name }) => name,
    );
    expect(kept).toEqual(
      expect.arrayContaining(['devin-ai-integration[bot]', 'finance-analysts', expect.stringMatching(/\.iam\.gserviceaccount\.com$/)]),
    );
    expect(kept).toContainEqual(expect.stringMatching(/^person-[a-z2-7]{16}@lanternworks\.example$/));
    const apps = (path: string) =>
      rowsOf<{ app: string }>(
        path,
        `SELECT app_id AS app FROM integration WHERE verdict = 'ai' AND connector = 'google-workspace' ORDER BY 1`,
      );
    expect(apps(hidden.path).filter(({ app }) => !app.includes('person-'))).toEqual(
      apps(full.path).filter(({ app }) => !names.some((name) => app.toLowerCase().includes(name))),
    );
  });

  test('tells a name to whoever has the key, and the audit trail that somebody asked', async () => {
    const { run, path } = copied(hidden.path);
    const { id, name } = pseudonymOf(path, 'google-workspace');
    const [one, other] = [await run(['persons', 'reveal', name]), await run(['persons', 'reveal', id])];
    expect([one.code, other.code]).toEqual([0, 0]);
    expect(names).toContain(one.stdout.trim());
    expect(names).toContain(other.stdout.trim());
    await run(['persons', 'reveal', name]);
    const events = rowsOf<{ subject: string; details: string }>(
      path,
      `SELECT subject, details FROM audit_event WHERE action = 'person.revealed' ORDER BY number`,
    );
    expect(events.map(({ details }) => details)).toEqual(['{}', '{}', '{}']);
    expect(events.every(({ subject }) => /^person\/[0-9a-f]{32}$/.test(subject))).toBe(true);
    expect(events[2]!.subject).toBe(events[0]!.subject);
    expect(events[1]!.subject).not.toBe(events[0]!.subject);
    expect((await run(['audit', 'verify'], null)).code).toBe(0);
  });

  test.each([
    ['without the key', null, 'The variable PERSON_KEY is not set'],
    ['with another key', 'another key of thirty-two and more characters', 'The key is not the one'],
    ['with a short key', 'short', 'has 5 characters, fewer than 32'],
  ])('tells no name %s', async (_title, key, message) => {
    const { run, path } = copied(hidden.path);
    const dump = logicalDump(path);
    const { code, stdout, stderr } = await run(['persons', 'reveal', pseudonymOf(path, 'github').name], key);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
    expect(logicalDump(path) === dump).toBe(true);
  });

  test.each([
    ['person-aaaaaaaaaaaaaaaa', 'No name is kept behind person-aaaaaaaaaaaaaaaa'],
    ['kira.linde.0', 'kira.linde.0 is no pseudonym'],
  ])('has nothing to tell of %s', async (text, message) => {
    const { code, stderr } = await copied(hidden.path).run(['persons', 'reveal', text]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('forgets by the address with the key, by the pseudonym without it, and then knows no name behind it', async () => {
    const { email } = company.person(3);
    const [first, second] = [copied(hidden.path), copied(hidden.path)];
    const refused = await first.run(['db', 'forget', email], null);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('The variable PERSON_KEY is not set')]);
    const done = await first.run(['db', 'forget', email, '--format', 'json']);
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('the next scan stores again')]);
    const { rows } = JSON.parse(done.stdout) as { rows: Record<string, number> };
    const gone = rowsOf<{ pseudonym: string }>(hidden.path, 'SELECT pseudonym FROM pseudonym')
      .map(({ pseudonym }) => pseudonym)
      .filter((pseudonym) => rowsOf(first.path, 'SELECT 1 FROM pseudonym WHERE pseudonym = ?', pseudonym).length === 0);
    expect(gone.length).toBe(rows['pseudonym']);
    expect(gone.some((pseudonym) => pseudonym.endsWith('@lanternworks.example'))).toBe(true);
    // The id at the provider and the address.
    expect(gone.length).toBeGreaterThanOrEqual(2);
    const bytes = bytesBelow(dirname(first.path));
    expect(gone.filter((pseudonym) => bytes.includes(pseudonym))).toEqual([]);

    const address = gone.find((pseudonym) => pseudonym.includes('@'))!;
    expect((await second.run(['persons', 'reveal', address])).stdout).toBe(`${email}\n`);
    expect((await second.run(['db', 'forget', address], null)).code).toBe(0);
    const { code, stderr } = await second.run(['persons', 'reveal', address]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('It was forgotten')]);
    expect(bytesBelow(dirname(second.path))).not.toContain(address);
  });

  test('concludes of the places of whom it forgot what it would with names', async () => {
    const { email } = company.person(3);
    const nights = await Promise.all(
      [full, hidden].map(async ({ path: of }) => {
        const { path, run } = copied(of);
        expect((await run(['db', 'forget', email])).code).toBe(0);
        return path;
      }),
    );
    const classes = [];
    for (const [index, path] of nights.entries()) {
      const outcome = await oneNight(path, 3, index === 0 ? {} : { personKey: KEY });
      classes.push(outcome.classes);
    }
    expect(classes[1]).toEqual(classes[0]);
    expect(classes[0]).toMatchObject({ appeared: expect.any(Number) as number });
    // Whom a provider still lists is known again, by the same pseudonym.
    const known = (path: string) =>
      rowsOf<{ name: string }>(path, `SELECT DISTINCT name FROM identities WHERE name NOT LIKE 'forgotten-%' ORDER BY 1`);
    expect(known(nights[1]!)).toEqual(known(hidden.path));
  });

  test('finds whom an analyst speaks of by the name too', async () => {
    const { run, path } = copied(hidden.path);
    const { email } = company.person(9);
    expect((await run(['classify', email, 'machine', '--connector', 'google-workspace', '--reason', 'A mailbox'])).code).toBe(0);
    expect(rowsOf(path, 'SELECT principal_id AS id FROM identity_override')).toEqual([
      { id: expect.stringMatching(/^person-[a-z2-7]{16}$/) as string },
    ]);
  });

  test('holds training records against people by their names, with the key', async () => {
    const told = async (of: string) => {
      const { run, folder } = copied(of);
      const file = join(folder, 'training.csv');
      writeFileSync(file, `person,course,date\n${[...everybody(company)].map(({ email }) => `${email},AI,2026-01-02`).join('\n')}\n`);
      const { stdout } = await run(['metrics', '--training', file, '--format', 'json']);
      return (JSON.parse(stdout) as { training: { trained: unknown } }).training.trained;
    };
    const asNamed = await told(full.path);
    expect(await told(hidden.path)).toEqual(asNamed);
    expect((asNamed as { part: number }).part).toBeGreaterThan(3);
  });
});

describe('the next scan', () => {
  const scanned = (options: Parameters<typeof workspace>[0]) => workspace({ people: 12, ...options });
  const persons = { mode: 'pseudonymous', key: { env: 'PERSON_KEY' } };

  /** A workspace of its own, and scans of it with one key or another. */
  async function own(config: object) {
    const made = await scanned({ config });
    const scan = (config_: Readonly<Record<string, unknown>>, key: string | undefined) => {
      const file = writeConfig(made.folder, { workspace: { ...made.provider.config, pace: PACE } }, config_);
      const summary = join(made.folder, 'summary.json');
      const env = { ...made.provider.environment, ...(key !== undefined && { PERSON_KEY: key }) };
      return noctule(['scan', '-c', file, '--summary', summary], { env });
    };
    return { ...made, scan };
  }

  test('names nobody in its summary and in what it says, also where it is refused', async () => {
    const { scan, folder, provider } = await own({});
    const first = await scan({ persons }, KEY);
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('open findings')]);
    const files = readdirSync(folder);
    expect(files).toEqual(expect.arrayContaining(['noctule.db', 'summary.json']));
    const people = Array.from({ length: 12 }, (_, number) => company.person(number).handle);
    const said = () =>
      `${readFileSync(join(folder, 'summary.json'), 'utf8')}${readFileSync(join(folder, 'noctule.db'), 'latin1')}`.toLowerCase();
    const named_ = (text: string) => people.filter((name) => text.includes(name));
    expect(named_(`${first.stdout}${first.stderr}${said()}`.toLowerCase())).toEqual([]);
    provider.faults.add({ operation: 'directory.users.list', fault: 403 });
    const again = await scan({ persons }, KEY);
    expect(named_(`${again.stdout}${again.stderr}${said()}`.toLowerCase())).toEqual([]);
  });

  test('is refused with another key, without one, and where names and pseudonyms would mix', async () => {
    const { scan } = await own({});
    expect((await scan({ persons }, KEY)).code).toBe(0);
    const refusals: [Readonly<Record<string, unknown>>, string | undefined, string | RegExp][] = [
      [
        { persons },
        'another key of thirty-two and more characters',
        /config\.json:\d+: persons\.key: The pseudonyms of the tenant "default" were made with another key/,
      ],
      [{ persons }, undefined, /config\.json:\d+: persons\.key: The variable PERSON_KEY is not set/],
      [{ persons }, 'short', 'has 5 characters, fewer than 32'],
      [{}, KEY, 'keeps pseudonyms in this database, and the configuration asks for names'],
      [{ persons: { mode: 'full' } }, KEY, 'keeps pseudonyms in this database, and the configuration asks for names'],
      [{ persons: { mode: 'pseudonymous' } }, KEY, 'persons.key: is missing'],
    ];
    for (const [config, key, message] of refusals) {
      const { code, stderr } = await scan(config, key);
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
    }
    const named_ = await own({});
    expect((await named_.scan({}, undefined)).code).toBe(0);
    const { code, stderr } = await named_.scan({ persons }, KEY);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/config\.json:\d+: persons\.mode: .* keeps names in this database/)]);
    expect(rowsOf(join(named_.folder, 'noctule.db'), 'SELECT * FROM pseudonymous_tenant')).toEqual([]);
  });
});

describe('a scan that is interrupted', () => {
  test('goes on from where it was, and comes to know what an undisturbed one does', async () => {
    const started = await Promise.all(['google-workspace', 'github'].map((id) => startFake(id, company)));
    const own = Object.assign({}, ...started.map((provider) => provider.environment)) as Record<string, string>;
    const two = await Promise.all(
      started.map((provider) => sourceOf({ name: provider.config['connector'] as string, config: provider.config })),
    );
    const speed = 100;
    const options = { sources: two, environment: own, from: dawn(company, 0), personKey: KEY, largestPage: 5, speed };
    const calm = join(newFolder(), 'noctule.db');
    await runNight(calm, options);
    // The clock of a scan goes on where that of the one before it stood: a scan from the future would be given up.
    const begun = Date.now();
    const now = () => new Date(options.from.getTime() + (Date.now() - begun) * speed);
    const broken = join(newFolder(), 'noctule.db');
    const cursors: string[] = [];
    let scans = 0;
    for (let state = ''; state !== 'concluded'; scans++) {
      const ending = new AbortController();
      let told = 0;
      const most = scans < 4 ? 6 + scans : Number.POSITIVE_INFINITY;
      const progress = () => void (++told > most && ending.abort());
      ({ state } = await runNight(broken, { ...options, from: now(), signal: ending.signal, progress }));
      if (state !== 'concluded')
        cursors.push(
          ...rowsOf<{ cursor: string }>(broken, 'SELECT cursor FROM reading WHERE cursor IS NOT NULL').map(({ cursor }) => cursor),
        );
    }
    expect(scans).toBeGreaterThan(1);
    expect(cursors.length).toBeGreaterThan(0);
    for (const cursor of cursors) expect(JSON.parse(cursor)).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(rowsOf(broken, 'SELECT 1 FROM reading WHERE cursor IS NOT NULL')).toEqual([]);
    const timeless = (path: string) => logicalDump(path).replaceAll(/"delta":[01]/g, '"delta":"-"');
    expect(timeless(broken) === timeless(calm)).toBe(true);
    for (const provider of started) await provider.close();
  });
});
