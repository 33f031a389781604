import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { guardedFetch, isLoopback, proxyInForce, TransportFault, type GuardedRequest } from '../../src/http/guarded-fetch.ts';
import { json, serve } from './server.ts';

const LIMITS = { bytes: 64 * 1024, milliseconds: 5_000 };

function get(url: string, signal = new AbortController().signal): GuardedRequest {
  return { url: new URL(url), method: 'GET', headers: new Headers(), signal };
}

async function faultOf(promise: Promise<unknown>): Promise<TransportFault> {
  const error: unknown = await promise.then(
    () => new Error('It was answered'),
    (reason: unknown) => reason,
  );
  if (error instanceof TransportFault) return error;
  throw error;
}

describe('a guarded request', () => {
  test('brings status, headers and body', async () => {
    const server = await serve((_request, response) => json(response, { a: 1 }, 418, { 'x-kind': 'tea' }));
    const answer = await guardedFetch(get(`${server.url}/pot?x=1`), LIMITS);
    expect([answer.status, answer.headers.get('x-kind'), Buffer.from(answer.body).toString()]).toEqual([418, 'tea', '{"a":1}']);
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /pot?x=1']);
  });

  test('sends its body and headers as they are', async () => {
    const server = await serve((_request, response) => response.writeHead(204).end());
    const headers = new Headers({ authorization: 'Bearer x', 'content-type': 'application/x-www-form-urlencoded' });
    const answer = await guardedFetch({ ...get(server.url), method: 'POST', headers, body: 'Action=List&x=%20' }, LIMITS);
    expect([answer.status, answer.body.byteLength]).toEqual([204, 0]);
    expect(server.asked[0]).toMatchObject({ method: 'POST', body: 'Action=List&x=%20', headers: { authorization: 'Bearer x' } });
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('unfolds a body in %s', async (encoding, compress) => {
    const server = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(compress('x'.repeat(5_000))),
    );
    expect((await guardedFetch(get(server.url), LIMITS)).body.byteLength).toBe(5_000);
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('stops a small body in %s that unfolds into a huge one, and hangs up', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(50 * 1024 * 1024));
    expect(bomb.byteLength).toBeLessThan(100 * 1024);
    let closed: Promise<unknown> | undefined;
    const server = await serve((request, response) => {
      closed = once(request.socket, 'close');
      // Not ended: only a client that hangs up closes the connection.
      response.writeHead(200, { 'content-encoding': encoding }).write(bomb);
    });
    const before = process.memoryUsage().rss;
    expect(await faultOf(guardedFetch(get(server.url), LIMITS))).toMatchObject({ kind: 'too_large' });
    expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1024 * 1024);
    await closed;
  });

  test('stops an endless body at the cap, whatever length was announced', async () => {
    let sent = 0;
    const server = await serve((_request, response) => {
      response.writeHead(200);
      const pump = () => {
        while (!response.destroyed && sent < 1e9) {
          sent += 16_384;
          if (!response.write(Buffer.alloc(16_384))) return void response.once('drain', pump);
        }
      };
      pump();
    });
    expect(await faultOf(guardedFetch(get(server.url), LIMITS))).toMatchObject({ kind: 'too_large' });
    expect(sent).toBeLessThan(50 * 1024 * 1024);
  });

  test('a body of exactly the cap is whole', async () => {
    const server = await serve((_request, response) => void response.end(Buffer.alloc(LIMITS.bytes)));
    expect((await guardedFetch(get(server.url), LIMITS)).body.byteLength).toBe(LIMITS.bytes);
  });

  test('ends a silence by its timeout', async () => {
    const server = await serve(() => {});
    const fault = await faultOf(guardedFetch(get(server.url), { ...LIMITS, milliseconds: 150 }));
    expect(fault).toMatchObject({ kind: 'timeout', message: 'No whole answer within 150 ms' });
  });

  test('ends a body that drips for ever by the same timeout', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => void response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await faultOf(guardedFetch(get(server.url), { ...LIMITS, milliseconds: 200 }))).toMatchObject({ kind: 'timeout' });
  });

  test('ends a server that accepts and never speaks HTTP', async () => {
    const silent = createTcpServer((socket) => void socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    expect(await faultOf(guardedFetch(get(`http://127.0.0.1:${port}/`), { ...LIMITS, milliseconds: 150 }))).toMatchObject({
      kind: 'timeout',
    });
    silent.close();
  });

  test('notices a body that broke off, by its length or in the middle of gzip', async () => {
    const whole = Buffer.from('x'.repeat(4_000));
    const zipped = gzipSync(Buffer.from(Array.from({ length: 4_000 }, (_, index) => index % 251)));
    for (const [headers, part] of [
      [{ 'content-length': String(whole.byteLength) }, whole.subarray(0, 2_000)],
      [{ 'content-encoding': 'gzip', 'content-length': String(zipped.byteLength) }, zipped.subarray(0, zipped.byteLength >> 1)],
      [{ 'content-encoding': 'gzip' }, Buffer.from('this is no gzip at all')],
    ] as const) {
      const server = await serve((_request, response) => {
        response.writeHead(200, headers);
        if ('content-length' in headers) response.write(part, () => response.destroy());
        else response.end(part);
      });
      expect(await faultOf(guardedFetch(get(server.url), LIMITS))).toMatchObject({ kind: 'cut', message: 'The answer broke off' });
    }
  });

  test('notices a connection that is reset, and a port where nobody listens', async () => {
    const server = await serve((request) => void request.socket.destroy());
    expect((await faultOf(guardedFetch(get(server.url), LIMITS))).kind).toBe('unreachable');
    const gone = createTcpServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    expect(await faultOf(guardedFetch(get(`http://127.0.0.1:${port}/`), LIMITS))).toMatchObject({
      kind: 'unreachable',
      message: `127.0.0.1:${port} could not be reached`,
    });
  });

  test.each([301, 302, 303, 307, 308])('does not follow a redirect with status %i', async (status) => {
    const server = await serve((_request, response) => void response.writeHead(status, { location: '/elsewhere' }).end());
    const answer = await guardedFetch(get(`${server.url}/here`), LIMITS);
    expect([answer.status, answer.headers.get('location')]).toEqual([status, '/elsewhere']);
    expect(server.asked.map(({ path }) => path)).toEqual(['/here']);
  });

  test('is given up at once when the scan is aborted, with the reason of the abort', async () => {
    const server = await serve(() => {});
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 30);
    await expect(guardedFetch(get(server.url, controller.signal), { ...LIMITS, milliseconds: 10_000 })).rejects.toBe(reason);
  });

  test('is not sent at all when the scan was aborted before', async () => {
    const server = await serve((_request, response) => json(response, {}));
    await expect(guardedFetch(get(server.url, AbortSignal.abort(new Error('before'))), LIMITS)).rejects.toThrow('before');
    expect(server.asked).toEqual([]);
  });
});

describe('the way out', () => {
  test.each([
    ['http://127.0.0.1:80/', true],
    ['http://localhost/', true],
    ['http://[::1]:9/', true],
    ['https://localhost.attacker.example/', false],
    ['https://127.0.0.1.attacker.example/', false],
    ['https://api.github.com/', false],
  ])('%s is this machine: %s', (url, loopback) => {
    expect(isLoopback(new URL(url))).toBe(loopback);
  });

  test('the environment says which proxy is in force', () => {
    expect(proxyInForce({})).toBeUndefined();
    expect(proxyInForce({ HTTP_PROXY: 'http://a:1', HTTPS_PROXY: 'http://b:1' })).toBe('http://b:1');
  });
});
