import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pagesAhead } from '../../src/connector/index.ts';
import { guardedFetch } from '../../src/http/guarded-fetch.ts';

/** A server of its own thread, so that it hears while this one is busy: it answers when a request had come whole, by the clock of the machine. */
const SERVER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const server = createServer((request, response) => request.on('end', () => response.end(String(Date.now()))).resume());
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
/** Milliseconds in which the event loop has no turn, as when a large page is kept. */
const KEEPING = 600;

describe('the next page of a list', () => {
  let server: Worker;
  let url: URL;
  beforeAll(async () => {
    server = new Worker(SERVER, { eval: true });
    const [port] = (await once(server, 'message')) as [number];
    url = new URL(`http://127.0.0.1:${port}/graphql`);
  });
  afterAll(() => server.terminate());

  /** When the request came, by the server. */
  async function ask(): Promise<number> {
    const asked = { url, method: 'POST', headers: new Headers(), body: '{"query":"x"}', signal: new AbortController().signal };
    const { body } = await guardedFetch(asked, { bytes: 1000, milliseconds: 5000 });
    return Number(Buffer.from(body).toString());
  }

  /** When keeping the page began, and when the next was asked for. */
  async function kept(inFlight: number): Promise<{ began: number; asked: number }> {
    const pages = pagesAhead({ inFlight }, ask);
    await pages.next();
    await pages.goOn();
    const began = Date.now();
    while (Date.now() - began < KEEPING);
    return { began, asked: await pages.next() };
  }

  test('is on its way before the last one is kept', async () => {
    const { began, asked } = await kept(2);
    expect(asked - began).toBeLessThan(KEEPING / 2);
  });

  test('is asked for when the last one was kept, where one request may be under way', async () => {
    const { began, asked } = await kept(1);
    expect(asked - began).toBeGreaterThanOrEqual(KEEPING);
  });
});
