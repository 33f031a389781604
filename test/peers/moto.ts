import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** A running moto server: an AWS that others wrote, in another language, from the same documentation. */
export interface Moto {
  /** `http://127.0.0.1:PORT` */
  url: string;
  close(): Promise<void>;
}

/** Version of the moto that Python finds on this machine, with its server; undefined = there is none. */
export function installedMoto(): string | undefined {
  const probe = spawnSync('python3', ['-c', 'import moto, moto.server; print(moto.__version__)'], { encoding: 'utf8' });
  return probe.status === 0 ? probe.stdout.trim() : undefined;
}

const PATIENCE_MS = 30_000;

/** Starts moto on a port that the system chooses. */
export async function startMoto(): Promise<Moto> {
  const child = spawn('python3', ['-u', '-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  // A test run that is cut off must leave no server behind.
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`moto is not up after ${PATIENCE_MS} ms: ${said}`)), PATIENCE_MS);
    const hear = (chunk: Buffer) => {
      // Afterwards it prints a line for each request, which nobody needs.
      if (said.length < 10_000) said += chunk.toString('utf8');
      const found = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said);
      if (!found) return;
      clearTimeout(late);
      resolve(found[1]!);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`moto ended with ${code}: ${said}`)));
  });
  return {
    url,
    async close() {
      process.off('exit', end);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
