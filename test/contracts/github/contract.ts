import type { Contract, Exchange, Violation } from '../exchange.ts';
import { jsonBody, rowsOf } from '../json-body.ts';
import { createLocator, splitUrl } from '../location.ts';
import { createValidator, type Schema } from '../schema.ts';
import { queryViolations } from './query.ts';
import description from './description.json' with { type: 'json' };

interface Operation {
  method: string;
  path: string;
  query: { properties?: Readonly<Record<string, Schema>> } & Exclude<Schema, boolean>;
  body?: Schema;
  /** At a host of its own, where the address lets in: no credential goes along. */
  signed?: true;
  responses: Readonly<Record<string, Schema>>;
}

const operations = description.operations as unknown as Readonly<Record<string, Operation>>;
const validator = createValidator(description as unknown as Parameters<typeof createValidator>[0]);
const locate = createLocator(operations);

/** Answers that any operation may give, whether its description lists them or not. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api */
const ANYWHERE = new Set([301, 302, 304, 307, 400, 401, 403, 404, 422, 429, 500, 502, 503, 504]);
/** Rows of a page where the request names no number. */
const DEFAULT_PAGE = 30;
/** GitHub documents it on every error, though its description requires no field. */
const ERROR: Schema = { allOf: [description.errors], required: ['message'] };

export const github: Contract = {
  operations: Object.keys(operations),
  operationOf: (exchange) => locate(exchange.method, describedPath(splitUrl(exchange).path)),
  check: (exchange, id) => [...requestViolations(exchange, operations[id]!), ...answerViolations(exchange, operations[id]!)],
};

/** The pages after the first lie at an address that `Link` alone names: the same list, by the id of the organisation. */
function describedPath(path: string): string {
  return path.replace(/^\/organizations\/\d+\//, '/orgs/by-id/').replace(/^\/repositories\/\d+\//, '/repos/by/id/');
}

function requestViolations(exchange: Exchange, { query, body, signed }: Operation): Violation[] {
  const violations = signed ? credentialViolations(exchange.requestHeaders) : headerViolations(exchange.requestHeaders);
  violations.push(...validator.checkText(query, splitUrl(exchange).query, 'query', 'query'));
  if (exchange.requestBody === '') return violations;
  if (!body) return [...violations, { rule: 'request-body', where: '', message: 'The operation takes no body' }];
  const said = JSON.parse(exchange.requestBody) as { query?: string; variables?: Record<string, unknown> };
  const asked = typeof said.query === 'string' ? queryViolations(said.query, said.variables ?? {}) : [];
  return [...violations, ...validator.check(body, said, 'request-body'), ...asked];
}

const REQUEST_HEADERS: Readonly<Record<string, RegExp>> = {
  accept: /^application\/vnd\.github\+json$/,
  'x-github-api-version': new RegExp(`^${description.apiVersion}$`),
  'user-agent': /\S/,
  authorization: /^(token|bearer) \S+$/i,
};

function headerViolations(headers: Exchange['requestHeaders']): Violation[] {
  return Object.entries(REQUEST_HEADERS)
    .filter(([name, pattern]) => !pattern.test(headers[name] ?? ''))
    .map(([name, pattern]) => ({ rule: 'request-header', where: `header.${name}`, message: `does not match ${pattern.source}` }));
}

function credentialViolations(headers: Exchange['requestHeaders']): Violation[] {
  return ['authorization', 'cookie']
    .filter((name) => headers[name] !== undefined)
    .map((name) => ({ rule: 'request-header', where: `header.${name}`, message: 'goes to another host, with a signed address' }));
}

function answerViolations(exchange: Exchange, operation: Operation): Violation[] {
  const { status, responseBody } = exchange;
  const declared = operation.responses[status];
  if (declared === undefined && !ANYWHERE.has(status))
    return [{ rule: 'status', where: 'status', message: `${status} is none of ${Object.keys(operation.responses).join(', ')}` }];
  if (declared === false || (responseBody === '' && status < 400 && status >= 300))
    return responseBody === '' ? [] : [{ rule: 'response-body', where: '', message: `${status} has no body` }];
  // A store of files does not know what is in them.
  const named = operation.signed ? { ...exchange.responseHeaders, 'content-type': 'application/json' } : exchange.responseHeaders;
  const { body, violations } = jsonBody({ ...exchange, responseHeaders: named });
  if (status >= 300) return [...violations, ...validator.check(ERROR, body, 'error-body')];
  return [...violations, ...validator.check(declared!, body, 'response-body'), ...pageViolations(exchange, operation, body)];
}

function pageViolations(exchange: Exchange, { query: { properties } }: Operation, body: unknown): Violation[] {
  if (!properties?.['per_page']) return [];
  const size = Number(splitUrl(exchange).query['per_page'] ?? DEFAULT_PAGE);
  const overflow: Violation = { rule: 'page', where: '', message: `${rowsOf(body)} rows on a page of ${size}` };
  return [...(rowsOf(body) > size ? [overflow] : []), ...linkViolations(exchange)];
}

/** `<https://…?page=2>; rel="next", <https://…?page=5>; rel="last"`: absolute, and of the host that was asked. */
function linkViolations({ requestHeaders, responseHeaders: { link } }: Exchange): Violation[] {
  if (link === undefined) return [];
  const wrong = (message: string): Violation => ({ rule: 'response-header', where: 'header.link', message });
  return link.split(/,\s*(?=<)/).flatMap((part) => {
    const [, target] = /^<([^>]+)>; rel="(?:first|prev|next|last)"$/.exec(part) ?? [];
    if (target === undefined || !URL.canParse(target)) return [wrong(`"${part}" is not as GitHub writes it`)];
    return new URL(target).host === requestHeaders['host'] ? [] : [wrong(`${target} is not on ${requestHeaders['host']}`)];
  });
}
