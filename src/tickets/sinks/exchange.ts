import { z } from 'zod';
import { guardedFetch, isLoopback, TransportFault, type GuardedAnswer } from '../../http/guarded-fetch.ts';
import type { SinkOptions } from '../sink-kind.ts';
import { SinkError } from '../sink.ts';

/** The address of a tracker in the configuration: https, or http on this machine. */
export const trackerAddress = z
  .url()
  .refine(
    (text) => URL.canParse(text) && acceptable(new URL(text)),
    'an https address (or http on this machine) without credentials, query or fragment',
  );

/** How long one request may take, in seconds. */
export const timeoutSeconds = z.number().min(0.05).max(120).default(30);

/** What is asked of a tracker: JSON there and back. */
export interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Below the tracker's address, with a slash before it; ids in it go through `segment`. Empty = the address as it is. */
  path: string;
  /** The marker, ids and words of our own alone: never anything that a provider said. */
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  /** Sent as it is instead of `body`. */
  text?: string;
  headers?: Readonly<Record<string, string>>;
  /** A success says enough, whatever it is written in. */
  anyAnswer?: true;
}

export interface Reply {
  status: number;
  headers: Headers;
  /** Parsed; undefined where there was no body. */
  body: unknown;
}

/**
 * Whether a request that nobody answered may have changed something. `read`: it cannot have. `write`: nobody can tell.
 * `repeatable`: perhaps, and doing it again does no harm, as with making a label.
 */
export type Weight = 'read' | 'repeatable' | 'write';

export interface Exchange {
  /** A reply with a status of 2xx, or one that `also` names; all else is a `SinkError`. */
  send(request: Request, weight: Weight, signal: AbortSignal, also?: readonly number[]): Promise<Reply>;
}

export interface ExchangeOptions extends SinkOptions {
  /** Nothing is ever sent anywhere else. */
  address: string;
  /** Who answers, in messages. */
  name: string;
  /** Made for each request, so that a secret is revealed no longer than it takes. */
  headers(): Readonly<Record<string, string>>;
  timeoutSeconds: number;
  pace: Pace;
  /** Where a tracker says `come later` in its own way: milliseconds, or 0 where it does not say how long. */
  busy?(reply: Reply): number | undefined;
}

/** How fast a tracker may be asked. */
export interface Pace {
  /** Least distance of two requests, in milliseconds. */
  everyMs: number;
  /** Least distance of two writes. */
  writeEveryMs: number;
  /** At most that many writes within so many milliseconds, where there is a longer limit besides. */
  writes?: { most: number; withinMs: number };
}

/** Answers hold a page of tickets at most. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Who has to wait longer than that for a turn is told so, and may do something else meanwhile. */
const LONGEST_PAUSE_MS = 60_000;
/** After a day it is asked again, whatever it said. */
const LONGEST_WAIT_MS = 86_400_000;
/** Longest piece of a tracker's own words in a message. */
const LONGEST_REASON = 300;

/**
 * The one way to a tracker: its origin is pinned, no redirect is followed, bytes and time are bounded, and what went wrong is told
 * apart by what may have been written. Nothing is sent a second time here: when to try again is the queue's to decide.
 */
export function openExchange(options: ExchangeOptions): Exchange {
  const base = new URL(options.address);
  if (!acceptable(base)) throw new Error(`${base.origin} is no address for a tracker`);
  const turn = pacer(options);

  async function attempt(request: Request, weight: Weight, signal: AbortSignal): Promise<GuardedAnswer> {
    const url = addressOf(base, request);
    const body = request.text ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
    const headers = new Headers({ accept: 'application/json', 'user-agent': 'noctule', ...options.headers(), ...request.headers });
    if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
    await turn(weight, signal);
    signal.throwIfAborted();
    options.sent?.({ method: request.method, url: url.href });
    try {
      return await guardedFetch(
        { url, method: request.method, headers, ...(body !== undefined && { body }), signal },
        { bytes: MOST_BYTES, milliseconds: options.timeoutSeconds * 1000 },
      );
    } catch (error) {
      if (weight !== 'write') {
        if (error instanceof TransportFault) throw new SinkError('busy', `${options.name}: ${error.message}`, { cause: error });
        throw error;
      }
      const outcome = error instanceof TransportFault && neverSent(error) ? 'busy' : 'unknown';
      const reason = error instanceof TransportFault ? error.message : 'The request was cut off';
      throw new SinkError(outcome, `${options.name}: ${reason}`, { cause: error });
    }
  }

  return {
    async send(request, weight, signal, also = []) {
      const answer = await attempt(request, weight, signal);
      const reply = { status: answer.status, headers: answer.headers, body: parsed(answer.body) };
      const good = (answer.status >= 200 && answer.status <= 299) || also.includes(answer.status);
      const wait = good ? options.busy?.(reply) : (options.busy?.(reply) ?? usualWait(answer, weight));
      if (wait !== undefined)
        throw new SinkError('busy', said(options.name, request, reply), {
          retryAfterMs: retryAfter(answer.headers, options) ?? (wait || undefined),
        });
      if (good && (request.anyAnswer || reply.body !== NOT_JSON)) return reply;
      throw failure(options, request, reply, weight);
    },
  };
}

/** An id as one segment of a path, whatever is in it. */
export function segment(id: string): string {
  const text = encodeURIComponent(id);
  if (text === '' || text === '.' || text === '..') throw new SinkError('refused', 'An id of a ticket is empty or a path');
  return text;
}

