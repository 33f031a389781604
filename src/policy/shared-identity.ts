import type { Hit } from './hit.ts';
import { powerOf, type Integration, type Thing } from './integration.ts';

/** An AI tool that acts as a principal, or holds one of its keys. */
export interface Tool {
  /** What it is told apart by: its product, or itself where it is an agent. */
  id: string;
  name: string;
}

/** Through these an app is its holder, for whoever looks on: with a key of it, let in as it, run as it. A person’s grant names the app. */
export type ActingKind = Extract<Thing['kind'], 'api_key' | 'trust' | 'agent'>;
const ACTING: Readonly<Record<ActingKind, true>> = { api_key: true, trust: true, agent: true };

/** Does something that is there make its app act as its holder? A role that calls on an audience goes out, and lets nobody in. */
export function actsAsHolder({ kind, use, attributes }: Pick<Thing, 'kind' | 'use' | 'attributes'>): boolean {
  return Object.hasOwn(ACTING, kind) && use === undefined && attributes['trusts'] !== 'audience';
}

/** Whom a thing makes its app act as; undefined = nobody. */
export function actedAs(thing: Thing): string | undefined {
  return thing.state !== 'gone' && !thing.logOnly && actsAsHolder(thing) ? thing.holder?.id : undefined;
}

/** One identity behind which several AI tools are. What acts as whom is told by ids; which product a tool is, by what is known of it. */
export function sharedHits({ reach, sharedIdentities }: Pick<Integration, 'reach' | 'sharedIdentities'>, live: readonly Thing[]): Hit[] {
  const sharing = live.flatMap((thing) => {
    const tools = sharedIdentities?.get(actedAs(thing) ?? '');
    return tools ? [{ thing, who: thing.holder!.name, tools: tools.map(({ name }) => name) }] : [];
  });
  const all = [...sharing, ...sameAccount(live)];
  if (all.length === 0) return [];
  const details = new Set(all.map(({ who, tools }) => `${who} is used by ${[...new Set(tools)].sort().join(', ')}`));
  return [
    {
      rule: 'shared-ai-identity',
      severity: Math.max(0, ...reach.map(powerOf)) >= 8 ? 'high' : 'medium',
      details: [...details].sort().slice(0, 10),
      things: all.map(({ thing }) => thing),
    },
  ];
}

/** Agents that say as which account they run (`runsAs`), where one account runs several. */
function sameAccount(live: readonly Thing[]): { thing: Thing; who: string; tools: string[] }[] {
  const agents = live.filter(
    ({ kind, use, attributes }) => kind === 'agent' && use === undefined && typeof attributes['runsAs'] === 'string',
  );
  return [...Map.groupBy(agents, ({ attributes }) => attributes['runsAs'] as string)].flatMap(([who, own]) =>
    own.length > 1 ? own.map((thing) => ({ thing, who, tools: own.map(({ holder, name }) => holder?.name ?? name) })) : [],
  );
}
