import type { Thing } from './integration.ts';
import type { Severity } from './judged.ts';
import type { RuleId } from './rule-list.ts';

/** A rule that fires on an integration, or on one of its credentials. */
export interface Hit {
  rule: RuleId;
  severity: Severity;
  /** What exactly is wrong, one sentence each. */
  details: readonly string[];
  credential?: Thing;
  /** The things that the hit rests on. */
  things: readonly Thing[];
  /** It is told until then, ISO 8601: what it rests on is a trace that gets old. Absent = for as long as the facts are so. */
  until?: string;
}

/** A hit on some things, with a sentence about each of the first ten. */
export function hitOf(rule: RuleId, severity: Severity, things: readonly Thing[], said: (at: string) => string): Hit {
  return { rule, severity, details: things.slice(0, 10).map((thing) => said(thing.holder?.name ?? thing.name)), things };
}

/** May its holder do more with AI services than read? What could not be read whole is not said to. */
export function canUseAi({ attributes }: Pick<Thing, 'attributes'>): boolean {
  return !['none', 'unknown', undefined].includes(attributes['aiLevel'] as string | undefined);
}
