import { within, type CollectContext, type Covered, type Gap, type Loss, type ScanEvent } from '../../src/connector/index.ts';
import { location } from './agent-schema.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { projectsWith } from './own-organization.ts';
import { listPages, type List, type ListPage } from './pages.ts';
import type { Page } from './schema.ts';

/** What is read location by location, in every project that has switched the service on. */
export interface Regional {
  /** The service that must be enabled. */
  service: string;
  place: string;
  /** Of a log: the time that is claimed. */
  window?: Covered['window'];
  effect: string;
  permission: string;
  /** The size that counts the pages. */
  size: string;
  /** Lists the locations of a project; absent = one list answers for all of them at once. */
  locations?(query: { project: string; pageToken: string | undefined }): Promise<Page>;
  /** Reads one location, or all of them at once. */
  read(at: At): AsyncGenerator<ScanEvent>;
}

/** All locations at once, for lists that know this. https://google.aip.dev/159 */
const ALL = '-';

/** One location of one project, or all of them at once, and how their lists are walked. */
export interface At {
  project: string;
  /** Its name for Google, `projects/123/locations/europe-west1`. */
  name: string;
  scope: string;
  /**
   * All items of a list in it; undefined = it could not be read, or Google could not ask this very location, and a gap says so.
   */
  list<Item>(list: Omit<List<Item>, 'loss'>): AsyncGenerator<ScanEvent, Item[] | undefined>;
}

/** Reads all locations, and claims the place where none was given up; those that Google cannot reach are gaps, and are not asked again. */
export async function* readRegions(context: CollectContext<Config, Client>, regional: Regional): AsyncGenerator<ScanEvent> {
  const { place: scope, effect, permission, size } = regional;
  const covered: Covered = { type: 'covered', scope, ...(regional.window && { window: regional.window }) };
  if (context.cursor === 'read') return yield covered;
  const reach = { place: scope, pages: 0, refused: false };
  const enabled = yield* projectsWith(context, regional.service, { scope, effect });
  if (!enabled) return;
  for (const project of enabled.projects) {
    const projectScope = within(scope, project);
    const loss = { scope: projectScope, effect, permission };
    const walk = { project, loss, unreachable: new Set<string>(), reach };
    const listed = locationOf({ ...walk, location: ALL });
    const { locations } = regional;
    const ask = (pageToken: string | undefined) => locations!({ project: `projects/${project}`, pageToken });
    const found = locations ? yield* listed.list({ what: 'location', schema: location, ask }) : [{ locationId: ALL }];
    for (const { locationId } of found ?? [])
      if (!reach.refused && !walk.unreachable.has(locationId)) yield* regional.read(locationOf({ ...walk, location: locationId }));
    if (reach.refused) return;
  }
  yield { type: 'checkpoint', cursor: 'read', sizes: { ...enabled.sizes, [size]: reach.pages } };
  yield covered;
}

/** The last part of one of Google's names: `europe-west1` of `projects/123/locations/europe-west1`. */
export function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

interface Walk {
  project: string;
  location: string;
  /** Of the whole project. */
  loss: Loss;
  unreachable: Set<string>;
  reach: Reach;
}

/** Of all projects together. */
interface Reach {
  place: string;
  pages: number;
  /** The credential itself was refused: no other project would answer it. */
  refused: boolean;
}

function locationOf({ project, location: id, loss, unreachable, reach }: Walk): At {
  const scope = id === ALL ? loss.scope : within(loss.scope, id);
  return {
    project,
    name: `projects/${project}/locations/${id}`,
    scope,
    async *list(list) {
      const items = [];
      for await (const page of listPages({ loss: { ...loss, scope }, ...list })) {
        reach.pages++;
        if (page.gap) {
          reach.refused = page.whole;
          yield page.whole ? { ...page.gap, scope: reach.place } : page.gap;
          return undefined;
        }
        yield* page.gaps;
        yield* notReached(page, loss, unreachable);
        items.push(...page.items);
      }
      return unreachable.has(id) ? undefined : items;
    },
  };
}

/** Each location once. */
function* notReached({ unreachable }: ListPage<unknown>, loss: Loss, known: Set<string>): Generator<Gap> {
  for (const name of unreachable) {
    const id = lastOf(name);
    if (known.has(id)) continue;
    known.add(id);
    const effect = `${loss.effect} in ${id}: Google could not reach that location`;
    yield { type: 'gap', scope: within(loss.scope, id), reason: 'provider_error', effect };
  }
}
