import { guardedFetch, isLoopback, TransportFault, type GuardedAnswer } from '../http/guarded-fetch.ts';
import type { Reach } from '../http/reach.ts';
import { NotifyError } from './notifier.ts';

export interface Posting {
  url: string;
  reach: Reach;
  headers: Readonly<Record<string, string>>;
  body: string;
  signal: AbortSignal;
}

/** An answer says that it was accepted, and nothing else is wanted of it. */
const LIMITS = { bytes: 64 * 1024, milliseconds: 30_000 };

/** Posts a notice once: over https, save on this machine, to no private place that nobody allowed, and without following a redirect. */
export async function post({ url, reach, headers, body, signal }: Posting): Promise<void> {
  const address = addressOf(url);
  const answer = await guardedFetch({ url: address, method: 'POST', headers: new Headers(headers), body, signal, reach }, LIMITS).catch(
    (error: unknown) => {
      if (!(error instanceof TransportFault)) throw error;
      throw new NotifyError(error.kind === 'out_of_reach' ? 'refused' : 'busy', error.message, { cause: error });
    },
  );
  refuseUnaccepted(answer, address.host);
}

/** The address of an incoming webhook is a secret: it is not quoted. */
function addressOf(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const secure = address?.protocol === 'https:' || (address?.protocol === 'http:' && isLoopback(address));
  if (!address || !secure || address.username !== '' || address.password !== '')
    throw new NotifyError('refused', 'The address is none that begins with https:// and holds no password');
  return address;
}

function refuseUnaccepted({ status, headers }: GuardedAnswer, host: string): void {
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400) throw new NotifyError('refused', `${host} answers with a redirect (${status}), which is not followed`);
  const seconds = Number(headers.get('retry-after'));
  const later = status === 408 || status === 425 || status === 429 || status >= 500;
  throw new NotifyError(later ? 'busy' : 'refused', `${host} answers with ${status}`, {
    ...(later && Number.isFinite(seconds) && seconds > 0 && { retryAfterMs: seconds * 1000 }),
  });
}
