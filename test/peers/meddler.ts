import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault } from '../tickets/fakes/tracker.ts';

/** Stands between us and a peer, and does to a request what networks and proxies do. */
export interface Meddler {
  url: string;
  /** The next request that is no reading fares so. */
  nextWrite(fault: Fault): void;
  close(): Promise<void>;
}

export async function startMeddler(peer: string): Promise<Meddler> {
  let next: Fault | undefined;
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, response) => {
    const fault = incoming.method === 'GET' ? undefined : next;
    if (incoming.method !== 'GET') next = undefined;
    void meddle(peer, incoming, response, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nextWrite: (fault) => void (next = fault),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const INSTEAD: Partial<Record<Fault, [status: number, headers: Record<string, string>]>> = {
  refused: [403, {}],
  throttled: [429, { 'retry-after': '7' }],
  error_before: [500, {}],
  redirect: [302, { location: 'http://127.0.0.1:9/elsewhere' }],
};

async function meddle(peer: string, incoming: IncomingMessage, response: ServerResponse, fault: Fault | undefined): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  if (fault === 'lost_before') return void incoming.socket.destroy();
  const instead = fault && INSTEAD[fault];
  if (instead) return void response.writeHead(instead[0], instead[1]).end();
  if (fault === 'twice') await forwarded(peer, incoming, Buffer.concat(parts));
  const answer = await forwarded(peer, incoming, Buffer.concat(parts));
  if (fault === 'lost_after') return void incoming.socket.destroy();
  if (fault === 'error_after') return void response.writeHead(502).end();
  if (fault === 'page') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  response.writeHead(answer.status, answer.type === undefined ? {} : { 'content-type': answer.type }).end(answer.body);
}

function forwarded(peer: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; type: string | undefined; body: Buffer }>((resolve, reject) => {
    const onward = send(new URL(url ?? '/', peer), { method, headers: { ...headers, connection: 'close' } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => void parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'], body: Buffer.concat(parts) }));
    });
    onward.on('error', reject);
    onward.end(body);
  });
}
