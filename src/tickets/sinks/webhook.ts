import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { ConfigError } from '../../connector/index.ts';
import { secretReference, type Secret } from '../../secret/secret.ts';
import type { Block } from '../document.ts';
import { MAIL, plain } from '../markup/plain.ts';
import { titleLine } from '../markup/shown.ts';
import type { SinkKind } from '../sink-kind.ts';
import { SinkError, type Comment, type Draft, type Marker, type RemoteTicket } from '../sink.ts';
import { openExchange, timeoutSeconds, trackerAddress } from './exchange.ts';

const config = z.strictObject({
  url: trackerAddress.describe('Who is told. Nothing may stand behind a `?`'),
  secrets: z
    .array(secretReference)
    .min(1)
    .max(4)
    .describe('Keys that sign, each `whsec_` and base64. Two while a key is changed: the receiver needs to know one of them'),
  dropsRepeats: z
    .boolean()
    .default(true)
    .describe('The receiver drops what comes again under the same webhook-id, as Standard Webhooks asks it to'),
  timeoutSeconds,
});

const NAME = 'The webhook';

/** What happened to a ticket. */
type Event = 'ticket.opened' | 'ticket.updated' | 'ticket.commented' | 'ticket.closed' | 'ticket.reopened';

/**
 * A signed webhook after Standard Webhooks 1.0 (standardwebhooks.com): `webhook-id` is the same for each repeat of one write,
 * `webhook-timestamp` is when this attempt was made, `webhook-signature` holds one `v1,` signature a key, over `id.timestamp.body`.
 * A receiver cannot be asked what it has: tickets are known by their marker, and nothing can be looked up.
 */
export const webhook: SinkKind<z.output<typeof config>> = {
  kind: 'webhook',
  title: 'Signed webhook',
  config,
  open(settings, secrets, options) {
    const keys = settings.secrets.map((reference) => secrets(reference));
    for (const [index, key] of keys.entries())
      if (!keyOf(key))
        throw new ConfigError('A key of a webhook is 24 to 64 bytes in base64, with `whsec_` before it', {
          key: `secrets[${index}]`,
          fix: 'make one: openssl rand -base64 32, and write whsec_ before it',
        });
    const exchange = openExchange({
      ...options,
      address: settings.url,
      name: NAME,
      timeoutSeconds: settings.timeoutSeconds,
      headers: () => ({}),
      pace: { everyMs: 200, writeEveryMs: 200 },
    });

    async function tell(type: Event, id: string, data: object, signal: AbortSignal): Promise<void> {
      const now = options.now();
      const text = JSON.stringify({ type, timestamp: now.toISOString(), data });
      const timestamp = String(Math.floor(now.getTime() / 1000));
      const signed = keys.map((key) => `v1,${createHmac('sha256', keyOf(key)!).update(`${id}.${timestamp}.${text}`).digest('base64')}`);
      const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signed.join(' ') };
      await exchange.send({ method: 'POST', path: '', text, headers, anyAnswer: true }, 'write', signal);
    }

    return {
      kind: 'webhook',
      place: new URL(settings.url).host,
      dropsRepeats: settings.dropsRepeats,

      find() {
        return Promise.reject(new SinkError('refused', `${NAME} cannot be asked`));
      },
      get() {
        return Promise.reject(new SinkError('refused', `${NAME} cannot be asked`));
      },

      async create(draft, signal) {
        await tell('ticket.opened', draft.idempotencyKey, ticketData(draft), signal);
        return ticketOf(draft.marker);
      },
      async update(id, draft, signal) {
        await tell('ticket.updated', draft.idempotencyKey, { ...ticketData(draft), ticket: id }, signal);
      },
      async comment(id, comment, signal) {
        await tell('ticket.commented', comment.idempotencyKey, commentData(id, comment), signal);
      },
      async close(id, comment, signal) {
        await tell('ticket.closed', comment.idempotencyKey, commentData(id, comment), signal);
      },
      async reopen(id, comment, signal) {
        await tell('ticket.reopened', comment.idempotencyKey, commentData(id, comment), signal);
      },
    };
  },
};

/** The key, or undefined where it has not the form that the standard asks for. */
function keyOf(secret: Secret): Buffer | undefined {
  const text = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret.reveal().trim())?.[1];
  const key = text === undefined ? undefined : Buffer.from(text, 'base64');
  return key && key.length >= 24 && key.length <= 64 ? key : undefined;
}

function ticketOf(marker: Marker): RemoteTicket {
  return { id: marker, label: marker, state: 'open' };
}

/** The text as one, and the document as a value: whoever shows it has to know which parts a provider said. */
function ticketData({ marker, document, severity, audit }: Draft): object {
  return {
    ticket: marker,
    severity,
    title: titleLine(document.title, 500),
    text: plain(document.blocks, MAIL, ''),
    document,
    ...(audit && { audit }),
  };
}

function commentData(id: string, { paragraphs, audit }: Comment): object {
  const blocks = paragraphs.map((runs): Block => ({ is: 'paragraph', runs }));
  return { ticket: id, text: plain(blocks, MAIL, ''), paragraphs, ...(audit && { audit }) };
}
