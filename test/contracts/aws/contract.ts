import type { Contract, Exchange, Violation } from '../exchange.ts';
import { createValidator, type Schema } from '../schema.ts';
import description from './description.json' with { type: 'json' };
import { parametersOf, valueOf } from './query-protocol.ts';
import { serviceOperationOf, serviceViolations } from './services.ts';
import { parseXml, type XmlElement } from './xml.ts';

interface Operation {
  service: 'iam' | 'sts';
  action: string;
  query: Schema;
  form: Schema;
  result: Schema;
  /** Status by code. */
  errors: Readonly<Record<string, number>>;
}

const operations = description.operations as unknown as Readonly<Record<string, Operation>>;
const services: Readonly<Record<Operation['service'], { version: string; namespace: string }>> = description.services;

/** IAM and STS take forms and answer with XML; everything else speaks JSON. */
function isForm(id: string): boolean {
  return 'form' in operations[id]!;
}

const everywhere: Readonly<Record<string, number>> = description.errors;
const validator = createValidator(description as unknown as Parameters<typeof createValidator>[0]);

/** Items of a page where the request names no number. */
const DEFAULT_PAGE = 100;

export const aws: Contract = {
  operations: Object.keys(operations),
  operationOf({ method, url, requestHeaders, requestBody }) {
    const service = serviceOperationOf({ method, url, requestHeaders });
    if (service !== undefined) return service;
    if (method !== 'POST' || new URL(url, 'http://provider.invalid').pathname !== '/') return undefined;
    const action = new URLSearchParams(requestBody).get('Action');
    return Object.keys(operations).find((id) => isForm(id) && operations[id]!.action === action);
  },
  check: (exchange, id) =>
    isForm(id)
      ? [...requestViolations(exchange, operations[id]!), ...answerViolations(exchange, operations[id]!)]
      : serviceViolations(exchange, id),
};

function requestViolations({ url, requestHeaders, requestBody }: Exchange, { service, form, query }: Operation): Violation[] {
  const violations: Violation[] = [];
  const headers: Record<string, RegExp> = {
    'content-type': /^application\/x-www-form-urlencoded/,
    authorization: new RegExp(
      `^AWS4-HMAC-SHA256 Credential=\\w+/\\d{8}/[a-z0-9-]+/${service}/aws4_request, SignedHeaders=.*host.*, Signature=`,
    ),
    'x-amz-date': /^\d{8}T\d{6}Z$/,
  };
  for (const [name, pattern] of Object.entries(headers)) {
    if (pattern.test(requestHeaders[name] ?? '')) continue;
    violations.push({ rule: 'request-header', where: `header.${name}`, message: `does not match ${pattern.source}` });
  }
  violations.push(
    ...validator.checkText(query, Object.fromEntries(new URL(url, 'http://provider.invalid').searchParams), 'query', 'query'),
  );
  const { Action: _action, Version, ...parameters } = parametersOf(new URLSearchParams(requestBody));
  if (Version !== services[service].version)
    violations.push({ rule: 'request-body', where: '/Version', message: `${String(Version)} is not ${services[service].version}` });
  return [...violations, ...validator.checkText(form, parameters, 'request-body', '')];
}

function answerViolations(exchange: Exchange, operation: Operation): Violation[] {
  const type = exchange.responseHeaders['content-type'] ?? '';
  const violations: Violation[] = [];
  if (!/^(text|application)\/xml(;|$)/.test(type))
    violations.push({ rule: 'response-header', where: 'header.content-type', message: `"${type}" is not XML` });
  let root: XmlElement;
  try {
    root = parseXml(exchange.responseBody);
  } catch (error) {
    return [...violations, { rule: 'response-body', where: '', message: (error as Error).message }];
  }
  const { namespace } = services[operation.service];
  if (root.attributes['xmlns'] !== namespace)
    violations.push({ rule: 'response-body', where: '/xmlns', message: `${root.attributes['xmlns']} is not ${namespace}` });
  const judged = exchange.status === 200 ? resultViolations(exchange, root, operation) : errorViolations(exchange, root, operation);
  return [...violations, ...judged];
}

