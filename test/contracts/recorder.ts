import { Agent, createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Exchange } from './exchange.ts';

/** A proxy on loopback that passes everything on as it is, and keeps what passed. */
export interface Recorder {
  url: string;
  exchanges: Exchange[];
  close(): Promise<void>;
}

export async function startRecorder(target: string): Promise<Recorder> {
  const exchanges: Exchange[] = [];
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(target);
  let url = '';
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
    void pass(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const requestBody = await bytesOf(incoming);
    // `Host` stays as it was sent: AWS signs it, and whoever builds addresses from it builds them for the proxy.
    const upstream = request({ hostname, port, agent, method: incoming.method, path: incoming.url, headers: incoming.headers });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      upstream.on('response', resolve).on('error', reject).end(requestBody);
    });
    const bytes = await bytesOf(answer);
    const headers = { ...answer.headers };
    // Paging must stay in the proxy, also where the target names itself.
    for (const name of ['link', 'location']) {
      const address = headers[name];
      if (typeof address === 'string') headers[name] = address.replaceAll(target, url);
    }
    exchanges.push({
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      requestHeaders: flat(incoming.headers),
      requestBody: requestBody.toString('utf8'),
      status: answer.statusCode ?? 0,
      responseHeaders: flat(headers),
      responseBody: (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8'),
    });
    outgoing.writeHead(answer.statusCode ?? 502, headers);
    outgoing.end(bytes);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.on('connection', (socket) => socket.setNoDelay(true));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    exchanges,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
