import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';

/** What the Query protocol can say; undefined = no element, an empty list = an empty element. */
export type Wire = string | number | boolean | Date | undefined | readonly Wire[] | { readonly [name: string]: Wire };
export type Fields = Readonly<Record<string, Wire>>;

const NAMESPACES = { iam: 'https://iam.amazonaws.com/doc/2010-05-08/', sts: 'https://sts.amazonaws.com/doc/2011-06-15/' } as const;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const REQUEST_ID = '5f1c9a52-0d6b-4c1f-9a3e-7b2d8e4c6a10';

/** A reply of IAM or STS. */
export function xml(operation: string, result: Fields): FakeAnswer {
  const [service, action] = operation.split('.') as [keyof typeof NAMESPACES, string];
  const body = elements({ [`${action}Result`]: result, ResponseMetadata: { RequestId: REQUEST_ID } });
  return answer(200, `<${action}Response xmlns="${NAMESPACES[service]}">${body}</${action}Response>`);
}

/** A refusal of IAM or STS. */
export function xmlError(status: number, code: string, message = 'Refused'): FakeAnswer {
  const error = elements({ Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message }, RequestId: REQUEST_ID });
  return answer(status, `<ErrorResponse xmlns="${NAMESPACES.iam}">${error}</ErrorResponse>`);
}

export function json(body: unknown): FakeAnswer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

/** A refusal of a service that speaks REST-JSON. */
export function restError(status: number, code: string, message = 'Refused'): FakeAnswer {
  return { status, headers: { 'content-type': 'application/json', 'x-amzn-errortype': code }, body: { message } };
}

/** A refusal of a service that speaks JSON 1.1. */
export function jsonError(status: number, code: string, message = 'Refused'): FakeAnswer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: { __type: code, message } };
}

/** A member of a form body. */
export function formOf(request: { body: string }): URLSearchParams {
  return new URLSearchParams(request.body);
}

export function inputOf(request: FakeRequest): Record<string, unknown> {
  return { ...Object.fromEntries(request.url.searchParams), ...(request.body === '' ? {} : (JSON.parse(request.body) as object)) };
}

/** The region that a request was signed for. */
export function regionOf(request: Pick<FakeRequest, 'headers'>): string {
  return /\/\d{8}\/([\w-]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/** The id of the access key that a request was signed with. */
export function signerOf(request: Pick<FakeRequest, 'headers'>): string {
  return /Credential=(\w+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

function answer(status: number, body: string): FakeAnswer {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': REQUEST_ID }, body };
}

function elements(fields: Fields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${name}>${contentOf(value)}</${name}>`)
    .join('');
}

function contentOf(value: Wire): string {
  if (value instanceof Date) return value.toISOString().replace(/\.\d+Z$/, 'Z');
  if (Array.isArray(value)) return value.map((item: Wire) => `<member>${contentOf(item)}</member>`).join('');
  if (typeof value === 'object') return elements(value as Fields);
  return String(value).replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
