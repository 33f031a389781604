import { concurrent, defineCollector, path, within, type CollectContext, type Gap, type ScanEvent } from '../../src/connector/index.ts';
import { z } from 'zod';
import type { Client } from './client.ts';
import {
  accountKeyOf,
  apiKeyOf,
  Malformed,
  observed,
  projectOf,
  serviceAccountOf,
  serviceOf,
  serviceSignal,
  type Said,
  type Segment,
  type Services,
} from './cloud-resources.ts';
import { service } from './cloud-schema.ts';
import type { Config } from './config.ts';
import { CLOUD_PERMISSIONS } from './operations.ts';
import { ownProjects, type Project } from './own-projects.ts';
import { listPages, type List } from './pages.ts';
import type { Asset } from './schema.ts';

type Context = CollectContext<Config, Client>;

/**
 * Google Cloud of the same customer where its inventory of assets cannot be asked: the same things under the same ids, each from the API
 * that it belongs to, project by project.
 */
export const cloudProjects = defineCollector<Config, Client>({
  id: 'cloud_projects',
  title: 'Google Cloud, project by project: service accounts, keys and enabled services',
  version: 1,
  kinds: ['control', 'vendor_integration', 'service_account', 'api_key'],
  mode: 'inventory',
  optional: true,
  needs: ['cloud'],
  operations: [
    'cloudresourcemanager.organizations.search',
    'cloudresourcemanager.folders.list',
    'cloudresourcemanager.projects.list',
    'serviceusage.services.list',
    'iam.projects.serviceAccounts.list',
    'iam.projects.serviceAccounts.keys.list',
    'apikeys.projects.locations.keys.list',
  ],
  permissions: [
    { id: CLOUD_PERMISSIONS.organizations, purpose: 'Find the organisation that belongs to the customer (roles/browser)', required: true },
    { id: CLOUD_PERMISSIONS.folders, purpose: 'Know which folders the organisation has (roles/browser)', required: true },
    { id: CLOUD_PERMISSIONS.projects, purpose: 'List the projects of the organisation (roles/browser)', required: true },
    { id: CLOUD_PERMISSIONS.services, purpose: 'List enabled services (roles/serviceusage.serviceUsageViewer)', required: true },
    { id: CLOUD_PERMISSIONS.accounts, purpose: 'List service accounts (roles/iam.securityReviewer)', required: true },
    { id: CLOUD_PERMISSIONS.accountKeys, purpose: 'List their keys (roles/iam.securityReviewer)', required: true },
    {
      id: CLOUD_PERMISSIONS.apiKeys,
      purpose: 'List API keys (a custom role with this alone: the ready one may read the keys themselves)',
      required: true,
    },
  ],
  limits: [
    'Workload identity pools: see cloud_assets',
    'OAuth clients of a project cannot be listed: they are seen when somebody grants them access',
    'When a key was last used is told by no list: see key_use',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('organizations', 500) + sizes.of('cloudProjectPages'),

  async *collect(context) {
    const { account, cursor, inFlight } = context;
    const place = within(account.scope, 'cloud_project');
    if (cursor === 'read') return yield { type: 'covered', scope: place };
    const own = yield* ownProjects(context, { scope: place, effect: 'What the projects of Google Cloud hold is unknown' });
    if (!own) return;
    let cloudProjectPages = own.requests;
    for await (const { events, requests } of concurrent(own.projects, inFlight, (project) => readProject(context, place, project))) {
      yield* events;
      cloudProjectPages += requests;
    }
    yield { type: 'checkpoint', cursor: 'read', sizes: { organizations: own.organizations, cloudProjectPages } };
    yield { type: 'covered', scope: place };
  },
});

const ACTIVE = 'ACTIVE';
/** A project whose deletion was asked for answers nothing any more, and nothing in it works. */
const GOING = 'DELETE_REQUESTED';

async function readProject(context: Context, place: string, project: Project): Promise<{ events: ScanEvent[]; requests: number }> {
  const { client } = context;
  const number = project.name.slice('projects/'.length);
  const scope = within(place, number);
  const at: At = { place: scope, project: project.projectId, number, events: [], requests: 0 };
  state(at, 'project', 'cloudresourcemanager.projects.list', () =>
    projectOf(asset(at, '', { projectId: project.projectId, projectNumber: number, lifecycleState: project.state })),
  );
  if (project.state !== ACTIVE && project.state !== GOING) {
    const effect = `The state of the project ${project.projectId} is not known: nothing in it was asked for`;
    at.events.push({ type: 'gap', scope, reason: 'provider_error', effect });
    return at;
  }
  // Whatever is unknown of other projects, this one was read.
  at.events.push({ type: 'covered', scope });
  if (project.state === GOING) return at;
  const services = await readServices(context, at);
  const accounts = await walk(at, 'service_account', CLOUD_PERMISSIONS.accounts, (pageToken) =>
    client.serviceAccounts({ project: project.projectId, pageToken }),
  );
  for (const item of accounts.items) {
    state(at, 'service_account', 'iam.projects.serviceAccounts.list', () => serviceAccountOf(asset(at, '', item)));
    const id = numbered.safeParse(item).data?.uniqueId;
    if (id === undefined) {
      at.events.push(malformed(at, 'service_account_key'));
      continue;
    }
    const ask = () => client.serviceAccountKeys({ project: project.projectId, account: id });
    const held = await walk(at, 'service_account_key', CLOUD_PERMISSIONS.accountKeys, ask, id);
    for (const key of held.items) {
      const name = `projects/${number}/serviceAccounts/${id}/keys/${named.safeParse(key).data?.name.split('/').at(-1)}`;
      state(at, 'service_account_key', 'iam.projects.serviceAccounts.keys.list', () => accountKeyOf(asset(at, name, key)));
    }
  }
  // The keys of accounts that nobody lists are as unknown as these.
  if (accounts.gap) at.events.push({ ...accounts.gap, scope: within(scope, 'service_account_key') });
  const keys = await walk(at, 'api_key', CLOUD_PERMISSIONS.apiKeys, (pageToken) =>
    client.apiKeys({ project: project.projectId, pageToken }),
  );
  for (const key of keys.items) state(at, 'api_key', 'apikeys.projects.locations.keys.list', () => apiKeyOf(asset(at, '', key), services));
  return at;
}

interface At {
  /** Place of the project. */
  place: string;
  project: string;
  number: string;
  events: ScanEvent[];
  requests: number;
}

const numbered = z.object({ uniqueId: z.string().regex(/^\d+$/) });
const named = z.object({ name: z.string().min(1) });

/** What a project has enabled; undefined = it could not be read. */
async function readServices({ client, interest }: Context, at: At): Promise<Services> {
  const enabled = new Set<string>();
  let ordinary = 0;
  let isWhole = true;
  const { items, gap } = await walk(at, 'service', CLOUD_PERMISSIONS.services, (pageToken) =>
    client.services({ project: at.project, pageToken }),
  );
  for (const item of items) {
    const read = service.safeParse(item).data;
    const name = read?.name.slice(read.name.lastIndexOf('/') + 1);
    if (name === undefined) {
      isWhole = false;
      at.events.push(malformed(at, 'service'));
    } else if (['ai', 'suspected'].includes(interest([serviceSignal(name)]))) {
      enabled.add(name);
      at.events.push(observed(within(at.place, 'service'), 'service', 'serviceusage.services.list', serviceOf(at.number, name)));
    } else ordinary++;
  }
  if (ordinary > 0) {
    const effect = `${ordinary} enabled services were left out: the catalog calls none of them AI`;
    at.events.push({ type: 'gap', scope: within(at.place, 'service', 'others'), reason: 'not_of_interest', effect });
  }
  return isWhole && !gap ? new Map([[at.number, enabled]]) : undefined;
}

/** All items of a list of the project, of one service account of it where `below` names that; where it breaks off, a gap says so. */
async function walk(
  at: At,
  segment: Segment,
  permission: string,
  ask: List<unknown>['ask'],
  ...below: readonly string[]
): Promise<{ items: unknown[]; gap?: Gap }> {
  const scope = within(at.place, segment, ...below);
  const loss = { scope, effect: `${WHAT[segment]} of the project ${at.project} are unknown`, permission };
  const items: unknown[] = [];
  for await (const page of listPages({ loss, what: 'resource', schema: z.unknown(), ask })) {
    at.requests++;
    if (page.gap) {
      at.events.push(page.gap);
      return { items, gap: page.gap };
    }
    items.push(...page.items);
  }
  return { items };
}

const WHAT: Readonly<Record<Segment, string>> = {
  service: 'Enabled services',
  project: 'Particulars',
  service_account: 'Service accounts',
  service_account_key: 'Keys of a service account',
  api_key: 'API keys',
  identity_provider: 'Identity providers',
};

function state(at: At, segment: Segment, source: string, say: () => Said | undefined): void {
  const scope = within(at.place, segment);
  try {
    const said = say();
    if (!said) return;
    if ('unknown' in said)
      at.events.push({ type: 'gap', scope: within(scope, ...said.id), reason: 'provider_error', effect: said.unknown });
    else at.events.push(observed(scope, segment, source, said));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    at.events.push(malformed(at, segment));
  }
}

function malformed(at: At, segment: Segment): Gap {
  return {
    type: 'gap',
    scope: within(at.place, segment),
    reason: 'provider_error',
    effect: `${WHAT[segment]} of the project ${at.project}: a malformed one was set aside`,
  };
}

/** As the inventory would have it. */
function asset({ number }: At, name: string, data: unknown): Asset {
  return { name: `//${name}`, ancestors: [path('projects', number)], resource: { data } };
}
