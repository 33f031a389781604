import { everybody } from '../../../src/testing/company.ts';
import type { Expected } from '../../../src/testing/fake.ts';
import { chance, digits } from '../../../src/testing/random.ts';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { answerRows } from './lists.ts';
import { masked, type Shape, shapeOf } from './mask.ts';
import { oneOf, query } from './parameters.ts';
import { listed, momentOf, userId } from './people.ts';
import { badParameter, Refused, refusal } from './refusals.ts';
import { STORY_COMPANY } from './stories.ts';
import { isOwn, type World } from './world.ts';

/** What stands in the admin console beside the directory: units, settings, licences, and reports of managed browsers. */

const UNIT = shapeOf('blockInheritance description etag kind name orgUnitId orgUnitPath parentOrgUnitId parentOrgUnitPath');
const POLICY = shapeOf('customer name policyQuery setting type');
const LICENCE = shapeOf('etags kind productId productName selfLink skuId skuName userId');

const UNITS = { '/': '03ph8a2z1root', '/Sales': '03ph8a2z1sales', '/Engineering': '03ph8a2z1eng' } as const;
const DELETED_UNIT = '03ph8a2z1gone';

export function listUnits(world: World, request: FakeRequest): FakeAnswer {
  if (!isOwn(world, request.params['customer']!)) throw new Refused(refusal(404));
  const values = query(request, ['orgUnitPath', 'type']);
  const type = oneOf('type', values.get('type') ?? 'children', ['all', 'allIncludingParent', 'children']);
  const organizationUnits = Object.entries(UNITS)
    .filter(([path]) => path !== '/' || type === 'allIncludingParent')
    .map(([orgUnitPath, id]) => ({
      kind: 'admin#directory#orgUnit',
      name: orgUnitPath.slice(1) || world.company.name,
      orgUnitPath,
      orgUnitId: `id:${id}`,
      ...(orgUnitPath !== '/' && { parentOrgUnitPath: '/', parentOrgUnitId: `id:${UNITS['/']}` }),
    }));
  const body = { kind: 'admin#directory#orgUnits', organizationUnits };
  return { status: 200, body: masked(body, values.get('fields'), { kind: true, etag: true, organizationUnits: UNIT }) };
}

interface Policy {
  setting: string;
  value: Record<string, unknown>;
  unit?: string;
  group?: string;
  order: number;
  admin?: boolean;
}

const UNCONFIGURED = 'api_controls.unconfigured_third_party_apps';

/** Two for one unit, one for a unit that is gone, both spellings of a level, and what is no business of a scanner's. */
const POLICIES: readonly Policy[] = [
  { setting: UNCONFIGURED, value: { accessLevel: 'UNSPECIFIED_UBER_BLOCK' }, unit: UNITS['/'], order: 0 },
  { setting: UNCONFIGURED, value: { accessLevel: 'ALLOW_SIGN_IN_SCOPES_ONLY' }, unit: UNITS['/'], order: 1, admin: true },
  { setting: UNCONFIGURED, value: { accessLevel: 'BLOCK_ALL' }, unit: UNITS['/Sales'], order: 1, admin: true },
  { setting: UNCONFIGURED, value: { accessLevel: 'BLOCK_ALL_SCOPES' }, unit: DELETED_UNIT, order: 1, admin: true },
  { setting: 'api_controls.internal_apps', value: { trustInternalApps: true }, order: 0 },
  { setting: 'gemini_app.service_status', value: { serviceState: 'ENABLED' }, unit: UNITS['/'], order: 0 },
  { setting: 'gemini_app.service_status', value: { serviceState: 'DISABLED' }, group: 'groups/03kontract', order: 2, admin: true },
  { setting: 'notebooklm.service_status', value: { serviceState: 'DISABLED' }, unit: UNITS['/'], order: 1, admin: true },
  { setting: 'security.password', value: { minimumLength: 12 }, unit: UNITS['/'], order: 0 },
];

export function listPolicies(world: World, request: FakeRequest): FakeAnswer {
  const values = query(request, ['filter', 'pageSize', 'pageToken']);
  const rows = policiesOf(world).map(({ setting, value, unit, group, order, admin }, index) => ({
    name: `policies/${digits(12, 'google-workspace', 'policy', index)}`,
    customer: `customers/${world.customerId}`,
    type: admin ? 'ADMIN' : 'SYSTEM',
    policyQuery: { ...(unit && { orgUnit: `orgUnits/${unit}` }), ...(group && { group }), sortOrder: order },
    setting: { type: `settings/${setting}`, value },
  }));
  const shape: Shape = { nextPageToken: true, policies: POLICY };
  return answerRows(rows, request, values, {
    field: 'policies',
    shape,
    sizeParameter: 'pageSize',
    usual: 50,
    largest: 100,
    above: 'reduced',
  });
}

