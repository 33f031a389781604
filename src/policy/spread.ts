import type { Hit } from './hit.ts';
import type { Integration, Thing } from './integration.ts';
import { decidedOn, gained, gravest, RECENT_MS } from './past-rules.ts';
import { isLimited, type Standing } from './standing.ts';

/** So many accounts are named in which it was before; the others are counted. */
const SOME = 5;

/**
 * An AI tool that was known elsewhere, and came to an account that was being read and did not have it. Whoever decided about it since has
 * answered this, and so has a limit that it keeps to; for the rest it is a tool like any other after a while.
 */
export function spreadHits(
  { spread, connector, account, reach, match }: Pick<Integration, 'spread' | 'connector' | 'account' | 'reach' | 'match'>,
  standing: Standing,
  live: readonly Thing[],
): Hit[] {
  if (!spread || match.verdict !== 'ai' || live.length === 0 || isLimited(standing)) return [];
  const decided = decidedOn(standing);
  if (decided !== undefined && decided >= dayOf(spread.at)) return [];
  const { known } = spread;
  const isNewPlane = known.every((place) => place.connector !== connector);
  const steps = gained(spread.before, reach);
  return [
    {
      rule: 'spread-of-ai-tool',
      severity: gravest(steps),
      details: [
        `It is ${isNewPlane ? 'on another plane' : 'in another account'}: ${connector}/${account}, since ${dayOf(spread.at)}`,
        ...known.slice(0, SOME).map((place) => `Known before: ${place.connector}/${place.account}, since ${dayOf(place.since)}`),
        ...(known.length > SOME ? [`Known before in ${known.length - SOME} more accounts`] : []),
        ...steps
          .map(({ told }) => `It could do so nowhere before: ${told}`)
          .sort()
          .slice(0, 10),
      ],
      things: live,
      until: new Date(Date.parse(spread.at) + RECENT_MS).toISOString(),
    },
  ];
}

function dayOf(moment: string): string {
  return moment.slice(0, 10);
}
