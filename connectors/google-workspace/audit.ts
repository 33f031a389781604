import { pageGuard, parseItems, reading, type Gap, type Loss } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { activity, type Activity } from './schema.ts';

/** How far back Google keeps the audit log. https://support.google.com/a/answer/7061566 */
export const LOG_DAYS = 180;

export type Window = { from: string; to: string };

/** The whole window that Google still has, up to now. */
export function logWindow(now: Date): Window {
  return { from: new Date(now.getTime() - LOG_DAYS * 86_400_000).toISOString(), to: now.toISOString() };
}

/** Pages of one kind of event, newest first; a page that cannot be read ends the walk with its gap. */
export async function* eventPages(
  client: Client,
  query: { application: string; event: string; window: Window; pageToken: string | null; loss: Loss },
): AsyncGenerator<{ events: Activity[]; gaps: Gap[]; next: string | null } | { gap: Gap }> {
  const guard = pageGuard();
  let pageToken = query.pageToken;
  for (;;) {
    const page = await reading(query.loss, async () => {
      const { application, event, window } = query;
      const answer = await client.activities({ application, event, ...window, pageToken: pageToken ?? undefined });
      if (answer.nextPageToken) guard(answer.nextPageToken);
      return {
        ...parseItems(answer.items ?? [], activity, { what: 'audit event', scope: () => query.loss.scope }),
        next: answer.nextPageToken ?? null,
      };
    });
    if (page.gap) return yield { gap: page.gap };
    yield { events: page.value.items, gaps: page.value.gaps, next: page.value.next };
    if (page.value.next === null) return;
    pageToken = page.value.next;
  }
}

/** The key of an event: Google names time, qualifier and application together. */
export function eventKey(event: Activity, name: string, index: number): string {
  return `${event.id.applicationName}:${event.id.time}:${event.id.uniqueQualifier}:${name}:${index}`;
}

/** The value of a parameter, as a list. */
export function parameter(event: Activity['events'][number], name: string): readonly string[] {
  const found = event.parameters?.find((candidate) => candidate.name === name);
  return found?.multiValue ?? (found?.value === undefined ? [] : [found.value]);
}