function policiesOf(world: World): readonly Policy[] {
  return world.people < STORY_COMPANY ? [] : POLICIES;
}

const SKUS = [
  { skuId: '1010470003', skuName: 'Gemini Business' },
  { skuId: '1010470008', skuName: 'Google AI Ultra for Business' },
];

/** Few have one, and nobody in an empty company. */
function* licencesOf(world: World, night: number) {
  if (world.people < STORY_COMPANY) return;
  for (const person of everybody({ ...world.company, people: world.people })) {
    const holds = person.number === 4 || person.number === 1 || chance(world.company.seed, 'google licence', person.number) < 0.1;
    if (holds && listed(world.company, person, night) === 'users') yield { person, sku: SKUS[person.number % SKUS.length]! };
  }
}

export function listLicences(world: World, night: number, request: FakeRequest): FakeAnswer {
  const values = query(request, ['customerId', 'maxResults', 'pageToken']);
  // The alias `my_customer` is documented nowhere for licences.
  if (values.get('customerId') !== world.customerId) throw badParameter('customerId', 'Invalid customer');
  const held = request.params['productId'] === '101047' ? [...licencesOf(world, night)] : [];
  const rows = held.map(({ person, sku }) => ({
    kind: 'licensing#licenseAssignment',
    userId: person.email,
    productId: '101047',
    productName: 'Google AI',
    ...sku,
  }));
  const shape: Shape = { kind: true, etag: true, nextPageToken: true, items: LICENCE };
  const beside = { kind: 'licensing#licenseAssignmentList' };
  return answerRows(rows, request, values, { field: 'items', shape, usual: 100, largest: 1000, beside });
}

/** What a complete scan must see of all this. */
export function consoleTruth(world: World, night: number): Expected[] {
  const holding = policiesOf(world).filter(({ setting, unit, order }) => {
    const rivals = policiesOf(world).filter((other) => other.setting === setting && other.unit === unit && other.order > order);
    return rivals.length === 0 && unit !== DELETED_UNIT && setting !== 'security.password';
  });
  return [
    ...holding
      .filter(({ group }) => !group)
      .map(({ setting, unit }): Expected => ({ kind: 'control', ids: [setting, unit && unit !== UNITS['/'] ? unit : 'top'] })),
    ...holding.filter(({ group }) => group).map(({ setting, group }): Expected => ({ kind: 'control', ids: [setting, group!] })),
    ...[...licencesOf(world, night)].map(({ person, sku }): Expected => ({
      kind: 'seat',
      ids: [sku.skuId, userId(world.company, person.number)],
      name: sku.skuName,
    })),
    ...extensionsOf(world).map(({ id, name, permissions }): Expected => ({
      kind: 'app_installation',
      ids: [id],
      name,
      permissions: permissions.map((permission) => `extension:${permission}`),
    })),
    ...extensionsOf(world).flatMap(({ id, holders }) =>
      holders.map((number): Expected => ({ kind: 'usage', ids: [id, world.company.person(number).email] })),
    ),
  ];
}

export function consoleSizes(world: World, night: number) {
  return {
    settings: policiesOf(world).length,
    licences: [...licencesOf(world, night)].length,
    extensions: extensionsOf(world).length,
    sites: sitesOf(world).length,
  };
}

/** How many pages the lists of users behind sites and extensions have, one at least each. */
export function reportPages(world: World, size: number) {
  const pages = (counts: readonly number[]) => counts.reduce((sum, count) => sum + Math.max(1, Math.ceil(count / size)), 0);
  return {
    visitorPages: pages(sitesOf(world).map(({ visitors }) => visitors.length)),
    extensionHolderPages: pages(extensionsOf(world).map(({ holders }) => holders.length)),
  };
}

interface Extension {
  id: string;
  name: string;
  permissions: readonly string[];
  holders: readonly number[];
}

const EVERYWHERE = ['<all_urls>', 'storage'];
/** Google puts this one into every browser itself. */
const OWN: Extension = { id: 'ghbmnnjooekpmoecnnnilnnbdlolhkhi', name: 'Google Docs Offline', permissions: ['storage'], holders: [0] };
const EXTENSIONS: readonly Extension[] = [
  OWN,
  { id: 'kbfnbcaeplbcioakkpcpgfkobkghlhen', name: 'Grammarly', permissions: EVERYWHERE, holders: [1, 3, 9] },
  { id: 'fcoeoabgfenejglbffodgkkbkcdhcgfn', name: 'Claude', permissions: ['tabs', 'https://claude.ai/*'], holders: [1] },
];

/** Sideloaded ones may bear an id that the Web Store would not give. */
const SIDELOADED: Extension = { id: 'sideloaded@lanternworks.example', name: 'Time tracker', permissions: [], holders: [] };

function extensionsOf(world: World): readonly Extension[] {
  return world.people < STORY_COMPANY ? [OWN] : EXTENSIONS;
}

