import { NAMES } from '../catalog/match.ts';
import type { Fact } from './integration.ts';

/** What an app says of itself, now or earlier: the part of a fact that an indicator is held against. */
type Said = Pick<Fact, 'subject' | 'signals'>;

/**
 * By what an indicator of compromise names an app: its id, or a signal of it. A display name never counts: whoever is found out
 * takes another one. Undefined = it does not name it.
 */
export function namedBy(indicator: string, { subject, signals }: Said): string | undefined {
  const wanted = indicator.trim().toLowerCase();
  if (subject.app.toLowerCase() === wanted) return 'id of the app';
  if (subject.credential?.toLowerCase() === wanted) return 'id of the credential';
  const domain = isDomain(wanted);
  const found = signals.find(
    ({ type, value }) => !NAMES.has(type) && (value.toLowerCase() === wanted || (domain && isWithin(hostOf(value), wanted))),
  );
  return found?.type.replaceAll('_', ' ');
}

/** Is it written like a domain? A client id of Google is, too, and its own domain is nobody's indicator. */
export function isDomain(text: string): boolean {
  return /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/i.test(text);
}

/** The host of a host, an address or an e-mail address. */
function hostOf(value: string): string {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/?#@\s]*@)?([^/:?#\s]*)/i.exec(value)?.[1]?.toLowerCase() ?? '';
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}
