import { isLoopback } from '../http/guarded-fetch.ts';

/**
 * May credentials be sent there? Over https, or to a server on this machine; and never an address that holds a password,
 * because it would be printed wherever the address is.
 */
export function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

/** A server on this machine: a simulated provider. */
export function isLoopbackAddress(text: string): boolean {
  return isSafeAddress(text) && isLoopback(new URL(text));
}
