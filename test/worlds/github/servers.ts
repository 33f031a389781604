import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** Stands between Noctule and the simulated GitHub, and leaves without an answer what is `lost`; `nth` counts a path's requests. */
export async function standIn(target: string, lost: (path: string, nth: number) => boolean) {
  const heard: { path: string; body: string }[] = [];
  const bodies = (path: string) => heard.filter((other) => other.path === path);
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
    void text(incoming).then((body) => {
      const path = incoming.url ?? '/';
      heard.push({ path, body });
      if (lost(path, bodies(path).length)) return;
      const passed = forward(`${target}${path}`, { method: incoming.method!, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      });
      passed.end(body);
    });
  });
  return { url: `http://127.0.0.1:${await portOf(server)}`, bodies };
}

/** The port on which a server hears until the test ends. */
export async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A server that is not GitHub, and what was sent to it. */
export async function listen(): Promise<{ port: number; heard: string[]; credentials: string[] }> {
  const heard: string[] = [];
  const credentials: string[] = [];
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    heard.push(`${request.method} ${request.url}`);
    if (request.headers.authorization) credentials.push(request.headers.authorization);
    response.end('[]');
  });
  server.on('connection', () => heard.push('connection'));
  return { port: await portOf(server), heard, credentials };
}
