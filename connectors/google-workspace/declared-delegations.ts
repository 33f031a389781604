import { path, within, type Gap, type Json, type Observation, type ScanEvent, type Scope } from '../../src/connector/index.ts';
import { statementsOf, type Imported } from './imports.ts';

/** The last word of the administrators' log about a client. */
export interface Said {
  at: string;
  /** The administrator whose word it was. */
  by: Json;
  authorized: boolean;
  scopes: readonly string[];
}

/** Of several lists the one that was taken last; undefined = nobody declared any. */
export function newest(lists: readonly Imported[]): Imported | undefined {
  return lists.toSorted((one, other) => Date.parse(other.takenAt) - Date.parse(one.takenAt))[0];
}

/**
 * Holds the list of delegations that an administrator keeps against the log: which clients stand on both, on the list alone,
 * in the log alone. What that means is for others to say. A client on the list alone may have been authorised before the log began.
 */
export function* heldAgainst(account: Scope, list: Imported, latest: ReadonlyMap<string, Said>, whole: boolean): Generator<ScanEvent> {
  const place = within(account, 'declared_delegation');
  const declared = new Map<string, Observation>();
  const gaps: Gap[] = [];
  for (const event of statementsOf(account, list)) {
    if (event.type === 'observation') declared.set(event.subject.app, event);
    else if (event.type === 'gap') gaps.push({ ...event, scope: place });
  }
  yield* gaps;
  for (const clientId of new Set([...declared.keys(), ...latest.keys()])) {
    const compared = comparison(declared.get(clientId), latest.get(clientId));
    if (compared) yield observationOf(place, clientId, declared.get(clientId), { ...compared, listTakenAt: list.takenAt });
  }
  // A row or an event that could not be read may have named any client.
  if (whole && gaps.length === 0) yield { type: 'covered', scope: place };
}

/** Undefined: it was removed, and stands on no list. */
function comparison(declared: Observation | undefined, said: Said | undefined): Record<string, Json> | undefined {
  if (!declared) return said?.authorized ? { state: 'authorised, not declared', authorisedAt: said.at, decidedBy: said.by } : undefined;
  if (!said) return { state: 'declared, not in the log' };
  if (!said.authorized) return { state: 'declared, removed in the log', removedAt: said.at, decidedBy: said.by };
  const [inLogAlone, onListAlone] = [without(said.scopes, declared.permissions), without(declared.permissions, said.scopes)];
  const differs = inLogAlone.length + onListAlone.length > 0;
  const state = differs ? 'declared and authorised, with other scopes' : 'declared and authorised';
  return { state, authorisedAt: said.at, decidedBy: said.by, ...(differs && { inLogAlone, onListAlone }) };
}

function without(scopes: readonly string[], others: readonly string[]): string[] {
  return scopes.filter((scope) => !others.includes(scope)).toSorted();
}

function observationOf(place: Scope, clientId: string, declared: Observation | undefined, attributes: Record<string, Json>): Observation {
  const about = path('declared_delegation', clientId);
  return {
    type: 'observation',
    thing: about,
    nativeId: about,
    kind: 'control',
    scope: within(place, clientId),
    subject: { app: clientId, name: declared?.subject.name ?? clientId },
    signals: [],
    permissions: [],
    attributes,
    evidence: {
      source: declared ? `${declared.evidence.source}, reports.activities.list` : 'reports.activities.list',
      url: 'https://admin.google.com/ac/owl/domainwidedelegation',
    },
  };
}