/** What a tracker answered, in the shape that we read; another shape is its fault, and a write may have happened all the same. */
export function shapeOf<T>(schema: z.ZodType<T>, reply: Reply, weight: Weight, name: string): T {
  const read = schema.safeParse(reply.body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new SinkError(
    weight === 'write' ? 'unknown' : 'refused',
    `${name} answers in an unexpected form: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    { cause: read.error },
  );
}

function acceptable(url: URL): boolean {
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)));
}

function addressOf(base: URL, request: Request): URL {
  const url = request.path === '' ? new URL(base) : new URL(base.pathname.replace(/\/$/, '') + request.path, base);
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
  if (url.origin !== base.origin) throw new Error(`${url.origin} is not where this tracker is`);
  return url;
}

/** Faults before any byte of a request went out. All others leave open whether it arrived. */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function neverSent(fault: TransportFault): boolean {
  if (fault.kind !== 'unreachable') return false;
  for (let inner: unknown = fault.cause, depth = 0; inner instanceof Error && depth < 8; inner = inner.cause, depth++) {
    // Several addresses of a host were tried: none of them may have been reached.
    if (inner instanceof AggregateError) return inner.errors.every((error) => BEFORE_SENDING.has(codeOf(error)));
    if (BEFORE_SENDING.has(codeOf(inner))) return true;
  }
  return false;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const NOT_JSON = Symbol('not JSON');

function parsed(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes).trim();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return NOT_JSON;
  }
}

/** Too many requests; and a fault while reading, which costs nothing to try again. 0 = not said how long. */
function usualWait({ status }: GuardedAnswer, weight: Weight): number | undefined {
  if (status === 429 || status === 425) return 0;
  return weight !== 'write' && (status >= 500 || status === 408) ? 0 : undefined;
}

function failure(options: ExchangeOptions, request: Request, reply: Reply, weight: Weight): SinkError {
  const message = said(options.name, request, reply);
  // See Other is what follows on a form that was taken; a success that is no JSON is a page of somebody in between.
  const open = reply.status >= 500 || reply.status === 408 || reply.status === 303 || reply.status < 300;
  const outcome = weight === 'write' && open ? 'unknown' : 'refused';
  return new SinkError(outcome, message, { retryAfterMs: retryAfter(reply.headers, options) });
}

/** Retry-After in seconds or as a date (RFC 9110, 10.2.3), in milliseconds, and no longer than a day. */
function retryAfter(headers: Headers, { now }: SinkOptions): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  const wait = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now().getTime();
  return Number.isFinite(wait) ? Math.min(LONGEST_WAIT_MS, Math.max(0, Math.round(wait))) : undefined;
}

/** What was asked and what came back, without the query, whose place is `sent`. */
function said(name: string, { method, path }: Request, { status, headers, body }: Reply): string {
  const where = status >= 300 && status < 400 ? `, and leads elsewhere (${hostOf(headers.get('location'))}); nothing was sent there` : '';
  const reason = body === NOT_JSON ? ' with a page that is no JSON' : reasonOf(body);
  return `${name} answers ${status} to ${method} ${path}${where}${reason}`;
}

function hostOf(location: string | null): string {
  return location !== null && URL.canParse(location) ? new URL(location).host : 'a path of its own';
}

/** The words that trackers put their reasons into, whichever it is. */
function reasonOf(body: unknown): string {
  const words = [...texts(body, 0)].filter((text) => text.trim() !== '');
  return words.length === 0 ? '' : `: ${words.join('; ').slice(0, LONGEST_REASON)}`;
}

const REASONS = ['message', 'errorMessages', 'errors', 'error', 'detail', 'code', 'field', 'extensions', 'userPresentableMessage'];

function* texts(value: unknown, depth: number): Generator<string> {
  if (depth > 4) return;
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const one of value.slice(0, 5)) yield* texts(one, depth + 1);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      if (REASONS.includes(key)) yield* texts(inner, depth + 1);
      // Jira names the field that it refuses as a key.
      else if (depth > 0 && typeof inner === 'string' && /^[A-Za-z_]\w*$/.test(key)) yield `${key}: ${inner}`;
    }
}

/** Lets requests pass at the pace that the tracker allows, one after the other. */
function pacer({ name, now, sleep, pace }: ExchangeOptions) {
  let next = 0;
  let nextWrite = 0;
  let last = Promise.resolve();
  const written: number[] = [];

  async function pass(weight: Weight, signal: AbortSignal): Promise<void> {
    const at = now().getTime();
    const full = pace.writes !== undefined && weight !== 'read' && written.length >= pace.writes.most;
    const freed = full ? written[0]! + pace.writes!.withinMs : 0;
    const slot = Math.max(at, next, weight === 'read' ? 0 : Math.max(nextWrite, freed));
    if (slot - at > LONGEST_PAUSE_MS) throw new SinkError('busy', `${name} takes no more writes for now`, { retryAfterMs: slot - at });
    if (slot > at) await sleep(slot - at, signal);
    const passed = Math.max(slot, now().getTime());
    next = passed + pace.everyMs;
    if (weight === 'read') return;
    nextWrite = passed + pace.writeEveryMs;
    if (pace.writes === undefined) return;
    if (full) written.shift();
    written.push(passed);
  }

  return (weight: Weight, signal: AbortSignal): Promise<void> => {
    const mine = last.then(() => pass(weight, signal));
    last = mine.catch(() => {});
    return mine;
  };
}
