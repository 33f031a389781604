import { describe, expect, it } from 'vitest';
import { connector } from '../../../connectors/google-workspace/index.ts';
import { within } from '../../../src/connector/index.ts';
import { runConnector, type RunOptions } from '../../../src/testing/runner.ts';
import { google, read } from './one-collector.ts';

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
