/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { openWorld } from '../world.ts';
import { admitted, askedFor, before, json, refusals, setting } from './plants.ts';
import { ID, statement } from './statement.ts';

/** Units as the simulated directory has them. */
const TOP = '03ph8a2z1root';

const SALES = '03ph8a2z1sales';

statement('T33', async () => {
  const world = await openWorld(ID);
  const policies = [
    setting('gemini_app.service_status', { serviceState: 'DISABLED' }, { unit: TOP, order: 5 }),
    setting('gemini_app.service_status', { serviceState: 'ENABLED' }, { unit: TOP, order: 1, by: 'SYSTEM' }),
    setting('ai_studio.service_status', { serviceState: 'DISABLED' }, { unit: TOP, order: 2 }),
    setting('ai_studio.service_status', { serviceState: 'ENABLED' }, { unit: TOP, order: 11 }),
    setting('notebooklm.service_status', { serviceState: 'ENABLED' }, { unit: '03ph8a2z1deleted', order: 9 }),
    setting('api_controls.google_services', { services: [{ scopesGroup: 'DRIVE_ALL', isEnabled: false }] }, { order: 1 }),
  ];
  world.plant(
    'cloudidentity.policies.list',
    admitted(() => json({ policies })),
  );
  const night = await world.scan({ collectors: ['settings'] });
  const stateOf = (name: string) => night.facts.filter(({ subject }) => subject.name === name).map(({ attributes }) => attributes['state']);
  expect(stateOf('gemini_app.service_status')).toEqual(['off']);
  expect(stateOf('ai_studio.service_status')).toEqual(['on']);
  expect(stateOf('notebooklm.service_status')).toEqual([]);
  const services = JSON.stringify(night.facts.filter(({ subject }) => subject.name === 'api_controls.google_services'));
  expect(services).toContain('DRIVE_ALL');
  // The fact has to say of what it does not list that nothing restricts it.
  expect(services).toMatch(/unrestricted|not restricted|all others/i);

  // A value without the list says nothing of any service; an empty list does.
  for (const [value, said] of [
    [{}, []],
    [{ services: [] }, ['nothing restricted', 'not restricted']],
  ] as const) {
    policies.splice(0, policies.length, setting('api_controls.google_services', value, { order: 1 }));
    const [fact, ...more] = (await world.scan({ collectors: ['settings'], night: 1 })).facts.filter(({ state }) => state === 'present');
    expect(more).toEqual([]);
    expect([fact!.attributes['state'], fact!.attributes['others']].filter(Boolean)).toEqual(said);
  }
});

statement('T34', async () => {
  const spellings = [
    ['UNSPECIFIED_UBER_BLOCK', 'ACCESS_LEVEL_UNSPECIFIED'],
    ['ALLOW_SIGN_IN_SCOPES_ONLY', 'ALLOW_SIGN_IN_ONLY'],
    ['BLOCK_ALL_SCOPES', 'BLOCK_ALL'],
  ] as const;
  const verdicts = new Set<unknown>();
  for (const [wire, documented] of spellings) {
    const world = await openWorld(ID);
    const policies = [
      setting('api_controls.unconfigured_third_party_apps', { accessLevel: wire }, { unit: TOP, order: 1 }),
      setting('api_controls.unconfigured_third_party_apps', { accessLevel: documented }, { unit: SALES, order: 1 }),
    ];
    world.plant(
      'cloudidentity.policies.list',
      admitted(() => json({ policies })),
    );
    const night = await world.scan({ collectors: ['settings'] });
    const states = night.facts.map(({ attributes }) => attributes['state']);
    expect(states).toHaveLength(2);
    expect(states[0]).toBeTypeOf('string');
    expect(states[1]).toBe(states[0]);
    verdicts.add(states[0]);
  }
  expect(verdicts.size).toBe(3);
});

