import { describe, expect, test } from 'vitest';
import { company, gone, there } from './company.ts';

const named = { ...there, product: 'vendor/product' };

describe('a database that was lost and begun anew', () => {
  test('finds its tickets again', async () => {
    const it = await company();
    await it.night(0, { a: there });
    await it.loseDatabase();
    const { outcome } = await it.night(1, { a: there });
    expect([outcome.adopted, await it.shown()]).toEqual([1, ['1 open a']]);
  });

  test('finds the ticket of an app that the catalog named meanwhile, and keeps it from then on', async () => {
    const it = await company();
    await it.night(0, { a: there });
    await it.night(1, { a: named });
    await it.loseDatabase();
    expect((await it.night(2, { a: named })).outcome.adopted).toBe(1);
    await it.night(3, { a: { ...named, holders: 3 } });
    expect([await it.shown(), (await it.ticket('1')).body]).toEqual([['1 open vendor/product (a)'], expect.stringContaining('held by 3:')]);
    for (const night of [4, 5]) await it.night(night, { a: gone });
    await it.night(6, { a: named });
    expect(await it.shown()).toEqual(['1 open vendor/product (a)']);
  });

  test('goes on in the open one of the tickets of several apps that are one product by now, and closes what else is open', async () => {
    const it = await company();
    await it.night(0, { a: there, b: there, c: there });
    await it.tracker.closeByHand('1');
    await it.loseDatabase();
    await it.night(1, { a: named, b: named, c: named });
    const [first, ...others] = await it.tracker.tickets();
    const open = others.find(({ state }) => state === 'open')!;
    const closed = others.find(({ state }) => state === 'closed')!;
    // What somebody closed is not spoken to again.
    expect([first!.comments, closed.comments]).toEqual([
      [],
      [expect.stringContaining(`It goes on in T-${open.id}, which is about the same.`)],
    ]);
    await it.night(2, { a: named, b: named, c: named });
    expect(await it.shown()).toContain(`${open.id} open vendor/product (a) and 2 more`);
  });

  test('finds the ticket of a product that an earlier catalog called by another id', async () => {
    const it = await company();
    await it.night(0, { a: { ...there, product: 'vendor/before' } });
    await it.loseDatabase();
    await it.scan(1, { a: named });
    const { outcome } = await it.sync({}, { formerIds: (product) => (product === 'vendor/product' ? ['vendor/before'] : []) });
    expect([outcome.adopted, (await it.shown()).length]).toEqual([1, 1]);
  });
});

test('what is another decision here keeps its ticket: that of an app whose product has none yet is closed, and another is made', async () => {
  const it = await company({ sinks: [{ name: 'queue', minimumSeverity: 'high' }] });
  await it.night(0, { a: there, b: { ...named, severity: 'low' } });
  expect(await it.shown()).toEqual(['1 open a']);
  const { outcome } = await it.night(1, { a: named, b: { ...named, severity: 'low' } });
  expect([outcome.adopted, (await it.shown()).map((line) => line.slice(0, 8))]).toEqual([0, ['1 closed', '2 open v']]);
});
