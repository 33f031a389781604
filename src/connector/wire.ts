import { guardedFetch, TransportFault, type GuardLimits } from '../http/guarded-fetch.ts';
import { isRepeat } from './calls.ts';
import type { Operation, OperationId } from './declaration.ts';
import { AnswerTimedOut, ProviderFault, RedirectRefused, UndeclaredRequest } from './errors.ts';

/** The origins that a connection may talk to, by the names that its operations use. */
export type WireOrigins = Readonly<Record<string, WireOrigin>>;

export interface WireOrigin {
  /** What the SDK addresses: `https://api.github.com`, with a base path where the provider has one. */
  url: string;
  /** Where it really goes; only a connector's loopback override sets it. */
  sendTo?: string;
}

/**
 * The one way out. Each SDK gets it as its transport, below its own retries and token calls, so that nothing is sent
 * that was not declared: default deny, the origin pinned, redirects judged, bytes and time bounded, everything counted.
 */
export interface Wire {
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
}

/** Told of every request as it is sent. Repeats are attempts after a fault, and polls. */
export type CountRequest = (operation: OperationId, attempt: 'first' | 'repeat') => void;

export const WIRE_LIMITS: GuardLimits = { bytes: 64 * 1024 * 1024, milliseconds: 60_000 };
const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export function createWire(options: {
  operations: readonly Operation[];
  origins: WireOrigins;
  signal: AbortSignal;
  count: CountRequest;
  limits?: GuardLimits;
}): Wire {
  const recognise = recogniser(options.operations, options.origins);
  const limits = options.limits ?? WIRE_LIMITS;

  async function send(request: Outgoing, redirects: number): Promise<Response> {
    const { operation, target } = recognise(request);
    options.count(operation.id, isRepeat(`${operation.id} ${target.href}`) ? 'repeat' : 'first');
    const answer = await guardedFetch({ ...request, url: target }, limits).catch(asProviderFault);
    const location = answer.headers.get('location');
    if (answer.status > 599) throw new ProviderFault(`${operation.id} answers the unknown status ${answer.status}`, { retry: true });
    if (REDIRECTS.has(answer.status) && location && operation.method === 'GET') {
      if (redirects === MOST_REDIRECTS) throw new ProviderFault(`${operation.id} redirects without end`);
      const next = { ...request, url: followed(location, request.url, operation, options.origins) };
      return send(recognisable(next), redirects + 1);
    }
    const bodiless = answer.status === 204 || answer.status === 304 || answer.body.byteLength === 0;
    const response = new Response(bodiless ? null : new Uint8Array(answer.body), { status: answer.status, headers: answer.headers });
    Object.defineProperty(response, 'url', { value: request.url.href });
    return response;
  }

  /** A redirect is the provider's doing: where it leads to nothing declared, that is its fault and not our bug. */
  function recognisable(request: Outgoing): Outgoing {
    try {
      recognise(request);
      return request;
    } catch (cause) {
      throw new RedirectRefused(`A redirect leads to ${request.url.pathname}, which is no declared operation`, request.url, cause);
    }
  }

  return {
    async fetch(input, init) {
      return send(await outgoing(input, init, options.signal), 0);
    },
  };
}

interface Outgoing {
  url: URL;
  method: string;
  headers: Headers;
  body?: string | Uint8Array;
  signal: AbortSignal;
}

async function outgoing(input: string | URL | Request, init: RequestInit | undefined, scan: AbortSignal): Promise<Outgoing> {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request ? request.url : (input as string | URL));
  const body = init?.body ?? (request?.body ? await request.text() : undefined);
  const own = init?.signal ?? request?.signal;
  const headers = new Headers(init?.headers ?? request?.headers);
  // A form says what it is by its class alone; as the text that is sent, it has to say so itself.
  if (body instanceof URLSearchParams && !headers.has('content-type'))
    headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
  return {
    url,
    method: (init?.method ?? request?.method ?? 'GET').toUpperCase(),
    headers,
    signal: own ? AbortSignal.any([scan, own]) : scan,
    ...(body !== undefined && body !== null && { body: bodyOf(body) }),
  };
}

function bodyOf(body: NonNullable<RequestInit['body']>): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new UndeclaredRequest('A request body must be text or bytes');
}

/** Finds the operation that a request is, and the address that it goes to; refuses what is not declared. */
function recogniser(operations: readonly Operation[], origins: WireOrigins) {
  const bases = Object.entries(origins).map(([name, origin]) => ({ name, base: new URL(origin.url), sendTo: origin.sendTo }));
  const compiled = operations.map((operation) => ({ operation, pattern: pathPattern(operation.path) }));
  return (request: Outgoing): { operation: Operation; target: URL } => {
    for (const { name, base, sendTo } of bases) {
      const path = pathBelow(base, request.url);
      if (path === undefined) continue;
      const action = actionOf(request);
      const match = compiled.find(
        ({ operation, pattern }) =>
          operation.origin === name && operation.method === request.method && operation.action === action && pattern.test(path),
      );
      if (!match) continue;
      refuseCredential(match.operation, request);
      return { operation: match.operation, target: sendTo ? new URL(path + request.url.search, sendTo) : request.url };
    }
    throw new UndeclaredRequest(`${request.method} ${request.url.origin}${request.url.pathname} is not a declared operation`);
  };
}

function pathBelow(base: URL, url: URL): string | undefined {
  if (url.origin !== base.origin) return undefined;
  const prefix = base.pathname.replace(/\/$/, '');
  if (!url.pathname.startsWith(`${prefix}/`)) return undefined;
  return url.pathname.slice(prefix.length);
}

function pathPattern(path: string): RegExp {
  const parts = path.split(/(\{[^}]+\})/).map((part) => {
    if (part.startsWith('{+')) return '.+';
    return part.startsWith('{') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

const CARRIES_CREDENTIAL = ['authorization', 'cookie', 'proxy-authorization'];

/** A credential is not shown to whoever keeps what a signed address names. */
function refuseCredential({ id, credentials }: Operation, { headers, url }: Outgoing): void {
  if (credentials?.length !== 0) return;
  if (url.username !== '' || url.password !== '' || CARRIES_CREDENTIAL.some((name) => headers.has(name)))
    throw new UndeclaredRequest(`${id} takes no credential, and one would have gone along`);
}

/** The RPC name that AWS protocols carry in a header or in a form. */
function actionOf(request: Outgoing): string | undefined {
  const target = request.headers.get('x-amz-target');
  if (target) return target.slice(target.lastIndexOf('.') + 1);
  if (!request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) return undefined;
  const form = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body);
  const actions = new URLSearchParams(form).getAll('Action');
  if (actions.length > 1) throw new UndeclaredRequest('A form names more than one action');
  return actions[0];
}

/** A redirect is the provider's word: it is followed within the same origin and the same operations, or it is a fault. */
function followed(location: string, from: URL, operation: Operation, origins: WireOrigins): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  const base = new URL(origins[operation.origin]!.url);
  if (!url || url.origin !== base.origin)
    throw new RedirectRefused(`${operation.id} redirects to another host; nothing was sent there`, url);
  return url;
}

function asProviderFault(error: unknown): never {
  if (!(error instanceof TransportFault)) throw error;
  if (error.kind === 'too_large') throw new ProviderFault(error.message, { reason: 'truncated', cause: error });
  if (error.kind === 'timeout') throw new AnswerTimedOut(error.message, { retry: true, cause: error });
  throw new ProviderFault(error.message, { retry: true, cause: error });
}
