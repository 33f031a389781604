import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The next message of a part of a measurement, which is a process of its own. */
export function heard<Message>(part: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    part.once('message', (message) => resolve(message as Message));
    part.once('exit', (code) => reject(new Error(`A part of the measurement ended with ${code}`)));
  });
}

/**
 * The environment in which the program runs: what its first line sets, and a folder in which it keeps what it has stripped and compiled.
 * `load` begins a process that loads what a night does, so that the folder is filled as by an earlier start.
 */
export async function environmentOfProgram(folder: string, load: (env: NodeJS.ProcessEnv) => ChildProcess): Promise<NodeJS.ProcessEnv> {
  const [, name, value] = /^#!\S+ -S (\w+)=(\S+) node /.exec(readFileSync('bin/noctule.cjs', 'utf8'))!;
  const env = { ...process.env, [name!]: value, NODE_COMPILE_CACHE: join(folder, 'cache') };
  await new Promise((ended) => load(env).once('exit', ended));
  return env;
}

/** The beginning of today, by which the stories of a simulated company are dated. */
export function today(): Date {
  const midnight = new Date();
  midnight.setUTCHours(0, 0, 0, 0);
  return midnight;
}
