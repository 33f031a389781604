import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/connector/index.ts';
import { Secret } from '../../src/secret/secret.ts';
import type { Sink } from '../../src/tickets/sink.ts';
import { webhook } from '../../src/tickets/sinks/webhook.ts';
import { json, serve, type LoopbackServer } from '../http/server.ts';
import { HOSTILE_MARKUP } from './hostile-markup.ts';
import { comment, draft, outcomeOf, SIGNAL } from './tracker-cases.ts';

const OLD = `whsec_${randomBytes(32).toString('base64')}`;
const NEW = `whsec_${randomBytes(24).toString('base64')}`;
const KEYS: Readonly<Record<string, string>> = { OLD, NEW, SHORT: 'whsec_YWJj', PLAIN: 'password' };

function open(url: string, names: readonly string[] = ['OLD'], settings: object = {}): Sink {
  const config = webhook.config.parse({ url, secrets: names.map((env) => ({ env })), timeoutSeconds: 1, ...settings });
  return webhook.open(config, (reference) => new Secret(KEYS['env' in reference ? reference.env : '']!), {
    now: () => new Date(),
    sleep: () => Promise.resolve(),
  });
}

/** What a receiver makes of a request, by the standard's own library. */
function verified({ asked }: LoopbackServer, index: number, key: string): Record<string, unknown> {
  const { body, headers } = asked[index]!;
  return new Webhook(key).verify(body, headers as Record<string, string>) as Record<string, unknown>;
}

describe('a signed webhook', () => {
  it('tells of all that happens to a ticket, signed so that the standard library of the receiver takes it', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const sink = open(`${server.url}/hooks/noctule`);
    const wanted = draft();
    const made = await sink.create(wanted, SIGNAL);
    expect(made).toEqual({ id: wanted.marker, label: wanted.marker, state: 'open' });
    await sink.update(made.id, draft({ marker: wanted.marker }), SIGNAL);
    await sink.comment(made.id, comment('Seen again.'), SIGNAL);
    await sink.close(made.id, comment('Gone.'), SIGNAL);
    await sink.reopen(made.id, comment('Back.'), SIGNAL);
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(Array.from({ length: 5 }, () => 'POST /hooks/noctule'));
    expect(server.asked.map((_one, index) => verified(server, index, OLD)['type'])).toEqual([
      'ticket.opened',
      'ticket.updated',
      'ticket.commented',
      'ticket.closed',
      'ticket.reopened',
    ]);
    expect(verified(server, 0, OLD)['data']).toMatchObject({ ticket: wanted.marker, severity: 'high', document: wanted.document });
    expect(server.asked[0]!.headers['webhook-id']).toBe(wanted.idempotencyKey);
  });

  it('signs the head of the audit trail with what it tells', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const sink = open(server.url);
    const audit = { number: 7, hash: 'a'.repeat(64) };
    await sink.create({ ...draft(), audit }, SIGNAL);
    await sink.comment('id', { ...comment('Seen again.'), audit }, SIGNAL);
    for (const index of [0, 1]) expect(verified(server, index, OLD)['data']).toMatchObject({ audit });
  });

  it('signs with each key while keys are changed, and with no other', async () => {
    const server = await serve((_request, response) => json(response, {}));
    await open(server.url, ['NEW', 'OLD']).create(draft(), SIGNAL);
    await open(server.url, ['NEW']).create(draft(), SIGNAL);
    expect(() => [verified(server, 0, OLD), verified(server, 0, NEW), verified(server, 1, NEW)]).not.toThrow();
    expect(() => verified(server, 1, OLD)).toThrow();
    expect(String(server.asked[0]!.headers['webhook-signature']).split(' ')).toHaveLength(2);
  });

  it('is not taken when a byte of it was changed on the way', async () => {
    const server = await serve((_request, response) => json(response, {}));
    await open(server.url).create(draft(), SIGNAL);
    server.asked[0]!.body = server.asked[0]!.body.replace('high', 'low');
    expect(() => verified(server, 0, OLD)).toThrow();
  });

  it('comes again under the same id, so that the receiver can drop it', async () => {
    let first = true;
    const server = await serve((_request, response) => {
      if (!first) return json(response, {});
      first = false;
      response.socket?.destroy();
    });
    const sink = open(server.url);
    const wanted = draft();
    expect([sink.dropsRepeats, sink.findableAfterMs]).toEqual([true, undefined]);
    expect(await outcomeOf(() => sink.create(wanted, SIGNAL))).toBe('unknown');
    expect(await outcomeOf(() => sink.create(wanted, SIGNAL))).toBe('done');
    expect(new Set(server.asked.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([wanted.idempotencyKey]));
  });

  it('takes any success for an answer, whatever is in it, and nothing else', async () => {
    const outcomes: unknown[] = [];
    for (const status of [200, 202, 204, 302, 400, 410, 429, 500]) {
      const server = await serve(
        (_request, response) => void response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end(status === 204 ? undefined : 'ok'),
      );
      outcomes.push([status, await outcomeOf(() => open(server.url).create(draft(), SIGNAL))]);
    }
    expect(outcomes).toEqual([
      [200, 'done'],
      [202, 'done'],
      [204, 'done'],
      [302, 'refused'],
      [400, 'refused'],
      [410, 'refused'],
      [429, 'busy'],
      [500, 'unknown'],
    ]);
  });

  it('cannot be asked, and says so instead of answering that there is nothing', async () => {
    const sink = open('https://receiver.example');
    expect(await outcomeOf(() => sink.find('noctule-x', [], SIGNAL))).toBe('refused');
    expect(await outcomeOf(() => sink.get('noctule-x', SIGNAL))).toBe('refused');
  });

  it('is not opened with a key that is none, and does not say the key', () => {
    for (const name of ['SHORT', 'PLAIN']) {
      let error: unknown;
      try {
        open('https://receiver.example', ['OLD', name]);
      } catch (cause) {
        error = cause;
      }
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ key: 'secrets[1]' });
      expect(JSON.stringify(error) + String(error)).not.toContain(KEYS[name]);
    }
  });

  it('marks what a provider said, and breaks it in the text', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const names = HOSTILE_MARKUP.slice(0, 30);
    await open(server.url).create(
      draft({ document: { title: [{ name: names[0]! }], blocks: [{ is: 'list', items: names.map((name) => [{ name }]) }] } }),
      SIGNAL,
    );
    const { text, document } = verified(server, 0, OLD)['data'] as {
      text: string;
      document: { blocks: { items: { name: string }[][] }[] };
    };
    expect(text).not.toMatch(/:\/\/|@(?!\u200b)/);
    expect(document.blocks[0]!.items.map(([run]) => run!.name)).toEqual(names);
  });
});
