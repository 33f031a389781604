import type { Exchange, Violation } from './exchange.ts';

/** Parses the answer; what is no JSON, or does not call itself so, is a violation. */
export function jsonBody({ responseHeaders, responseBody }: Exchange): { body: unknown; violations: Violation[] } {
  const violations: Violation[] = [];
  const type = responseHeaders['content-type'] ?? '';
  if (!/^application\/json(;|$)/.test(type))
    violations.push({ rule: 'response-header', where: 'header.content-type', message: `"${type}" is not application/json` });
  try {
    return { body: JSON.parse(responseBody), violations };
  } catch (error) {
    violations.push({ rule: 'response-body', where: '', message: String(error) });
    return { body: undefined, violations };
  }
}

/** The rows of an answer that is a list, or holds one. */
export function rowsOf(body: unknown): number {
  if (Array.isArray(body)) return body.length;
  if (typeof body !== 'object' || body === null) return 0;
  return Object.values(body).find((value): value is unknown[] => Array.isArray(value))?.length ?? 0;
}
