import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { newFolder, noctule, type Ended } from './run.ts';

export interface DemoWorld {
  folder: string;
  database: string;
  /** Runs the program on it. */
  run(...args: string[]): Promise<Ended>;
  /** What a command prints as JSON. */
  json<Row>(...args: string[]): Promise<Row[]>;
}

/** Three nights of the invented company, with its policy, for the tests of one file: nothing of it is changed. */
export function demoWorld(people = 60): DemoWorld {
  const folder = join(newFolder(), 'demo');
  const database = join(folder, 'noctule.db');
  const run = (...args: string[]) => noctule([...args, '--config', join(folder, 'config.json')]);
  beforeAll(async () => {
    const { code, stderr } = await noctule(['demo', '--people', String(people), '--folder', folder]);
    if (code !== 0) throw new Error(stderr);
  });
  return {
    folder,
    database,
    run,
    async json(...args) {
      const { code, stdout, stderr } = await run(...args, '--format', 'json');
      if (code !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as never[];
    },
  };
}
