import { spawn } from 'node:child_process';
import { ConfigError } from '../connector/errors.ts';

/**
 * Waits beside us until its input ends, with which we let it go, or with which we ended ourselves. Where that comes too late it ends us, and says
 * what it was given: in this order, since nobody may read what it says.
 */
const WATCHER = `exec 3<&0 4>&2 2>/dev/null
sleep "$1" & sleeper=$!
{ read -r _ <&3; kill $sleeper; } & reader=$!
wait $sleeper
ended=$?
kill $reader
[ $ended -gt 128 ] && exit
kill -9 "$2"
printf '%s' "$3" >&4`;

/** The same, where there is no such shell. */
const WATCHER_OF_NODE = `const { argv, kill, stdin } = require('node:process');
const [seconds, id, told] = argv.slice(1);
const end = () => (kill(Number(id), 'SIGKILL'), require('node:fs').writeSync(2, told));
const timer = setTimeout(end, seconds * 1000);
stdin.on('end', () => clearTimeout(timer)).resume();`;

export interface TimeLimit {
  /** Whole ones. */
  seconds: number;
  /** What is said on standard error when they are over. */
  told: string;
  /** Where programs are found. */
  path: string | undefined;
  /** False = by Node, which takes as long to start as this program: where there is no such shell, and where a test asks for it. */
  byShell?: boolean;
}

/**
 * From now on this process has so much time; then it is killed, whatever it is doing: nothing else ends a thread that is inside SQLite (ADR 23).
 * Answers what takes the limit away.
 */
export function limitTime({ seconds, told, path, byShell = process.platform !== 'win32' }: TimeLimit): () => void {
  const words = [String(seconds), String(process.pid), told];
  const [command, args] = byShell ? ['/bin/sh', ['-c', WATCHER, 'sh', ...words]] : [process.execPath, ['-e', WATCHER_OF_NODE, ...words]];
  const watcher = spawn(command, args, { env: path === undefined ? {} : { PATH: path }, stdio: ['pipe', 'ignore', 'inherit'] });
  watcher.unref();
  if (watcher.pid !== undefined) return () => watcher.stdin.destroy();
  watcher.once('error', () => {});
  if (!byShell)
    throw new ConfigError('No process can be started that would keep the limit of time', {
      fix: 'Let this user have more processes (ulimit -u), and ask again.',
    });
  return limitTime({ seconds, told, path, byShell: false });
}

/** Can this process be ended at all? The first one of a container can by nobody within it. */
export function canBeEnded(): boolean {
  return process.pid !== 1;
}
