import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import type { Listing } from './world.ts';

/** One page of a list, and GitHub's `Link` header to the others where there are others. */
export interface Page<Row> {
  rows: Row[];
  headers: Record<string, string>;
}

/** `path` is where the other pages are: for members, GitHub leads on to another address than the one that it was asked at. */
export function pageOf<Row>(request: FakeRequest, listing: Listing<Row>, path = request.url.pathname): Page<Row> {
  for (const name of request.url.searchParams.keys())
    if (!PARAMETERS.has(name)) throw new Error(`This GitHub would ignore ?${name}=, and answer more than was asked for`);
  // GitHub clamps where one would expect a refusal.
  const perPage = Math.min(100, wholeNumber(request.url.searchParams.get('per_page')) ?? 30);
  const page = wholeNumber(request.url.searchParams.get('page')) ?? 1;
  const last = Math.max(1, Math.ceil(listing.size / perPage));
  const rows: Row[] = [];
  for (let index = (page - 1) * perPage; index < Math.min(page * perPage, listing.size); index++) rows.push(listing.at(index));
  const links = [
    ...(page > 1 ? [link(request, path, Math.min(page - 1, last), 'prev')] : []),
    ...(page < last ? [link(request, path, page + 1, 'next'), link(request, path, last, 'last')] : []),
    ...(page > 1 ? [link(request, path, 1, 'first')] : []),
  ];
  return { rows, headers: last > 1 ? { link: links.join(', ') } : {} };
}

const PARAMETERS = new Set(['page', 'per_page', 'role']);

function link(request: FakeRequest, path: string, page: number, rel: string): string {
  const url = new URL(request.url);
  url.pathname = path;
  url.searchParams.set('page', String(page));
  return `<${url.href}>; rel="${rel}"`;
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

const LISTS = /^\/(orgs|organizations)\/[^/]+\/|^\/app\/installations$/;
const NEXT = /<([^>]*)>; rel="next"/;

/** A good answer whose next page is itself, or lies on a host that is none of GitHub's. */
export function misdirect(answer: FakeAnswer, request: FakeRequest, how: 'self' | 'foreign'): FakeAnswer | undefined {
  if (answer.status !== 200 || !LISTS.test(request.url.pathname)) return undefined;
  const links = answer.headers?.link ?? '';
  const target = new URL(how === 'self' ? request.url : (NEXT.exec(links)?.[1] ?? request.url));
  if (how === 'foreign') target.host = '127.0.0.2:9';
  const others = links.split(', ').filter((entry) => entry !== '' && !NEXT.test(entry));
  return { ...answer, headers: { ...answer.headers, link: [`<${target.href}>; rel="next"`, ...others].join(', ') } };
}
