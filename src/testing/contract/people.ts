import { expect } from 'vitest';
import type { Observation, Trait } from '../../connector/index.ts';
import { observations } from './facts.ts';
import type { Subject } from './suite.ts';

const PROGRAMS: ReadonlySet<Trait> = new Set<Trait>(['workload', 'bot_account', 'agent_runtime', 'key_holder']);

/**
 * A place is known by its own text alone, also to a statement that names nobody: whose it is has to be told by it, or a tenant that keeps
 * pseudonyms would keep the person's id.
 */
export function tellsWhosePlaces(subject: Subject): void {
  subject.it('tells of every place that bears the id of a person that it does', async () => {
    const { baseline, connector } = subject;
    const untold = baseline.collectors.flatMap((run) =>
      observations(run)
        .filter(({ principal }) => principal && isPerson(principal) && connector.people?.isPerson(principal.id, []) !== false)
        .flatMap(({ scope, principal }) => {
          const segments = scope.split('/').map(decodeURIComponent);
          const at = segments.lastIndexOf(principal!.id);
          const told = at < 0 || connector.people?.isPerson(principal!.id, segments.slice(0, at)) === true;
          return told ? [] : [`${run.collector.id}: ${scope}`];
        }),
    );
    expect(untold).toEqual([]);
  });
}

function isPerson({ traits }: NonNullable<Observation['principal']>): boolean {
  return !traits.some((trait) => PROGRAMS.has(trait));
}
