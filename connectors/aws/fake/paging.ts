import { validationError } from './aws-error.ts';

interface Page<Item> {
  items: readonly Item[];
  IsTruncated: boolean;
  Marker: string | undefined;
}

/** Largest page of every list of IAM, and what it gives where nothing is asked for. */
const LARGEST = 1000;
const DEFAULT = 100;

/** In an account with more pages than this, the first page of the account's details is one entity short. */
const PAGES_BEFORE_SHORT = 5;

/**
 * The page that the request asks for. `short: true` serves what IAM reserves the right to do:
 * a page with fewer items than asked for, and more to come.
 */
export function pageOf<Item>(items: readonly Item[], parameters: URLSearchParams, options: { short?: boolean } = {}): Page<Item> {
  const size = sizeOf(parameters);
  const marker = parameters.get('Marker');
  const from = marker === null ? 0 : offsetOf(marker, items.length);
  const isShort = options.short === true && marker === null && Math.ceil(items.length / size) > PAGES_BEFORE_SHORT;
  const to = from + size - (isShort ? 1 : 0);
  const more = to < items.length;
  return { items: items.slice(from, to), IsTruncated: more, Marker: more ? markerOf(to) : undefined };
}

/** How many requests read that many items with `pageOf` and `short`. */
export function requestsToRead(total: number, size: number): number {
  const pages = Math.max(1, Math.ceil(total / size));
  return pages > PAGES_BEFORE_SHORT ? 1 + Math.ceil((total - size + 1) / size) : pages;
}

/** How many of them are there only because a page was short. */
export function pagesBeyondSize(total: number, size: number): number {
  return requestsToRead(total, size) - Math.max(1, Math.ceil(total / size));
}

/** Opaque to the reader. */
export function markerOf(offset: number): string {
  return Buffer.from(`{"marker":${offset}}`).toString('base64');
}

function offsetOf(marker: string, length: number): number {
  const found = /^\{"marker":(\d+)\}$/.exec(Buffer.from(marker, 'base64').toString('latin1'));
  const offset = Number(found?.[1]);
  if (!found || offset > length) throw validationError('Invalid Marker.');
  return offset;
}

function sizeOf(parameters: URLSearchParams): number {
  const asked = parameters.get('MaxItems');
  if (asked === null) return DEFAULT;
  const size = Number(asked);
  if (Number.isInteger(size) && size >= 1 && size <= LARGEST) return size;
  const bound = size > LARGEST ? `less than or equal to ${LARGEST}` : 'greater than or equal to 1';
  throw validationError(
    `1 validation error detected: Value '${asked}' at 'maxItems' failed to satisfy constraint: Member must have value ${bound}`,
  );
}
