import { canUseAi, type Hit } from './hit.ts';
import type { Integration, Thing } from './integration.ts';

const A_DAY_MS = 86_400_000;

/** From when on something is old, and who says so. */
export const AGES = {
  key: {
    what: 'A key without an end that was not changed',
    days: 90,
    source: 'CIS Foundations Benchmark 3.0.0, 1.14: access keys are changed every 90 days or less',
  },
  ancientKey: { what: 'The same, so old that a yearly audit has missed it', days: 365, source: 'Our own choice' },
  unused: {
    what: 'Access that works and was not used',
    days: 45,
    source: 'CIS Foundations Benchmark 3.0.0, 1.12: what was not used for 45 days is disabled',
  },
} as const;

/**
 * What time alone makes a finding. Only dates count that a list or a report vouches for: a log that was not read says nothing, and would
 * make everything look unused.
 */
export function ageHits(integration: Integration, now: Date): Hit[] {
  const aged = agingThings(integration);
  const old = aged.filter((thing) => isOver(changedAt(thing), AGES.key.days, now));
  const unused = aged.filter((thing) => isOver(usedAt(thing), AGES.unused.days, now));
  const ancient = old.some((thing) => isOver(changedAt(thing), AGES.ancientKey.days, now));
  const oldest: Hit = {
    rule: 'old-ai-key',
    severity: ancient ? 'medium' : 'low',
    details: old.slice(0, 10).map((thing) => `The key ${called(thing)} is as it was on ${changedAt(thing)!.slice(0, 10)}`),
    things: old,
  };
  const idle: Hit = {
    rule: 'unused-ai-access',
    severity: 'low',
    details: unused.slice(0, 10).map(lastUseOf),
    things: unused,
  };
  return [...(old.length > 0 ? [oldest] : []), ...(unused.length > 0 ? [idle] : [])];
}

/** When the next of its things becomes too old, ISO 8601; undefined = none does. Until then the same facts are judged alike. */
export function agesAt(integration: Integration, now: Date): string | undefined {
  const turns = agingThings(integration).flatMap((thing) => [
    after(changedAt(thing), AGES.key.days),
    after(changedAt(thing), AGES.ancientKey.days),
    after(usedAt(thing), AGES.unused.days),
  ]);
  const ahead = turns.flatMap((at) => (at !== undefined && at > now.toISOString() ? [at] : []));
  return ahead.sort()[0];
}

/** Live things that open AI services. */
function agingThings({ state, things, match }: Integration): readonly Thing[] {
  if (state === 'gone') return [];
  return things.filter(
    (thing) => thing.state !== 'gone' && !thing.logOnly && thing.use === undefined && (match.verdict === 'ai' || canUseAi(thing)),
  );
}

/** Since when a key is as it is. One that ends by itself needs no changing. */
function changedAt({ kind, expiresAt, grantedAt }: Thing): string | undefined {
  return kind === 'api_key' && expiresAt === 'never' && grantedAt && isVouchedFor(grantedAt.from) ? grantedAt.at : undefined;
}

const USED: ReadonlySet<Thing['kind']> = new Set(['api_key', 'oauth_grant', 'app_installation', 'seat']);

/**
 * Since when it is not used, as a list said when it was read last: that it could not be read tonight closes nothing. A key of which the list
 * says that it was never used (`neverUsed`), since it is there.
 */
function usedAt({ kind, lastUsedAt, grantedAt, attributes }: Thing): string | undefined {
  if (!USED.has(kind)) return undefined;
  if (lastUsedAt) return isVouchedFor(lastUsedAt.from) ? lastUsedAt.at : undefined;
  return attributes['neverUsed'] === true && grantedAt && isVouchedFor(grantedAt.from) ? grantedAt.at : undefined;
}

function lastUseOf(thing: Thing): string {
  const day = usedAt(thing)!.slice(0, 10);
  return thing.lastUsedAt ? `${called(thing)} was last used on ${day}` : `${called(thing)} was never used, and is there since ${day}`;
}

function isVouchedFor(from: NonNullable<Thing['grantedAt']>['from']): boolean {
  return from === 'listed' || from === 'report';
}

function isOver(since: string | undefined, days: number, now: Date): boolean {
  const end = after(since, days);
  return end !== undefined && end <= now.toISOString();
}

function after(since: string | undefined, days: number): string | undefined {
  return since === undefined ? undefined : new Date(Date.parse(since) + days * A_DAY_MS).toISOString();
}

function called({ name, holder }: Thing): string {
  return holder && holder.name !== name ? `${name} of ${holder.name}` : name;
}
