import { createServer, type Server } from 'node:http';
import { connect, createServer as createSocket, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { SinkError } from '../../src/tickets/sink.ts';
import { openExchange, segment, trackerAddress, type ExchangeOptions, type Weight } from '../../src/tickets/sinks/exchange.ts';
import { fastClock } from '../../src/testing/clock.ts';
import { json, serve } from '../http/server.ts';

const SIGNAL = new AbortController().signal;
const clock = fastClock({ from: new Date('2026-11-22T02:00:00Z'), speed: 1 });
const closing: Server[] = [];

afterEach(() => {
  for (const server of closing.splice(0)) server.closeAllConnections();
});

function exchange(address: string, over: Partial<ExchangeOptions> = {}) {
  return openExchange({
    address,
    name: 'The tracker',
    headers: () => ({ authorization: 'Bearer secret-of-this-test' }),
    timeoutSeconds: 30,
    pace: { everyMs: 0, writeEveryMs: 0 },
    now: clock.now,
    sleep: clock.sleep,
    ...over,
  });
}

async function failure(address: string, weight: Weight, over: Partial<ExchangeOptions> = {}, signal = SIGNAL): Promise<SinkError> {
  const error: unknown = await exchange(address, over)
    .send({ method: weight === 'read' ? 'GET' : 'POST', path: '/tickets', ...(weight !== 'read' && { body: { a: 1 } }) }, weight, signal)
    .catch((cause: unknown) => cause);
  if (!(error instanceof SinkError)) throw new Error(`It came to ${String(error)}`);
  return error;
}

/** What a status comes to while reading, while making something that may be made twice, and while writing. */
describe.each([
  { status: 400, read: 'refused', repeatable: 'refused', write: 'refused' },
  { status: 401, read: 'refused', repeatable: 'refused', write: 'refused' },
  { status: 403, read: 'refused', repeatable: 'refused', write: 'refused' },
  { status: 404, read: 'refused', repeatable: 'refused', write: 'refused' },
  { status: 408, read: 'busy', repeatable: 'busy', write: 'unknown' },
  { status: 409, read: 'refused', repeatable: 'refused', write: 'refused' },
  { status: 425, read: 'busy', repeatable: 'busy', write: 'busy' },
  { status: 429, read: 'busy', repeatable: 'busy', write: 'busy' },
  { status: 500, read: 'busy', repeatable: 'busy', write: 'unknown' },
  { status: 503, read: 'busy', repeatable: 'busy', write: 'unknown' },
  { status: 504, read: 'busy', repeatable: 'busy', write: 'unknown' },
  { status: 302, read: 'refused', repeatable: 'refused', write: 'refused' },
  { status: 303, read: 'refused', repeatable: 'refused', write: 'unknown' },
  { status: 307, read: 'refused', repeatable: 'refused', write: 'refused' },
])('status $status', ({ status, ...outcomes }) => {
  it.each(Object.entries(outcomes))('means of a %s: %s', async (weight, outcome) => {
    const server = await serve((_request, response) => json(response, { message: 'no' }, status, { location: 'http://127.0.0.1:9/' }));
    expect((await failure(server.url, weight as Weight)).outcome).toBe(outcome);
    expect(server.asked).toHaveLength(1);
  });
});

describe('a connection', () => {
  it('that is refused never carried the request, so that nothing was written', async () => {
    const socket = createSocket();
    await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
    const { port } = socket.address() as AddressInfo;
    await new Promise((resolve) => socket.close(resolve));
    expect((await failure(`http://127.0.0.1:${port}`, 'write')).outcome).toBe('busy');
  });

  it('that is cut after the request leaves open what was written, before the answer and in the middle of it', async () => {
    const before = await serve((_request, response) => void response.socket?.destroy());
    expect((await failure(before.url, 'write')).outcome).toBe('unknown');
    expect((await failure(before.url, 'read')).outcome).toBe('busy');
    const within = await serve((_request, response) => {
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"id":');
      setTimeout(() => response.socket?.destroy(), 20);
    });
    expect((await failure(within.url, 'write')).outcome).toBe('unknown');
  });

  it('on which nothing comes ends in time, and leaves open what was written', async () => {
    const server = await serve(() => {});
    const started = Date.now();
    expect((await failure(server.url, 'write', { timeoutSeconds: 0.2 })).outcome).toBe('unknown');
    expect((await failure(server.url, 'read', { timeoutSeconds: 0.2 })).outcome).toBe('busy');
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  it('that is given up by ourselves leaves open what was written, and does not start when it is too late', async () => {
    const stop = new AbortController();
    const server = await serve(() => stop.abort(new Error('the night is over')));
    expect((await failure(server.url, 'write', {}, stop.signal)).outcome).toBe('unknown');
    const sent = exchange(server.url).send({ method: 'POST', path: '/tickets' }, 'write', stop.signal);
    await expect(sent).rejects.toThrow('the night is over');
    expect(server.asked).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('that is no JSON is a page of somebody in between: nothing is known of a write', async () => {
    const server = await serve(
      (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
    );
    expect((await failure(server.url, 'write')).outcome).toBe('unknown');
    expect((await failure(server.url, 'read')).outcome).toBe('refused');
  });

  it('that unfolds into more than fits ends', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, 0x20));
    const server = await serve((_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    expect((await failure(server.url, 'write')).message).toContain('larger than');
  });

  it('says when to come again, in seconds or as a date', async () => {
    const waits: (number | undefined)[] = [];
    for (const after of [
      '90',
      new Date(clock.now().getTime() + 90_000).toUTCString(),
      'soon',
      '-5',
      '',
      '99999999999999',
      'Fri, 31 Dec 9999 23:59:59 GMT',
    ]) {
      const server = await serve((_request, response) => json(response, {}, 429, after === '' ? {} : { 'retry-after': after }));
      waits.push((await failure(server.url, 'write')).retryAfterMs);
    }
    expect(waits[0]).toBe(90_000);
    expect(Math.abs(waits[1]! - 90_000)).toBeLessThan(2_000);
    expect(waits.slice(2, 5)).toEqual([undefined, expect.any(Number), undefined].with(1, waits[3]));
    // Whoever says never is asked again after a day.
    expect(waits.slice(5)).toEqual([86_400_000, 86_400_000]);
  });

  it('of a refusal is quoted in part, and no credential with it', async () => {
    const server = await serve((_request, response) =>
      json(response, { errorMessages: ['no such project '.repeat(100)], errors: { project: 'is required' } }, 400),
    );
    const { message } = await failure(server.url, 'write');
    expect(message).toContain('The tracker answers 400 to POST /tickets: no such project');
    expect(message.length).toBeLessThan(400);
    expect(message).not.toContain('secret-of-this-test');
  });

  it('that leads elsewhere is not followed, and the credential stays here', async () => {
    const thief = await serve((_request, response) => json(response, {}));
    const server = await serve((_request, response) => json(response, {}, 307, { location: `${thief.url}/tickets` }));
    const { message } = await failure(server.url, 'write');
    expect(message).toContain('nothing was sent there');
    expect(thief.asked).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    ['https://tracker.example', true],
    ['https://tracker.example/base/path', true],
    ['http://127.0.0.1:8080', true],
    ['http://localhost:8080', true],
    ['http://[::1]:8080', true],
    ['http://tracker.example', false],
    ['http://169.254.169.254', false],
    ['http://127.0.0.1.attacker.example', false],
    ['ftp://tracker.example', false],
    ['file:///etc/passwd', false],
    ['https://user:password@tracker.example', false],
    ['https://user@tracker.example', false],
    ['https://tracker.example/?to=elsewhere', false],
    ['https://tracker.example/#part', false],
    ['tracker.example', false],
  ])('%s is taken: %s', (address, taken) => {
    expect(trackerAddress.safeParse(address).success).toBe(taken);
  });

  it('is never left, whatever an id is', () => {
    for (const id of ['../admin', '//attacker.example/', 'http://attacker.example', '1?x=1', '1#x', 'a/b', '\\\\attacker.example'])
      expect(new URL(`/issues/${segment(id)}`, 'https://tracker.example').href).toMatch(/^https:\/\/tracker\.example\/issues\/[^/?#]+$/);
    for (const id of ['', '.', '..']) expect(() => segment(id)).toThrow(SinkError);
  });
});

describe('the pace', () => {
  it('keeps writes apart, lets reads pass between them, and holds to the longer limit', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const at: Record<string, number[]> = { GET: [], POST: [] };
    // A tick of its timer is 100 ms.
    const quick = fastClock({ from: new Date(0), speed: 100 });
    const line = exchange(server.url, {
      now: quick.now,
      sleep: quick.sleep,
      pace: { everyMs: 0, writeEveryMs: 1_000, writes: { most: 5, withinMs: 60_000 } },
      sent: ({ method }) => void at[method]!.push(quick.now().getTime()),
    });
    const writes = Array.from({ length: 12 }, () => line.send({ method: 'POST', path: '/x', body: {} }, 'write', SIGNAL));
    await Promise.all([...writes, line.send({ method: 'GET', path: '/x' }, 'read', SIGNAL)]);
    const gaps = at['POST']!.slice(1).map((time, index) => time - at['POST']![index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(900);
    for (const first of [0, 5, 6]) expect(at['POST']![first + 5]! - at['POST']![first]!).toBeGreaterThanOrEqual(59_900);
  });

  it('is not waited for longer than a minute: until then it is busy', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const line = exchange(server.url, { pace: { everyMs: 0, writeEveryMs: 0, writes: { most: 2, withinMs: 3_600_000 } } });
    const write = () => line.send({ method: 'POST', path: '/x', body: {} }, 'write', SIGNAL);
    await write();
    await write();
    const error: unknown = await write().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ outcome: 'busy' });
    expect((error as SinkError).retryAfterMs).toBeGreaterThan(3_500_000);
    expect((await line.send({ method: 'GET', path: '/x' }, 'read', SIGNAL)).status).toBe(200);
    expect(server.asked).toHaveLength(3);
  });

  it('that is waited for ends with the signal', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const stop = new AbortController();
    const line = exchange(server.url, { pace: { everyMs: 30_000, writeEveryMs: 0 } });
    await line.send({ method: 'GET', path: '/x' }, 'read', SIGNAL);
    const waiting = line.send({ method: 'POST', path: '/x' }, 'write', stop.signal);
    stop.abort(new Error('the night is over'));
    await expect(waiting).rejects.toThrow('the night is over');
    expect(server.asked).toHaveLength(1);
  });
});

it('a server that answers and closes at once is no reason to send a write twice', async () => {
  let posts = 0;
  const server = createServer((request, response) => {
    posts++;
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    setTimeout(() => response.socket?.destroy(), 1);
  });
  closing.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void connect(port, '127.0.0.1', resolve).unref());
  const line = exchange(`http://127.0.0.1:${port}`);
  for (let time = 0; time < 20; time++) await line.send({ method: 'POST', path: '/x', body: {} }, 'write', SIGNAL).catch(() => {});
  expect(posts).toBeLessThanOrEqual(20);
});
