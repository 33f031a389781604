import { ConfigError, type Account, type Credential } from '../connector/index.ts';
import type { Secret, SecretReference } from '../secret/secret.ts';
import type { Source } from './engine.ts';

/** One way of a source to be let in, tried. */
export interface CredentialProbe {
  title: string;
  references: readonly ReferenceProbe[];
  state: 'accepted' | 'refused' | 'unreachable' | 'failed';
  /** What it opens. */
  account: Pick<Account, 'id' | 'name'> | null;
  message: string | null;
  fix: string | null;
}

export interface ReferenceProbe {
  /** Where in the source's part of the configuration: `app.privateKey`. */
  key: string;
  /** `env NAME` or `file path`, as it is configured. */
  reference: string;
  found: boolean;
  message: string | null;
  fix: string | null;
}

/**
 * The configured credentials of which each alone would open the source, with the configuration that is left of it then.
 * Operations that name who may call them say that their connector chooses among credentials; elsewhere they build on each other.
 */
export function alternativesOf({ connector, config }: Source): { credential: Credential; config: unknown }[] {
  const chosen = new Set(connector.operations.flatMap((operation) => operation.credentials ?? []));
  if (typeof config !== 'object' || config === null) return [];
  const configured = connector.credentials.filter(
    ({ id, keys }) => chosen.has(id) && keys.some((key) => Reflect.get(config, key) !== undefined),
  );
  return configured.map((credential) => {
    const others = new Set(configured.filter(({ id }) => id !== credential.id).flatMap(({ keys }) => keys));
    return { credential, config: Object.fromEntries(Object.entries(config).filter(([key]) => !others.has(key))) };
  });
}

/** All references to secrets in a configuration, or below some of its keys, and whether a secret is found there. */
export function referencesOf(
  secret: (reference: SecretReference) => Secret,
  config: unknown,
  keys?: readonly string[],
): readonly ReferenceProbe[] {
  if (typeof config !== 'object' || config === null) return [];
  const below = Object.entries(config).filter(([key]) => keys?.includes(key) ?? true);
  return below.flatMap(([key, value]) => [...references(key, value)].map((found) => resolved(secret, found)));
}

/** Where in a configuration which secrets are referred to. */
export function referencesIn(config: unknown): Found[] {
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config).flatMap(([key, value]) => [...references(key, value)]);
}

/** All that lets a source in: what its configuration refers to, and what its SDK finds by itself. */
export function secretsOfSource({ connector, config }: Source): SecretReference[] {
  const implicit = connector.implicitVariables?.(config) ?? [];
  return [...referencesIn(config).map(({ reference }) => reference), ...implicit.map((env) => ({ env }))];
}

interface Found {
  key: string;
  reference: SecretReference;
}

function* references(key: string, value: unknown): Generator<Found> {
  if (typeof value !== 'object' || value === null) return;
  const [first, ...rest] = Object.entries(value) as [string, unknown][];
  if (first && rest.length === 0 && typeof first[1] === 'string' && (first[0] === 'env' || first[0] === 'file'))
    return yield { key, reference: value as SecretReference };
  for (const [inner, field] of Object.entries(value)) yield* references(`${key}.${inner}`, field);
}

function resolved(secret: (reference: SecretReference) => Secret, { key, reference }: Found): ReferenceProbe {
  const where = 'env' in reference ? `env ${reference.env}` : `file ${reference.file}`;
  try {
    secret(reference);
    return { key, reference: where, found: true, message: null, fix: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { key, reference: where, found: false, message: error.message, fix: error.fix };
  }
}
