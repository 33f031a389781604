import { ConfigError } from '../connector/index.ts';
import { ScanInProgress } from '../scan/lease.ts';
import { StorageError } from '../store/database.ts';
import { terminalText } from '../text/terminal.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** Tells why a command failed, in the user's terms, and answers the exit code. */
export function failure(error: unknown, err: (text: string) => void): number {
  if (error instanceof ConfigError) return told(err, error.message, error.fix, EXIT_CODES.usage);
  if (error instanceof StorageError) return told(err, error.message, error.fix, EXIT_CODES.storage);
  if (error instanceof ScanInProgress)
    return told(err, error.message, 'Wait until it has ended; a process that died is noticed by itself.', EXIT_CODES.storage);
  err(
    `A bug of Noctule's. Please report it, without secrets:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT_CODES.internal;
}

function told(err: (text: string) => void, message: string, fix: string, code: number): number {
  err(
    `${message
      .split('\n')
      .map((line) => terminalText(line, 600))
      .join('\n')}\n  ${terminalText(fix, 600)}\n`,
  );
  return code;
}
