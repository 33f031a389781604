import { canUseAi } from './hit.ts';
import type { Thing } from './integration.ts';

/**
 * That somebody tried to use a service, or did not, as a report told: `attempted`, of a `service`, last at `lastAttemptAt`, between
 * the days `trackedFrom` and `trackedUntil`. What was refused counts as tried, so it is no use.
 */
export interface AttemptFact {
  principal: { id: string; name: string };
  service: string;
  attempted: boolean;
  lastAttemptAt: string | null;
  trackedFrom: string | null;
  trackedUntil: string | null;
}

/** What one holder last tried to use of AI services. */
export interface Tried {
  holder: string;
  /** `unknown` = no report on the holder is known. */
  is: 'tried' | 'not-tried' | 'unknown';
  /** The latest first. */
  services: readonly { service: string; at: string }[];
  /** The days that the report tells of. */
  tracked?: { from: string; until: string };
}

/** Somebody who holds something, and whether that lets him use AI services; of a key alone it is not known. */
export interface Holder {
  id: string;
  name: string;
  canUseAi: boolean;
}

/** Holders of whom it matters what they tried: they can use AI services, or hold a key. */
export function holdersInQuestion(things: readonly Pick<Thing, 'kind' | 'holder' | 'attributes'>[]): Holder[] {
  const found = new Map<string, Holder>();
  for (const { holder, kind, attributes } of things) {
    if (!holder) continue;
    const isCapable = canUseAi({ attributes });
    if (isCapable || (kind === 'api_key' && !found.has(holder.id)))
      found.set(holder.id, { id: holder.id, name: holder.name, canUseAi: isCapable });
  }
  return [...found.values()];
}

/**
 * What each of them last tried; of a key alone, only where there is a report. A holder who is known by name is meant by a fact about
 * one of the same name and sort; `sortOf` = what the connector calls an id.
 */
export function triedBy(holders: readonly Holder[], facts: readonly AttemptFact[], sortOf: (id: string) => string | undefined): Tried[] {
  return holders.flatMap((holder): Tried[] => {
    const sort = sortOf(holder.id);
    const isMeant = ({ principal: { id, name } }: AttemptFact) =>
      id === holder.id || (name === holder.name && sort !== undefined && sortOf(id) === sort);
    const own = facts.filter(isMeant);
    const services = own
      .flatMap(({ service, attempted, lastAttemptAt: at }) => (attempted && at !== null ? [{ service, at }] : []))
      .sort((a, b) => (a.at === b.at ? (a.service < b.service ? -1 : 1) : a.at > b.at ? -1 : 1));
    const periods = own.flatMap(({ trackedFrom: from, trackedUntil: until }) => (from && until ? [{ from, until }] : []));
    const tracked = periods.sort((a, b) => (a.until > b.until ? -1 : 1))[0];
    if (!tracked) return holder.canUseAi ? [{ holder: holder.name, is: 'unknown', services: [] }] : [];
    return [{ holder: holder.name, is: services.length > 0 ? 'tried' : 'not-tried', services, tracked }];
  });
}