interface Site {
  app: string;
  domain: string;
  category: string;
  visitors: readonly number[];
}

const SITES: readonly Site[] = [
  { app: 'ChatGPT', domain: 'chatgpt.com', category: 'AI Assistants', visitors: [1, 2, 7] },
  { app: 'Zoom', domain: 'zoom.us', category: 'Video Conferencing', visitors: [0, 1] },
  { app: 'Gamma', domain: 'gamma.app', category: 'Generative AI', visitors: [10] },
];

function sitesOf(world: World): readonly Site[] {
  return world.people < STORY_COMPANY ? [] : SITES;
}

function customerOf(world: World, request: FakeRequest): void {
  if (!isOwn(world, request.params['customer']!)) throw new Refused(refusal(404));
}

const REPORT = { sizeParameter: 'pageSize', above: 'reduced' } as const;

export function findSites(world: World, night: number, request: FakeRequest): FakeAnswer {
  customerOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'pageSize', 'pageToken']);
  const rows = sitesOf(world).map(({ app, domain, category, visitors }) => ({
    app,
    organization: `${app} Inc.`,
    category,
    primaryDomain: domain,
    domains: [domain, `www.${domain}`],
    distinctUsersCount: String(visitors.length),
    distinctBrowsersCount: String(visitors.length),
    visitsCount: String(visitors.length * 17),
    contentTransferDetails: { contentTransferCount: String(visitors.length * 2) },
    firstNavigationTime: world.company.ago(60).toISOString(),
    lastNavigationTime: world.company.ago(1, 3, night).toISOString(),
  }));
  const shape: Shape = { nextPageToken: true, totalSize: true, saasReports: shapeOf('app') };
  const beside = rows.length > 0 ? { totalSize: String(rows.length) } : {};
  return answerRows(rows, request, values, { field: 'saasReports', shape, usual: 100, largest: 200, beside, ...REPORT });
}

export function findVisitors(world: World, night: number, request: FakeRequest): FakeAnswer {
  customerOf(world, request);
  const values = query(request, ['app', 'filter', 'orderBy', 'pageSize', 'pageToken']);
  const app = values.get('app');
  if (!app) throw badParameter('app', 'app is required');
  const rows = (sitesOf(world).find((site) => site.app === app)?.visitors ?? []).map((number) => ({
    email: world.company.person(number).email,
    firstNavigationTime: momentOf(world.company, 50, 'visit', number).toISOString(),
    lastNavigationTime: world.company.ago(1, 5 + (number % 7), night).toISOString(),
    osPlatform: 'Windows',
    profilePermanentId: `profile-${number}`,
  }));
  const shape: Shape = { nextPageToken: true, totalSize: true, profileReports: shapeOf('email') };
  return answerRows(rows, request, values, { field: 'profileReports', shape, usual: 100, largest: 200, ...REPORT });
}

export function countExtensions(world: World, request: FakeRequest): FakeAnswer {
  customerOf(world, request);
  const values = query(request, ['filter', 'orderBy', 'orgUnitId', 'pageSize', 'pageToken']);
  if ((values.get('filter') ?? '').includes(' OR ')) throw badParameter('filter', 'OR is not supported');
  const listed = world.sideloaded ? [...extensionsOf(world), SIDELOADED] : extensionsOf(world);
  const rows = listed.map(({ id, name, permissions, holders }) => ({
    appId: id,
    displayName: name,
    appType: 'EXTENSION',
    appInstallType: 'NORMAL',
    appSource: 'CHROME_WEBSTORE',
    permissions,
    browserDeviceCount: String(holders.length),
    profileCount: String(holders.length),
    riskAssessment: { overallRiskLevel: permissions.includes('<all_urls>') ? 'HIGH' : 'LOW' },
  }));
  const shape: Shape = { nextPageToken: true, totalSize: true, installedApps: shapeOf('appId') };
  const beside = { totalSize: rows.length };
  return answerRows(rows, request, values, { field: 'installedApps', shape, usual: 100, largest: 100, beside, ...REPORT });
}

export function findHolders(world: World, request: FakeRequest): FakeAnswer {
  customerOf(world, request);
  const values = query(request, ['appId', 'appType', 'filter', 'orderBy', 'orgUnitId', 'pageSize', 'pageToken']);
  const id = values.get('appId');
  if (!id) throw badParameter('appId', 'app_id is required');
  const rows = (extensionsOf(world).find((extension) => extension.id === id)?.holders ?? []).map((number) => ({
    email: world.company.person(number).email,
    profileId: digits(12, world.company.seed, 'profile', number),
  }));
  const shape: Shape = { nextPageToken: true, totalSize: true, profiles: shapeOf('email') };
  return answerRows(rows, request, values, { field: 'profiles', shape, usual: 100, largest: 100, ...REPORT });
}
