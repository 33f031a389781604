import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { CommandContext } from '../../src/commands/context.ts';
import { ConfigError } from '../../src/connector/errors.ts';
import { openStore, type Store } from '../../src/store/store.ts';

/** A folder with a database that was filled by nights, and what commands print that are asked there. */
export async function folderWith(fill: (store: Store) => Promise<void>, config: object = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'noctule-commands-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  const store = openStore(join(directory, 'noctule.db'));
  await fill(store);
  await store.close();

  return async (command: (context: CommandContext) => Promise<number>, quiet = false) => {
    const said: { out: string; err: string; code?: number; refused?: string } = { out: '', err: '' };
    const context: CommandContext = {
      out: (text) => (said.out += text),
      err: (text) => (said.err += text),
      environment: {},
      directory,
      clock: { now: () => new Date(0), sleep: () => Promise.reject(new Error('There is nothing to wait for')) },
      signal: new AbortController().signal,
      isFile: false,
      live: false,
      quiet,
      again: () => Promise.reject(new Error('Nothing is run again')),
      elsewhere: () => Promise.reject(new Error('It is not asked for')),
      endable: async (work) => work(),
      input: () => {
        throw new Error('Nothing is read');
      },
    };
    try {
      return Object.assign(said, { code: await command(context) });
    } catch (error) {
      if (error instanceof ConfigError) return Object.assign(said, { refused: `${error.message}. ${error.fix}` });
      throw error;
    }
  };
}
