import { ConfigError } from '../connector/errors.ts';
import { KINDS } from '../connector/observation.ts';
import { RULES } from '../policy/rule-list.ts';
import { closestTo } from '../text/closest.ts';
import { terminalText } from '../text/terminal.ts';

/** The refusal of a word that is no rule. */
export function noRule(word: string): ConfigError {
  return notAmong(`There is no rule ${terminalText(word)}`, word, { rules: Object.keys(RULES) });
}

/** Refuses a word that is neither a kind of facts nor a rule. */
export function refuseUnlessKind(word: string): void {
  const known = { 'kinds of facts': KINDS, rules: Object.keys(RULES) };
  if (!Object.values(known).flat().includes(word)) throw notAmong(`${terminalText(word)} is no kind of facts, and no rule`, word, known);
}

function notAmong(what: string, word: string, known: Readonly<Record<string, readonly string[]>>): ConfigError {
  const closest = closestTo(word, Object.values(known).flat());
  const all = Object.entries(known).map(([name, words]) => `The ${name} are: ${words.join(', ')}.`);
  return new ConfigError(what, { fix: [...(closest === undefined ? [] : [`Did you mean ${closest}?`]), ...all].join(' ') });
}
