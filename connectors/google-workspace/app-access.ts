import { parameter } from './audit.ts';
import type { Activity } from './schema.ts';

/** What one app may do, as the console calls it: in the list that it lets download, and since August 2026 in the log. */
const ACCESS: Readonly<Record<string, string>> = {
  trusted: 'trusted',
  limited: 'limited',
  blocked: 'blocked',
  'specific google data': 'trusted for some scopes',
};

/** In the words of `app_control`; undefined = a word that is not known. */
export function accessOf(word: string): string | undefined {
  return ACCESS[word.trim().toLowerCase()];
}

/** What apps may do that nobody configured, in sentences of the console. */
const UNCONFIGURED: readonly (readonly [sentence: RegExp, state: string])[] = [
  [/^don.?t allow/i, 'blocked'],
  [/sign.?in|basic info/i, 'sign-in only'],
  [/^allow\b.*\bany\b/i, 'allowed'],
];

/**
 * What an event sets, for one app or for all that nobody configured; undefined = it is no such event. `state` is undefined where the event
 * does not say it, and null where nobody decides about the app any more.
 *
 * Since August 2026 Google's log has these events, in words of the console, in place of one for each list. Their parameters are documented
 * nowhere: what is not understood is kept in Google's word, and what is missing is not guessed.
 * https://knowledge.workspace.google.com/admin/reports/admin-log-event-changes
 */
export function setBy(event: Activity['events'][number]): { of: 'one' | 'unconfigured'; state: string | null | undefined } | undefined {
  const word = parameter(event, 'NEW_VALUE')[0]?.trim() || undefined;
  if (event.name === 'CHANGE_UNCONFIGURED_APPS_ACCESS')
    return { of: 'unconfigured', state: word && (UNCONFIGURED.find(([sentence]) => sentence.test(word))?.[1] ?? word) };
  if (event.name !== 'CHANGE_APP_ACCESS') return undefined;
  const isOver = word !== undefined && /^(?:un|not )configured$/i.test(word);
  return { of: 'one', state: isOver ? null : word && (accessOf(word) ?? word) };
}
