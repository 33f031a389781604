import type { FakeRequest, FakeRoute } from '../../../src/testing/server.ts';
import { Refused } from './refusals.ts';

export interface Guards {
  /** Refuses a request whose token is not worth the scope; without one it must be a token of the account for Google Cloud. */
  admit(request: FakeRequest, scope: string | undefined): void;
  /** Refuses a request that a planned quota forbids. */
  spend(request: FakeRequest, operation: string): void;
}

export function guarded(
  guards: Guards,
  operation: string,
  path: string,
  scope: string | undefined,
  answer: FakeRoute['answer'],
): FakeRoute {
  return {
    operation,
    method: 'GET',
    path,
    answer(request) {
      try {
        guards.admit(request, scope);
        guards.spend(request, operation);
        return answer(request);
      } catch (error) {
        if (error instanceof Refused) return error.answer;
        throw error;
      }
    },
  };
}

/** Says of each request whether it still fits into the quota; a second's worth may be saved up. */
export function allowanceOf(perSecond: number, clock: { now(): Date }): () => boolean {
  let last = clock.now().getTime();
  let left = perSecond;
  return () => {
    const now = clock.now().getTime();
    left = Math.min(perSecond, left + ((now - last) / 1000) * perSecond);
    last = now;
    if (left < 1) return false;
    left--;
    return true;
  };
}
