import { createHmac } from 'node:crypto';
import { NotifyError } from './notifier.ts';

/**
 * The headers by which a receiver knows that a notice is ours, whole and fresh: Standard Webhooks 1.0, signed with HMAC-SHA256.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signedHeaders(secret: string, { id, at, body }: { id: string; at: Date; body: string }): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** A secret that is too short could be guessed from one notice. */
function keyOf(secret: string): Buffer {
  const [, text] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(text ?? '', 'base64');
  if (key.byteLength >= 24 && key.byteLength <= 64) return key;
  throw new NotifyError('refused', 'The signing secret has another form than whsec_ and 24 to 64 bytes in Base64');
}
