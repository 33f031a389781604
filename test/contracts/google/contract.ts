import type { Contract, Exchange, Violation } from '../exchange.ts';
import { jsonBody, rowsOf } from '../json-body.ts';
import { createLocator, fieldsOf, splitUrl } from '../location.ts';
import { createValidator, type Schema } from '../schema.ts';
import description from './description.json' with { type: 'json' };
import { maskedSchema, parseMask } from './mask.ts';

interface Operation {
  method: string;
  path: string;
  query: Exclude<Schema, boolean>;
  responses: { 200: Schema };
  errors?: Schema;
  form?: Schema;
  /** Of the signed assertion in the form. */
  claims?: Schema;
  longestLife?: number;
}

const operations = description.operations as unknown as Readonly<Record<string, Operation>>;
const validator = createValidator(description as unknown as Parameters<typeof createValidator>[0]);
const locate = createLocator(operations);
const masks = new Map<string, Schema>();

const ERRORS = new Set([400, 401, 403, 404, 410, 412, 429, 500, 502, 503, 504]);

export const google: Contract = {
  operations: Object.keys(operations),
  operationOf: (exchange) => locate(exchange.method, splitUrl(exchange).path),
  check(exchange, id) {
    const operation = operations[id]!;
    const { query } = splitUrl(exchange);
    const violations = validator.checkText(operation.query, query, 'query', 'query');
    violations.push(...(operation.form ? formViolations(exchange, operation) : headerViolations(exchange)));
    let answer: Schema = operation.responses[200];
    try {
      answer = underMask(id, answer, query['fields']);
    } catch (error) {
      violations.push({ rule: 'query', where: 'query/fields', message: (error as Error).message });
    }
    return [...violations, ...pageMaskViolations(operation, answer), ...answerViolations(exchange, operation, answer)];
  },
};

/** An answer under a mask holds nothing else: a simulated server that ignores masks would hide what the real one leaves out. */
function underMask(id: string, schema: Schema, fields: string | string[] | undefined): Schema {
  if (typeof fields !== 'string') return schema;
  const key = `${id} ${fields}`;
  const masked = masks.get(key) ?? maskedSchema(schema, parseMask(fields), validator);
  masks.set(key, masked);
  return masked;
}

/** Without its `nextPageToken` a list of many pages looks like one of a single page. */
function pageMaskViolations({ query }: Operation, answer: Schema): Violation[] {
  const masked = validator.resolve(answer);
  if (!query.properties?.['pageToken'] || typeof masked === 'boolean' || masked.properties?.['nextPageToken']) return [];
  return [{ rule: 'query', where: 'query/fields', message: 'leaves out nextPageToken' }];
}

function headerViolations({ requestHeaders, requestBody }: Exchange): Violation[] {
  const violations: Violation[] = [];
  if (!/^Bearer \S+$/.test(requestHeaders['authorization'] ?? ''))
    violations.push({ rule: 'request-header', where: 'header.authorization', message: 'holds no bearer token' });
  if (requestBody !== '') violations.push({ rule: 'request-body', where: '', message: 'A read takes no body' });
  return violations;
}

function formViolations({ requestHeaders, requestBody }: Exchange, { form, claims, longestLife }: Operation): Violation[] {
  const violations: Violation[] = [];
  if (!requestHeaders['content-type']?.startsWith('application/x-www-form-urlencoded'))
    violations.push({ rule: 'request-header', where: 'header.content-type', message: 'A token is asked for with a form' });
  const fields = fieldsOf(new URLSearchParams(requestBody));
  violations.push(...validator.check(form!, fields, 'request-body'));
  if (violations.length > 0 || !claims) return violations;
  const claimed = JSON.parse(Buffer.from(String(fields['assertion']).split('.')[1]!, 'base64url').toString('utf8'));
  violations.push(...validator.check(claims, claimed, 'request-body', '/assertion'));
  if (claimed.exp - claimed.iat > longestLife!)
    violations.push({ rule: 'request-body', where: '/assertion/exp', message: `lives longer than ${longestLife} seconds` });
  return violations;
}

function answerViolations(exchange: Exchange, { query, errors }: Operation, answer: Schema): Violation[] {
  const { status } = exchange;
  if (status !== 200 && !ERRORS.has(status)) return [{ rule: 'status', where: 'status', message: `${status} is not documented` }];
  const { body, violations } = jsonBody(exchange);
  if (status === 200) {
    violations.push(...validator.check(answer, body, 'response-body'));
    const asked = splitUrl(exchange).query;
    const size = Number(asked['maxResults'] ?? asked['pageSize'] ?? Number.POSITIVE_INFINITY);
    if ((query.properties?.['maxResults'] || query.properties?.['pageSize']) && rowsOf(body) > size)
      violations.push({ rule: 'page', where: '', message: `${rowsOf(body)} rows on a page of ${size}` });
    return violations;
  }
  violations.push(...validator.check(errors ?? description.errors, body, 'error-body'));
  const code = (body as { error?: { code?: unknown } } | undefined)?.error?.code;
  if (!errors && code !== status)
    violations.push({ rule: 'error-body', where: '/error/code', message: `${String(code)} under status ${status}` });
  return violations;
}
