import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A simulated tracker: a real HTTP server on loopback that keeps tickets, with switches for what goes wrong. */
export interface FakeTracker {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** The only credential that is accepted, as the sink is given it. */
  credential: string;
  /** Every request so far, in the order of arrival. */
  requests: readonly FakeRequest[];
  /** Asked at each request; undefined = nothing goes wrong. `nth` counts the requests of the operation, from 1. */
  plan: (operation: FakeOperation, nth: number) => Fault | undefined;
  /** A ticket is found that long after it was made, and found as it was that long ago. In milliseconds of the clock. */
  lagMs: number;
  /** The credential is shown nothing any more: not a refusal, but as if nothing were there. */
  hides: boolean;
  /** All that were ever made, deleted ones left out. */
  tickets(): FakeTicket[];
  /** What people do. */
  person: {
    close(id: string): void;
    reopen(id: string): void;
    remove(id: string): void;
    /** To another project of the tracker. */
    move(id: string): void;
    /** And back. */
    moveBack(id: string): void;
  };
  close(): Promise<void>;
}

export interface FakeRequest {
  operation: FakeOperation | undefined;
  method: string;
  /** With the query, decoded. */
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface FakeTicket {
  id: string;
  title: string;
  /** As it was sent, as text. */
  text: string;
  comments: readonly string[];
  open: boolean;
  labels: readonly string[];
}

/** What is asked, in words that all trackers share. */
export const FAKE_OPERATIONS = [
  'place',
  'find',
  'read',
  'comments',
  'label',
  'create',
  'update',
  'comment',
  'transitions',
  'state',
] as const;
export type FakeOperation = (typeof FAKE_OPERATIONS)[number];

/**
 * What goes wrong. `before` and `after` say on which side of the change; `lost` is a connection that is cut without an answer.
 * `twice`: something in between delivers the request a second time.
 */
export const FAULTS = [
  'refused',
  'throttled',
  'error_before',
  'error_after',
  'lost_before',
  'lost_after',
  'silence_after',
  'page',
  'redirect',
  'twice',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FakeAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface FakeRoute {
  operation: FakeOperation;
  method: string;
  path: RegExp;
  /** Told apart further where one path serves many, as in GraphQL. */
  when?(body: Record<string, unknown>): boolean;
  answer(ask: { params: readonly string[]; query: URLSearchParams; body: Record<string, unknown> }): FakeAnswer;
}

export async function startFakeTracker(options: {
  routes: readonly FakeRoute[];
  /** In the tracker's own words. */
  refuse(status: number, request: FakeRequest): FakeAnswer;
  accepts(headers: IncomingMessage['headers']): boolean;
}): Promise<Pick<FakeTracker, 'url' | 'requests' | 'plan' | 'close'>> {
  const requests: FakeRequest[] = [];
  const counts = new Map<FakeOperation, number>();
  const server = createServer((incoming, response) => {
    void bodyOf(incoming).then((body) => serve(incoming, response, body));
  });

  function serve(incoming: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const method = incoming.method ?? '';
    const fields = fieldsOf(body);
    const route = options.routes.find((one) => one.method === method && one.path.test(url.pathname) && (one.when?.(fields) ?? true));
    const request = { operation: route?.operation, method, path: decodeURIComponent(incoming.url ?? ''), headers: incoming.headers, body };
    requests.push(request);
    if (!options.accepts(incoming.headers)) return reply(response, options.refuse(401, request));
    if (!route) return reply(response, options.refuse(404, request));
    const nth = (counts.get(route.operation) ?? 0) + 1;
    counts.set(route.operation, nth);
    const act = () => {
      const params = (route.path.exec(url.pathname) ?? []).slice(1).map(decodeURIComponent);
      return route.answer({ params, query: url.searchParams, body: fields });
    };
    fail(fake.plan(route.operation, nth), act, response, request);
  }

  function fail(fault: Fault | undefined, act: () => FakeAnswer, response: ServerResponse, request: FakeRequest): void {
    switch (fault) {
      case undefined:
        return reply(response, act());
      case 'refused':
        return reply(response, options.refuse(403, request));
      case 'throttled':
        return reply(response, { ...options.refuse(429, request), headers: { 'retry-after': '7' } });
      case 'error_before':
        return reply(response, options.refuse(500, request));
      case 'error_after':
        act();
        return reply(response, options.refuse(502, request));
      case 'lost_before':
        return void response.socket?.destroy();
      case 'lost_after':
        act();
        return void response.socket?.destroy();
      case 'silence_after':
        return void act();
      case 'page':
        act();
        return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
      case 'redirect':
        return void response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' }).end();
      case 'twice':
        act();
        return reply(response, act());
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: Pick<FakeTracker, 'url' | 'requests' | 'plan' | 'close'> = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    plan: () => undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

function reply(response: ServerResponse, { status, body, headers }: FakeAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function fieldsOf(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What is true now, and what an index that is behind still says. */
export interface Dated {
  madeAt: number;
}

export function isIndexed(one: Dated, now: Date, lagMs: number): boolean {
  return now.getTime() - one.madeAt >= lagMs;
}
