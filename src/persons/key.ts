import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Secret } from '../secret/secret.ts';
import { fold } from '../text/fold.ts';

/** Fewer characters could be guessed by trying. */
export const SHORTEST_KEY = 32;

/** What a tenant makes pseudonyms with. Whoever has it can make the pseudonym of any name, and read the names behind those that are kept. */
export interface PersonKey {
  /** Equal for equal keys of one tenant, and tells nothing of the key. */
  readonly check: string;
  /**
   * What stands for an id, a login or an address: the same for every spelling in small and capital letters. Of an address the domain stays, because
   * rules ask whose it is.
   */
  pseudonymOf(name: string): string;
  /** Seals a text so that the key alone opens it, and only as what it was sealed for. */
  seal(text: string, as: string): Uint8Array;
  /** Throws where it was sealed with another key, or for something else. */
  open(sealed: Uint8Array, as: string): string;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** 80 bits: among ten million people two that share one are less likely than one in ten billion. */
const LETTERS = 16;

/** Keys of their own for names, for sealing and for the check, and for every tenant. */
export function personKey(secret: Secret, tenant: string): PersonKey {
  const derived = (what: string) => Buffer.from(hkdfSync('sha256', secret.reveal(), tenant, `noctule persons ${what}`, 32));
  const [naming, sealing, check] = [derived('names'), derived('seal'), derived('check').toString('hex')];
  return {
    check,
    pseudonymOf(name) {
      const text = fold(name.trim().normalize('NFC'));
      const at = text.lastIndexOf('@');
      const domain = at > 0 && DOMAIN.test(text.slice(at + 1)) ? text.slice(at) : '';
      return `person-${base32(createHmac('sha256', naming).update(text).digest()).slice(0, LETTERS)}${domain}`;
    },
    seal(text, as) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, sealing, nonce).setAAD(Buffer.from(as));
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, as) {
      const [nonce, tag] = [sealed.subarray(0, NONCE_BYTES), sealed.subarray(-TAG_BYTES)];
      const cipher = createDecipheriv(CIPHER, sealing, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(as)).setAuthTag(tag);
      return Buffer.concat([cipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), cipher.final()]).toString('utf8');
    },
  };
}

const DOMAIN = /^[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648, in small letters and without padding. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return text;
}
