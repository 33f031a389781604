import { hash } from 'node:crypto';
import {
  canonicalJson,
  outward,
  type Collector,
  type Gap,
  type Json,
  type Observation,
  type Principal,
  type Statement,
} from '../connector/index.ts';
import type { ObservationRow, StatementRow } from '../store/rows.ts';

/** The part of an observation that is versioned. */
export type ObservationBody = Pick<
  Observation,
  'scope' | 'subject' | 'principal' | 'signals' | 'permissions' | 'grantedAt' | 'expiresAt' | 'use' | 'happened' | 'attributes' | 'evidence'
>;

/** Facts that are overwritten each night. */
export interface VolatileBody {
  lastUsedAt?: Observation['lastUsedAt'];
  attributes?: Record<string, Json>;
}

/** Longest text that a provider may put into one field, in characters; the rest is cut, and what is cut ends in an ellipsis. */
const LONGEST_TEXT = 2_000;
/** Longest id or place, in characters. Path and name of an AWS user, the longest that we read, have 576 together. */
const LONGEST_ID = 1_024;
/** Most that one observation may say, in bytes of JSON. All policies that AWS lets one role have are a third of it. */
const LARGEST_BODY = 256 * 1024;

/** An observation as it is kept: what moves every night apart from what makes a version. */
export function observationRow(observation: Observation, collector: Pick<Collector, 'volatile'>): ObservationRow {
  const { subject, principal, grantedAt, expiresAt, happened, lastUsedAt } = observation;
  const { stable, moving } = sortedAttributes(observation.attributes, collector.volatile);
  // Every key is written in one order, so that equal facts have equal text; this is the hot spot of a scan.
  const facts = {
    attributes: stable,
    expiresAt: typeof expiresAt === 'object' ? { at: expiresAt.at, from: expiresAt.from } : expiresAt,
    grantedAt: grantedAt && { at: grantedAt.at, from: grantedAt.from },
    happened: happened && { at: happened.at, ends: happened.ends },
    kind: observation.kind,
    permissions: [...new Set(observation.permissions)].sort(),
    principal: principal && principalAsKept(principal),
    scope: observation.scope,
    signals: observation.signals.map((signal) => ({ type: signal.type, value: shortened(signal.value) })).sort(bySpelling),
    subject: { app: subject.app, credential: subject.credential, name: shortened(subject.name) },
    thing: observation.thing,
    use: observation.use,
  };
  const core = JSON.stringify(facts);
  const volatile =
    lastUsedAt || moving ? { attributes: moving, lastUsedAt: lastUsedAt && { at: lastUsedAt.at, from: lastUsedAt.from } } : undefined;
  return {
    nativeId: observation.nativeId,
    thing: observation.thing,
    kind: observation.kind,
    scope: observation.scope,
    appId: subject.app,
    principalId: principal?.id ?? null,
    fingerprint: hash('sha256', core, 'buffer').subarray(0, 16),
    // Where it was read is kept beside the facts, but a moved page of the provider's console is no change of the world.
    body: `${core.slice(0, -1)},"evidence":${JSON.stringify(observation.evidence)}}`,
    volatile: volatile ? JSON.stringify(volatile) : null,
  };
}

function principalAsKept({ id, name, standing, traits }: Principal) {
  return { id, name: shortened(name), standing, traits: [...traits].sort() };
}

/** How a holder stands in a kept body: equal texts, equal holders. */
export function principalText(principal: Principal): string {
  return JSON.stringify(principalAsKept(principal));
}

/**
 * Do two bodies differ in nothing but what things and people call themselves? Whoever made an app may rename it, and no log of
 * grants tells of that: such a difference does not prove that the log misses changes.
 */
export function isRenamed(before: string, after: string): boolean {
  return withoutNames(before) === withoutNames(after);
}

