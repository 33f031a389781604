import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { masked, type Shape } from './mask.ts';
import { pageSize, pageToken, placeOf } from './parameters.ts';

/** A short list begins with its first row. */
export const FIRST_ROW = [0] as const;

export interface ShortList {
  /** The field that holds the rows. Google leaves it out where there are none. */
  field: string;
  shape: Shape;
  /** What the query calls the size of a page. */
  sizeParameter?: 'maxResults' | 'pageSize';
  usual: number;
  largest: number;
  /** A page size over the largest: refused, or quietly reduced. */
  above?: 'refused' | 'reduced';
  /** What else stands beside the rows. */
  beside?: Record<string, unknown>;
}

/** One page of rows that fit into memory. */
export function answerRows(
  rows: readonly (Record<string, unknown> | string)[],
  request: FakeRequest,
  values: ReadonlyMap<string, string>,
  list: ShortList,
): FakeAnswer {
  const size = pageSize(values, { usual: list.usual, largest: list.largest, name: list.sizeParameter ?? 'maxResults', above: list.above });
  const place = placeOf(request, FIRST_ROW);
  const from = place.at[0]!;
  const page = rows.slice(from, from + size);
  const more = from + size < rows.length;
  const body = {
    ...list.beside,
    ...(page.length > 0 && { [list.field]: page }),
    ...(more && { nextPageToken: pageToken(request, { page: place.page + 1, at: [from + size] }) }),
  };
  return { status: 200, body: masked(body, values.get('fields'), list.shape) };
}
