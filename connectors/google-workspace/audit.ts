import type { Json, Loss } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { EventNarrowing } from './directory-client.ts';
import { listPages } from './pages.ts';
import { activity, type Activity } from './schema.ts';

/** How far back Google keeps the audit log. https://support.google.com/a/answer/7061566 */
export const LOG_DAYS = 180;

export type Window = { from: string; to: string };

/** The whole window that Google still has, up to now. */
export function logWindow(now: Date): Window {
  return { from: new Date(now.getTime() - LOG_DAYS * 86_400_000).toISOString(), to: now.toISOString() };
}

/** Which events of which log to read. */
export interface EventQuery extends EventNarrowing {
  application: string;
  window: Window;
  pageToken: string | null;
  loss: Loss;
}

/** Pages of events, newest first; a page that cannot be read ends the walk with its gap. */
export function eventPages(client: Client, { window, pageToken, loss, ...query }: EventQuery) {
  const ask = (pageToken: string | undefined) => client.activities({ ...query, ...window, pageToken });
  return listPages({ loss, what: 'audit event', schema: activity, from: pageToken, ask });
}

/** The key of an event: Google names time, qualifier and application together. */
export function eventKey(event: Activity, name: string, index: number): string {
  return `${event.id.applicationName}:${event.id.time}:${event.id.uniqueQualifier}:${name}:${index}`;
}

/** The administrator who did it, as an attribute; null = Google names nobody. */
export function decider({ actor }: Activity): Json {
  const named = { ...(actor?.profileId && { user: actor.profileId }), ...(actor?.email && { email: actor.email }) };
  return Object.keys(named).length > 0 ? named : null;
}

/** The value of a parameter, as a list. */
export function parameter(event: Activity['events'][number], name: string): readonly string[] {
  const found = event.parameters?.find((candidate) => candidate.name === name);
  return found?.multiValue ?? (found?.value === undefined ? [] : [found.value]);
}
