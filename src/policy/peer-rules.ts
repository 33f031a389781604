import type { Access } from '../connector/index.ts';
import type { Hit } from './hit.ts';
import { POWER, powerOf, type Integration, type Reach, type Thing } from './integration.ts';
import { accessOfLevel, type Held, type Peers } from './peers.ts';
import { isLimited, type Standing } from './standing.ts';

/** Of fewer people, and roles that people take, nothing is said about what is usual. */
export const FEWEST = 3;
/** More than at most one in so many people may do is more than people usually may. */
export const ONE_IN = 10;

/** What gives its app no more than whoever granted or holds it may do himself, or no access at all. */
const NO_POWER_OF_ITS_OWN: ReadonlySet<Thing['kind']> = new Set([
  'oauth_grant',
  'seat',
  'usage',
  'code_evidence',
  'secret_name',
  'exposure',
]);

/** Does a thing give its app access by itself, and not by that of a person? */
export function actsByItself({ kind, state, logOnly, use, holder }: Thing): boolean {
  const isLive = state !== 'gone' && !logOnly && use === undefined;
  if (!isLive || NO_POWER_OF_ITS_OWN.has(kind)) return false;
  return kind !== 'api_key' || holder?.traits.some((trait) => trait === 'interactive_login' || trait === 'directory_person') !== true;
}

/**
 * An AI tool that may do more than the people of its account usually may. Levels are compared that are stated of both; where none of people
 * are, there is nothing to say. Whoever laid down in an approval how much it may do has answered this.
 */
export function peerHits({ beside, match }: Pick<Integration, 'beside' | 'match'>, standing: Standing, live: readonly Thing[]): Hit[] {
  if (beside === undefined || match.verdict !== 'ai' || isLimited(standing)) return [];
  const own = live.filter(actsByItself);
  const beyond = ownLevels(own, beside.reach).flatMap((level) => {
    const few = howFew(beside.peers, level);
    return few === undefined ? [] : [{ ...level, few }];
  });
  if (beyond.length === 0) return [];
  const isGrave = beyond.some(({ held, access }) => held === 'account' || access === 'admin');
  return [
    {
      rule: 'ai-above-people',
      severity: isGrave ? 'high' : 'medium',
      details: beyond.map(({ plain, few }) => `${plain}: ${few} may do as much`).slice(0, 10),
      things: own,
    },
  ];
}

interface Level {
  held: Held;
  access: Access;
  plain: string;
}

/** What it may do by itself, as far as it is known, the gravest first. */
function ownLevels(own: readonly Thing[], reach: readonly Reach[]): Level[] {
  const administrator = own.find(({ holder }) => holder?.traits.includes('administrator'))?.holder;
  const models = own.flatMap(({ attributes }) => accessOfLevel(attributes['aiLevel']) ?? []).sort((a, b) => POWER[b] - POWER[a])[0];
  return [
    ...(administrator ? [{ held: 'account', access: 'admin', plain: `${administrator.name} administers the account` } as const] : []),
    ...reach.flatMap(({ dataClass, access, plain, known }) =>
      known && powerOf({ dataClass, access }) > 0 ? [{ held: dataClass, access, plain }] : [],
    ),
    ...(models && !reach.some(({ dataClass, access }) => dataClass === 'ai_models' && POWER[access] >= POWER[models])
      ? [{ held: 'ai_models', access: models, plain: WITH_MODELS[models] } as const]
      : []),
  ];
}

const WITH_MODELS: Readonly<Record<Access, string>> = {
  read: 'Read in AI services',
  write: 'Use AI services',
  admin: 'Do everything with AI services',
};

/**
 * How few people may do as much, in words that stay while one comes or goes, and are true of a list that was read in part; undefined = too
 * many, or that is not known.
 */
function howFew({ people, roles, holding }: Peers, { held, access }: Level): string | undefined {
  const count = holding.get(held)?.[access];
  if (count === undefined || people + roles < FEWEST || count.roles > 0 || count.people * ONE_IN > people) return undefined;
  return `${count.people === 0 ? 'none' : `at most one in ${ONE_IN}`} of the people whom its lists name`;
}
