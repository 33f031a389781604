import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import type { Listing } from './listing.ts';
import { repeatedPage } from './queries.ts';

/** One page of a list, and GitHub's `Link` header to the others where there are others. */
export interface Page<Row> {
  rows: Row[];
  headers: Record<string, string>;
}

export interface Paging {
  /** Where the other pages are: for members, GitHub leads on to another address than the one that it was asked at. */
  next?: string;
  largest?: number;
  /** What names a page: its number, or a cursor that means nothing to anybody else. */
  by?: 'page' | 'after';
}

export function pageOf<Row>(
  request: FakeRequest,
  listing: Listing<Row>,
  { next: path = request.url.pathname, largest = 100, by = 'page' }: Paging = {},
): Page<Row> {
  for (const name of request.url.searchParams.keys())
    if (!PARAMETERS.has(name)) throw new Error(`This GitHub would ignore ?${name}=, and answer more than was asked for`);
  // GitHub clamps where one would expect a refusal.
  const perPage = Math.min(largest, wholeNumber(request.url.searchParams.get('per_page')) ?? 30);
  const page = wholeNumber(request.url.searchParams.get(by)?.replace(/^cursor-/, '') ?? null) ?? 1;
  const named = (number: number) => (by === 'page' ? String(number) : `cursor-${number}`);
  const last = Math.max(1, Math.ceil(listing.size / perPage));
  const rows: Row[] = [];
  for (let index = (page - 1) * perPage; index < Math.min(page * perPage, listing.size); index++) rows.push(listing.at(index));
  const links = [
    ...(page > 1 ? [link(request, path, [by, named(Math.min(page - 1, last))], 'prev')] : []),
    ...(page < last ? [link(request, path, [by, named(page + 1)], 'next'), link(request, path, [by, named(last)], 'last')] : []),
    ...(page > 1 ? [link(request, path, [by, named(1)], 'first')] : []),
  ];
  return { rows, headers: last > 1 ? { link: links.join(', ') } : {} };
}

const PARAMETERS = new Set(['after', 'direction', 'hide_secret', 'include', 'page', 'per_page', 'phrase', 'role', 'sort']);

function link(request: FakeRequest, path: string, [by, page]: readonly [by: string, page: string], rel: string): string {
  const url = new URL(request.url);
  url.pathname = path;
  url.searchParams.set(by, page);
  return `<${url.href}>; rel="${rel}"`;
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

const LISTS = /^(\/api\/v3)?(\/(enterprises|orgs|organizations|repos|repositories)\/[^/]+\/|\/app\/installations$)/;
const NEXT = /<([^>]*)>; rel="next"/;

/** A good answer whose next page is itself, or lies on a host that is none of GitHub's. */
export function misdirect(answer: FakeAnswer, request: FakeRequest, how: 'self' | 'foreign'): FakeAnswer | undefined {
  if (answer.status === 200 && request.url.pathname.endsWith('/graphql')) return how === 'self' ? repeatedPage(answer, request) : undefined;
  if (answer.status !== 200 || !LISTS.test(request.url.pathname)) return undefined;
  const links = answer.headers?.link ?? '';
  const target = new URL(how === 'self' ? request.url : (NEXT.exec(links)?.[1] ?? request.url));
  if (how === 'foreign') target.host = '127.0.0.2:9';
  const others = links.split(', ').filter((entry) => entry !== '' && !NEXT.test(entry));
  return { ...answer, headers: { ...answer.headers, link: [`<${target.href}>; rel="next"`, ...others].join(', ') } };
}
