import { digits } from '../../../src/testing/random.ts';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { ACCOUNTS, API_KEY_CANARY, API_KEYS, DATA_PROJECT, emailOf, ORGANIZATION, PROJECTS, type Project } from './cloud.ts';
import { answerRows } from './lists.ts';
import { type Shape, shapeOf } from './mask.ts';
import { query } from './parameters.ts';
import { badParameter, Refused, refusal } from './refusals.ts';
import { STORY_COMPANY } from './stories.ts';
import type { World } from './world.ts';

// The same company as in the inventory of assets, asked project by project.

/** The company has one folder. */
const FOLDER = `folders/${digits(12, 'google-workspace', 'folder')}`;
const TOP = `organizations/${ORGANIZATION}`;

const parentOf = (project: Project) => (project === DATA_PROJECT ? FOLDER : TOP);

export function listFolders(world: World, request: FakeRequest): FakeAnswer {
  const values = query(request, ['parent', 'pageSize', 'pageToken', 'showDeleted']);
  const rows =
    placeIn(values) === TOP && world.people >= STORY_COMPANY ? [{ name: FOLDER, parent: TOP, displayName: 'data', state: 'ACTIVE' }] : [];
  const fields = 'configuredCapabilities createTime deleteTime displayName etag managementProject name parent state tags updateTime';
  const shape: Shape = { nextPageToken: true, folders: shapeOf(fields) };
  return answerRows(rows, request, values, { field: 'folders', shape, sizeParameter: 'pageSize', usual: 50, largest: 500 });
}

export function listProjects(world: World, request: FakeRequest): FakeAnswer {
  const values = query(request, ['parent', 'pageSize', 'pageToken', 'showDeleted']);
  const parent = placeIn(values);
  const rows = (world.people >= STORY_COMPANY ? PROJECTS : [])
    .filter((project) => parentOf(project) === parent)
    .map((project) => ({
      name: `projects/${project.number}`,
      parent,
      projectId: project.id,
      state: 'ACTIVE',
      displayName: project.id,
      createTime: world.company.ago(800).toISOString(),
    }));
  const fields = 'configuredCapabilities createTime deleteTime displayName etag labels name parent projectId state tags updateTime';
  const shape: Shape = { nextPageToken: true, projects: shapeOf(fields) };
  return answerRows(rows, request, values, { field: 'projects', shape, sizeParameter: 'pageSize', usual: 50, largest: 500 });
}

function placeIn(values: ReadonlyMap<string, string>): string {
  const parent = values.get('parent');
  // Of other organisations it may see nothing.
  if (parent !== TOP && parent !== FOLDER) throw new Refused(refusal(403));
  return parent;
}

export function listServices(_world: World, request: FakeRequest): FakeAnswer {
  const { number, services } = projectOf(request);
  const values = query(request, ['filter', 'pageSize', 'pageToken']);
  if (values.get('filter') !== 'state:ENABLED') throw badParameter('filter', 'The simulated company lists enabled services alone');
  const rows = services.map((service) => ({
    name: `projects/${number}/services/${service}`,
    parent: `projects/${number}`,
    state: 'ENABLED',
    config: { name: service },
  }));
  const shape: Shape = { nextPageToken: true, services: shapeOf('config name parent state') };
  return answerRows(rows, request, values, { field: 'services', shape, sizeParameter: 'pageSize', usual: 50, largest: 200 });
}

export function listAccounts(_world: World, request: FakeRequest): FakeAnswer {
  const project = projectOf(request);
  const rows = ACCOUNTS.filter((account) => account.project === project).map((account) => ({
    name: `projects/${project.id}/serviceAccounts/${emailOf(account)}`,
    projectId: project.id,
    uniqueId: account.id,
    oauth2ClientId: account.id,
    email: emailOf(account),
    displayName: account.name,
    ...(account.disabled && { disabled: true }),
  }));
  const shape: Shape = {
    nextPageToken: true,
    accounts: shapeOf('description disabled displayName email etag name oauth2ClientId projectId uniqueId'),
  };
  const values = query(request, ['pageSize', 'pageToken']);
  return answerRows(rows, request, values, { field: 'accounts', shape, sizeParameter: 'pageSize', usual: 20, largest: 100 });
}

