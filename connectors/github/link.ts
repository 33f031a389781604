import { ProviderFault } from '../../src/connector/index.ts';

/**
 * The address of the next page, from the `Link` header alone; null = this was the last page.
 * The SDK would send the credential to any host that the header names, so only the addresses of this very list are followed.
 */
export function nextPage(link: string | undefined, allowed: { baseUrl: string; paths: readonly string[] }): string | null {
  const target = targetOf(link ?? '', 'next');
  if (target === undefined) return null;
  const base = new URL(allowed.baseUrl);
  const url = URL.canParse(target, allowed.baseUrl) ? new URL(target, allowed.baseUrl) : undefined;
  if (!url || url.origin !== base.origin || url.username !== '' || url.password !== '')
    throw new ProviderFault('The next page lies on another host; nothing was sent there', { reason: 'truncated' });
  const prefix = base.pathname.replace(/\/$/, '');
  const known = allowed.paths.some((path) => `${prefix}${path}`.toLowerCase() === url.pathname.toLowerCase());
  if (!known) throw new ProviderFault('The next page belongs to another list', { reason: 'truncated' });
  return url.href;
}

/** The target of one relation: `<https://…?page=2>; rel="next", <https://…?page=9>; rel="last"`. RFC 8288, section 3. */
export function targetOf(link: string, relation: string): string | undefined {
  for (const [, target, parameters] of link.matchAll(/<([^>]*)>([^<]*)/g)) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(parameters!);
    if ((relations?.[1] ?? relations?.[2] ?? '').toLowerCase().split(/\s+/).includes(relation)) return target!;
  }
  return undefined;
}
