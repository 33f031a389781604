/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect, test } from 'vitest';
import { openWorld, type Night } from '../world.ts';
import { startFront } from './front.ts';
import { admitted, apiKey, before, json, plantAssets, project, scope, service, serviceAccount } from './plants.ts';
import { ID, statement } from './statement.ts';

statement('T39', async () => {
  const world = await openWorld(ID);
  const value = `AIza${'k'.repeat(35)}`;
  const [lab, quiet] = ['400500600700', '400500600800'] as const;
  plantAssets(world, [
    project(lab, 'lab'),
    project(quiet, 'quiet'),
    service(lab, 'generativelanguage.googleapis.com'),
    service(quiet, 'storage.googleapis.com'),
    apiKey(lab, 'a'.repeat(32), { keyString: value }),
    apiKey(lab, 'b'.repeat(32), { restrictions: { apiTargets: [{ service: 'maps-backend.googleapis.com' }] } }),
    apiKey(quiet, 'c'.repeat(32)),
  ]);
  const night = await world.scan({ collectors: ['cloud_assets'] });
  const keys = (number: string, letter: string) =>
    night.findings.filter(({ appId }) => appId.includes(number) && appId.includes(letter.repeat(32)));
  expect(night.facts.filter(({ kind }) => kind === 'api_key')).toHaveLength(3);
  expect(keys(lab, 'a').map(({ product }) => product)).toContain('google/gemini-api');
  expect(keys(lab, 'b')).toEqual([]);
  expect(keys(quiet, 'c')).toEqual([]);
  expect(world.asked.filter(({ url }) => /keyString|lookupKey|apikeys\/|\/locations\/global\/keys/.test(url.href))).toEqual([]);
  expect(world.written()).not.toContain(value);
});

statement('T40', async () => {
  const world = await openWorld(ID);
  const account = '1'.padEnd(21, '4');
  const keyId = 'e'.repeat(40);
  const email = `robot-${account.slice(-3)}@lab.iam.gserviceaccount.com`;
  plantAssets(world, [
    project('400500600700', 'lab'),
    serviceAccount('400500600700', 'lab', account),
    {
      type: 'iam.googleapis.com/ServiceAccountKey',
      name: `//iam.googleapis.com/projects/lab/serviceAccounts/${account}/keys/${keyId}`,
      project: '400500600700',
      data: {
        name: `projects/lab/serviceAccounts/${email}/keys/${keyId}`,
        keyType: 'USER_MANAGED',
        keyOrigin: 'GOOGLE_PROVIDED',
        validAfterTime: before(100).toISOString(),
        validBeforeTime: '9999-12-31T23:59:59Z',
        disabled: true,
        disableReason: 'SERVICE_ACCOUNT_KEY_DISABLE_REASON_EXPOSED',
        extendedStatus: [{ key: 'SERVICE_ACCOUNT_KEY_EXTENDED_STATUS_KEY_EXPOSED', value: 'https://code.example/leak' }],
      },
    },
  ]);
  const night = await world.scan({ collectors: ['cloud_assets'] });
  const key = night.facts.find(({ subject }) => subject.credential === keyId);
  expect([key?.state, key?.use, key?.attributes['exposed']]).toEqual(['present', 'inactive', true]);
  const findings = night.findings.filter(({ appId, credentialId }) => credentialId === keyId || appId.includes(account));
  expect(findings.map(({ severity }) => severity)).toContain('critical');
});