function withoutNames(body: string): string {
  const { evidence: _moved, ...facts } = JSON.parse(body) as ObservationBody;
  const { name, ...subject } = facts.subject;
  const { name: _holder, ...principal } = facts.principal ?? { name: '' };
  const signals = facts.signals.filter(({ value }) => value !== name);
  return canonicalJson({ ...facts, subject, principal, signals } as unknown as Json);
}

/**
 * The gap in the place of an observation that is too large to be kept; undefined = it may be kept. It is set aside whole:
 * a shortened id would be another id, and shortened facts would be other facts.
 */
export function gapOfTooLarge({ scope, kind, ...observation }: Observation, row: ObservationRow): Gap | undefined {
  const { nativeId, thing, subject, principal } = observation;
  const ids = { place: scope, id: nativeId, thing, app: subject.app, credential: subject.credential, holder: principal?.id };
  const long = Object.entries(ids).find(([, id]) => id !== undefined && id.length > LONGEST_ID);
  const bytes = Buffer.byteLength(row.body) + Buffer.byteLength(row.volatile ?? '');
  if (!long && bytes <= LARGEST_BODY) return undefined;
  const what = long
    ? `its ${long[0]} has ${long[1]!.length} characters, more than ${LONGEST_ID}`
    : `it says ${bytes} bytes, more than ${LARGEST_BODY}`;
  const place = [...outward(scope)].find((outer) => outer.length <= LONGEST_ID)!;
  return { type: 'gap', scope: place, reason: 'truncated', effect: `One ${kind.replaceAll('_', ' ')} was set aside: ${what}` };
}

function sortedAttributes(attributes: Observation['attributes'], volatile: readonly string[]) {
  const stable: Record<string, Json> = {};
  let moving: Record<string, Json> | undefined;
  for (const key of Object.keys(attributes).sort()) {
    const value = attributes[key]!;
    const sorted = typeof value === 'object' ? (JSON.parse(canonicalJson(value)) as Json) : value;
    if (volatile.includes(key)) (moving ??= {})[key] = sorted;
    else stable[key] = sorted;
  }
  return { stable, moving };
}

/** A statement as it is kept. `statedAt` is the time of the first page behind it; a spot check was read although a log vouched for it. */
export function statementRow(statement: Statement, statedAt: Date, spotCheck = false): StatementRow {
  const gap = statement.type === 'gap' ? statement : undefined;
  const window = statement.type === 'covered' ? statement.window : undefined;
  return {
    scope: statement.scope,
    statement: statement.type,
    reason: gap?.reason ?? '',
    permission: gap?.permission ?? null,
    effect: gap?.effect ?? null,
    byDesign: gap?.byDesign ?? false,
    windowFrom: window?.from ?? null,
    windowTo: window?.to ?? null,
    spotCheck,
    statedAt: statedAt.toISOString(),
  };
}

/** The fields in which two bodies differ: what a person reads in a diff. */
export interface FieldChange {
  field: string;
  before: Json;
  after: Json;
}

export function changedFields(before: string, after: string): FieldChange[] {
  const old = JSON.parse(before) as Record<string, Json>;
  const now = JSON.parse(after) as Record<string, Json>;
  const changes: FieldChange[] = [];
  compare('', { ...old, evidence: null }, { ...now, evidence: null }, changes);
  return changes;
}

/** Goes into objects, so that `principal.standing` is named and not all of the principal. Lists are compared whole. */
function compare(path: string, before: Json, after: Json, changes: FieldChange[]): void {
  if (canonicalJson(before) === canonicalJson(after)) return;
  if (isObject(before) && isObject(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort())
      compare(path === '' ? key : `${path}.${key}`, before[key] ?? null, after[key] ?? null, changes);
    return;
  }
  changes.push({ field: path, before, after });
}

function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bySpelling(a: { type: string; value: string }, b: { type: string; value: string }): number {
  return a.type === b.type ? (a.value < b.value ? -1 : 1) : a.type < b.type ? -1 : 1;
}

function shortened(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1).toWellFormed()}…`;
}
