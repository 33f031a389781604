import { describe, expect, it } from 'vitest';
import type { GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { userId } from '../../../connectors/google-workspace/fake/people.ts';
import { connector } from '../../../connectors/google-workspace/index.ts';
import { type Json, within } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector } from '../../../src/testing/runner.ts';
import { google, read } from './one-collector.ts';
const CONTEXT_AI = '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com';

function titleOf(name: string, unit: Json | undefined): string {
  return typeof unit === 'string' ? `${name} ${unit}` : name;
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
    const denied = observations.filter(({ attributes }) => attributes['event'] === 'deny');
    expect(denied.map(({ attributes }) => attributes['rejection'])).toEqual([
      'EXPLICIT_ADMIN_BLOCK',
      'SCOPE_BLOCK',
      'EXPLICIT_ADMIN_BLOCK',
    ]);
    expect(new Set(denied.map(({ thing }) => thing.split('/')[0]))).toEqual(new Set(['denial']));
    expect(new Set(denied.map(({ kind }) => kind))).toEqual(new Set(['control']));
  });

  it('tells who asked for an app that is blocked, which is no grant either', async () => {
    const { observations, account } = await read(await google(), 'token_log');
    const asked = observations.filter(({ attributes }) => attributes['event'] === 'request');
    expect(asked.map(({ kind, thing, grantedAt }) => [kind, thing.split('/')[0], grantedAt])).toEqual([
      ['control', 'request', undefined],
      ['control', 'request', undefined],
    ]);
    for (const { principal, scope, subject, permissions } of asked) {
      expect(scope).toBe(within(account, 'user', principal!.id));
      expect(subject.app).toMatch(/^\d+-\w+\.apps\.googleusercontent\.com$/);
      expect(permissions).not.toEqual([]);
    }
  });

  it('takes the number that stands for nobody for nobody', async () => {
    const server = await google();
    const people = new Set((await read(server, 'token_log')).observations.map(({ principal }) => principal!.id));
    server.plant('reports.activities.list', (_request, _nth, usual) => {
      const { status, body } = usual() as { status: number; body: { items?: { actor: object }[] } };
      const [first, ...others] = body.items ?? [];
      if (!first) return { status, body };
      return { status, body: { ...body, items: [{ ...first, actor: { profileId: '105250506097979753968' } }, ...others] } };
    });
    const told = (await read(server, 'token_log')).observations.map(({ principal }) => principal!.id);
    expect(told.filter((id) => !people.has(id))).toEqual([]);
  });
});

/** Who is named for what stands, each once. */
function decidersOf(server: GoogleFake) {
  return Promise.all(
    ['app_control', 'delegation'].map(async (collector) => {
      const { observations } = await read(server, collector);
      const decided = observations.filter(({ evidence }) => evidence.source === 'reports.activities.list');
      return [collector, [...new Set(decided.map(({ attributes }) => JSON.stringify(attributes['decidedBy'])))]];
    }),
  );
}

describe('what administrators decided about apps', () => {
  it('is the last word on each, save what a change of many at once has made unknowable', async () => {
    const { observations, gaps, covered, account } = await read(await google(), 'app_control');
    const said = Object.fromEntries(
      observations.map(({ subject, attributes }) => [titleOf(subject.name, attributes['unit']), attributes['state']]),
    );
    expect(said).toEqual({
      'Slack /': 'blocked',
      'Otter.ai /': 'blocked',
      'Otter.ai /Sales': 'limited',
      'Fireflies.ai /Sales': 'blocked',
      'unconfigured apps': 'sign-in only',
      'Meeting notes': 'allowed',
      'Zoom for Workspace': 'installed for all',
    });
    // Trusted and blocked before seven unnamed apps were blocked: each may be one of the seven.
    const unknowable = gaps.flatMap(({ scope }) => scope.slice(account.length + 1).split('/')[1] ?? []);
    expect(unknowable.filter((app) => app !== 'bulk')).toHaveLength(2);
    expect(unknowable).toContain('bulk');
    // What was taken back was read, and is gone.
    expect(covered.length).toBe(observations.length + 2);
  });

  it('names the administrator who decided it, and nobody where Google names nobody', async () => {
    const server = await google();
    const company = createCompany({ people: 12 });
    const administrator = { user: userId(company, 0), email: company.person(0).email };
    expect(await decidersOf(server)).toEqual(
      ['app_control', 'delegation'].map((collector) => [collector, [JSON.stringify(administrator)]]),
    );
    server.plant('reports.activities.list', (_request, _nth, usual) => {
      const { status, body } = usual() as { status: number; body: { items?: object[] } };
      return { status, body: { ...body, ...(body.items && { items: body.items.map((item) => ({ ...item, actor: {} })) }) } };
    });
    expect(await decidersOf(server)).toEqual(['app_control', 'delegation'].map((collector) => [collector, ['null']]));
  });
});

