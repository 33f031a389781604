import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { FakeAnswer } from '../../../src/testing/server.ts';

/** What stands before the simulated provider and answers some requests itself: never (`silence`), or in its place. */
export type Before = (method: string, url: URL) => FakeAnswer | 'silence' | undefined;

/** A server on loopback that hands everything else on; it closes itself after the test. */
export async function startFront(target: unknown, before: Before): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const { hostname, port } = new URL(String(target));
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', `http://${hostname}`);
    asked.push(`${incoming.method} ${url.pathname}${url.search}`);
    const own = before(incoming.method ?? 'GET', url);
    if (own === 'silence') return;
    if (own) {
      outgoing.writeHead(own.status, { 'content-type': 'application/json; charset=UTF-8', ...own.headers });
      return void outgoing.end(JSON.stringify(own.body));
    }
    const upstream = request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.on('error', () => outgoing.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
