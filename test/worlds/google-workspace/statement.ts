/* oxlint-disable vitest/no-standalone-expect -- it is called in the cases of statements */
import { expect } from 'vitest';
import type { FakeAnswer } from '../../../src/testing/server.ts';
import { openWorld, statementsOf } from '../world.ts';
import { CLIENTS, findingsOf, gapAt, grantOf, person, plantPeople, scope, tokens } from './plants.ts';

export const ID = 'google-workspace';
/** Declares the planted case of a numbered statement. */
export const statement = statementsOf(ID);

/** The collectors that list people and what they granted. */
export const GRANTS = { collectors: ['users', 'grants'] } as const;

export const CONTEXT_AI = { clientId: CLIENTS.contextAi, displayText: 'Context.ai', scopes: [scope('drive.readonly')] };

export const GEMINI_CLI = { clientId: CLIENTS.geminiCli, displayText: 'Gemini CLI', scopes: [scope('cloud-platform')] };

/** One holds Context.ai and one Gemini CLI; from the second night on the list of the first one's grants answers so. */
export async function twoHolders(answer: () => FakeAnswer) {
  const world = await openWorld(ID);
  let planted = (): FakeAnswer => tokens([CONTEXT_AI]);
  const [ada, bo] = [person(1, () => planted()), person(2, [GEMINI_CLI])];
  plantPeople(world, [ada, bo]);
  const first = await world.scan(GRANTS);
  expect(grantOf(first, ada, CLIENTS.contextAi)?.state).toBe('present');
  expect(findingsOf(first, CLIENTS.contextAi).map(({ state, unverifiedSince }) => [state, unverifiedSince])).toEqual([['open', null]]);
  planted = answer;
  return { world, ada, bo, heal: (cure: () => FakeAnswer) => (planted = cure), second: await world.scan({ ...GRANTS, night: 1 }) };
}

/** The grants of the first are unread and nothing of them closed; the other was read. */
export function expectUnread({ second, ada, bo }: Awaited<ReturnType<typeof twoHolders>>): void {
  expect(gapAt(second, 'grants', `/user/${ada.id}`)).toBeDefined();
  expect(grantOf(second, ada, CLIENTS.contextAi)?.state).toBe('unverified');
  expect(findingsOf(second, CLIENTS.contextAi).map(({ state }) => state)).toEqual(['open']);
  expect(findingsOf(second, CLIENTS.contextAi)[0]!.unverifiedSince).not.toBeNull();
  expect(second.changes.filter((change) => change.class === 'gone')).toEqual([]);
  expect(grantOf(second, bo, CLIENTS.geminiCli)?.state).toBe('present');
}
