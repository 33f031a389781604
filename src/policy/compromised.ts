import type { Hit } from './hit.ts';
import type { Integration } from './integration.ts';
import type { Policy } from './policy.ts';

/** What the organisation knows to be compromised, by ids of the app, of its clients and of its credentials. No approval covers it. */
export function compromisedHits({ appId, clients, name, state, things }: Integration, { compromised = [] }: Policy): Hit[] {
  if (state === 'gone' || compromised.length === 0) return [];
  const live = things.filter((thing) => thing.state !== 'gone' && !thing.logOnly);
  const own = new Set([appId, ...clients].map(spelled));
  const hits = compromised.map((indicator) => ({
    indicator,
    things: own.has(spelled(indicator.id))
      ? live
      : live.filter(({ credential }) => credential !== undefined && spelled(credential) === spelled(indicator.id)),
  }));
  const found = hits.filter((hit) => hit.things.length > 0);
  if (found.length === 0) return [];
  return [
    {
      rule: 'known-compromised',
      severity: 'critical',
      details: found
        .map(
          ({ indicator: { id, reason, source, since } }) =>
            `${id}${id === appId ? '' : ` of ${name}`}: ${reason}${since ? `, since ${since}` : ''} (${source})`,
        )
        .sort(),
      things: [...new Set(found.flatMap((hit) => hit.things))],
    },
  ];
}

function spelled(id: string): string {
  return id.toLowerCase();
}
