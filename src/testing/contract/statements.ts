import { expect } from 'vitest';
import { holds } from '../../connector/index.ts';
import { observations, saidAbout } from './facts.ts';
import type { Subject } from './suite.ts';

/** What is stated is of the kinds that were declared, within the account, and claimed. */
export function declaresStatements(subject: Subject): void {
  subject.it('emits only kinds, places and claims that it declares', async () => {
    const { baseline } = subject;
    for (const run of baseline.collectors) {
      for (const event of run.events) {
        if (event.type === 'checkpoint') continue;
        expect(holds(run.account.scope, event.scope), `${event.scope} lies outside the account`).toBe(true);
        if (event.type === 'observation') expect(run.collector.kinds).toContain(event.kind);
        if (event.type === 'unchanged') expect(run.collector.changeLog).toBeDefined();
        if (event.type === 'covered') expect(event.window !== undefined).toBe(run.collector.mode === 'log');
      }
      if (run.collector.mode === 'log') continue;
      const unclaimed = observations(run).filter((observation) => saidAbout(run, observation.scope) !== 'covered');
      expect(
        unclaimed.map(({ thing }) => thing),
        `${run.collector.id} observes in places that it does not claim`,
      ).toEqual([]);
    }
  });
}
