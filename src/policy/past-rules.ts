import type { Hit } from './hit.ts';
import { POWER, powerOf, type Growth, type Integration, type Reach, type Thing } from './integration.ts';
import { SEVERITIES, type Severity } from './judged.ts';
import { isLimited, keptTo, type Standing } from './standing.ts';

/** What becomes a finding by what was before: access that has grown, and access that was taken away and is back. */
export function pastHits(integration: Integration, standing: Standing, live: readonly Thing[]): Hit[] {
  const { verdict } = integration.match;
  if (verdict !== 'ai' && verdict !== 'suspected') return [];
  return [...drift(integration, standing, live), ...returns(integration, standing, live)];
}

/** Since when nobody has said that what it can do is right; undefined = nobody ever did. */
export function decidedOn(standing: Standing): string | undefined {
  return keptTo(standing)
    .flatMap(({ decided, reviewed }) => [decided, reviewed])
    .filter((day) => day !== undefined)
    .sort()
    .at(-1);
}

export interface Step {
  told: string;
  severity: Severity;
}

/**
 * Within an approval that says how much it may do, growth is allowed. Beyond its limits growth is told beside `approval-exceeded`: else
 * a second approval without limits, which settles that one, would be what brings up the growth.
 */
function drift(integration: Integration, standing: Standing, live: readonly Thing[]): Hit[] {
  if (isLimited(standing)) return [];
  const { earlier = [] } = integration;
  const since = decidedOn(standing);
  const first = new Map<string, Growth>();
  for (const before of earlier) if (isAfter(since, before) && !first.has(before.thing)) first.set(before.thing, before);
  const grown = live.flatMap((thing) => {
    const before = first.get(thing.id);
    const steps = before && thing.use === undefined ? stepsOf(before) : [];
    return steps.length > 0 ? [{ thing, steps }] : [];
  });
  const [wider, holding] = [moreHolders(integration, standing, live), new Set(live.filter(isHeld))];
  if (grown.length === 0 && !wider) return [];
  const steps = grown.flatMap((one) => one.steps);
  const counts = Map.groupBy(steps, ({ told }) => told);
  return [
    {
      rule: 'entitlement-drift',
      severity: gravest(wider ? [...steps, wider] : steps),
      details: [
        ...(wider ? [wider.told] : []),
        ...[...counts].map(([told, of]) => `${told}${grown.length > 1 ? ` (${of.length} of ${live.length})` : ''}`).sort(),
      ].slice(0, 10),
      things: wider
        ? live.filter((thing) => holding.has(thing) || grown.some((one) => one.thing === thing))
        : grown.map(({ thing }) => thing),
    },
  ];
}

function isAfter(since: string | undefined, { until }: { until: string }): boolean {
  return since === undefined || until.slice(0, 10) > since;
}

/** A tool that a team tries and then uses is no news. Ten times as many is another thing than what was let in, and one that became ten is a team. */
const TIMES_MORE = 10;
const MORE_BY = 20;

/**
 * Counted on nights on which a list was read whole: what a gap hid has not come since, and nothing is less for a gap. Whoever approved it for so
 * many has answered it.
 */
function moreHolders({ held = [], reach }: Integration, standing: Standing, live: readonly Thing[]): Step | undefined {
  if (keptTo(standing).some(({ population }) => population?.most !== undefined)) return undefined;
  const since = decidedOn(standing);
  const holders = new Set(live.filter(isHeld).map(({ holder }) => holder!.id)).size;
  const [most] = held
    .flatMap(({ most: read, before }) => {
      const [was, now] = [before.find((one) => isAfter(since, one))?.count, Math.min(holders, read)];
      return was !== undefined && now >= TIMES_MORE * was && now >= was + MORE_BY ? [{ was, now }] : [];
    })
    .sort((a, b) => b.now - a.now || a.was - b.was);
  return most && { told: `Holders: ${most.was} → ${most.now}`, severity: reach.some((one) => powerOf(one) > 0) ? 'medium' : 'low' };
}

function isHeld({ holder, use }: Thing): boolean {
  return holder !== undefined && use === undefined;
}

export function gravest(steps: readonly Step[]): Severity {
  return SEVERITIES[Math.max(0, ...steps.map(({ severity }) => SEVERITIES.indexOf(severity)))]!;
}

function stepsOf({ before, now, wasSelected, isEverywhere }: Growth): Step[] {
  const steps = gained(before, now);
  return wasSelected && isEverywhere ? [...steps, { told: 'Selected repositories → all, also those to come', severity: 'medium' }] : steps;
}

/** By how many levels, not by how many permissions. What an unknown permission means was a guess then and is one now. */
export function gained(before: readonly Reach[], now: readonly Reach[]): Step[] {
  const was = new Map(before.map((reach) => [reach.dataClass, reach]));
  return now.flatMap((reach): Step[] => {
    const old = was.get(reach.dataClass);
    if (!reach.known || old?.known === false || powerOf(reach) === 0 || (old && POWER[old.access] >= POWER[reach.access])) return [];
    return [{ told: `${reach.dataClass}: ${old?.access ?? 'nothing'} → ${reach.access}`, severity: severityOf(reach, old) }];
  });
}

function severityOf(now: Reach, before: Reach | undefined): Severity {
  const gained = powerOf(now) - (before ? powerOf(before) : 0);
  if (gained >= 8) return 'high';
  return gained >= 4 ? 'medium' : 'low';
}

/** After so long it is a tool like any other. */
export const RECENT_MS = 90 * 86_400_000;

/** Somebody took it away, or it ended, and somebody let it in again. What is approved may come back. */
function returns({ returned = [], reach }: Integration, standing: Standing, live: readonly Thing[]): Hit[] {
  if (standing.is === 'approved' || standing.is === 'review-due') return [];
  const at = new Map(returned.map((one) => [one.thing, one.at]));
  const back = live.filter(({ id }) => at.has(id));
  const last = back
    .map(({ id }) => at.get(id)!)
    .sort()
    .at(-1);
  if (last === undefined) return [];
  const power = Math.max(0, ...reach.map(powerOf));
  return [
    {
      rule: 'revoked-and-returned',
      severity: standing.is === 'denied' || power >= 8 ? 'high' : 'medium',
      details: back.slice(0, 10).map(({ id, name, holder }) => `${holder?.name ?? name}: gone before, back on ${at.get(id)!.slice(0, 10)}`),
      things: back,
      until: new Date(Date.parse(last) + RECENT_MS).toISOString(),
    },
  ];
}
