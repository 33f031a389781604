import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { ConfigError } from '../../src/connector/index.ts';

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder that is gone after the test. */
export function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'noctule-config-'));
  made.push(folder);
  return folder;
}

/** Writes a file for its owner alone and answers its path. */
export function put(folder: string, name: string, content: unknown, mode = 0o600): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2), { mode });
  return file;
}

/** A valid source of each kind that needs no network to be checked. */
export const WORKSPACE = { connector: 'google-workspace', subject: 'admin@example.com', serviceAccount: { env: 'GOOGLE_KEY' } };

/** What a call complains of; it must complain, and of the user's mistake. */
export async function complaint(call: () => unknown): Promise<ConfigError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('Nothing was complained of');
}
