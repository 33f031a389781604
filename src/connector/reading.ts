import { ProviderFault, Refusal } from './errors.ts';
import type { Scope } from './scope.ts';
import type { Gap } from './statements.ts';

/** What is lost when a place cannot be read. */
export interface Loss {
  scope: Scope;
  /** What stays invisible, in one plain sentence. */
  effect: string;
  /** The permission that the reading needs, unless the provider names another. */
  permission?: string;
}

/**
 * Reads one place. The only spot where a provider's refusal or fault becomes a gap: whoever calls it must say what to do
 * with the gap before the value can be touched, so that an error can never pass for an empty list.
 * Anything else that is thrown is our own bug and goes on.
 */
export async function reading<T>(loss: Loss, read: () => Promise<T>): Promise<{ value: T; gap?: never } | Lost> {
  try {
    return { value: await read() };
  } catch (error) {
    return { gap: gapOf(loss, error), whole: error instanceof Refusal && error.whole };
  }
}

/** What came of a reading that failed. */
export interface Lost {
  gap: Gap;
  /** The credential itself was refused: asking for the next place would only be refused again. */
  whole: boolean;
  value?: never;
}

function gapOf(loss: Loss, error: unknown): Gap {
  if (error instanceof Refusal) {
    // What is not there is opened by no permission, unless the provider itself names one.
    const permission = error.permission ?? (error.reason === 'not_observable' ? undefined : loss.permission);
    return { type: 'gap', scope: loss.scope, reason: error.reason, effect: loss.effect, ...(permission && { permission }) };
  }
  if (error instanceof ProviderFault) return { type: 'gap', scope: loss.scope, reason: error.reason, effect: loss.effect };
  throw error;
}
