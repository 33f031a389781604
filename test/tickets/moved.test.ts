import { describe, expect, test } from 'vitest';
import type { RemoteTicket, Sink } from '../../src/tickets/sink.ts';
import { SinkError } from '../../src/tickets/sink.ts';
import { company, gone, there } from './company.ts';

const grown = { ...there, severity: 'critical', administrators: 1 } as const;

/** A company whose tracker shows tickets in another place, and takes no writes to them there, while that is asked for. */
async function movable() {
  const moved = new Set<string>();
  const refused: string[] = [];
  const it = await company({}, (sink): Sink => {
    const guarded =
      <Rest extends unknown[]>(write: (id: string, ...rest: Rest) => Promise<void>) =>
      (id: string, ...rest: Rest) => {
        if (!moved.has(id)) return write(id, ...rest);
        refused.push(id);
        return Promise.reject(new SinkError('refused', 'it lies elsewhere'));
      };
    const placed = (ticket: RemoteTicket): RemoteTicket => (moved.has(ticket.id) ? { ...ticket, elsewhere: 'project OPS' } : ticket);
    return {
      ...sink,
      async get(id, signal) {
        const found = await sink.get(id, signal);
        return found && placed(found);
      },
      find: async (...asked) => (await sink.find(...asked)).filter(({ id }) => !moved.has(id)),
      update: guarded(sink.update),
      comment: guarded(sink.comment),
      close: guarded(sink.close),
      reopen: guarded(sink.reopen),
    };
  });
  return { ...it, moved, refused };
}

describe('a ticket that people moved to where nothing is written', () => {
  test('is left alone while it is open, without a word of failure, and no other is opened', async () => {
    const it = await movable();
    await it.night(0, { a: there });
    it.moved.add('1');
    const reasons: string[] = [];
    for (const [night, app] of [grown, gone, gone, there].entries()) {
      const { outcome, plan } = await it.night(1 + night, { a: app });
      expect([outcome.failures, outcome.refused, outcome.waiting]).toEqual([[], 0, 0]);
      reasons.push(...plan.withheld.map(({ reason }) => reason));
    }
    expect(reasons).toEqual(['moved', 'waits for a scan that reads', 'moved', 'moved']);
    expect([await it.shown(), it.refused]).toEqual([['1 open a'], []]);
  });

  test('is kept up again when it comes back', async () => {
    const it = await movable();
    await it.night(0, { a: there });
    it.moved.add('1');
    await it.night(1, { a: grown });
    it.moved.delete('1');
    await it.night(2, { a: grown });
    expect((await it.ticket('1')).body).toMatch(/^critical/);
    for (const night of [3, 4]) await it.night(night, { a: gone });
    expect(await it.shown()).toEqual(['1 closed a']);
  });

  test('and closed there is followed by another when the days of respect are over and it is still there', async () => {
    const it = await movable();
    await it.night(0, { a: there });
    it.moved.add('1');
    await it.tracker.closeByHand('1');
    for (const night of [1, 14]) await it.night(night, { a: there });
    expect(await it.shown()).toEqual(['1 closed a']);
    await it.night(16, { a: there });
    expect([await it.shown(), (await it.ticket('2')).body]).toEqual([['1 closed a', '2 open a'], expect.stringContaining('T-1')]);
  });

  test('after it was closed here is followed by another at once when it returns', async () => {
    const it = await movable();
    await it.night(0, { a: there });
    for (const night of [1, 2]) await it.night(night, { a: gone });
    it.moved.add('1');
    const { outcome } = await it.night(3, { a: there });
    expect([outcome.failures, await it.shown()]).toEqual([[], ['1 closed a', '2 open a']]);
  });
});
