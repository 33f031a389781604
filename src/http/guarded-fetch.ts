import type { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici';
import { lookupWithin, OutOfReach, refuseHost, type Reach } from './reach.ts';

/** Bounds of one request. */
export interface GuardLimits {
  /** Largest body after decompression, in bytes. */
  bytes: number;
  /** From the first byte sent to the last byte read, in real milliseconds. */
  milliseconds: number;
}

export interface GuardedRequest {
  url: URL;
  method: string;
  headers: Headers;
  body?: string | Uint8Array;
  signal: AbortSignal;
  /** How far it may go, where no connector has declared its origin; absent = wherever it says. This machine is always reached by its own names. */
  reach?: Reach;
}

export interface GuardedAnswer {
  status: number;
  headers: Headers;
  body: Uint8Array;
}

/** Why no whole answer came. `retry` tells whether the same request may do better. */
export class TransportFault extends Error {
  override name = 'TransportFault';
  readonly kind: 'unreachable' | 'timeout' | 'cut' | 'too_large' | 'out_of_reach';
  constructor(kind: TransportFault['kind'], message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/**
 * Sends one request and reads the whole answer, within bounds: no redirect is followed, nothing runs on for ever,
 * and a small compressed body cannot unfold into a large one.
 */
export async function guardedFetch(request: GuardedRequest, limits: GuardLimits): Promise<GuardedAnswer> {
  if (request.reach && !isLoopback(request.url)) refuseOutside(request.reach, request.url);
  const undici = await loaded();
  const bounds = boundsOf(request.signal, limits.milliseconds);
  let phase: 'unreachable' | 'cut' = 'unreachable';
  try {
    const response = await undici.fetch(request.url, {
      method: request.method,
      headers: [...request.headers],
      ...(request.body !== undefined && { body: request.body }),
      redirect: 'manual',
      signal: bounds.signal,
      dispatcher: dispatcherFor(undici, request.url, request.reach),
    });
    phase = 'cut';
    const body = await readWithin(response.body, limits.bytes);
    return { status: response.status, headers: new Headers([...response.headers]), body };
  } catch (error) {
    if (error instanceof TransportFault) throw error;
    if (request.signal.aborted) throw request.signal.reason;
    if (error instanceof Error && error.cause instanceof OutOfReach) throw outside(error.cause);
    if (bounds.timedOut()) throw new TransportFault('timeout', `No whole answer within ${limits.milliseconds} ms`, error);
    throw new TransportFault(phase, phase === 'cut' ? 'The answer broke off' : `${request.url.host} could not be reached`, error);
  } finally {
    bounds.release();
  }
}

/**
 * A signal that ends with the scan or after that time. It is let go with the request: `AbortSignal.timeout` and `AbortSignal.any`
 * would keep each request of a large scan alive until its time is up.
 */
function boundsOf(scan: AbortSignal, milliseconds: number) {
  const controller = new AbortController();
  let timedOut = false;
  const stop = () => controller.abort(scan.reason);
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort(new Error('timeout'));
  }, milliseconds);
  if (scan.aborted) stop();
  else scan.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    release(): void {
      clearTimeout(timer);
      scan.removeEventListener('abort', stop);
    },
  };
}

/** What the environment says about the way out; `doctor` prints it. */
export function proxyInForce(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? environment['http_proxy'] ?? environment['HTTP_PROXY'];
}

export function isLoopback(url: URL): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}

type Undici = typeof import('undici');
let loading: Promise<Undici> | undefined;

/** A tenth of a second to load, which a program that only asks its database does without. */
const loaded = () => (loading ??= import('undici'));

const connections = { connections: 64, keepAliveTimeout: 30_000 };
let direct: Agent | undefined;
const viaEnvironment = new Map<Reach | undefined, EnvHttpProxyAgent>();

function dispatcherFor({ Agent, EnvHttpProxyAgent }: Undici, url: URL, reach: Reach | undefined): Dispatcher {
  // A proxy is for what lies outside; this machine is reached directly.
  if (isLoopback(url)) return (direct ??= new Agent(connections));
  // Where a proxy is in force, it looks names up, and its own rules say where it leads.
  const made =
    viaEnvironment.get(reach) ?? new EnvHttpProxyAgent({ ...connections, ...(reach && { connect: { lookup: lookupWithin(reach) } }) });
  viaEnvironment.set(reach, made);
  return made;
}

function refuseOutside(reach: Reach, url: URL): void {
  try {
    refuseHost(reach, url);
  } catch (error) {
    throw outside(error);
  }
}

function outside(cause: unknown): TransportFault {
  return new TransportFault('out_of_reach', cause instanceof Error ? cause.message : 'No address that may be asked', cause);
}

async function readWithin(stream: AsyncIterable<Uint8Array> | null, most: number): Promise<Uint8Array> {
  if (!stream) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.byteLength;
    if (size > most) throw new TransportFault('too_large', `The answer is larger than ${most} bytes`);
    parts.push(part);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
}