statement('T41', async () => {
  const world = await openWorld(ID);
  const refused = {
    'apikeys.googleapis.com/Key': json(
      { error: { code: 400, message: 'Invalid asset type: apikeys.googleapis.com/Key', status: 'INVALID_ARGUMENT' } },
      400,
    ),
  };
  const account = '1'.padEnd(21, '4');
  const assets = [
    project('400500600700', 'lab'),
    serviceAccount('400500600700', 'lab', account),
    service('400500600700', 'aiplatform.googleapis.com'),
  ];
  plantAssets(world, assets, refused);
  const night = await world.scan({ collectors: ['cloud_assets'] });
  const kinds = night.facts.filter(({ state }) => state === 'present').map(({ kind }) => kind);
  expect(kinds.toSorted()).toEqual(['control', 'service_account', 'vendor_integration']);
  const gaps = night.gaps.filter(({ effect, scope: place }) => /apikeys|API key/i.test(`${place} ${effect}`));
  expect(gaps.map(({ reason }) => reason)).toEqual(['not_observable']);
  expect((await world.cli(['coverage', '--format', 'json'])).stdout).toContain(gaps[0]!.effect);

  // The status must say that an argument is wrong, and what every type is answered is no matter of the type.
  const wrong = json({ error: { code: 400, message: 'Cloud Asset API is not ready', status: 'FAILED_PRECONDITION' } }, 400);
  plantAssets(world, assets, { 'apikeys.googleapis.com/Key': wrong });
  const second = await world.scan({ collectors: ['cloud_assets'], night: 1 });
  expect(second.gaps.filter(({ byDesign }) => !byDesign).map(({ reason }) => reason)).toEqual(['provider_error']);
  const mask = json({ error: { code: 400, message: 'Invalid field mask', status: 'INVALID_ARGUMENT' } }, 400);
  world.plant(
    'cloudasset.assets.list',
    admitted(() => mask),
  );
  const third = await world.scan({ collectors: ['cloud_assets', 'agent_registry'], night: 2 });
  expect(third.gaps.map(({ collector, reason }) => `${collector} ${reason}`).toSorted()).toEqual([
    'agent_registry provider_error',
    ...Array.from({ length: 6 }, () => 'cloud_assets provider_error'),
  ]);
});

test('types of agents that the inventory does not know are unread, and those beside them are read', async () => {
  const world = await openWorld(ID);
  const resource = (type: string, path: string) => {
    const name = `projects/own-lab/locations/europe-west1/${path}`;
    return { type, name: `//${type.split('/')[0]}/${name}`, project: '400500600700', data: { name, displayName: path } };
  };
  const [engine, model] = ['aiplatform.googleapis.com/ReasoningEngine', 'aiplatform.googleapis.com/Model'] as const;
  const [app, store] = ['discoveryengine.googleapis.com/Engine', 'discoveryengine.googleapis.com/DataStore'] as const;
  const assets = [resource(engine, 'engines/1'), resource(model, 'models/1'), resource(app, 'apps/1'), resource(store, 'stores/1')];
  const states = ({ facts }: Night) => Object.fromEntries(facts.map(({ attributes, state }) => [attributes['name'], state]));
  const scan = (night: number) => world.scan({ collectors: ['ai_resources'], night });
  plantAssets(world, assets);
  expect(new Set(Object.values(states(await scan(0))))).toEqual(new Set(['present']));

  // From now on Google knows neither type of agents: an expression that matches another type as well is answered without them.
  const unknown = json({ error: { code: 400, message: 'Invalid asset type', status: 'INVALID_ARGUMENT' } }, 400);
  plantAssets(world, [resource(model, 'models/2'), resource(store, 'stores/1')], { [engine]: unknown, [app]: unknown });
  const second = await scan(1);
  expect(states(second)).toEqual({
    'engines/1': 'unverified',
    'models/1': 'gone',
    'models/2': 'present',
    'apps/1': 'unverified',
    'stores/1': 'present',
  });
  expect(second.gaps.map(({ reason, effect }) => [reason, effect])).toEqual([
    ['not_observable', `Resources of the type ${engine} are unknown`],
    ['not_observable', `Resources of the type ${app} are unknown`],
  ]);
});

const LAB = 'projects/own-lab/locations';

