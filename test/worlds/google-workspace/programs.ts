import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newFolder, noctule, PROGRAM, writeConfig, type Ended } from '../../cli/run.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';

/** A folder with a configuration of one source, in which the program runs. */
export function installed(provider: FakeProvider, more: Readonly<Record<string, unknown>> = {}) {
  const folder = newFolder();
  const file = writeConfig(folder, { source: { ...provider.config, ...more } });
  const env = { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...provider.environment };
  return {
    folder,
    run: (args: readonly string[], extra: Readonly<Record<string, string>> = {}): Promise<Ended> =>
      noctule([...args, '--config', file], { cwd: folder, env: { ...env, ...extra } }),
    /** Starts a scan; `ended` says which signal ended its process. */
    start() {
      const child = spawn(process.execPath, [PROGRAM, 'scan', '--config', file], { cwd: folder, env, stdio: 'ignore' });
      const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
      return { kill: () => child.kill('SIGKILL'), ended };
    },
  };
}

/** Addresses of all modules that a process loaded, by what the engine of Node says that it ran. */
export function modulesIn(coverage: string): string[] {
  return readdirSync(coverage).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url);
  });
}
