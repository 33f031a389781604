import { path, type Json, type Observation, type Scope } from '../../src/connector/index.ts';

/** A setting of the organisation: context, held by nobody. */
export function control(
  id: readonly string[],
  name: string,
  said: { scope: Scope; source: string; url: string },
  attributes: Record<string, Json>,
): Observation {
  return {
    type: 'observation',
    thing: path('control', ...id),
    nativeId: path('control', ...id),
    kind: 'control',
    scope: said.scope,
    subject: { app: path('control', ...id), name },
    signals: [],
    permissions: [],
    attributes,
    evidence: { source: said.source, url: said.url },
  };
}

/** Attributes without those that were not said. */
export function said(attributes: Readonly<Record<string, Json | undefined | null>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, Json] => entry[1] !== undefined && entry[1] !== null),
  );
}