statement('T35', async () => {
  const newer = (reason?: string) => () =>
    json({ error: { code: 403, message: 'No', status: 'PERMISSION_DENIED', ...(reason && { details: [{ reason }] }) } }, 403);
  for (const refuse of [refusals.forbidden, newer(), newer('IAM_PERMISSION_DENIED')]) {
    const world = await openWorld(ID);
    world.plant('cloudidentity.policies.list', admitted(refuse));
    const night = await world.scan();
    const refused = night.gaps.filter(({ reason }) => reason === 'permission_denied');
    expect(refused.map(({ collector }) => collector)).toEqual(['settings']);
    const { stdout } = await world.cli(['coverage']);
    expect(stdout).toMatch(/settings: permission_denied/);
    expect(stdout).toMatch(/super admin/i);
    expect(new Set(night.facts.map(({ collector }) => collector)).size).toBeGreaterThanOrEqual(12);
  }
  // What the set-up lacks no role of an administrator would mend.
  for (const refuse of [refusals.noScope, newer('ACCESS_TOKEN_SCOPE_INSUFFICIENT'), newer('SERVICE_DISABLED')]) {
    const world = await openWorld(ID);
    world.plant('cloudidentity.policies.list', admitted(refuse));
    const { gaps } = await world.scan({ collectors: ['settings'] });
    expect(gaps.map(({ reason, effect }) => [reason, /super admin/i.test(effect)])).toEqual([['permission_denied', false]]);
  }
});

const REPORT = 'chromemanagement.customers.reports';

statement('T36', async () => {
  const world = await openWorld(ID);
  for (const report of ['findSaasUsage', 'countInstalledApps'])
    world.plant(
      `${REPORT}.${report}`,
      admitted(() => json({})),
    );
  const night = await world.scan({ collectors: ['chrome_sites', 'chrome_extensions'] });
  expect(night.facts).toEqual([]);
  expect(night.source.state).toBe('partly');
  for (const collector of ['chrome_sites', 'chrome_extensions']) {
    const gap = night.gaps.find((one) => one.collector === collector);
    expect([gap?.reason, gap?.effect]).toEqual(['not_observable', expect.stringMatching(/managed browser/)]);
  }
  expect((await world.cli(['coverage'])).stdout).toMatch(/No managed browser/);
});

statement('T37', async () => {
  const world = await openWorld(ID);
  const site = (app: string, domain: string, category: string) => ({
    app,
    category,
    organization: app,
    primaryDomain: domain,
    domains: [domain],
    distinctUsersCount: '3',
    visitsCount: '41',
    lastNavigationTime: before(2).toISOString(),
  });
  const saasReports = [
    site('Claude', 'claude.ai', 'Productivity'),
    site('Unheard Of', 'unheardof.example', 'Generative AI'),
    site('Bread Orders', 'bread.example', 'Food'),
    site('Payroll', 'payroll.example', 'Finance'),
  ];
  world.plant(
    `${REPORT}.findSaasUsage`,
    admitted(() => json({ saasReports, totalSize: '4' })),
  );
  const night = await world.scan({ collectors: ['chrome_sites'] });
  const asked = askedFor(world, `${REPORT}.findSaasUsageProfiles`).map(({ url }) => url.searchParams.get('app') ?? '');
  expect(asked.toSorted()).toEqual(['Claude', 'Unheard Of']);
  const sites = night.facts.filter(({ kind, subject }) => kind === 'usage' && subject.app.startsWith('site/'));
  expect(new Set(sites.map(({ subject }) => subject.name))).toEqual(new Set(['Claude', 'Unheard Of']));
});

statement('T38', async () => {
  const world = await openWorld(ID);
  const good = 'fcoeoabgfenejglbffodgkkbkcdhcgfn';
  const malformed = [`${good.slice(0, 31)}z`, good.slice(0, 31), good.toUpperCase()];
  const installedApps = [good, ...malformed].map((appId) => ({
    appId,
    displayName: 'Claude',
    appType: 'EXTENSION',
    appInstallType: 'NORMAL',
    permissions: ['tabs'],
    browserDeviceCount: '41',
  }));
  world.plant(
    `${REPORT}.countInstalledApps`,
    admitted(() => json({ installedApps, totalSize: 4 })),
  );
  const night = await world.scan({ collectors: ['chrome_extensions'] });
  const installed = night.facts.filter(({ kind }) => kind === 'app_installation');
  expect(installed.map(({ subject }) => subject.app)).toEqual([good]);
  const gaps = night.gaps.filter(({ effect }) => /\b3 extensions\b/.test(effect));
  expect(gaps).toHaveLength(1);
  const asked = askedFor(world, `${REPORT}.findInstalledAppProfiles`).map(({ url }) => url.searchParams.get('appId'));
  expect(asked).toEqual([good]);
});
