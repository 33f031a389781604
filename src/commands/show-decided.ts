import type { Json } from '../connector/index.ts';
import type { ObservationBody } from '../scan/rows.ts';

/** What of a statement says who decided. */
type Statement = Pick<ObservationBody, 'attributes' | 'grantedAt'>;

/**
 * What administrators decided about an app, newest first: what, for whom, by whom, when. Only what stands is given here, and only what
 * a log tells with its day and with whoever decided; where the log names nobody, that is said.
 */
export function decidedOf(statements: readonly Statement[]): string[] {
  return statements
    .flatMap(({ attributes, grantedAt }) => {
      const at = attributes['decidedAt'] ?? grantedAt?.at;
      if (attributes['decidedBy'] === undefined || typeof at !== 'string') return [];
      const { state, unit, decidedBy } = attributes;
      const what = `${textOr(state, 'authorised')}${typeof unit === 'string' ? ` for ${unit}` : ''}`;
      return [{ at, text: `${what} by ${deciderOf(decidedBy)} on ${at.slice(0, 10)}` }];
    })
    .toSorted((one, other) => (one.at > other.at ? -1 : 1))
    .map(({ text }) => text);
}

function deciderOf(decidedBy: Json): string {
  const { email, user } = (decidedBy ?? {}) as { email?: Json; user?: Json };
  return textOr(email, textOr(user, 'somebody whom the log does not name'));
}

function textOr(said: Json | undefined, otherwise: string): string {
  return typeof said === 'string' ? said : otherwise;
}