/** Around every result, beside the metadata that every answer has. */
function envelopeOf({ action }: Operation, result: Schema): Schema {
  return closed({ [`${action}Result`]: result, ResponseMetadata: closed({ RequestId: { type: 'string', minLength: 1 } }) });
}

const ERROR = closed({
  Error: {
    ...closed({ Type: { enum: ['Sender', 'Receiver'] }, Code: { type: 'string' }, Message: { type: 'string' } }),
    required: ['Type', 'Code'],
  },
  RequestId: { type: 'string', minLength: 1 },
});

function closed(properties: Readonly<Record<string, Schema>>): Exclude<Schema, boolean> {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

const envelopes = new Map<Operation, Schema>();

function resultViolations(exchange: Exchange, root: XmlElement, operation: Operation): Violation[] {
  if (root.name !== `${operation.action}Response`)
    return [{ rule: 'response-body', where: '', message: `<${root.name}> is not <${operation.action}Response>` }];
  const envelope = envelopes.get(operation) ?? envelopeOf(operation, operation.result);
  envelopes.set(operation, envelope);
  const value = valueOf(root, envelope, validator) as Record<string, Record<string, unknown>>;
  const violations = validator.check(envelope, value, 'response-body');
  if (violations.length > 0) return violations;
  return [...documentViolations(root), ...pageViolations(exchange, value[`${operation.action}Result`]!)];
}

function errorViolations({ status }: Exchange, root: XmlElement, operation: Operation): Violation[] {
  const value = valueOf(root, ERROR, validator) as { Error?: { Code?: string; Type?: string } };
  const violations = root.name === 'ErrorResponse' ? validator.check(ERROR, value, 'error-body') : [];
  if (root.name !== 'ErrorResponse') violations.push({ rule: 'error-body', where: '', message: `<${root.name}> is not <ErrorResponse>` });
  const code = value.Error?.Code ?? '';
  const documented = operation.errors[code] ?? everywhere[code];
  if (documented !== status)
    violations.push({
      rule: 'status',
      where: '/Error/Code',
      message: `${code} comes with ${documented ?? 'no'} status, not with ${status}`,
    });
  if (value.Error?.Type !== (status < 500 ? 'Sender' : 'Receiver'))
    violations.push({ rule: 'error-body', where: '/Error/Type', message: `${value.Error?.Type} under status ${status}` });
  return violations;
}

const DOCUMENTS = new Set(['AssumeRolePolicyDocument', 'PolicyDocument', 'Document']);

/** Policy documents are JSON, URL-encoded by RFC 3986: the SDK says so in the comments of these members. */
function documentViolations(element: XmlElement): Violation[] {
  if (!DOCUMENTS.has(element.name)) return element.children.flatMap(documentViolations);
  try {
    if (element.text.includes('{')) throw new Error('is not encoded');
    JSON.parse(decodeURIComponent(element.text));
    return [];
  } catch (error) {
    return [{ rule: 'response-body', where: `/${element.name}`, message: (error as Error).message }];
  }
}

function pageViolations({ requestBody }: Exchange, result: Record<string, unknown>): Violation[] {
  if (!('IsTruncated' in result)) return [];
  const violations: Violation[] = [];
  const size = Number(new URLSearchParams(requestBody).get('MaxItems') ?? DEFAULT_PAGE);
  const rows = Object.values(result).reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 0), 0);
  if (rows > size) violations.push({ rule: 'page', where: '', message: `${rows} items on a page of ${size}` });
  if (result['IsTruncated'] !== 'Marker' in result)
    violations.push({ rule: 'page', where: '/Marker', message: 'A marker comes with a truncated list, and only with one' });
  return violations;
}
