import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as send, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSocket, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A running Prism: a server that others wrote, which answers by an OpenAPI description and refuses what it does not allow. */
export interface Prism {
  url: string;
  /** What it was asked, and what it had against it. */
  exchanges: { method: string; path: string; status: number; violations: string }[];
  close(): Promise<void>;
}

/** By what name it is started: `PRISM` may lead to one that is not on the path. */
const COMMAND = process.env['PRISM'] ?? 'prism';
const PATIENCE_MS = 60_000;

/** Version of the Prism on this machine; undefined = there is none. */
export function installedPrism(): string | undefined {
  const probe = spawnSync(COMMAND, ['--version'], { encoding: 'utf8' });
  return probe.status === 0 ? probe.stdout.trim() : undefined;
}

/** What stands beside a description: headers that every answer carries, and answers to queries of GraphQL by their names. */
export interface Beside {
  headers: Readonly<Record<string, string>>;
  queries: Readonly<Record<string, object>>;
}

/** Starts it over a description. */
export async function startPrism(description: string, beside: Beside): Promise<Prism> {
  const port = await freePort();
  const child = spawn(COMMAND, ['mock', '--host', '127.0.0.1', '--port', String(port), '--errors', description], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = () => void (child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'));
  process.once('exit', end);
  await new Promise<void>((resolve, reject) => {
    let heard = '';
    const late = setTimeout(() => reject(new Error(`Prism is not up after ${PATIENCE_MS} ms: ${heard}`)), PATIENCE_MS);
    const hear = (chunk: Buffer) => {
      if (heard.length < 100_000) heard += chunk.toString('utf8');
      if (!heard.includes('Prism is listening')) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`Prism ended with ${code}: ${heard}`)));
  });
  const relay = await startRelay(port, beside);
  return {
    ...relay,
    async close() {
      await relay.close();
      process.off('exit', end);
      const ended = once(child, 'exit');
      end();
      await ended;
    },
  };
}

/** Prism knows no media type but the described one, and refuses all others before it looks at anything else. */
async function startRelay(port: number, { headers: said, queries }: Beside): Promise<Prism> {
  const exchanges: Prism['exchanges'] = [];
  const server = createServer((incoming, outgoing) => void relay(incoming, outgoing).catch(() => outgoing.destroy()));
  async function relay(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = incoming;
    const body = await text(incoming);
    const data = queries[/^\{"query":"query (\w+)/.exec(body)?.[1] ?? ''];
    if (data) {
      exchanges.push({ method, path, status: 200, violations: '' });
      outgoing.writeHead(200, { 'content-type': 'application/json', ...said }).end(JSON.stringify({ data }));
      return;
    }
    const headers: IncomingHttpHeaders = { ...incoming.headers, accept: 'application/json', 'accept-encoding': 'identity' };
    const onward = send({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      const { statusCode: status = 0, headers: answered } = answer;
      exchanges.push({ method, path, status, violations: String(answered['sl-violations'] ?? '') });
      outgoing.writeHead(status, { ...answered, ...said });
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    onward.end(body);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    exchanges,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}
