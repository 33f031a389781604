import { ConfigError } from '../connector/errors.ts';
import { terminalText } from '../text/terminal.ts';
import type { Identity } from './identities.ts';

/** Is it how lists print an identity, or the beginning of that? */
export function isIdentityKey(text: string): boolean {
  return /^p[0-9a-f]{6,12}$/.test(text);
}

/** The one identity whose key begins so; undefined = there is none. */
export function identityCalled(all: readonly Identity[], text: string): Identity | undefined {
  const found = isIdentityKey(text) ? all.filter(({ key }) => key.startsWith(text)) : [];
  if (found.length > 1) throw severalIdentities(found, text);
  return found[0];
}

export function severalIdentities(found: readonly Identity[], text: string): ConfigError {
  const list = found.map((one) => `  ${one.key}  ${one.connector} ${one.account}  ${terminalText(one.id)}  ${terminalText(one.name)}`);
  return new ConfigError(`${terminalText(text)} may mean several identities:\n${list.join('\n')}`, {
    fix: 'Give the id in the first column of the one that is meant.',
  });
}
