import { path, type Observation, type Signal, type Stamp } from '../../src/connector/index.ts';
import { consoleOf, type Place } from './regional-list.ts';

interface Named {
  name: string;
  /** What holds it: a store, a function, an agent. With the name it is all the identity that AWS gives. */
  holder: string;
  arn: string | undefined;
  changedAt?: Date | undefined;
  lastUsedAt?: Date | undefined;
  attributes?: Observation['attributes'];
  signals?: readonly Signal[];
}

/** The name of a secret; its value has no field to live in. */
export function secretName(place: Place, secret: Named): Observation {
  const id = path('secret', place.region, secret.holder, secret.name);
  const listed = (date: Date): Stamp => ({ at: date.toISOString(), from: 'listed' });
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'secret_name',
    scope: place.scope,
    subject: { app: path(place.region, secret.holder, secret.name), name: secret.name },
    signals: [{ type: 'secret_name', value: secret.name }, ...(secret.signals ?? [])],
    permissions: [],
    ...(secret.changedAt && { grantedAt: listed(secret.changedAt) }),
    ...(secret.lastUsedAt && { lastUsedAt: listed(secret.lastUsedAt) }),
    attributes: { region: place.region, store: secret.holder, ...(secret.arn !== undefined && { arn: secret.arn }), ...secret.attributes },
    evidence: { source: place.source, url: consoleOf(place) },
  };
}

/** Variables that speak of a credential, whatever else they are called. */
const CREDENTIAL = /key|token|secret|passw|credential|auth|api/i;

/** Names of variables that are worth keeping: settings such as `LOG_LEVEL` tell nothing of what a program can reach. */
export function credentialNames(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => CREDENTIAL.test(name)).sort();
}
