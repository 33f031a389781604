import { expect } from 'vitest';
import type { Sizes } from '../../connector/index.ts';
import { requestsOf } from './facts.ts';
import type { Subject } from './suite.ts';

/** Nothing is asked that was not declared, and no more often than the formula says. */
export function declaresRequests(subject: Subject): void {
  const { connector, it } = subject;

  it('sends declared operations only, and no more requests than it declares', async () => {
    const { provider, baseline } = subject;
    const declared = new Set(connector.operations.map((operation) => operation.id));
    expect(provider.requests.filter(({ operation }) => !declared.has(operation))).toEqual([]);
    const sizes = provider.sizes();
    const laneOf = new Map<string, string | undefined>();
    for (const run of baseline.collectors) {
      expect(
        [...run.requests.keys()].filter((operation) => !run.collector.operations.includes(operation)),
        run.collector.id,
      ).toEqual([]);
      const known: Sizes = {
        of: (name) => sizeOf(sizes, name),
        pages: (name, largest) => Math.max(1, Math.ceil(sizeOf(sizes, name) / Math.min(largest, 2))),
      };
      // Each collector ran alone, so that it sent what it would share as well. Side by side, two would both be the first to ask for it.
      const shared = Object.entries(run.collector.shared?.(known) ?? {});
      for (const [answers] of shared) {
        if (!laneOf.has(answers)) laneOf.set(answers, run.collector.lane);
        expect(run.collector.lane, `${run.collector.id} shares ${answers} with a collector of another lane`).toBe(laneOf.get(answers));
      }
      const formula = run.collector.requests(known) + shared.reduce((sum, [, requests]) => sum + requests, 0);
      const extra = run.collector.operations.reduce((sum, operation) => sum + (provider.extraPages?.(operation) ?? 0), 0);
      expect(requestsOf(run), `${run.collector.id} sends another number of requests than its formula says`).toBe(formula + extra);
    }
  });
}

function sizeOf(sizes: Readonly<Record<string, number>>, name: string): number {
  const size = sizes[name];
  if (size === undefined) throw new Error(`The simulated provider does not know the size "${name}"`);
  return size;
}
