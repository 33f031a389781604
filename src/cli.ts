import { fstatSync, writeSync } from 'node:fs';
import { helpAskedFor } from './cli/help.ts';
import type { CommandContext } from './commands/context.ts';
import { EXIT_CODES } from './commands/exit-codes.ts';

// argv -> command -> exit code: the only file that touches the process. src/cli/verbs.ts lists the commands.
// What is not needed for help is imported later: help must not pay for it.

const interruption = new AbortController();
let interruptedBy: number | undefined;
/** Node's streams have what is not written yet. */
let isStreamed = process.platform === 'win32';
const out = writerTo(1, () => process.stdout.on('error', unwritten), unwritten);
// Nobody reads what we say of our progress: the work itself goes on.
const err = writerTo(
  2,
  () => process.stderr.on('error', () => {}),
  () => {},
);

const signals = new Map([
  ['SIGINT', () => stop(130)],
  ['SIGTERM', () => stop(143)],
]);

/** How long a process that was asked to end may take to keep what it has, in milliseconds. */
const GRACE_MS = 60_000;

void main();

async function main(): Promise<void> {
  for (const [signal, heard] of signals) process.on(signal, heard);
  // Node itself would end with 1, which means findings.
  process.on('uncaughtException', (error) => void failed(error).then((code) => process.exit(code)));
  try {
    const code = await run(process.argv.slice(2));
    process.exitCode = interruptedBy !== undefined && code === 130 ? interruptedBy : code;
  } catch (error) {
    process.exitCode = await failed(error);
  }
}

async function run(args: readonly string[]): Promise<number> {
  const help = helpAskedFor(args);
  if (help !== undefined) {
    out(help);
    return 0;
  }
  const { plainOrder } = await import('./cli/plain.ts');
  const order = plainOrder(args, process.env) ?? (await import('./cli/parse.ts')).parse(args, err);
  if (!order.isQuick) (await import('./commands/grow-slowly.ts')).growSlowly();
  const code = await order.run(processContext(order.quiet));
  // Nothing is under way then, and what Node puts away before it ends by itself would be gone with it.
  if (order.isQuick) setImmediate(() => isStreamed || process.exit());
  return code;
}

async function failed(error: unknown): Promise<number> {
  if (interruptedBy !== undefined) return interruptedBy;
  try {
    return (await import('./commands/failure.ts')).failure(error, err);
  } catch (untold) {
    // What tells of failures is gone itself, as where the package is replaced below what runs. Thrown here it would come back as uncaught, for ever.
    err(`${untold instanceof Error ? untold.stack : String(untold)}\n`);
    return EXIT_CODES.internal;
  }
}

function unwritten(error: NodeJS.ErrnoException): void {
  // Whoever read our output has stopped; that is no fault.
  if (error.code === 'EPIPE') process.exit(0);
  err(`The output cannot be written (${error.code ?? error.message})\n`);
  process.exit(5);
}

/** The first signal ends the work in order, the second at once. */
function stop(code: number): void {
  if (interruption.signal.aborted) process.exit(code);
  interruptedBy = code;
  interruption.abort(new DOMException('Interrupted', 'AbortError'));
}

function processContext(quiet: boolean): CommandContext {
  return {
    out,
    get isFile() {
      return isFile(1);
    },
    err,
    environment: process.env,
    directory: process.cwd(),
    clock: { now: () => new Date(), sleep },
    signal: interruption.signal,
    get live() {
      return process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
    },
    quiet,
    again,
    elsewhere: () => again(process.argv.slice(2), interruption.signal),
    endable,
    async *input() {
      interruption.signal.addEventListener('abort', () => process.stdin.destroy());
      for await (const chunk of process.stdin.setEncoding('utf8')) yield String(chunk);
    },
  };
}

/**
 * Writes text to standard output (1) or error (2) at once, without Node's streams, which take a tenth of its start to load. They are asked
 * for where a descriptor cannot take more now, and on Windows, whose consoles take UTF-8 from them alone. After a fault, which is told
 * when what runs has ended, nothing more is written.
 */
function writerTo(descriptor: 1 | 2, stream: () => NodeJS.WritableStream, failed: (error: NodeJS.ErrnoException) => void) {
  let streamed = isStreamed ? stream() : undefined;
  let isOver = false;
  return (text: string): void => {
    if (isOver) return;
    let rest = Buffer.from(text);
    try {
      while (streamed === undefined && rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      if (error.code === 'EAGAIN') {
        streamed = stream();
        isStreamed = true;
      } else {
        isOver = true;
        process.nextTick(failed, error);
      }
    }
    if (streamed !== undefined && rest.length > 0) streamed.write(rest);
  };
}

/** One that was closed before we began is none. */
function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const { setTimeout: wait } = await import('node:timers/promises');
  signal?.throwIfAborted();
  try {
    await wait(milliseconds, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function endable<Result>(work: () => Result): Promise<Result> {
  // A signal that came before is heard in this turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  interruption.signal.throwIfAborted();
  for (const [signal, heard] of signals) process.off(signal, heard);
  try {
    return work();
  } finally {
    for (const [signal, heard] of signals) process.on(signal, heard);
  }
}

async function again(args: readonly string[], ending: AbortSignal): Promise<number> {
  const [{ spawn }, { constants }] = await Promise.all([import('node:child_process'), import('node:os')]);
  ending.throwIfAborted();
  // Detached: a terminal that interrupts us would interrupt it too, and what we pass on then would be its second signal.
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  let last: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill('SIGTERM');
    last = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  };
  ending.addEventListener('abort', end);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
    });
  } finally {
    clearTimeout(last);
    ending.removeEventListener('abort', end);
  }
}
