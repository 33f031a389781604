import { afterEach, describe, expect, it } from 'vitest';
import { fake, type GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { connector } from '../../../connectors/google-workspace/index.ts';
import { type Gap, type Observation, within } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector, type RunOptions } from '../../../src/testing/runner.ts';

const CONTEXT_AI = '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com';

const open: GoogleFake[] = [];
afterEach(async () => {
  for (const google of open.splice(0)) await google.close();
});

async function google(people = 12): Promise<GoogleFake> {
  const today = new Date();
  today.setUTCHours(2, 0, 0, 0);
  const started = await fake.start(createCompany({ people, today }));
  open.push(started);
  return started;
}

/** What one collector states. */
async function read(server: GoogleFake, id: string, options: RunOptions = {}) {
  const run = await runConnector(connector, server, { largestPage: 1000, ...options, only: [id] });
  const [collected] = run.collectors;
  if (run.refused || !collected || collected.error) throw run.refused ?? collected?.error;
  return {
    account: run.account!.scope,
    events: collected.events,
    observations: collected.events.filter((event): event is Observation => event.type === 'observation'),
    gaps: collected.events.filter((event): event is Gap => event.type === 'gap'),
    covered: collected.events.flatMap((event) => (event.type === 'covered' ? [event.scope] : [])),
    requests: [...collected.requests.values()].reduce((sum, count) => sum + count, 0),
  };
}

describe('the use of apps', () => {
  it('is added up for each grant: last use, methods, and bytes beyond what a number can hold', async () => {
    const { observations } = await read(await google(), 'app_use');
    const [used, ...others] = observations.filter(({ subject }) => subject.app === CONTEXT_AI);
    expect(others).toEqual([]);
    expect(used).toMatchObject({
      kind: 'oauth_grant',
      lastUsedAt: { from: 'log' },
      attributes: { bytes: '9007199254745091', calls: 3, methods: ['drive.files.get', 'drive.files.list', 'gmail.users.messages.list'] },
    });
    const days = (Date.now() - Date.parse(used!.lastUsedAt!.at)) / 86_400_000;
    expect(days).toBeGreaterThan(1.9);
    expect(days).toBeLessThan(4);
  });

  it('joins the live grant of the same user and client', async () => {
    const server = await google();
    const [used] = (await read(server, 'app_use')).observations.filter(({ subject }) => subject.app === CONTEXT_AI);
    const grants = (await read(server, 'grants')).observations.map(({ thing }) => thing);
    expect(grants).toContain(used!.thing);
  });

  it('is read of what looks like AI or may do much, and the rest is a gap', async () => {
    const server = await google();
    const everything = await read(server, 'app_use');
    const narrow = await read(server, 'app_use', { interest: () => 'unknown' });
    expect(narrow.requests).toBeLessThan(everything.requests);
    // It may read all mail, so it is read whatever it is.
    expect(narrow.observations.map(({ subject }) => subject.app)).toContain(CONTEXT_AI);
    expect(narrow.gaps).toMatchObject([{ scope: within(narrow.account, 'app'), reason: 'not_of_interest' }]);
    expect(everything.gaps).toEqual([]);
  });

  it('is unknown, not nothing, where the edition does not log it', async () => {
    const server = await google();
    server.withoutUse();
    const { observations, gaps, covered } = await read(server, 'app_use');
    expect(observations).toEqual([]);
    expect(covered).toEqual([]);
    expect(gaps).toMatchObject([{ reason: 'not_licensed' }]);
  });
});

describe('the token log', () => {
  it('tells what was denied, which is no grant', async () => {
    const { observations } = await read(await google(), 'token_log');
    const denied = observations.filter(({ kind }) => kind === 'control');
    expect(denied.map(({ attributes }) => attributes['rejection'])).toEqual([
      'EXPLICIT_ADMIN_BLOCK',
      'SCOPE_BLOCK',
      'EXPLICIT_ADMIN_BLOCK',
    ]);
    expect(new Set(denied.map(({ thing }) => thing.split('/')[0]))).toEqual(new Set(['denial']));
  });
});

describe('what administrators decided about apps', () => {
  it('is the last word on each, save what a change of many at once has made unknowable', async () => {
    const { observations, gaps, covered, account } = await read(await google(), 'app_control');
    const said = Object.fromEntries(
      observations.map(({ subject, attributes }) => [`${subject.name} ${String(attributes['unit'] ?? '')}`.trim(), attributes['state']]),
    );
    expect(said).toEqual({
      'Slack /': 'blocked',
      'Otter.ai /': 'blocked',
      'Otter.ai /Sales': 'limited',
      'unconfigured apps': 'sign-in only',
      'Meeting notes': 'allowed',
      'Zoom for Workspace': 'installed for all',
    });
    // Trusted and blocked before seven unnamed apps were blocked: each may be one of the seven.
    const unknowable = gaps.filter(({ byDesign }) => byDesign !== true).map(({ scope }) => scope.slice(account.length + 1).split('/')[1]);
    expect(unknowable.filter((app) => app !== 'bulk')).toHaveLength(2);
    expect(unknowable).toContain('bulk');
    // What was taken back was read, and is gone.
    expect(covered.length).toBe(observations.length + 2);
  });
});

describe('administrators', () => {
  it('are people, groups and programs, told apart by who stands in the list of users', async () => {
    const { observations } = await read(await google(), 'admin_roles');
    expect(observations.map(({ kind, attributes, principal }) => [kind, attributes['assignee'], principal!.standing])).toEqual([
      ['control', 'person', 'active'],
      ['control', 'person', 'active'],
      ['control', 'person', 'deleted'],
      ['control', 'group', undefined],
      ['service_account', 'service account', undefined],
    ]);
    expect(observations.at(0)!.permissions).toEqual(['adminRole/super']);
    expect(connector.meaning('adminRole/super')).toMatchObject({ access: 'admin', known: true });
  });
});
