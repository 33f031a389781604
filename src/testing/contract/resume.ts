import { expect } from 'vitest';
import { runConnector } from '../runner.ts';
import { factsOf, find, requestsOf } from './facts.ts';
import type { Subject } from './suite.ts';

/** What was committed at a checkpoint is neither lost nor asked for again. */
export function goesOn(subject: Subject): void {
  const { connector, it } = subject;

  it('gives the same result when it is killed after any checkpoint and goes on', async () => {
    const { provider, baseline } = subject;
    for (const whole of baseline.collectors) {
      const { id } = whole.collector;
      const checkpoints = whole.events.filter((event) => event.type === 'checkpoint').length;
      const cutAfter = async (stopAfter: number, inFlight?: number) => {
        const options = { only: [id], ...(inFlight !== undefined && { inFlight }) };
        const start = find(await runConnector(connector, provider, { ...options, stopAfter }), id);
        const cut = start.events.at(-1)!;
        if (cut.type !== 'checkpoint') throw new Error('The run did not stop at a checkpoint');
        const rest = find(await runConnector(connector, provider, { ...options, cursors: { [id]: cut.cursor } }), id);
        const joined = { ...whole, events: [...start.events, ...rest.events] };
        expect(factsOf(joined), `${id}, killed after checkpoint ${stopAfter} of ${checkpoints}`).toEqual(factsOf(whole));
        return { sent: requestsOf(start) + requestsOf(rest), again: requestsOf(rest) };
      };
      for (let stopAfter = 1; stopAfter <= checkpoints; stopAfter++)
        expect((await cutAfter(stopAfter, 1)).sent, `${id} asks again for what it had committed`).toBe(requestsOf(whole));
      if (checkpoints === 0 || requestsOf(whole) === 0) continue;
      // Where several may be under way, what was is asked again, and no more.
      const { sent, again } = await cutAfter(Math.ceil(checkpoints / 2));
      expect(sent, id).toBeGreaterThanOrEqual(requestsOf(whole));
      expect(again, `${id} begins anew`).toBeLessThan(requestsOf(whole));
    }
  });
}
