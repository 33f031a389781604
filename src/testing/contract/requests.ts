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
    for (const run of baseline.collectors) {
      expect(
        [...run.requests.keys()].filter((operation) => !run.collector.operations.includes(operation)),
        run.collector.id,
      ).toEqual([]);
      const known = sizesOf(sizes);
      // Each collector ran alone, so that it sent what it would share as well.
      const shared = Object.values(run.collector.shared?.(known) ?? {}).reduce((sum, requests) => sum + requests, 0);
      const formula = run.collector.requests(known) + shared;
      const extra = run.collector.operations.reduce((sum, operation) => sum + (provider.extraPages?.(operation) ?? 0), 0);
      expect(requestsOf(run), `${run.collector.id} sends another number of requests than its formula says`).toBe(formula + extra);
    }
  });

  it('lets collectors that share answers be of one lane', async () => {
    const lanes = new Map<string, string | undefined>();
    const sizes = sizesOf(subject.provider.sizes());
    for (const { id, lane, shared } of connector.collectors)
      for (const answers of Object.keys(shared?.(sizes) ?? {})) {
        // Side by side, both would be the first to ask for them.
        if (!lanes.has(answers)) lanes.set(answers, lane);
        expect(lane, `${id} shares ${answers} with a collector of another lane`).toBe(lanes.get(answers));
      }
  });
}

/** Of the simulated provider; the contract asks for pages of two. */
function sizesOf(sizes: Readonly<Record<string, number>>): Sizes {
  return {
    of: (name) => sizeOf(sizes, name),
    pages: (name, largest) => Math.max(1, Math.ceil(sizeOf(sizes, name) / Math.min(largest, 2))),
  };
}

function sizeOf(sizes: Readonly<Record<string, number>>, name: string): number {
  const size = sizes[name];
  if (size === undefined) throw new Error(`The simulated provider does not know the size "${name}"`);
  return size;
}
