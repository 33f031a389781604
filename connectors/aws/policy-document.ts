import { z } from 'zod';

/** One statement of a policy, every field in its list form. */
export interface Statement {
  effect: 'Allow' | 'Deny';
  actions: readonly string[];
  /** All actions but these; empty where the statement names actions. */
  notActions: readonly string[];
  principals: readonly { type: string; value: string }[];
  /** What the actions may be done to; `*` where the statement names no resource, or all but some. */
  resources: readonly string[];
  conditions: readonly Condition[];
}

/** Operator and key in lower case: AWS compares both without case. */
export interface Condition {
  operator: string;
  key: string;
  values: readonly string[];
}

const strings = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const values = z.union([scalar.transform((one) => [one]), z.array(scalar)]);
const principals = z.union([z.string().transform((one) => ({ AWS: [one] })), z.record(z.string(), strings)]);

const statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: strings.optional(),
  NotAction: strings.optional(),
  Resource: strings.optional(),
  Principal: principals.optional(),
  NotPrincipal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), values)).optional(),
});
const document = z.object({ Statement: z.union([statement.transform((one) => [one]), z.array(statement)]) });

/**
 * Reads a policy document in each form that AWS and its imitations send: percent-encoded or raw, one statement or a list,
 * one value or a list. undefined = it is no policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(text: string): Statement[] | undefined {
  const parsed = document.safeParse(jsonOf(text));
  return parsed.success ? parsed.data.Statement.map(statementOf) : undefined;
}

function jsonOf(text: string): unknown {
  try {
    // Raw JSON may hold a lone %, which would not survive decoding.
    return JSON.parse(text.trimStart().startsWith('{') ? text : decodeURIComponent(text));
  } catch {
    return undefined;
  }
}

function statementOf(raw: z.infer<typeof statement>): Statement {
  // "Everybody but" admits everybody whom it does not name.
  const named: Readonly<Record<string, readonly string[]>> = raw.NotPrincipal === undefined ? (raw.Principal ?? {}) : { AWS: ['*'] };
  return {
    effect: raw.Effect,
    actions: raw.Action ?? [],
    notActions: raw.NotAction ?? [],
    principals: Object.entries(named).flatMap(([type, list]) => list.filter((value) => value !== '').map((value) => ({ type, value }))),
    resources: raw.Resource ?? ['*'],
    conditions: Object.entries(raw.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ operator: operator.toLowerCase(), key: key.toLowerCase(), values })),
    ),
  };
}

/** Does a pattern of a policy, with `*` and `?`, take in this action? Compared without case. */
export function takesIn(pattern: string, action: string): boolean {
  const lower = pattern.toLowerCase();
  if (!/[*?]/.test(lower)) return lower === action.toLowerCase();
  return expressionOf(lower).test(action.toLowerCase());
}

/** The same few patterns stand in most policies of an account. */
const expressions = new Map<string, RegExp>();
const MOST_EXPRESSIONS = 2000;

function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known) return known;
  const parts = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  if (expressions.size >= MOST_EXPRESSIONS) expressions.clear();
  const expression = new RegExp(`^${parts}$`);
  expressions.set(pattern, expression);
  return expression;
}
