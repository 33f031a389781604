import type { Access } from '../connector/index.ts';
import type { FindingBody } from './findings.ts';
import { POWER } from './integration.ts';

/** What there is to be seen of a finding, and of what it is about elsewhere. */
export interface SightedFacts {
  /** JSON, see FindingBody. */
  body: string;
  /** Where the product, or an unknown app, is: `connector/account`. */
  places: readonly string[];
  /** It is known to be compromised, wherever it is. */
  compromised: boolean;
}

/** What somebody saw who acknowledged a finding. No names. */
export interface Sighted {
  /** The most that it could do to each class of data. */
  data: Readonly<Record<string, Access>>;
  holders: number;
  administrators: number;
  places: readonly string[];
  compromised: boolean;
}

export function sightedIn({ body, places, compromised }: SightedFacts): Sighted {
  const { approve, holders } = JSON.parse(body) as Pick<FindingBody, 'approve' | 'holders'>;
  const { data = {} } = (approve['ceiling'] ?? {}) as { data?: Record<string, Access> };
  return { data, holders: holders.count, administrators: holders.administrators, places: [...new Set(places)].sort(), compromised };
}

/** More holders than that, and twice as many as were seen. */
const MANY_MORE = 5;

/**
 * Why what was acknowledged has to be looked at again, one sentence each; none = it is what was seen, or less. An acknowledgement is about
 * what somebody saw, and never about what became of it.
 */
export function grownBeyond(seen: Sighted, now: Sighted): string[] {
  const accounts = now.places.filter((place) => !seen.places.includes(place));
  const plane = (place: string) => place.slice(0, place.indexOf('/'));
  const planes = new Set(seen.places.map(plane));
  return [
    ...Object.entries(now.data).flatMap(([dataClass, access]) => {
      const before = seen.data[dataClass];
      if (before === undefined) return [`It reaches another class of data: ${dataClass} (${access}).`];
      return POWER[access] > POWER[before] ? [`It may do more to ${dataClass}: ${access}, where it was ${before}.`] : [];
    }),
    ...(now.holders >= 2 * seen.holders && now.holders >= seen.holders + MANY_MORE
      ? [`It is held by ${now.holders}, where it was ${seen.holders}.`]
      : []),
    ...(seen.administrators === 0 && now.administrators > 0 ? ['An administrator holds it now.'] : []),
    ...accounts.map((place) => (planes.has(plane(place)) ? `It is in another account: ${place}.` : `It is on another plane: ${place}.`)),
    ...(now.compromised && !seen.compromised ? ['It is known to be compromised now.'] : []),
  ];
}
