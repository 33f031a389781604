import { expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { dateOf, temporaryFolder, TENANT } from './facts.ts';
import { rowsOf } from './logical-dump.ts';

const file = temporaryFolder();
const at = (day: number) => dateOf(day).toISOString();

test('a notice begins where the last one to the same notifier ended, and waits until it is delivered', async () => {
  const path = file();
  const store = openStore(path);
  const queue = (id: string, notifier: string, day: number, scanId: number | null) =>
    store.queueNotices(TENANT, [{ id, notifier, madeAt: at(day), scanId, failure: scanId === null ? 'storage' : null }]);
  await queue('a1', 'hook', 0, 3);
  await queue('a2', 'hook', 1, null);
  await queue('a3', 'hook', 2, 6);
  await queue('b1', 'mail', 2, 6);
  await store.queueNotices('other', [{ id: 'c1', notifier: 'hook', madeAt: at(2), scanId: 9, failure: null }]);
  const waiting = async () =>
    (await store.undeliveredNotices(TENANT)).map(({ id, sinceScan, scanId, attempts }) => [id, sinceScan, scanId, attempts]);
  // Whoever is told for the first time is told of this night alone.
  expect(await waiting()).toEqual([
    ['a1', 2, 3, 0],
    ['a2', null, null, 0],
    ['a3', 3, 6, 0],
    ['b1', 5, 6, 0],
  ]);
  await store.noticeTried('a1', { at: at(2), delivered: false, trouble: 'busy' });
  await store.noticeTried('a1', { at: at(3), delivered: true, trouble: null });
  await store.noticeTried('b1', { at: at(3), delivered: true, trouble: null });
  expect(await waiting()).toEqual([
    ['a2', null, null, 0],
    ['a3', 3, 6, 0],
  ]);
  expect(rowsOf(path, `SELECT attempts, trouble FROM notice WHERE id = 'a1'`)).toEqual([{ attempts: 2, trouble: null }]);
  await store.close();
});

test('what nobody accepted for too long is given up; the last that was delivered stays, for the next begins there', async () => {
  const path = file();
  const store = openStore(path);
  for (const [day, scanId] of [1, 2, 3].entries())
    await store.queueNotices(TENANT, [{ id: `n${scanId}`, notifier: 'hook', madeAt: at(day), scanId, failure: null }]);
  for (const id of ['n1', 'n2']) await store.noticeTried(id, { at: at(3), delivered: true, trouble: null });
  expect(await store.dropOldNotices(TENANT, at(0))).toBe(0);
  expect(await store.dropOldNotices(TENANT, at(20))).toBe(1);
  expect(await store.dropOldNotices(TENANT, at(20))).toBe(0);
  expect(rowsOf(path, 'SELECT id FROM notice')).toEqual([{ id: 'n2' }]);
  await store.queueNotices(TENANT, [{ id: 'n9', notifier: 'hook', madeAt: at(21), scanId: 9, failure: null }]);
  expect(await store.undeliveredNotices(TENANT)).toEqual([expect.objectContaining({ id: 'n9', sinceScan: 2, scanId: 9 })]);
  await store.close();
});

test('the scans of a notice that is given up are told by the oldest that still waits', async () => {
  const path = file();
  const store = openStore(path);
  for (const [day, scanId] of [
    [0, 1],
    [1, 3],
    [30, 5],
    [31, 6],
  ] as const)
    for (const notifier of ['hook', 'mail'])
      await store.queueNotices(TENANT, [{ id: `${notifier}${scanId}`, notifier, madeAt: at(day), scanId, failure: null }]);
  for (const id of ['mail1', 'mail3']) await store.noticeTried(id, { at: at(3), delivered: true, trouble: null });
  expect(await store.dropOldNotices(TENANT, at(20))).toBe(2);
  expect((await store.undeliveredNotices(TENANT)).map(({ id, sinceScan }) => [id, sinceScan])).toEqual([
    ['hook5', 0],
    ['mail5', 3],
    ['hook6', 5],
    ['mail6', 5],
  ]);
  await store.close();
});
