import { NAMES } from '../catalog/match.ts';
import { fold } from '../text/fold.ts';
import type { Fact } from './integration.ts';

/** What an app says of itself, now or earlier: the part of a fact that an indicator is held against. */
type Said = Pick<Fact, 'subject' | 'signals'>;

/** An indicator of compromise, as it was published and as it is looked for. */
export interface Indicator {
  given: string;
  /** In lower case, the most literal first: as a whole, then the host of an address, or the account of an ARN. */
  forms: readonly string[];
}

/** Indicators are published so that nobody opens them by mistake, as addresses of pages, and with a role around an account. */
export function indicatorOf(text: string): Indicator {
  const given = text.trim();
  const whole = withoutFinalDot(fold(refanged(given)).replace(/^mailto:/, ''));
  return { given, forms: [...new Set([whole, reduced(whole)])] };
}

function refanged(text: string): string {
  return text
    .replace(/\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)/gi, '.')
    .replace(/\[(:|:\/\/|\/)\]/g, '$1')
    .replace(/\[@\]|\[at\]/gi, '@')
    .replace(/^h(?:xx|\*\*)p(s?):/i, 'http$1:');
}

function reduced(whole: string): string {
  const account = /^arn:[a-z-]+:[^:]*:[^:]*:(\d{12}):/.exec(whole)?.[1];
  if (account !== undefined) return account;
  const host = withoutFinalDot(hostOf(whole));
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//.test(whole) || /^[^/?#@\s]+[/:?#]/.test(whole);
  return isAddress && isDomain(host) ? host : whole;
}

function withoutFinalDot(text: string): string {
  return text.replace(/\.$/, '');
}

/**
 * By what an indicator names an app: its id, or a signal of it. A display name never counts: whoever is found out
 * takes another one. Undefined = it does not name it.
 */
export function namedBy({ forms }: Indicator, { subject, signals }: Said): string | undefined {
  const isMeant = (text: string) => forms.includes(fold(text));
  if (isMeant(subject.app)) return 'id of the app';
  if (subject.credential !== undefined && isMeant(subject.credential)) return 'id of the credential';
  const domains = forms.filter(isDomain);
  const found = signals.find(
    ({ type, value }) =>
      !NAMES.has(type) && (isMeant(value) || (HOSTS.has(type) && domains.some((domain) => isWithin(hostOf(value), domain)))),
  );
  return found?.type.replaceAll('_', ' ');
}

/** Signals that are a host, an address or an e-mail address. An id that reads like a domain is whole or it is another one. */
const HOSTS: ReadonlySet<string> = new Set(['domain', 'home_page', 'webhook_host', 'oidc_issuer', 'mcp_server', 'commit_email']);

/** Is it written like a domain? Some ids of apps are, too. */
export function isDomain(text: string): boolean {
  return /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/i.test(text);
}

/** The host of a host, an address or an e-mail address. */
function hostOf(value: string): string {
  return fold(/^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/?#@\s]*@)?([^/:?#\s]*)/i.exec(value)?.[1] ?? '');
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}
