import { describe, expect, test } from 'vitest';
import type { ConnectTools, Pace, ScanEvent } from '../../src/connector/index.ts';
import type { Source } from '../../src/scan/engine.ts';
import { virtualClock } from '../connector/virtual-clock.ts';
import { dateOf, temporaryFolder } from '../store/facts.ts';
import { accountOf, gapsOf, inventedSource, says, scanOn } from './invented.ts';

const file = temporaryFolder();
const FREE = { perSecond: Number.POSITIVE_INFINITY, inFlight: 3 };

/** How many calls may be under way and were, and when they were sent, in milliseconds. `minutes` = the time that the source has. */
async function paced(usual: readonly Pace[], pace: Source['pace'], calls = 3, minutes?: number) {
  const clock = virtualClock(dateOf(0));
  const at: number[] = [];
  let inFlight = 0;
  let [now, most] = [0, 0];
  const grants = says('grants', async function* (context): AsyncGenerator<ScanEvent> {
    inFlight = context.inFlight;
    const { run } = context.client as ReturnType<ConnectTools['calls']>;
    const send = async () => {
      at.push(Math.round(clock.elapsed()));
      most = Math.max(most, ++now);
      await clock.sleep(1);
      now--;
    };
    await Promise.all(Array.from({ length: calls }, () => run(send)));
    yield { type: 'covered', scope: 'account/A' };
  });
  const connect = async (tools: ConnectTools) => ({
    client: usual.map((each) => tools.calls(each, () => undefined)).at(-1),
    account: accountOf('A'),
  });
  const path = file();
  const source = inventedSource('one', [grants], { connect }, { pace, ...(minutes !== undefined && { timeBudgetMinutes: minutes }) });
  const { sources, scanId } = await scanOn(path, 0, [source], { clock });
  return { inFlight, most, at, state: sources[0]!.state, gaps: gapsOf(path, scanId).map(([, , reason]) => reason) };
}

describe('the pace of a source', () => {
  test('is the usual one of its connector, or as wide as the widest of several', async () => {
    expect(await paced([FREE], undefined, 5)).toMatchObject({ inFlight: 3, most: 3 });
    expect(await paced([{ ...FREE, inFlight: 8 }, FREE], undefined, 5)).toMatchObject({ inFlight: 8, most: 3 });
    expect((await paced([{ perSecond: 10, inFlight: 1 }], undefined)).at).toEqual([0, 100, 200]);
  });

  test('is what the configuration asks for, within what the connector can bear', async () => {
    expect(await paced([FREE], { inFlight: 2 }, 5)).toMatchObject({ inFlight: 2, most: 2 });
    expect(await paced([{ ...FREE, mostInFlight: 4 }], { inFlight: 9 }, 9)).toMatchObject({ inFlight: 4, most: 4 });
    const one = { perSecond: 10, inFlight: 1 };
    expect((await paced([{ ...one, mostPerSecond: 20 }], { perSecond: 100 })).at).toEqual([0, 50, 100]);
    expect((await paced([{ ...one, mostPerSecond: 20 }], { perSecond: 5 })).at).toEqual([0, 200, 400]);
    expect((await paced([one], { perSecond: 100 })).at).toEqual([0, 10, 20]);
    // A test asks for no pace at all.
    expect((await paced([{ ...one, mostPerSecond: 20 }], { perSecond: Number.POSITIVE_INFINITY })).at).toEqual([0, 1, 2]);
  });

  test('does not grow beyond what somebody named, and the usual one does', async () => {
    const between = (at: readonly number[]) => at.slice(1).map((each, index) => each - at[index]!);
    const usual = { perSecond: 10, inFlight: 1, most: 40 };
    expect(Math.min(...between((await paced([usual], undefined, 80)).at))).toBeLessThan(90);
    expect(new Set(between((await paced([usual], { perSecond: 10 }, 80)).at))).toEqual(new Set([100]));
  });

  test('ends with the time that it was given', async () => {
    const slow = [{ perSecond: 1, inFlight: 1 }];
    expect(await paced(slow, undefined, 70, 1)).toMatchObject({ state: 'partly', gaps: ['over_budget'] });
    expect(await paced(slow, undefined, 70, 2)).toMatchObject({ state: 'read', gaps: [] });
    expect(await paced(slow, undefined, 70)).toMatchObject({ state: 'read', gaps: [] });
  });
});