describe('the log of administrators since August 2026', () => {
  const APP = '123456789012-abcdefghijklmnop.apps.googleusercontent.com';
  const other = APP.replace('1', '2');
  /** The newest first. */
  const told = async (...events: readonly (readonly [name: string, parameters: Readonly<Record<string, string>>])[]) => {
    const server = await google();
    server.plant('reports.activities.list', () => {
      const items = events.map(([name, parameters], index) => ({
        id: {
          time: new Date(Date.now() - (index + 1) * 86_400_000).toISOString(),
          uniqueQualifier: String(index),
          applicationName: 'admin',
        },
        actor: { email: 'it@lanternworks.example' },
        events: [{ name, parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })) }],
      }));
      return { status: 200, body: { items } };
    });
    const { observations, gaps, covered, account } = await read(server, 'app_control');
    const said = observations.map(({ subject, attributes }) => [subject.app, attributes['unit'], attributes['state']]);
    const unknown = gaps.filter(({ effect }) => !effect.startsWith('Decisions last changed before'));
    return {
      said,
      gaps: unknown.map(({ scope }) =>
        scope
          .slice(account.length + 1)
          .split('/')
          .slice(1),
      ),
      covered: covered.length,
    };
  };
  const changed = (app: string, parameters: Readonly<Record<string, string>>) =>
    ['CHANGE_APP_ACCESS', { OAUTH2_APP_ID: app, OAUTH2_APP_NAME: 'Some app', ...parameters }] as const;

  it('tells in one event what an app may do, in the words of the console, for a unit or for the top of all', async () => {
    expect(
      await told(
        changed(APP, { OLD_VALUE: 'Trusted', NEW_VALUE: 'Blocked', ORG_UNIT_NAME: 'lanternworks.example' }),
        changed(APP, { NEW_VALUE: 'Specific Google data', ORG_UNIT_NAME: '/Sales' }),
        changed(APP, { NEW_VALUE: 'Trusted', ORG_UNIT_NAME: '/' }),
      ),
    ).toEqual({
      said: expect.arrayContaining([
        [APP, '/', 'blocked'],
        [APP, '/Sales', 'trusted for some scopes'],
      ]) as unknown,
      gaps: [],
      covered: 2,
    });
  });

  it('ends a decision of the time before, where the app is configured no more', async () => {
    const before = ['ADD_TO_TRUSTED_OAUTH2_APPS', { OAUTH2_APP_ID: APP, ORG_UNIT_NAME: '/' }] as const;
    expect(await told(changed(APP, { OLD_VALUE: 'Trusted', NEW_VALUE: 'Unconfigured', ORG_UNIT_NAME: '/' }), before)).toEqual({
      said: [],
      gaps: [],
      covered: 1,
    });
  });

  it('is a gap where it does not say to what an app was changed, and over all apps where it does not say which', async () => {
    const before = changed(other, { NEW_VALUE: 'Trusted', ORG_UNIT_NAME: '/' });
    expect(await told(changed(APP, { ORG_UNIT_NAME: '/' }), before)).toEqual({
      said: [[other, '/', 'trusted']],
      gaps: [[APP, '%2F']],
      covered: 1,
    });
    expect(await told(['CHANGE_APP_ACCESS', { NEW_VALUE: 'Blocked' }], before)).toEqual({
      said: [],
      gaps: [[other, '%2F'], ['bulk']],
      covered: 0,
    });
  });

  it('says what apps may do that nobody configured, for each unit by itself', async () => {
    const allow = 'Allow users to access any third-party apps';
    const { said } = await told(
      ['CHANGE_UNCONFIGURED_APPS_ACCESS', { NEW_VALUE: "Don't allow users to access any third-party apps", ORG_UNIT_NAME: '/Sales' }],
      ['CHANGE_UNCONFIGURED_APPS_ACCESS', { OLD_VALUE: 'Blocked', NEW_VALUE: allow, ORG_UNIT_NAME: 'lanternworks.example' }],
      ['BLOCK_ALL_THIRD_PARTY_API_ACCESS', { ORG_UNIT_NAME: '/' }],
    );
    expect(said).toEqual(
      expect.arrayContaining([
        ['app_control/unconfigured%20apps', '/Sales', 'blocked'],
        ['app_control/unconfigured%20apps', undefined, 'allowed'],
      ]),
    );
    expect(said).toHaveLength(2);
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

describe('settings of the admin console', () => {
  it('hold by the largest order for each unit, are ignored for units that are gone, and mean the same in both spellings', async () => {
    const { observations } = await read(await google(), 'settings');
    const said = Object.fromEntries(
      observations.map(({ subject, attributes }) => [titleOf(subject.name, attributes['unit']), attributes['state']]),
    );
    expect(said).toEqual({
      'api_controls.unconfigured_third_party_apps /': 'sign-in only',
      'api_controls.unconfigured_third_party_apps /Sales': 'blocked',
      'api_controls.internal_apps /': 'trusted',
      'gemini_app.service_status /': 'on',
      'gemini_app.service_status groups/03kontract': 'off',
      'notebooklm.service_status /': 'off',
    });
  });

  it('are a gap of their own where no super administrator reads', async () => {
    const server = await google();
    const settings = 'https://www.googleapis.com/auth/cloud-identity.policies.readonly';
    server.revoke(settings);
    const run = await runConnector(connector, server, { largestPage: 1000, only: ['settings', 'users'] });
    const gaps = run.collectors.map(({ events }) => events.filter((event) => event.type === 'gap'));
    expect(gaps).toMatchObject([[], [{ reason: 'permission_denied', permission: settings }]]);
  });
});

describe('licences of Google’s own AI', () => {
  it('name their holders by the immutable id, suspended ones too', async () => {
    const { observations } = await read(await google(), 'ai_licences');
    expect(observations.every(({ principal }) => /^1\d{20}$/.test(principal!.id))).toBe(true);
    expect(observations.map(({ principal }) => principal!.standing)).toContain('suspended');
  });
});

describe('managed browsers', () => {
  it('tell who visits what the catalog or Google calls AI, and of the rest that it was left out', async () => {
    const { observations, gaps, account } = await read(await google(), 'chrome_sites', { interest: () => 'unknown' });
    expect(observations.filter(({ principal }) => !principal).map(({ subject }) => subject.name)).toEqual(['ChatGPT', 'Gamma']);
    expect(observations.filter(({ principal }) => principal)).toHaveLength(4);
    expect(observations[0]).toMatchObject({ kind: 'usage', lastUsedAt: { from: 'report' }, attributes: { users: 3, uploads: 6 } });
    expect(gaps).toMatchObject([{ scope: within(account, 'site'), reason: 'not_of_interest' }]);
  });

  it('that do not report are a gap, and not a company without AI', async () => {
    const server = await google(12, { empty: true });
    const { observations, gaps } = await read(server, 'chrome_sites');
    expect(observations).toEqual([]);
    expect(gaps).toMatchObject([{ reason: 'not_observable' }]);
  });

  it('tell every extension with its permissions, and the holders of those of interest alone', async () => {
    const server = await google();
    const grammarly = 'kbfnbcaeplbcioakkpcpgfkobkghlhen';
    const only = (signals: readonly { value: string }[]) => (signals.some(({ value }) => value === grammarly) ? 'ai' : 'unknown');
    const { observations, gaps } = await read(server, 'chrome_extensions', { interest: only });
    expect(observations.filter(({ kind }) => kind === 'app_installation')).toHaveLength(3);
    expect(new Set(observations.filter(({ kind }) => kind === 'usage').map(({ subject }) => subject.app))).toEqual(new Set([grammarly]));
    expect(gaps).toMatchObject([{ reason: 'not_of_interest' }]);
    expect(connector.meaning('extension:<all_urls>')).toMatchObject({
      access: 'write',
      plain: 'Read and change every page that is visited',
    });
  });
});

it('leaves out extensions with an id that no store gives, and counts them', async () => {
  const server = await google();
  const before = await read(server, 'chrome_extensions');
  server.sideload();
  const { observations, gaps } = await read(server, 'chrome_extensions');
  expect(observations).toEqual(before.observations);
  expect(gaps.map(({ effect }) => effect)).toEqual(['1 extensions have an id that the Web Store does not give: they were left out']);
});

describe('people', () => {
  it('are told apart: guests, administrators of everything and of something, and whether a second factor must be used', async () => {
    const server = await google();
    const { observations } = await read(server, 'users');
    const company = createCompany({ people: 12, today: new Date() });
    const of = (person: number) => observations.find(({ subject }) => subject.name === company.person(person).email)!;
    expect([0, 1, 2, 11].map((person) => of(person).principal!.traits.slice(2))).toEqual([
      ['administrator'],
      ['administrator'],
      [],
      ['external'],
    ]);
    expect([0, 1].map((person) => of(person).attributes['superAdministrator'])).toEqual([true, undefined]);
    expect(of(2).attributes['secondFactorEnforced']).toBe(false);
  });

  it('are the same people wherever they are met', async () => {
    const server = await google();
    const traits = async (collector: string) =>
      (await read(server, collector)).observations.flatMap(({ principal }) =>
        principal?.traits.includes('directory_person')
          ? [[principal.id, principal.traits.filter((one) => one !== 'standing_credential')] as const]
          : [],
      );
    const told = new Map(await traits('users'));
    for (const collector of ['grants', 'app_passwords', 'ai_licences']) {
      const people = await traits(collector);
      expect(people.length).toBeGreaterThan(0);
      for (const [id, those] of people) expect([collector, id, those]).toEqual([collector, id, told.get(id)]);
    }
  });
});

describe('the printed set-up', () => {
  const [setup] = connector.documents!;

  it.each(connector.collectors.flatMap(({ id, permissions }) => permissions.map((permission) => [permission.id, id] as const)))(
    'says what to do for %s, which %s needs',
    (permission) => {
      const without = setup!.text([]).split('\n');
      const added = setup!
        .text([permission])
        .split('\n')
        .filter((line) => !without.includes(line));
      expect(added.join('\n')).toMatch(
        permission.startsWith('https://') ? /OAuth scopes|https:\/\// : / {3}- (roles\/\w+|a role of your own .* with [\w.]+ alone)/,
      );
      expect(added.join('\n').includes(permission)).toBe(permission.startsWith('https://') || permission === 'apikeys.keys.list');
    },
  );

  it('grants no role that may read the strings of API keys', () => {
    const text = setup!.text(connector.collectors.flatMap(({ permissions }) => permissions.map(({ id }) => id)));
    expect(text).toContain('with apikeys.keys.list alone, not API Keys Viewer');
    // What the roles hold: https://cloud.google.com/iam/docs/roles-permissions/apikeys
    for (const role of ['roles/serviceusage.apiKeys', 'roles/viewer', 'roles/editor', 'roles/owner', 'roles/firebase'])
      expect(text).not.toContain(role);
  });

  it('asks for nothing of Google Cloud where nothing there is read', () => {
    const users = connector.collectors.find(({ id }) => id === 'users')!.permissions.map(({ id }) => id);
    expect(setup!.text(users)).not.toContain('roles/');
  });
});
