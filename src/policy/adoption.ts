import { daysBetween, medianOf } from './days.ts';
import type { Share } from './metrics.ts';
import type { Supervision } from './supervision.ts';

/** An AI integration that is there. `firstSeen` = start of the first scan that saw it, ISO 8601. */
export interface Adopted {
  firstSeen: string;
  supervision?: Supervision;
}

/** How long what came waited for an approval. */
export interface AdoptionLag {
  /** Integrations of which the day of the approval is known. */
  count: number;
  /** Days from the day on which it was first seen to that of the approval; less than 0 = the approval came first. Undefined = there is none. */
  median: number | undefined;
  /** Of these, the ones that were there before the approval. */
  adoptedBefore: Share;
  /** Left out. */
  withoutApproval: number;
  withoutDay: number;
}

export function adoptionLag(integrations: readonly Adopted[]): AdoptionLag {
  const withApproval = integrations.filter(({ supervision }) => supervision?.answers.owner === 'yes');
  const lags = withApproval.flatMap(({ firstSeen, supervision }) =>
    supervision?.decided === undefined ? [] : [daysBetween(firstSeen.slice(0, 10), supervision.decided)],
  );
  return {
    count: lags.length,
    median: medianOf(lags),
    adoptedBefore: { part: lags.filter((days) => days > 0).length, of: lags.length },
    withoutApproval: integrations.length - withApproval.length,
    withoutDay: withApproval.length - lags.length,
  };
}

/** A grant, an installation or a key of an AI integration, with moments as ISO 8601. */
export interface Sighting {
  /** When its provider says that it was given; null = it does not say. */
  granted: string | null;
  /** Start of the first scan that saw it. */
  seen: string;
  /** When one of the lists and logs that state it was first read to its end; null = none ever was. */
  readSince: string | null;
}

/** How long what was granted stayed unseen. */
export interface DiscoveryLatency {
  count: number;
  /** Days from the grant to the first scan that saw it. */
  median: number | undefined;
  /** Left out: the provider gives no date; it was granted before anybody looked; it was granted again after it was seen. */
  undated: number;
  before: number;
  again: number;
}

export function discoveryLatency(sightings: Iterable<Sighting>): DiscoveryLatency {
  const days: number[] = [];
  const left = { undated: 0, before: 0, again: 0 };
  for (const { granted, seen, readSince } of sightings) {
    if (granted === null) left.undated += 1;
    else if (readSince === null || Date.parse(granted) < Date.parse(readSince)) left.before += 1;
    else if (Date.parse(granted) > Date.parse(seen)) left.again += 1;
    else days.push(daysBetween(granted, seen));
  }
  return { count: days.length, median: medianOf(days), ...left };
}

/** Findings that are accepted for a time, and for how long they have been. */
export interface Backlog {
  count: number;
  /** Days. */
  median: number | undefined;
  oldest: number | undefined;
}

export function exceptionBacklog(since: readonly string[], now: string): Backlog {
  const days = since.map((at) => daysBetween(at, now));
  return { count: days.length, median: medianOf(days), oldest: days.length === 0 ? undefined : Math.max(...days) };
}
