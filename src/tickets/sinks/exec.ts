import { spawn, type ChildProcess } from 'node:child_process';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { secretReference, type Secret } from '../../secret/secret.ts';
import type { SinkKind } from '../sink-kind.ts';
import { SinkError, type RemoteTicket, type Sink } from '../sink.ts';

/** More is no answer. */
const MOST_BYTES = 1_000_000;

const config = z.strictObject({
  argv: z
    .array(z.string().min(1))
    .min(1)
    .describe('The program, by its path, and its arguments; no shell reads them. A relative path is relative to this file'),
  place: z.string().min(1).describe('What it writes to, for people'),
  environment: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/), secretReference)
    .default({})
    .describe(
      'Variables that the program gets, each with where its value is found. Of the environment of Noctule it gets PATH, HOME and LANG alone',
    ),
  timeoutSeconds: z
    .number()
    .positive()
    .max(600)
    .default(30)
    .describe('A program that runs longer is killed, and what came of it is unknown'),
  findableAfterSeconds: z
    .number()
    .min(0)
    .max(3600)
    .optional()
    .describe('Seconds until "find" is sure to list a ticket that was just made. Absent = the program cannot find tickets'),
  dropsRepeats: z.boolean().default(false).describe('What comes again under the same key is dropped, so that a repeat is safe'),
});
type Config = z.infer<typeof config>;

/**
 * Any tracker, by a program of the organisation's: it gets one order as JSON on its standard input, and answers with JSON on its standard
 * output, as docs/tickets.md says.
 */
export const exec: SinkKind<z.output<typeof config>> = {
  kind: 'exec',
  title: 'A program of your own',
  config,
  open(settings, secrets, { folder = '.', environment = {} }) {
    const variables = Object.entries(settings.environment).map(([name, reference]): [string, Secret] => [name, secrets(reference)]);
    const [program, ...args] = settings.argv as [string, ...string[]];
    const command = isAbsolute(program) ? program : resolve(folder, program);
    const kept = ['PATH', 'HOME', 'LANG'].flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]] as const]));
    const order = (op: string, what: object, signal: AbortSignal) => {
      const env = Object.fromEntries([...kept, ...variables.map(([name, secret]) => [name, secret.reveal()] as const)]);
      return answered(
        { command, args, env, folder, seconds: settings.timeoutSeconds },
        { formatVersion: 1, op, place: settings.place, ...what },
        signal,
      );
    };
    return sinkOf(settings, order);
  },
};

type Order = (op: string, what: object, signal: AbortSignal) => Promise<Answer>;

function sinkOf({ place, findableAfterSeconds, dropsRepeats }: Config, order: Order): Sink {
  const done = async (op: string, what: object, signal: AbortSignal) => void (await order(op, what, signal));
  return {
    kind: 'exec',
    place,
    dropsRepeats,
    ...(findableAfterSeconds !== undefined && { findableAfterMs: findableAfterSeconds * 1000 }),
    async find(marker, made, signal) {
      const { tickets } = await order('find', { marker, made }, signal);
      if (!tickets) throw new SinkError('busy', 'The program answered "find" without "tickets"');
      return tickets;
    },
    async get(id, signal) {
      const { ticket } = await order('get', { id }, signal);
      if (ticket === undefined) throw new SinkError('busy', 'The program answered "get" without "ticket"');
      return ticket ?? undefined;
    },
    async create(ticket, signal) {
      const { ticket: made } = await order('create', { ticket }, signal);
      if (!made) throw new SinkError('unknown', 'The program answered "create" without "ticket"');
      return made;
    },
    update: (id, ticket, signal) => done('update', { id, ticket }, signal),
    comment: (id, comment, signal) => done('comment', { id, comment }, signal),
    close: (id, comment, signal) => done('close', { id, comment }, signal),
    reopen: (id, comment, signal) => done('reopen', { id, comment }, signal),
  };
}

const remote = z
  .object({
    id: z.string().min(1).max(500),
    label: z.string().min(1).max(500),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2000)
      .optional(),
    state: z.enum(['open', 'closed']),
    elsewhere: z.string().min(1).max(200).optional(),
    changedAt: z.iso.datetime().optional(),
  })
  .transform(({ url, elsewhere, changedAt, ...rest }): RemoteTicket => ({
    ...rest,
    ...(elsewhere !== undefined && { elsewhere }),
    ...(url !== undefined && { url }),
    ...(changedAt !== undefined && { changedAt }),
  }));

const answer = z.object({
  ticket: remote.nullish(),
  tickets: z.array(remote).optional(),
  error: z
    .object({
      outcome: z.enum(['refused', 'busy', 'unknown']),
      message: z.string().max(2000),
      retryAfterMs: z.number().min(0).optional(),
    })
    .optional(),
});
type Answer = z.infer<typeof answer>;

interface Program {
  command: string;
  args: readonly string[];
  env: Record<string, string>;
  folder: string;
  seconds: number;
}

/** Runs the program once. Whatever ends it without an answer, what it did is unknown; that it could not be started is a refusal. */
async function answered(
  { command, args, env, folder, seconds }: Program,
  order: Record<string, unknown>,
  signal: AbortSignal,
): Promise<Answer> {
  // What only looks wrote nothing, whatever became of it.
  const lost = order['op'] === 'find' || order['op'] === 'get' ? 'busy' : 'unknown';
  signal.throwIfAborted();
  const child = spawn(command, args, { cwd: folder, env, shell: false, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true, detached });
  let end = (_how: string): void => {};
  // What the program started goes with it, and what got away is not waited for.
  const kill = () => {
    killGroup(child);
    child.stdin.destroy();
    child.stdout.destroy();
    end('was ended by SIGKILL');
  };
  const timer = setTimeout(kill, seconds * 1000);
  signal.addEventListener('abort', kill, { once: true });
  const parts: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > MOST_BYTES) kill();
    else parts.push(part);
  });
  // Who does not read the order answers all the same, or not at all.
  child.stdin.on('error', () => {});
  child.stdin.end(`${JSON.stringify(order)}\n`);
  try {
    const how = await new Promise<string>((ended, failed) => {
      end = ended;
      child.once('error', (error) => failed(new SinkError('refused', 'The program cannot be started', { cause: error })));
      child.once('close', (code, by) => ended(by === null ? `ended with ${code}` : `was ended by ${by}`));
    });
    const parsed = answer.safeParse(json(Buffer.concat(parts).toString('utf8')));
    if (!parsed.success) throw new SinkError(lost, `The program gave no answer that can be read, and ${how}`);
    if (!parsed.data.error) return parsed.data;
    const { outcome, message, retryAfterMs } = parsed.data.error;
    throw new SinkError(outcome, message, { retryAfterMs });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
  }
}

/** In a group of its own a program can be ended with all that it started. Windows knows none. */
const detached = process.platform !== 'win32';

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (detached) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // None of it is left.
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
