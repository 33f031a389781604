import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { AwsError } from './aws-error.ts';
import type { World } from './model.ts';
import type { Organization } from './organization.ts';
import { markerOf } from './paging.ts';
import type { Region } from './regions.ts';

/** `rest`: a method and a path for each operation. `json`: all to `/`, told apart by a header. */
export interface ServiceRoute {
  operation: string;
  protocol: 'rest' | 'json';
  method: 'GET' | 'POST';
  path: string;
  /** What policies call the operation. */
  permission: string;
  answer(call: ServiceCall): Json;
  /** Name of the member under which a list says where it goes on; absent = it has no pages. */
  next?: string;
  /** Items in a region, for the cost of reading them. */
  count?(region: Region): number;
}

export type Json = Readonly<Record<string, unknown>>;

export interface ServiceCall {
  world: World;
  organization: Organization;
  region: Region;
  request: FakeRequest;
  /** Members of the request, from body and query alike. */
  input: Json;
}

export const seconds = (date: Date) => date.getTime() / 1000;
export const iso = (date: Date) => date.toISOString();

interface Page {
  size: string;
  token: string;
  items: string;
  largest: number;
  next?: string;
}
export type At = { account: string; region: string };

export function PAGE(items: string, largest: number): Page {
  return { size: 'maxResults', token: 'nextToken', items, largest };
}

export function BIG_PAGE(items: string, largest: number): Page {
  return { size: 'MaxResults', token: 'NextToken', items, largest };
}

export function rest(operation: string, prefix: string, method: 'GET' | 'POST', path: string) {
  const permission = `${prefix}:${operation.slice(operation.indexOf('.') + 1)}`;
  return { operation, protocol: 'rest', method, path, permission } as const;
}

export function list<Item>(
  operation: string,
  prefix: string,
  method: 'GET' | 'POST',
  path: string,
  page: Page,
  of: (region: Region) => readonly Item[],
  row: (item: Item, at: At) => unknown,
): ServiceRoute {
  return {
    ...rest(operation, prefix, method, path),
    protocol: path === '/' ? 'json' : 'rest',
    next: page.next ?? page.token,
    count: (region) => of(region).length,
    answer: ({ world, region, input }) =>
      paged(of(region), input, page, (item) => row(item, { account: world.account, region: region.name })),
  };
}

export function paged<Item>(all: readonly Item[], input: Json, page: Page, row: (item: Item) => unknown): Json {
  const size = Number(input[page.size] ?? page.largest);
  if (!Number.isInteger(size) || size < 1 || size > page.largest)
    throw new AwsError(400, 'ValidationException', `${page.size} is out of bounds`);
  const token = input[page.token];
  const from = typeof token === 'string' ? offsetOf(token) : 0;
  const to = from + size;
  return {
    [page.items]: all.slice(from, to).map(row),
    ...(to < all.length && { [page.next ?? page.token]: markerOf(to) }),
  };
}

function offsetOf(token: string): number {
  const offset = /^\{"marker":(\d+)\}$/.exec(Buffer.from(token, 'base64').toString('latin1'))?.[1];
  if (offset === undefined) throw new AwsError(400, 'ValidationException', 'Invalid token');
  return Number(offset);
}

export function found<Item>(item: Item | undefined): Item {
  if (!item) throw new AwsError(404, 'ResourceNotFoundException', 'The resource does not exist.');
  return item;
}

/** The same answer, whose next page is this same page; undefined = it has no pages. */
export function serviceLoop(route: ServiceRoute, good: FakeAnswer, call: { input: Json }): FakeAnswer | undefined {
  if (route.next === undefined || good.status !== 200) return undefined;
  const own = call.input[route.next === 'NextMarker' ? 'Marker' : route.next];
  return { ...good, body: { ...(good.body as Json), [route.next]: own ?? markerOf(0) } };
}

export function inputOf(request: FakeRequest): Json {
  const body = request.body === '' ? {} : (JSON.parse(request.body) as Json);
  const query = Object.fromEntries(request.url.searchParams);
  return { ...query, ...body };
}

/** A status in the words of these services: JSON says nearly everything with 400. */
export function serviceRefusal(status: number, { operation, protocol, permission }: ServiceRoute, caller: { arn: string }): AwsError {
  // Some services of JSON have statuses like those of REST.
  const likeRest = protocol === 'rest' || /^(?:sso-admin|identitystore|marketplace-agreement)\./.test(operation);
  const of = (rest: number, json: number, code: string, message: string) => new AwsError(likeRest ? rest : json, code, message);
  if (status === 401)
    return new AwsError(
      protocol === 'rest' ? 403 : 400,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  if (status === 403)
    // The services of JSON for which AWS documents another status.
    return of(
      403,
      /^(?:ecs|organizations)\./.test(operation) ? 403 : 400,
      'AccessDeniedException',
      `User: ${caller.arn} is not authorized to perform: ${permission} on resource: *`,
    );
  if (status === 404) return of(404, 400, 'ResourceNotFoundException', 'The resource does not exist.');
  if (status === 429) return of(429, 400, 'ThrottlingException', 'Rate exceeded');
  if (status === 503) return new AwsError(503, 'ServiceUnavailable', 'Service is unable to handle request.');
  return new AwsError(500, 'InternalFailure', 'The request processing has failed because of an unknown error, exception or failure.');
}

export function serviceAnswer(route: ServiceRoute, body: Json): FakeAnswer {
  return { status: 200, headers: { 'content-type': typeOf(route) }, body };
}

/** Two of them speak the older JSON. */
function typeOf({ protocol, operation }: ServiceRoute): string {
  if (protocol === 'rest') return 'application/json';
  return `application/x-amz-json-${/^(?:marketplace-agreement|cloudwatch)\./.test(operation) ? '1.0' : '1.1'}`;
}

export function serviceError(route: ServiceRoute, { status, code, message }: AwsError): FakeAnswer {
  if (route.protocol === 'rest')
    return { status, headers: { 'content-type': 'application/json', 'x-amzn-errortype': code }, body: { message } };
  return { status, headers: { 'content-type': typeOf(route) }, body: { __type: code, message } };
}
