import { hexadecimal } from './ids.ts';

/** What the query protocol can say. An empty list is an empty element; undefined is no element at all, and readers must tell them apart. */
type Wire = string | number | boolean | Date | undefined | readonly Wire[] | ReadonlyMap<string, number> | Fields;
export interface Fields {
  readonly [name: string]: Wire;
}

const NAMESPACES = {
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
} as const;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export type Service = keyof typeof NAMESPACES;

interface XmlAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export function resultAnswer(service: Service, action: string, result: Fields, ordinal: number): XmlAnswer {
  const requestId = requestIdOf(ordinal);
  const body = elements({ [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } });
  return answer(200, requestId, `<${action}Response xmlns="${NAMESPACES[service]}">${body}</${action}Response>`);
}

export function errorAnswer(service: Service, error: { status: number; code: string; message: string }, ordinal: number): XmlAnswer {
  const requestId = requestIdOf(ordinal);
  const type = error.status < 500 ? 'Sender' : 'Receiver';
  const body = elements({ Error: { Type: type, Code: error.code, Message: error.message }, RequestId: requestId });
  return answer(error.status, requestId, `<ErrorResponse xmlns="${NAMESPACES[service]}">${body}</ErrorResponse>`);
}

function answer(status: number, requestId: string, body: string): XmlAnswer {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

function elements(fields: Fields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => element(name, value))
    .join('');
}

function element(name: string, value: Wire): string {
  const content = contentOf(value);
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

function contentOf(value: Wire): string {
  if (value instanceof Date) return timestamp(value);
  if (isMap(value)) return [...value].map(([key, number]) => element('entry', { key, value: number })).join('');
  if (isList(value)) return value.map((item) => element('member', item)).join('');
  if (typeof value === 'object') return elements(value);
  return String(value).replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

function isMap(value: Wire): value is ReadonlyMap<string, number> {
  return value instanceof Map;
}

function isList(value: Wire): value is readonly Wire[] {
  return Array.isArray(value);
}

/** Whole seconds, as IAM writes them. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

function requestIdOf(ordinal: number): string {
  const hex = hexadecimal(32, 'request', ordinal);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
