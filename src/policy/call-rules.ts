import type { Json } from '../connector/index.ts';
import type { Hit } from './hit.ts';
import type { Integration, Thing } from './integration.ts';

const A_DAY_MS = 86_400_000;
/** So long a call is told of, where the log that saw it does not say how far it reaches back. */
const TRACE_MS = 90 * A_DAY_MS;

/**
 * Calls of models in a region of which a setting says that they are not logged (`callsLogged`, `region`). Calls are told of by logs as a
 * rule: by the date of the last, or by the days in one of which it was (`trackedFrom`, `trackedUntil`). What was refused was none. The
 * trace of a call is old only once the log that told of it was read again after that.
 */
export function callHits({ match, name, things, controls = [], logsRead }: Integration, now: Date): Hit[] {
  if (match.verdict !== 'ai') return [];
  const calls = things.filter(isCall);
  const dark = calls.length > 0 ? darkIn(controls) : undefined;
  const told = calls.flatMap((thing) => {
    if (!dark?.has(thing.attributes['region'])) return [];
    const until = thing.logOnly ? heldUntil(endOf(thing)!, logsRead, now) : undefined;
    return until === undefined || until > now.toISOString() ? [{ thing, until }] : [];
  });
  if (told.length === 0) return [];
  const until = told.map((one) => one.until);
  const hit: Hit = {
    rule: 'model-calls-unlogged',
    severity: 'low',
    details: [...new Set(told.map(({ thing }) => saidOf(thing, name)))].slice(0, 10),
    things: told.map(({ thing }) => thing),
  };
  // What ends first is to be looked at then, whatever else stands on.
  const first = until.filter((at) => at !== undefined).sort()[0];
  return [{ ...hit, ...(first !== undefined && { until: first }) }];
}

/** A list tells that something is there; a log, that something was. */
function isCall(thing: Thing): boolean {
  const { kind, use, state, logOnly } = thing;
  return kind === 'usage' && use === undefined && (logOnly ? endOf(thing) !== undefined : state !== 'gone');
}

/** When a call has left the log, ISO 8601; undefined = no call is told of. */
function endOf({ lastUsedAt, attributes: { trackedFrom, trackedUntil } }: Thing): string | undefined {
  if (lastUsedAt) return new Date(Date.parse(lastUsedAt.at) + TRACE_MS).toISOString();
  if (typeof trackedFrom !== 'string' || typeof trackedUntil !== 'string') return undefined;
  const until = Date.parse(trackedUntil);
  return new Date(until + (until - Date.parse(trackedFrom))).toISOString();
}

/** A log that was not read since then is waited for, from day to day. */
function heldUntil(end: string, logsRead: string | undefined, now: Date): string {
  const tomorrow = new Date(now.getTime() + A_DAY_MS).toISOString();
  return (logsRead !== undefined && logsRead >= end) || end > tomorrow ? end : tomorrow;
}

function saidOf({ holder, attributes: { region } }: Thing, name: string): string {
  const where = typeof region === 'string' ? region : 'a region that is not named';
  return `${name} ${holder ? 'calls models' : 'is called'} in ${where}, where calls are not logged`;
}

type Controls = NonNullable<Integration['controls']>;

/** All apps of an account stand among the same settings, of which there are many: they are gone through once. */
const known = new WeakMap<Controls, ReadonlySet<Json | undefined>>();

/** Regions in which calls are not logged. */
function darkIn(controls: Controls): ReadonlySet<Json | undefined> {
  const dark =
    known.get(controls) ?? new Set(controls.flatMap(({ attributes: { callsLogged, region } }) => (callsLogged === false ? [region] : [])));
  known.set(controls, dark);
  return dark;
}
