import { ConfigError } from '../connector/index.ts';
import { ScanInProgress } from '../scan/lease.ts';
import { withoutSecrets } from '../secret/redact.ts';
import { asStorageError, StorageError } from '../store/database.ts';
import { terminalLines, terminalText } from '../text/terminal.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** Tells why a command failed, in the user's terms, and answers the exit code. */
export function failure(thrown: unknown, err: (text: string) => void): number {
  // A damaged page may show up in any statement, long after the file was opened.
  const error = asStorageError(thrown, 'The database');
  if (error instanceof ConfigError || error instanceof StorageError) told(err, error.message, error.fix);
  else if (error instanceof ScanInProgress) told(err, error.message, 'Wait until it has ended; a process that died is noticed by itself.');
  else err(bugText(error));
  return EXIT_CODES[conditionOf(error)];
}

/** Whose it was: the user's, the database's, or ours. */
export function conditionOf(thrown: unknown): 'usage' | 'storage' | 'internal' {
  const error = asStorageError(thrown, 'The database');
  if (error instanceof ConfigError) return 'usage';
  return error instanceof StorageError || error instanceof ScanInProgress ? 'storage' : 'internal';
}

/** A bug's stack may quote anything, a provider's text or a request's header. */
export function bugText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `A bug of Noctule's. Please report it:\n${terminalLines(withoutSecrets(text), 600)}\n`;
}

function told(err: (text: string) => void, message: string, fix: string): void {
  err(`${terminalLines(message, 600)}\n  ${terminalText(fix, 600)}\n`);
}
