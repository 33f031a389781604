import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SecretReference } from '../secret/secret.ts';

/** A reference to a secret, and where in the configuration it stands. */
export interface PlacedReference {
  path: (string | number)[];
  reference: SecretReference;
}

/** All references to secrets in a part of the configuration. */
export function* referencesIn(value: unknown, path: (string | number)[] = []): Generator<PlacedReference> {
  if (typeof value !== 'object' || value === null) return;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const [first, ...rest] = entries;
  if (first && rest.length === 0 && (first[0] === 'env' || first[0] === 'file') && typeof first[1] === 'string') {
    yield { path, reference: value as SecretReference };
    return;
  }
  for (const [key, inner] of entries) yield* referencesIn(inner, [...path, key]);
}

/**
 * The first reference of those that points at a secret of a scanner: what may read everything must not be sent to anybody else.
 * Paths are relative to `folder`, and the same through whatever link.
 */
export function scannersOwn(of: unknown, sources: unknown, folder: string): PlacedReference | undefined {
  const scanners = new Set([...referencesIn(sources)].map(({ reference }) => identityOf(reference, folder)));
  return [...referencesIn(of)].find(({ reference }) => scanners.has(identityOf(reference, folder)));
}

function identityOf(reference: SecretReference, folder: string): string {
  if ('env' in reference) return `env ${reference.env}`;
  const file = resolve(folder, reference.file);
  try {
    return `file ${realpathSync(file)}`;
  } catch {
    return `file ${file}`;
  }
}
