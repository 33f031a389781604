import { defineCollector, path, within, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { keyActivity, KEY_USED, serviceAccountKey, type KeyActivity } from './cloud-schema.ts';
import type { Config } from './config.ts';
import { CLOUD_PERMISSIONS } from './operations.ts';
import { ownOrganization, projectNumber } from './own-organization.ts';
import { listPages, readAll } from './pages.ts';
import { asset, type Asset } from './schema.ts';

const KEY = 'iam.googleapis.com/ServiceAccountKey';

/**
 * When keys of service accounts last signed somebody in. Google tells it project by project; only those are asked for that have a key
 * which somebody may hold. https://cloud.google.com/policy-intelligence/docs/activity-analyzer-service-account-authentication
 */
export const keyUse = defineCollector<Config, Client>({
  id: 'key_use',
  title: 'Google Cloud: last use of service account keys',
  version: 2,
  kinds: ['api_key'],
  mode: 'log',
  optional: true,
  needs: ['cloud'],
  operations: [
    'cloudresourcemanager.organizations.search',
    'cloudasset.assets.list',
    'policyanalyzer.projects.locations.activityTypes.activities.query',
  ],
  permissions: [
    { id: CLOUD_PERMISSIONS.organizations, purpose: 'Find the organisation that belongs to the customer (roles/browser)', required: true },
    { id: CLOUD_PERMISSIONS.assets, purpose: 'Find the projects that have keys (roles/cloudasset.viewer)', required: true },
    {
      id: CLOUD_PERMISSIONS.keyUse,
      purpose: 'Read when keys were last used (roles/policyanalyzer.activityAnalysisViewer)',
      required: true,
    },
  ],
  limits: ['Use is told with a delay of days, and by the day', 'Use of API keys', 'Who used a key, and what for'],
  volatile: ['observedUntil'],
  requests: (sizes) => sizes.pages('organizations', 500) + sizes.pages('serviceAccountKeys', 1000) + sizes.of('keyUsePages'),

  async *collect(context) {
    const { account, client, cursor, now } = context;
    const place = within(account.scope, 'key_use');
    if (cursor) return yield* readUntil(place, (cursor as Position).until);
    const effect = 'When keys of service accounts were last used is unknown';
    const own = yield* ownOrganization(context, place, effect);
    if (!own) return;
    const assets = (pageToken: string | undefined) => client.assets({ organization: own.name, type: KEY, pageToken });
    const held = { scope: place, effect, permission: CLOUD_PERMISSIONS.assets };
    const keys = await readAll({ loss: held, what: 'key', schema: asset, ask: assets });
    // Of one type alone nobody can tell whether it was the type that Google minded.
    if (keys.gap) return yield keys.gap.reason === 'not_observable' ? { ...keys.gap, reason: 'provider_error' } : keys.gap;
    yield* keys.gaps;
    let pages = 0;
    let whole = true;
    const heldKeys = keys.items.filter(mayBeHeld);
    // Where there is no key, Google has none to be late with.
    let until = heldKeys.length === 0 ? now().toISOString() : null;
    const ids = new Set(heldKeys.map(({ name }) => name.slice(name.lastIndexOf('/') + 1)));
    for (const project of new Set(heldKeys.flatMap((item) => projectNumber(item) ?? []))) {
      const scope = within(place, project);
      const loss = { scope, effect, permission: CLOUD_PERMISSIONS.keyUse };
      const ask = (pageToken: string | undefined) => client.keyActivities({ project: `projects/${project}`, pageToken });
      for await (const page of listPages({ loss, what: 'use of a key', schema: keyActivity, ask })) {
        pages++;
        if (page.gap) {
          whole = false;
          // Without the scope, no other project would answer either.
          if (page.whole) return yield { ...page.gap, scope: place };
          yield page.gap;
          break;
        }
        yield* page.gaps;
        for (const item of page.items) {
          if (!ids.has(idOf(item))) continue;
          const watched = watchedUntil(item);
          if (watched !== null && (until === null || watched < until)) until = watched;
          if (item.activity.lastAuthenticatedTime !== undefined) yield observationOf(scope, item);
        }
      }
    }
    if (!whole) until = null;
    yield {
      type: 'checkpoint',
      cursor: { until } satisfies Position,
      sizes: { organizations: own.seen, serviceAccountKeys: keys.items.length, keyUsePages: pages },
    };
    yield* readUntil(place, until);
  },
});

/** Everything was read, and Google had watched every key that it tells of until then; null = not everything, or it does not say. */
type Position = { until: string | null };

/** How far back it reaches is said of each key alone, so an instant is claimed: the last one at which Google had watched them all. */
function* readUntil(scope: string, until: string | null): Generator<ScanEvent> {
  if (until !== null) yield { type: 'covered', scope, window: { from: until, to: until } };
}

function watchedUntil({ observationPeriod }: KeyActivity): string | null {
  return observationPeriod?.endTime === undefined ? null : new Date(observationPeriod.endTime).toISOString();
}

/** Google makes and uses keys of its own for every account; nobody can hold one of those. */
function mayBeHeld(item: Asset): boolean {
  const key = serviceAccountKey.safeParse(item.resource?.data);
  return !key.success || key.data.keyType === 'USER_MANAGED';
}

function idOf({ fullResourceName }: KeyActivity): string {
  return KEY_USED.exec(fullResourceName)![2]!;
}

function observationOf(scope: string, { fullResourceName, activity, observationPeriod }: KeyActivity): Observation {
  const [, named, id] = KEY_USED.exec(fullResourceName) as unknown as [string, string, string];
  const owner = activity.serviceAccountKey.serviceAccountId;
  return {
    type: 'observation',
    thing: path('service_account_key', owner, id),
    nativeId: path('key_use', owner, id),
    kind: 'api_key',
    scope: within(scope, owner, id),
    subject: { app: path('service_account_key', owner), credential: id, name: `Key ${id.slice(0, 8)} of ${named}` },
    principal: { id: owner, name: named, traits: ['workload', 'standing_credential'] },
    signals: [],
    permissions: [],
    lastUsedAt: { at: new Date(activity.lastAuthenticatedTime!).toISOString(), from: 'report' },
    attributes: { observedUntil: observationPeriod?.endTime ?? null },
    evidence: { source: 'policyanalyzer.projects.locations.activityTypes.activities.query' },
  };
}
