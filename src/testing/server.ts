import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { OperationId } from '../connector/index.ts';
import { type Fault, faultFor, type FaultPlan, createFaultPlan } from './faults.ts';
import type { RecordedRequest } from './fake.ts';

/** A real HTTP server on loopback: the part that all simulated providers share. */
export interface FakeServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  faults: FaultPlan;
  /** Every request so far, in the order of arrival. */
  requests: RecordedRequest[];
  /** From now on the operation answers so, instead of from its world; `usual` is what it would have answered. */
  plant(operation: OperationId, answer: PlantedAnswer): void;
  /** Shows every request from now on whole: `requests` keeps no headers and no bodies, since there may be many. */
  watch(watcher: (request: FakeRequest, operation: OperationId | undefined) => void): void;
  close(): Promise<void>;
}

/** A test's own answer. `nth` counts the calls of the operation since it was planted, from 1, repeats among them. */
export type PlantedAnswer = (request: FakeRequest, nth: number, usual: () => FakeAnswer) => FakeAnswer;

export interface FakeRequest {
  method: string;
  url: URL;
  /** Decoded values of the route's `{parameters}`. */
  params: Readonly<Record<string, string>>;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface FakeAnswer {
  status: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a string as it is; undefined = no body. */
  body?: unknown;
}

/** One operation of the provider, under its official name. */
export interface FakeRoute {
  operation: OperationId;
  method: 'GET' | 'POST';
  /** Path with `{parameter}` for one segment, and `{+parameter}` for one or more. */
  path: string;
  /** The `Action` of a form body, or the suffix of `X-Amz-Target`, where one path serves many operations. */
  action?: string;
  answer(request: FakeRequest): FakeAnswer;
}

export interface FakeServerOptions {
  routes: readonly FakeRoute[];
  /** The provider's own wording of a status, 401, 403, 404, 429 or 5xx, for injected faults and for unknown paths. */
  refuse(status: number, request: FakeRequest, operation: OperationId | undefined): FakeAnswer;
  /** Turns a good answer into one whose next page is this same page, or lies on another host; undefined = has no pages. */
  misdirect?(answer: FakeAnswer, request: FakeRequest, how: 'self' | 'foreign'): FakeAnswer | undefined;
  latency?: number;
}

/** Shorter answers are sent as they are, as most servers do. */
const WORTH_ZIPPING = 4096;

export async function startFakeServer(options: FakeServerOptions): Promise<FakeServer> {
  const faults = createFaultPlan();
  const requests: RecordedRequest[] = [];
  const watchers: ((request: FakeRequest, operation: OperationId | undefined) => void)[] = [];
  const planted = new Map<OperationId, (request: FakeRequest, usual: () => FakeAnswer) => FakeAnswer>();
  const routes = options.routes.map((route) => ({
    route: {
      ...route,
      answer(request: FakeRequest) {
        const usual = () => route.answer(request);
        return planted.get(route.operation)?.(request, usual) ?? usual();
      },
    },
    pattern: routePattern(route.path),
  }));
  // It never closes a connection that is idle: on a busy machine that crosses with the next request, which then is repeated.
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, response) => {
    void serve(incoming, response).catch((error: unknown) => {
      // A fake that throws is a bug of the fake; it must be loud, not look like a fault of the provider.
      console.error(error);
      response.destroy();
    });
  });

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(incoming);
    const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host}`);
    const found = findRoute(routes, incoming, url, body);
    const request: FakeRequest = { method: incoming.method ?? 'GET', url, params: found?.params ?? {}, headers: incoming.headers, body };
    const operation = found?.route.operation;
    const fault = operation ? faultFor(faults, operation, `${request.method} ${url.pathname}${url.search} ${stable(body)}`) : undefined;
    if (options.latency) await new Promise((resolve) => setTimeout(resolve, options.latency));
    const answer = answerOf(found?.route, request, fault, options);
    requests.push({
      operation: operation ?? 'unknown',
      method: request.method,
      path: url.pathname,
      query: url.search,
      status: answer?.status ?? 0,
    });
    watchers.forEach((watch) => watch(request, operation));
    if (!answer) return void incoming.socket.destroy();
    write(response, incoming, answer, fault);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.on('connection', (socket) => socket.setNoDelay(true));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    faults,
    requests,
    plant(operation, answer) {
      if (!options.routes.some((route) => route.operation === operation)) throw new Error(`This server has no operation ${operation}`);
      let calls = 0;
      planted.set(operation, (request, usual) => answer(request, ++calls, usual));
    },
    watch: (watcher) => void watchers.push(watcher),
    close: () => closeServer(server),
  };
}

function answerOf(
  route: FakeRoute | undefined,
  request: FakeRequest,
  fault: Fault | undefined,
  options: FakeServerOptions,
): FakeAnswer | undefined {
  if (!route) return options.refuse(404, request, undefined);
  if (fault === undefined) return route.answer(request);
  if (typeof fault === 'number') return options.refuse(fault, request, route.operation);
  if (fault === 'reset') return undefined;
  if (fault === 'html') return { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Sign in</title>' };
  const answer = route.answer(request);
  if (fault === 'cut') return answer;
  return options.misdirect?.(answer, request, fault === 'self_page' ? 'self' : 'foreign') ?? answer;
}

function findRoute(routes: readonly { route: FakeRoute; pattern: RegExp }[], incoming: IncomingMessage, url: URL, body: string) {
  const action = actionOf(incoming, body);
  for (const { route, pattern } of routes) {
    if (route.method !== incoming.method || (route.action ?? action) !== action) continue;
    const match = pattern.exec(url.pathname);
    if (match)
      return {
        route,
        params: Object.fromEntries(Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)])),
      };
  }
  return undefined;
}

function actionOf(incoming: IncomingMessage, body: string): string | undefined {
  const target = incoming.headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.lastIndexOf('.') + 1);
  if (!incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return undefined;
  return new URLSearchParams(body).get('Action') ?? undefined;
}

function routePattern(path: string): RegExp {
  const pattern = path
    .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    .replace(/\{\\\+(\w+)\}/g, '(?<$1>.+)');
  return new RegExp(`^${pattern}$`);
}

/** Signed assertions differ at every attempt; what makes two requests the same is all but them. */
function stable(body: string): string {
  return body.replace(/assertion=[^&]*/, '');
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function write(response: ServerResponse, incoming: IncomingMessage, answer: FakeAnswer, fault: Fault | undefined): void {
  const text = answer.body === undefined ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const headers: Record<string, string> = { date: new Date().toUTCString(), ...answer.headers };
  if (text !== '') headers['content-type'] ??= 'application/json; charset=utf-8';
  const zipped = text.length > WORTH_ZIPPING && String(incoming.headers['accept-encoding'] ?? '').includes('gzip');
  const bytes = zipped ? gzipSync(text, { level: 1 }) : Buffer.from(text);
  if (zipped) headers['content-encoding'] = 'gzip';
  if (fault === 'cut' && bytes.length > 1) {
    response.writeHead(answer.status, { ...headers, 'content-length': String(bytes.length) });
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
    return;
  }
  response.writeHead(answer.status, { ...headers, 'content-length': String(bytes.length) });
  response.end(bytes);
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
