import type { CollectContext, Gap, ScanEvent } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import * as resource from './cloud-schema.ts';
import type { Config } from './config.ts';
import { CLOUD_PERMISSIONS } from './operations.ts';
import { listPages, readAll } from './pages.ts';
import { asset, organization, type Asset } from './schema.ts';

export const SERVICES = 'serviceusage.googleapis.com/Service';

/** The organisation of Google Cloud that belongs to the customer, and how many are seen; undefined = the gap says why not. */
export async function* ownOrganization(
  { account, client, config }: CollectContext<Config, Client>,
  place: string,
  effect: string,
): AsyncGenerator<ScanEvent, { name: string; seen: number } | undefined> {
  if (!config.cloud) {
    yield notVisible(place, 'No service account for Google Cloud is configured ("cloud")');
    return undefined;
  }
  const loss = { scope: place, effect, permission: CLOUD_PERMISSIONS.organizations };
  const search = { loss, what: 'organisation', schema: organization };
  const found = await readAll({ ...search, ask: (pageToken) => client.organizations({ pageToken }) });
  if (found.gap) {
    yield found.gap;
    return undefined;
  }
  const own = found.items.find(({ directoryCustomerId }) => directoryCustomerId === account.id);
  if (own) return { name: own.name, seen: found.items.length };
  // A search shows what may be seen: without the permission it is empty, and no refusal.
  yield notVisible(place, 'The service account for Google Cloud sees no organisation of this customer');
  return undefined;
}

function notVisible(scope: string, effect: string): Gap {
  return { type: 'gap', scope, reason: 'permission_denied', permission: CLOUD_PERMISSIONS.organizations, effect };
}

/** Numbers of the organisation's projects in which a service is enabled, with what was counted on the way; undefined = a gap says why not. */
export async function* projectsWith(
  context: CollectContext<Config, Client>,
  service: string,
  { scope, effect }: { scope: string; effect: string },
): AsyncGenerator<ScanEvent, { projects: string[]; sizes: Record<string, number> } | undefined> {
  const own = yield* ownOrganization(context, scope, effect);
  if (!own) return undefined;
  const loss = { scope, effect, permission: CLOUD_PERMISSIONS.assets };
  const ask = (pageToken: string | undefined) => context.client.assets({ organization: own.name, type: SERVICES, pageToken });
  const projects = new Set<string>();
  let cloudServices = 0;
  for await (const page of listPages({ loss, what: 'service', schema: asset, ask })) {
    if (page.gap) {
      // Of one type alone nobody can tell whether it was the type that Google minded.
      yield page.gap.reason === 'not_observable' ? { ...page.gap, reason: 'provider_error' } : page.gap;
      return undefined;
    }
    yield* page.gaps;
    cloudServices += page.items.length;
    for (const item of page.items) {
      const read = resource.service.safeParse(item.resource?.data);
      const project = projectNumber(item);
      // Which service of which project it is nobody can say: it may be this one.
      if (!read.success || !project) yield { type: 'gap', scope, reason: 'provider_error', effect: 'A malformed service was set aside' };
      else if (read.data.state === 'ENABLED' && read.data.name.endsWith(`/${service}`)) projects.add(project);
    }
  }
  return { projects: [...projects].sort(), sizes: { organizations: own.seen, cloudServices } };
}

/** The number of the project that a resource is in. */
export function projectNumber(item: Asset): string | undefined {
  return item.ancestors?.find((ancestor) => ancestor.startsWith('projects/'))?.slice('projects/'.length);
}