/** An Agent Registry and an Agent Identity in two locations, before the simulated provider; from `lose` on the second cannot be reached. */
async function agentWorld() {
  const world = await openWorld(ID);
  plantAssets(world, [
    project('400500600700', 'own-lab'),
    service('400500600700', 'agentregistry.googleapis.com'),
    service('400500600700', 'agentidentity.googleapis.com'),
  ]);
  const parents = `/v1/projects/(own-lab|400500600700|-)/locations`;
  const agent = {
    name: `${LAB}/europe-west1/agents/a1`,
    agentId: 'urn:agent:own-lab:a1',
    displayName: 'Invoice agent',
    attributes: { 'agentregistry.googleapis.com/system/Framework': { framework: 'google-adk' } },
  };
  const application = {
    name: `${LAB}/europe-west1/aiApplications/app1`,
    displayName: 'Invoice agent',
    attributes: { businessOwners: [{ email: 'owner@lanternworks.example' }] },
  };
  const summary = {
    name: `${LAB}/europe-west1/accessSummaries/s1`,
    workloadId:
      'spiffe://agents.global.org-1.system.id.goog/resources/aiplatform/projects/400500600700/locations/europe-west1/reasoningEngines/1',
    userId: 'claimed@lanternworks.example',
    scopes: [scope('drive.readonly')],
  };
  const abroad = { ...agent, name: `${LAB}/us-central1/agents/a2`, agentId: 'urn:agent:own-lab:a2', displayName: 'Travel agent' };
  const lost: { unreachable?: string[] } = {};
  const answers: readonly (readonly [RegExp, object | (() => object)])[] = [
    [
      new RegExp(`^${parents}$`),
      { locations: ['europe-west1', 'us-central1'].map((locationId) => ({ name: `${LAB}/${locationId}`, locationId })) },
    ],
    [new RegExp(`^${parents}/(europe-west1|-)/agents$`), { agents: [agent] }],
    [new RegExp(`^${parents}/(europe-west1|-)/aiApplications$`), () => ({ aiApplications: [application], ...lost })],
    [new RegExp(`^${parents}/(europe-west1|-)/aiApplications/app1/agents$`), { agents: [agent] }],
    [new RegExp(`^${parents}/us-central1/aiApplications$`), () => lost],
    [new RegExp(`^${parents}/us-central1/agents$`), () => (lost.unreachable ? {} : { agents: [abroad] })],
    [new RegExp(`^${parents}/(europe-west1|-)/accessSummaries$`), () => ({ accessSummaries: [summary], ...lost })],
    [new RegExp(`^${parents}/[^/]+/(\\w+|aiApplications/\\w+/\\w+)$`), {}],
  ];
  const front = await startFront(world.provider.config['endpoint'], (_, { pathname }) => {
    const found = answers.find(([path]) => path.test(pathname));
    return found && json(typeof found[1] === 'function' ? found[1]() : found[1]);
  });
  const scan = (number: number) => world.scan({ config: { endpoint: front.url }, night: number });
  const night = await scan(0);
  expect(night.facts.some(({ collector, subject }) => collector === 'cloud_assets' && subject.name === 'own-lab')).toBe(true);
  const lose = () => (lost.unreachable = [`${LAB}/us-central1`]);
  return { night, scan, lose, front };
}

statement('T42', async () => {
  const { night, scan, lose, front } = await agentWorld();
  // The answers are planted whole, so that the mask must be looked at.
  const lists = front.asked.filter((line) => /\/(aiApplications|accessSummaries)\?/.test(line));
  expect(new Set(lists.map((line) => line.includes('unreachable')))).toEqual(new Set([true]));
  const agents = ({ facts }: Night) =>
    Object.fromEntries(facts.filter(({ collector }) => collector === 'agent_registry').map(({ subject, state }) => [subject.name, state]));
  const gaps = (of: Night) =>
    ['agent_access', 'agent_registry'].map((id) =>
      of.gaps.filter(({ collector }) => collector === id).map(({ scope: place, reason, byDesign }) => [place, reason, byDesign]),
    );
  expect(agents(night)).toEqual({ 'Invoice agent': 'present', 'Travel agent': 'present' });
  expect(gaps(night)).toEqual([[], []]);
  lose();
  const second = await scan(1);
  expect(agents(second)).toEqual({ 'Invoice agent': 'present', 'Travel agent': 'unverified' });
  const customer = second.source.account!.scope;
  expect(gaps(second)).toEqual([
    [[`${customer}/agent_access/400500600700/us-central1`, 'provider_error', 0]],
    [[`${customer}/agents/400500600700/us-central1`, 'provider_error', 0]],
  ]);
});

statement('T43', async () => {
  const { night } = await agentWorld();
  const agents = night.facts.filter(({ kind, subject }) => kind === 'agent' && subject.name === 'Invoice agent');
  expect(agents).not.toEqual([]);
  const told = JSON.stringify(agents);
  expect(told).toContain('owner@lanternworks.example');
  expect(told).toMatch(/agent ?registry/i);
});

statement('T44', async () => {
  const { night } = await agentWorld();
  const named = night.facts.filter((fact) => JSON.stringify(fact).includes('claimed@lanternworks.example'));
  expect(named.map(({ attributes }) => attributes['inTheNameOf'])).toEqual([
    { user: 'claimed@lanternworks.example', says: 'claimed by the workload, not proven' },
  ]);
});
