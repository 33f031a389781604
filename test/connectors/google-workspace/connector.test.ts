import { afterEach, describe, expect, it } from 'vitest';
import { fake, type GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { connector } from '../../../connectors/google-workspace/index.ts';
import { type Gap, type Json, type Observation, within } from '../../../src/connector/index.ts';
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
      observations.map(({ subject, attributes }) => [titleOf(subject.name, attributes['unit']), attributes['state']]),
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
    const unknowable = gaps.flatMap(({ scope }) => scope.slice(account.length + 1).split('/')[1] ?? []);
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
    const company = createCompany();
    const server = await fake.start(company, { empty: true });
    open.push(server);
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

describe('Google Cloud', () => {
  const AI_SERVICES = ['generativelanguage.googleapis.com', 'aiplatform.googleapis.com'];
  const interest: RunOptions['interest'] = (signals) => (signals.some(({ value }) => AI_SERVICES.includes(value)) ? 'ai' : 'unknown');

  it('tells which API keys may call AI: by their limits, or without limits where the service is enabled', async () => {
    const { observations } = await read(await google(), 'cloud_assets', { interest });
    const keys = observations.filter(({ thing }) => thing.startsWith('api_key/'));
    expect(Object.fromEntries(keys.map(({ subject, signals }) => [subject.name, signals.map(({ value }) => value)]))).toEqual({
      'Gemini prototype': ['generativelanguage.googleapis.com'],
      'Maps on the web site': ['maps-backend.googleapis.com'],
      'API key 1': ['generativelanguage.googleapis.com'],
      'API key 2': [],
    });
  });

  it('lists what stands in AI services under one app a service: who acts by itself, and as whom', async () => {
    const { observations } = await read(await google(), 'ai_resources');
    expect(
      observations.map(({ kind, subject, attributes }) => [
        kind,
        subject.app,
        attributes['type'],
        attributes['name'],
        attributes['runsAs'],
      ]),
    ).toEqual([
      ['vendor_integration', 'cloud_service/aiplatform.googleapis.com', 'Endpoint', 'Churn', undefined],
      ['vendor_integration', 'cloud_service/aiplatform.googleapis.com', 'Model', 'locations/europe-west1/models/816', undefined],
      [
        'agent',
        'cloud_service/aiplatform.googleapis.com',
        'ReasoningEngine',
        'Claims desk',
        'claims@lanternworks-data.iam.gserviceaccount.com',
      ],
      ['agent', 'cloud_service/discoveryengine.googleapis.com', 'Engine', 'Handbook', undefined],
      [
        'vendor_integration',
        'cloud_service/notebooks.googleapis.com',
        'Instance',
        'locations/europe-west1-b/instances/scratch',
        'notebook-runner@lanternworks-data.iam.gserviceaccount.com',
      ],
    ]);
    const services = (await read(await google(), 'cloud_assets')).observations.map(({ subject }) => subject.app);
    expect(services).toContain(observations[0]!.subject.app);
  });

  it('tells which grants agents hold elsewhere, of whom, and that the secret of their client is not asked for', async () => {
    const server = await google();
    const masks: (string | null)[] = [];
    server.watch(({ url }) => void (url.pathname.endsWith('/authProviders') && masks.push(url.searchParams.get('fields'))));
    const { observations } = await read(server, 'agent_grants');
    const [notes, ...rest] = observations;
    expect(notes).toMatchObject({
      kind: 'vendor_integration',
      permissions: ['read_content'],
      signals: [{ type: 'domain', value: 'api.notes.example' }],
      attributes: { worksFor: 'people who let it in', agents: [expect.stringMatching(/^principal:.*invoices$/) as string] },
    });
    const people = createCompany({ people: 12, today: new Date() });
    expect(
      rest.map(({ kind, subject, use, attributes }) => [
        kind,
        subject.name,
        use,
        (attributes['inTheNameOf'] as { user: string } | undefined)?.user,
        attributes['worksFor'] ?? attributes['state'],
      ]),
    ).toEqual([
      ['oauth_grant', 'notes-of-people', undefined, people.person(1).email, 'ACTIVE'],
      ['oauth_grant', 'notes-of-people', undefined, people.person(2).email, 'SUSPENDED'],
      ['oauth_grant', 'notes-of-people', undefined, people.person(3).email, 'ACTIVE'],
      ['vendor_integration', 'warehouse', undefined, undefined, 'itself'],
    ]);
    // Without limits to scopes, an agent may ask for any.
    expect(rest.at(-1)!.attributes['scopes']).toBe('any');
    expect(masks).toHaveLength(1);
    expect(masks[0]).not.toMatch(/secret|apiKey|clientId/i);
  });

  it('names the agent behind a grant where one alone has used the provider, and a further one changes no grant', async () => {
    const workloads = async (more: readonly string[]) => {
      const server = await google();
      server.plant('agentidentity.projects.locations.authProviders.queryWorkloads', (_request, _nth, usual) => {
        const answer = usual();
        const { workloadIds } = answer.body as { workloadIds: string[] };
        return { ...answer, body: { workloadIds: [...workloadIds, ...more] } };
      });
      const { observations } = await read(server, 'agent_grants');
      const ofNotes = observations.filter(({ subject }) => subject.name === 'notes-of-people');
      return {
        provider: ofNotes[0]!,
        grants: ofNotes.slice(1),
        others: observations.filter(({ subject }) => subject.name === 'warehouse'),
      };
    };
    const alone = await workloads([]);
    const [agent] = alone.provider.attributes['agents'] as [string];
    expect(agent).toMatch(/^principal:\/\/.*\/invoices$/);
    expect(alone.grants.map(({ principal }) => principal)).toEqual(
      alone.grants.map(() => ({ id: agent, name: agent, traits: ['agent_runtime', 'workload'] })),
    );
    expect(alone.grants).toHaveLength(3);
    expect(alone.provider.principal?.id).toBe(agent);
    // Two agents use it.
    expect(alone.others.map(({ principal }) => principal)).toEqual([undefined]);
    const [two, three] = [await workloads(['principal://second']), await workloads(['principal://second', 'principal://third'])];
    expect(two.grants.map(({ principal }) => principal)).toEqual([undefined, undefined, undefined]);
    expect(three.provider.attributes['agents']).toEqual([agent, 'principal://second', 'principal://third']);
    expect(three.grants).toEqual(two.grants);
  });

  it('takes the grants of a deleted provider alone for over', async () => {
    const server = await google();
    server.plant('agentidentity.projects.locations.authProviders.list', (_request, _nth, usual) => {
      const answer = usual();
      const { authProviders } = answer.body as { authProviders: object[] };
      return { ...answer, body: { authProviders: authProviders.map((one, at) => ({ ...one, deleted: at === 0 })) } };
    });
    server.plant('agentidentity.projects.locations.authProviders.authorizations.list', (_request, _nth, usual) => {
      const answer = usual();
      const { authorizations = [] } = answer.body as { authorizations?: object[] };
      return { ...answer, body: { authorizations: authorizations.map((one) => ({ ...one, state: 'NOT_REVOKED' })) } };
    });
    const { observations } = await read(server, 'agent_grants');
    expect(observations.map(({ subject, use }) => [subject.name, use])).toEqual([
      ['notes-of-people', 'inactive'],
      ['notes-of-people', 'inactive'],
      ['notes-of-people', 'inactive'],
      ['notes-of-people', 'inactive'],
      ['warehouse', undefined],
    ]);
    server.plant('agentidentity.projects.locations.authProviders.list', (_request, _nth, usual) => usual());
    const after = await read(server, 'agent_grants');
    expect(after.observations.map(({ use, attributes }) => [use, attributes['state']])).toEqual([
      [undefined, 'ENABLED'],
      [undefined, 'NOT_REVOKED'],
      [undefined, 'NOT_REVOKED'],
      [undefined, 'NOT_REVOKED'],
      [undefined, 'ENABLED'],
    ]);
  });

  it.each([
    ['agent_registry', 'agentregistry.locations.list', 'Which agents are registered is unknown'],
    ['agent_tools', 'agentregistry.mcpServers.list', 'Which tools agents have is unknown'],
    ['agent_tools', 'agentregistry.bindings.list', 'Which tools agents have is unknown'],
    ['agent_grants', 'agentidentity.authProviders.queryWorkloads', 'Which grants agents hold is unknown'],
    ['agent_grants', 'agentidentity.authorizations.list', 'Which grants agents hold is unknown'],
  ])('says of %s that %s is missing, and names no other', async (collector, permission, effect) => {
    const server = await google();
    server.revoke(permission);
    const { gaps } = await read(server, collector);
    expect(new Set(gaps.map((gap) => `${gap.reason} ${gap.permission} ${gap.effect}`))).toEqual(
      new Set([`permission_denied ${permission} ${effect}`]),
    );
    const others = connector.collectors.find(({ id }) => id === collector)!.permissions.map(({ id }) => id);
    expect(others).toContain(permission);
  });

  it('claims the use of keys up to where Google had watched each that somebody may hold, not up to now', async () => {
    const server = await google();
    // Of each project the first key is one that somebody may hold.
    const watched = ['2026-11-04T07:00:00Z', '2026-11-02T07:00:00Z'];
    let period = (project: number, key: number): object => ({ endTime: key === 0 ? watched[project] : '2026-01-01T07:00:00Z' });
    const projects: string[] = [];
    server.plant('policyanalyzer.projects.locations.activityTypes.activities.query', (request, _nth, usual) => {
      const project = request.params['project']!;
      if (!projects.includes(project)) projects.push(project);
      const answer = usual();
      const { activities } = answer.body as { activities: object[] };
      const planted = activities.map((item, key) => ({ ...item, observationPeriod: period(projects.indexOf(project), key) }));
      return { ...answer, body: { activities: planted } };
    });
    const windows = async () => (await read(server, 'key_use')).events.flatMap((event) => (event.type === 'covered' ? [event.window] : []));
    expect(await windows()).toEqual([{ from: '2026-11-02T07:00:00.000Z', to: '2026-11-02T07:00:00.000Z' }]);
    expect(projects).toHaveLength(2);
    period = () => ({});
    expect(await windows()).toEqual([]);
  });

  it('tells when the key of a service account was last used, and says nothing of one that was not', async () => {
    const server = await google();
    const { observations } = await read(server, 'key_use');
    const keys = (await read(server, 'cloud_assets')).observations.filter(({ thing }) => thing.startsWith('service_account_key/'));
    expect(observations.map(({ thing, subject, lastUsedAt }) => [thing, subject.app, lastUsedAt?.from])).toEqual([
      [keys[0]!.thing, keys[0]!.subject.app, 'report'],
    ]);
    expect(keys).toHaveLength(2);
    const days = (Date.now() - Date.parse(observations[0]!.lastUsedAt!.at)) / 86_400_000;
    expect(days).toBeGreaterThan(1);
    expect(days).toBeLessThan(4);
  });

  it('tells which tools agents have, which of them may destroy something, and who may call what', async () => {
    const { observations } = await read(await google(), 'agent_tools');
    expect(
      observations.map(({ kind, subject, signals }) => [kind, subject.name, signals.map(({ type, value }) => `${type} ${value}`)]),
    ).toEqual([
      ['vendor_integration', 'Ledger', ['mcp_server ledger.tools.example', 'domain ledger.tools.example', 'app_name Ledger']],
      ['control', 'invoices-ledger', []],
      ['control', 'support-invoices', []],
      ['vendor_integration', 'Nothing yet', ['app_name Nothing yet']],
    ]);
    const [ledger, bound, plain] = observations;
    // A tool that says nothing of itself may do anything.
    expect(ledger!.attributes).toMatchObject({
      tools: ['add_entry', 'close_year', 'export', 'read_balance'],
      mayDestroy: ['close_year', 'export'],
      toolCount: 4,
    });
    expect([bound!.permissions, bound!.attributes['caller'], bound!.attributes['called']]).toEqual([
      ['read_content'],
      'urn:agent:lanternworks:invoices',
      'urn:mcp:lanternworks:ledger',
    ]);
    const [provider] = (await read(await google(), 'agent_grants')).observations;
    expect([bound!.attributes['tokensFrom'], plain!.attributes['tokensFrom']]).toEqual([
      expect.stringMatching(new RegExp(`/${provider!.subject.name}$`)),
      null,
    ]);
  });

  it('goes without the types of AI services that Google does not support, and says which', async () => {
    const server = await google();
    server.withoutAssetType('dialogflow.googleapis.com/Agent');
    server.withoutAssetType('aiplatform.googleapis.com/ReasoningEngine');
    const { observations, gaps } = await read(server, 'ai_resources');
    expect(gaps.map(({ reason, effect }) => [reason, effect])).toEqual([
      ['not_observable', 'Resources of the type aiplatform.googleapis.com/ReasoningEngine are unknown'],
      ['not_observable', 'Resources of the type dialogflow.googleapis.com/Agent are unknown'],
    ]);
    expect(observations.map(({ attributes }) => attributes['type'])).toEqual(['Endpoint', 'Model', 'Engine', 'Instance']);
  });

  it('ties a delegation and a role of an administrator to the service account behind it', async () => {
    const server = await google();
    const accounts = (await read(server, 'cloud_assets')).observations.filter(({ kind }) => kind === 'service_account');
    const behind = accounts.map(({ subject }) => subject.app);
    const delegated = (await read(server, 'delegation')).observations
      .filter(({ kind }) => kind === 'delegation')
      .map(({ subject }) => subject.app);
    const [robot] = (await read(server, 'admin_roles')).observations.filter(({ kind }) => kind === 'service_account');
    expect(delegated.filter((client) => behind.includes(client))).toEqual([robot!.subject.app]);
  });

  it('marks an exposed key although it was disabled, and leaves out those that Google turns over itself', async () => {
    const { observations } = await read(await google(), 'cloud_assets');
    const keys = observations.filter(({ thing }) => thing.startsWith('service_account_key/'));
    expect(keys.map(({ expiresAt, use, attributes }) => [expiresAt === 'never', use, attributes['exposed']])).toEqual([
      [true, undefined, false],
      [false, 'inactive', true],
    ]);
  });

  it('tells who outside may become a workload, and whether that is tied to a condition', async () => {
    const { observations } = await read(await google(), 'cloud_assets');
    const trusts = observations.filter(({ kind }) => kind === 'trust');
    expect(
      trusts.map(({ subject, signals, attributes }) => [subject.app, signals[0]!.type, attributes['conditioned'], attributes['trusts']]),
    ).toEqual([
      ['token.actions.githubusercontent.com', 'oidc_issuer', true, 'oidc'],
      [expect.stringMatching(/^\d{12}$/), 'aws_account_id', false, 'account'],
    ]);
  });

  it('loses the one type that Google does not support, and no other', async () => {
    const server = await google();
    const whole = await read(server, 'cloud_assets');
    server.withoutAssetType('iam.googleapis.com/ServiceAccountKey');
    const { observations, gaps } = await read(server, 'cloud_assets');
    expect(gaps).toMatchObject([{ scope: within(whole.account, 'cloud', 'service_account_key') }]);
    const left = whole.observations.filter(({ thing }) => !thing.startsWith('service_account_key/')).map(({ thing }) => thing);
    expect(observations.map(({ thing }) => thing)).toEqual(left);
  });

  it('does not say what a key without limits may call when the services could not be read', async () => {
    const server = await google();
    server.withoutAssetType('serviceusage.googleapis.com/Service');
    const { observations, gaps } = await read(server, 'cloud_assets');
    const keys = observations.filter(({ thing }) => thing.startsWith('api_key/'));
    expect(keys.map(({ subject }) => subject.name)).toEqual(['Gemini prototype', 'Maps on the web site']);
    expect(gaps).toHaveLength(3);
  });

  it('is asked for by an account of its own that acts in nobody’s name', async () => {
    const server = await google();
    const { config } = server;
    const { cloud: _cloud, ...rest } = config;
    const run = await runConnector(connector, { ...server, config: rest }, { only: ['cloud_assets'] });
    expect(run.collectors[0]!.events).toMatchObject([{ type: 'gap', reason: 'permission_denied' }]);
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
      expect(added.join('\n')).toMatch(permission.startsWith('https://') ? /OAuth scopes|https:\/\// : / {3}- roles\/\w+/);
      expect(added.join('\n').includes(permission)).toBe(permission.startsWith('https://'));
    },
  );

  it('asks for nothing of Google Cloud where nothing there is read', () => {
    const users = connector.collectors.find(({ id }) => id === 'users')!.permissions.map(({ id }) => id);
    expect(setup!.text(users)).not.toContain('roles/');
  });
});
