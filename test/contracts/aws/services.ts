import type { Exchange, Violation } from '../exchange.ts';
import { createValidator, type Schema } from '../schema.ts';
import description from './description.json' with { type: 'json' };

// The services of regions: REST with a path for each operation, or JSON to `/` with the operation in a header.

interface Operation {
  method: string;
  path: string;
  service: string;
  action: string;
  query: Schema;
  /** Absent = the operation takes none. */
  body?: Schema;
  result: Schema;
  errors: Readonly<Record<string, number>>;
}
interface Protocol {
  style: string;
  target?: string;
  /** Content type of requests and answers; absent = that of REST. */
  type?: string;
  signs: string;
}

const operations = description.operations as unknown as Readonly<Record<string, Operation>>;
const protocols = description.services as unknown as Readonly<Record<string, Protocol>>;
const everywhere = description.serviceErrors as Readonly<Record<string, Readonly<Record<string, number>>>>;
const validator = createValidator(description as unknown as Parameters<typeof createValidator>[0]);
const paths = Object.entries(operations)
  .filter(([, { service }]) => protocols[service]!.style === 'rest')
  .map(([id, { method, path }]) => ({ id, method, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }));

export function serviceOperationOf({ method, url, requestHeaders }: Pick<Exchange, 'method' | 'url' | 'requestHeaders'>): string | undefined {
  const target = requestHeaders['x-amz-target'];
  if (target !== undefined)
    return Object.keys(operations).find((id) => `${protocols[operations[id]!.service]!.target}.${operations[id]!.action}` === target);
  const { pathname } = new URL(url, 'http://provider.invalid');
  return paths.find((candidate) => candidate.method === method && candidate.pattern.test(pathname))?.id;
}

export function serviceViolations(exchange: Exchange, id: string): Violation[] {
  const operation = operations[id]!;
  return [...requestViolations(exchange, operation), ...answerViolations(exchange, operation)];
}

function requestViolations({ url, requestHeaders, requestBody }: Exchange, { service, query, body }: Operation): Violation[] {
  const { type, signs } = protocols[service]!;
  const headers: Record<string, RegExp> = {
    authorization: new RegExp(`^AWS4-HMAC-SHA256 Credential=\\w+/\\d{8}/[a-z0-9-]+/${signs}/aws4_request, SignedHeaders=.*host.*, Signature=`),
    'x-amz-date': /^\d{8}T\d{6}Z$/,
    ...(type !== undefined && { 'content-type': new RegExp(`^${type}$`) }),
  };
  const violations: Violation[] = Object.entries(headers)
    .filter(([name, pattern]) => !pattern.test(requestHeaders[name] ?? ''))
    .map(([name, pattern]) => ({ rule: 'request-header', where: `header.${name}`, message: `does not match ${pattern.source}` }));
  const asked = Object.fromEntries(new URL(url, 'http://provider.invalid').searchParams);
  violations.push(...validator.checkText(query, asked, 'query', 'query'));
  if (!body) return requestBody === '' ? violations : [...violations, { rule: 'request-body', where: '', message: 'The operation takes no body' }];
  return [...violations, ...validator.check(body, requestBody === '' ? {} : JSON.parse(requestBody), 'request-body')];
}

function answerViolations(exchange: Exchange, operation: Operation): Violation[] {
  const { status, responseHeaders, responseBody } = exchange;
  const { style, type: expected = 'application/json' } = protocols[operation.service]!;
  const violations: Violation[] = [];
  const type = responseHeaders['content-type'] ?? '';
  if (type !== expected) violations.push({ rule: 'response-header', where: 'header.content-type', message: `"${type}" is not ${expected}` });
  let body: unknown;
  try {
    body = JSON.parse(responseBody);
  } catch (error) {
    return [...violations, { rule: 'response-body', where: '', message: String(error) }];
  }
  if (status === 200) return [...violations, ...validator.check(operation.result, body, 'response-body'), ...pageViolations(exchange, operation, body)];
  const code = (style === 'json' ? (body as { __type?: string }).__type : responseHeaders['x-amzn-errortype']) ?? '';
  const documented = operation.errors[code] ?? everywhere[style]![code];
  if (documented === status) return violations;
  return [...violations, { rule: 'status', where: '/code', message: `${code} comes with ${documented ?? 'no'} status, not with ${status}` }];
}

const SIZES = ['maxResults', 'MaxResults', 'MaxItems', 'Limit'];

function pageViolations({ url, requestBody }: Exchange, operation: Operation, body: unknown): Violation[] {
  const asked: Record<string, unknown> = {
    ...Object.fromEntries(new URL(url, 'http://provider.invalid').searchParams),
    ...(operation.body && requestBody !== '' ? JSON.parse(requestBody) : {}),
  };
  const size = SIZES.map((name) => asked[name]).find((value) => value !== undefined);
  const rows = Object.values(body as object).find((value): value is unknown[] => Array.isArray(value))?.length ?? 0;
  if (size === undefined || rows <= Number(size)) return [];
  return [{ rule: 'page', where: '', message: `${rows} items on a page of ${String(size)}` }];
}
