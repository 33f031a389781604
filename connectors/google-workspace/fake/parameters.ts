import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { FakeRequest } from '../../../src/testing/server.ts';
import { badParameter } from './refusals.ts';

/** Parameters that every Google API knows. Credentials in the URL are not among those that this one accepts. */
const STANDARD = ['alt', 'fields', 'prettyPrint', 'quotaUser'];

/** The query of a request that uses these parameters and no others, each at most once. */
export function query(request: FakeRequest, known: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of request.url.searchParams) {
    if (!known.includes(name) && !STANDARD.includes(name))
      throw badParameter(name, `Invalid JSON payload received. Unknown name "${name}"`);
    if (values.has(name)) throw badParameter(name, `Parameter "${name}" is given twice`);
    values.set(name, value);
  }
  return values;
}

/** Refuses a value that is none of these. */
export function oneOf<Value extends string>(name: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw badParameter(name, `Invalid value '${value}'. Allowed values: [${allowed.join(', ')}]`);
  return found;
}

export function pageSize(
  values: { get(name: string): string | null | undefined },
  { usual, largest, name = 'maxResults', above = 'refused' }: { usual: number; largest: number; name?: string; above?: string | undefined },
): number {
  const text = values.get(name) ?? String(usual);
  const size = Number(text);
  const reduced = above === 'reduced' ? Math.min(size, largest) : size;
  if (!Number.isInteger(reduced) || reduced < 1 || reduced > largest)
    throw badParameter(name, `Invalid value '${text}'. Values must be within the range: [1, ${largest}]`);
  return reduced;
}

/** Where in a list a page begins. */
export interface Place {
  /** Pages before it. */
  page: number;
  /** How far the list has been read, in the list's own terms. */
  at: readonly number[];
}

/** Google's page tokens mean something only to Google, and only together with the request that they belong to. */
export function pageToken(request: FakeRequest, { page, at }: Place): string {
  return Buffer.from(JSON.stringify([signature(request), page, ...at])).toString('base64url');
}

/** The place that the request's page token names, or the beginning. */
export function placeOf(request: FakeRequest, beginning: readonly number[]): Place {
  const token = request.url.searchParams.get('pageToken');
  if (token === null) return { page: 0, at: beginning };
  const { success, data } = tokenParts.safeParse(partsOf(token));
  if (!success || data[0] !== signature(request)) throw badParameter('pageToken', 'Invalid Input: pageToken');
  const [, page, ...at] = data;
  return { page, at };
}

/** The token that leads to the page of this very request. */
export function ownToken(request: FakeRequest, beginning: readonly number[]): string {
  return request.url.searchParams.get('pageToken') ?? pageToken(request, { page: 0, at: beginning });
}

const tokenParts = z.tuple([z.string(), z.number()], z.number());

function partsOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Everything else in the request must stay as it was on the first page. */
function signature(request: FakeRequest): string {
  const rest = [...request.url.searchParams].filter(([name]) => name !== 'pageToken').sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([request.url.pathname, rest]))
    .digest('base64url')
    .slice(0, 16);
}