/** A list without pages. */
export function listAccountKeys({ company }: World, request: FakeRequest): FakeAnswer {
  const project = projectOf(request);
  const account = ACCOUNTS.find(({ id, project: of }) => of === project && id === request.params['account']);
  if (!account) throw new Refused(refusal(404));
  const values = query(request, ['keyTypes']);
  const rows = account.keys
    .filter(({ system }) => values.get('keyTypes') !== (system ? 'USER_MANAGED' : 'SYSTEM_MANAGED'))
    .map((key) => ({
      name: `projects/${project.id}/serviceAccounts/${emailOf(account)}/keys/${key.id}`,
      keyType: key.system ? 'SYSTEM_MANAGED' : 'USER_MANAGED',
      keyOrigin: 'GOOGLE_PROVIDED',
      keyAlgorithm: 'KEY_ALG_RSA_2048',
      validAfterTime: company.ago(500).toISOString(),
      validBeforeTime: key.ends ? company.ago(-300).toISOString() : '9999-12-31T23:59:59Z',
      ...(key.disabled && { disabled: true }),
      ...(key.exposed && {
        extendedStatus: [{ key: 'SERVICE_ACCOUNT_KEY_EXTENDED_STATUS_KEY_EXPOSED', value: 'https://code.example/leak' }],
      }),
    }));
  const fields =
    'contact description disableReason disabled extendedStatus keyAlgorithm keyOrigin keyType name privateKeyData privateKeyType publicKeyData validAfterTime validBeforeTime';
  return answerRows(rows, request, values, { field: 'keys', shape: { keys: shapeOf(fields) }, usual: 1000, largest: 1000 });
}

/** Whatever Google says of it, the key itself is planted. */
export function listApiKeys({ company }: World, request: FakeRequest): FakeAnswer {
  const project = projectOf(request);
  if (request.params['location'] !== 'global') throw new Refused(refusal(404));
  const rows = API_KEYS.filter((key) => key.project === project).map((key) => ({
    name: `projects/${project.number}/locations/global/keys/${key.uid}`,
    uid: key.uid,
    displayName: key.name,
    keyString: API_KEY_CANARY,
    createTime: company.ago(210).toISOString(),
    ...(key.targets && { restrictions: { apiTargets: key.targets.map((service) => ({ service })) } }),
    ...(key.boundTo && { serviceAccountEmail: emailOf(key.boundTo) }),
  }));
  const fields = 'annotations createTime deleteTime displayName etag keyString name restrictions serviceAccountEmail uid updateTime';
  const values = query(request, ['pageSize', 'pageToken', 'showDeleted']);
  const shape: Shape = { nextPageToken: true, keys: shapeOf(fields) };
  return answerRows(rows, request, values, { field: 'keys', shape, sizeParameter: 'pageSize', usual: 50, largest: 300 });
}

function projectOf(request: FakeRequest): Project {
  const project = PROJECTS.find(({ id, number }) => [id, number].includes(request.params['project'] ?? ''));
  if (!project) throw new Refused(refusal(403));
  return project;
}

/** Requests that walking the company takes, so many items a page. */
export function projectSizes(world: World, size: number) {
  // One for the folders, and one for the projects, of an organisation without any.
  if (world.people < STORY_COMPANY) return { cloudProjectPages: 2 };
  const pages = (items: number) => Math.max(1, Math.ceil(items / size));
  const inPlace = (place: string) => PROJECTS.filter((project) => parentOf(project) === place).length;
  const places = [TOP, FOLDER].reduce((sum, place) => sum + 1 + pages(inPlace(place)), 0);
  const within = PROJECTS.reduce((sum, project) => {
    const accounts = ACCOUNTS.filter((account) => account.project === project).length;
    const keys = API_KEYS.filter((key) => key.project === project).length;
    return sum + pages(project.services.length) + pages(accounts) + accounts + pages(keys);
  }, 0);
  return { cloudProjectPages: places + within };
}
