import type { SinkKind } from '../sink-kind.ts';

/** The trackers that there are, each loaded when it is wanted. */
export const SINK_KINDS = {
  github: async () => (await import('./github.ts')).github,
  jira: async () => (await import('./jira.ts')).jira,
  servicenow: async () => (await import('./servicenow.ts')).servicenow,
  linear: async () => (await import('./linear.ts')).linear,
  redmine: async () => (await import('./redmine.ts')).redmine,
  webhook: async () => (await import('./webhook.ts')).webhook,
  exec: async () => (await import('./exec.ts')).exec,
} as const;

export type SinkKindName = keyof typeof SINK_KINDS;

/** The kind of that name; undefined = there is none. Its configuration is checked by its own schema, and so of an unknown type here. */
export async function sinkKind(name: string): Promise<SinkKind<unknown> | undefined> {
  if (!Object.hasOwn(SINK_KINDS, name)) return undefined;
  return (await SINK_KINDS[name as SinkKindName]()) as SinkKind<unknown>;
}
