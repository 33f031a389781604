import { afterEach, describe, expect, it } from 'vitest';
import { NotThisFile, parseCsv } from '../../../connectors/google-workspace/csv.ts';
import { fake, type GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { connector } from '../../../connectors/google-workspace/index.ts';
import type { Gap, Observation } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector } from '../../../src/testing/runner.ts';

const open: GoogleFake[] = [];
afterEach(async () => {
  for (const google of open.splice(0)) await google.close();
});

async function google(): Promise<GoogleFake> {
  const today = new Date();
  today.setUTCHours(2, 0, 0, 0);
  const started = await fake.start(createCompany({ people: 40, today }));
  open.push(started);
  return started;
}

async function read(server: GoogleFake, id: string, files: Readonly<Record<string, string>> = {}) {
  const environment = { ...server.environment, ...files };
  const run = await runConnector(connector, { ...server, environment }, { largestPage: 500, only: [id] });
  const { events, error } = run.collectors[0]!;
  if (error) throw error;
  return {
    observations: events.filter((event): event is Observation => event.type === 'observation'),
    gaps: events.filter((event): event is Gap => event.type === 'gap'),
    covered: events.filter((event) => event.type === 'covered'),
  };
}

const fact = ({ thing, scope, subject, principal, signals, permissions, attributes }: Observation) => {
  const { importedFrom: _kind, takenAt: _at, ...rest } = attributes;
  // An export knows nothing of how somebody stands, nor who administers.
  return { thing, scope, subject, holder: [principal?.id, principal?.name], signals, permissions: permissions.toSorted(), rest };
};
const withoutNull = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value).replaceAll(String.raw`\u0000`, '')) as Value;
const byThing = (one: { thing: string }, other: { thing: string }) => (one.thing < other.thing ? -1 : 1);

describe('an export of GAM', () => {
  it('gives the same grants as a live scan of the same company', async () => {
    const server = await google();
    // The one thing that no variable of a process can hold.
    const live = withoutNull((await read(server, 'grants')).observations.map(fact).toSorted(byThing));
    const imported = (await read(server, 'imports')).observations.filter(({ kind }) => kind === 'oauth_grant');
    expect(live.length).toBeGreaterThan(40);
    expect(imported.map(fact).toSorted(byThing)).toEqual(live);
    expect(new Set(imported.map(({ attributes }) => attributes['importedFrom']))).toEqual(new Set(['gam-tokens']));
    expect(new Set(imported.map(({ evidence }) => evidence.source.replace(/\w{16}$/, 'HASH')))).toEqual(
      new Set(['import gam-tokens HASH']),
    );
  });

  it('may have its columns in any order and more of them, and other delimiters between scopes', async () => {
    const text = 'Scopes,internal,USERKEY,clientId,User\r\n"openid|email",False,123456789012345678901,1-a.apps,a@example.com\r\n';
    const { observations } = await read(await google(), 'imports', { GOOGLE_GAM_TOKENS: `\uFEFF${text}` });
    expect(observations.find(({ kind }) => kind === 'oauth_grant')).toMatchObject({
      thing: 'grant/123456789012345678901/1-a.apps',
      permissions: ['openid', 'email'],
    });
  });

  it('without a column that names whose grant it is, is refused as a whole, and the other files are read', async () => {
    const { observations, gaps, covered } = await read(await google(), 'imports', { GOOGLE_GAM_TOKENS: 'clientId,scopes\n1,openid\n' });
    expect(gaps.map(({ effect }) => effect.replace(/of \S+:/, 'of DAY:'))).toEqual([
      'The file gam-tokens of DAY: it has no column "user" and "userKey"',
    ]);
    const apps = observations.filter(({ kind }) => kind === 'control');
    expect(apps.map(({ subject, attributes }) => [subject.name, attributes['state'], attributes['verified']])).toEqual([
      ['Slack', 'blocked', 'Verified'],
      ['Calendly, Inc.', 'not configured', 'Verified'],
    ]);
    expect(covered).toHaveLength(2);
  });

  it('counts rows that it cannot understand, and takes a user without grants for no mistake', async () => {
    const text = 'user,clientId,userKey,scopes\na@example.com,,,\nb@example.com,1-a.apps,b@example.com,openid\n';
    const { gaps } = await read(await google(), 'imports', { GOOGLE_GAM_TOKENS: text });
    expect(gaps).toMatchObject([{ effect: expect.stringContaining('1 of 2 rows') as string }]);
  });
});

it('the list of the admin console names an app as the log of administrators does', async () => {
  const server = await google();
  const [blocked] = (await read(server, 'imports')).observations.filter(
    ({ kind, subject }) => kind === 'control' && subject.name === 'Slack',
  );
  const things = (await read(server, 'app_control')).observations.map(
    ({ thing, attributes }) => `${thing} ${attributes['state'] as string}`,
  );
  expect(things).toContain(`${blocked!.thing} blocked`);
});

describe('CSV', () => {
  it('may hold commas, quotes and line feeds in quotes, and end in none', () => {
    const rows = parseCsv('a,b\n"1, ""x""","2\n3"\n\n4,5', ['A']);
    expect(rows.map((row) => [...row.values()])).toEqual([
      ['1, "x"', '2\n3'],
      ['4', '5'],
    ]);
  });

  it.each([
    ['', /no column "a"/],
    ['b\n1', /no column "a"/],
    ['a,A\n1,2', /two columns "a"/],
    ['a\n"1"2', /line 2 is no CSV/],
  ])('%j is refused', (text, why) => {
    const parse = () => parseCsv(text, ['a']);
    expect(parse).toThrow(NotThisFile);
    expect(parse).toThrow(why);
  });
});
