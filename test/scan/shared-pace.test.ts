import { expect, test } from 'vitest';
import type { ConnectTools, ScanEvent } from '../../src/connector/index.ts';
import type { Source } from '../../src/scan/engine.ts';
import { virtualClock } from '../connector/virtual-clock.ts';
import { dateOf, temporaryFolder } from '../store/facts.ts';
import { accountOf, inventedSource, says, scanOn } from './invented.ts';

const file = temporaryFolder();
const PACE = { perSecond: 10, inFlight: 1 };
const ACCOUNTS = ['A', 'B', 'C', 'D'];

/** When four accounts were asked, in milliseconds, and how many calls were under way at once: members of one source, or sources of their own. */
async function asked(as: string | undefined, how: { sources?: (Partial<Source> | undefined)[] } = {}) {
  const clock = virtualClock(dateOf(0));
  const at: number[] = [];
  let [now, most] = [0, 0];
  const grants = says('grants', async function* (context): AsyncGenerator<ScanEvent> {
    const { run } = context.client as ReturnType<ConnectTools['calls']>;
    await run(async () => {
      at.push(Math.round(clock.elapsed()));
      most = Math.max(most, ++now);
      await clock.sleep(30);
      now--;
    });
    yield { type: 'covered', scope: context.account.scope };
  });
  const connect = (id: string) => async (tools: ConnectTools) => ({
    client: tools.calls(PACE, () => undefined, as),
    account: accountOf(id),
  });
  const sources = how.sources
    ? how.sources.map((own, place) => inventedSource(`source ${place}`, [grants], { connect: connect(ACCOUNTS[place]!) }, own))
    : [
        inventedSource('all', [grants], {
          readsMany: () => true,
          connect: async () => ({
            client: {},
            account: accountOf('O'),
            members: async () => ACCOUNTS.map((id) => ({ account: accountOf(id), connect: connect(id) })),
          }),
        }),
      ];
  await scanOn(file(), 0, sources, { clock });
  return { at: at.toSorted((a, b) => a - b), most };
}

const ONE_PACE = { at: [0, 100, 200, 300], most: 1 };

test('accounts that are read with one credential keep one pace, and those with credentials of their own do not wait for others', async () => {
  expect(await asked('the token')).toEqual(ONE_PACE);
  expect(await asked(undefined)).toEqual({ at: [0, 0, 0, 0], most: 4 });
});

test('so do sources, unless the configuration gives them different paces or times', async () => {
  expect(await asked('the token', { sources: [{}, {}, {}, {}] })).toEqual(ONE_PACE);
  const apart = [{}, { pace: { inFlight: 2 } }, { pace: { perSecond: 5 } }, { timeBudgetMinutes: 9 }];
  expect(await asked('the token', { sources: apart })).toEqual({ at: [0, 0, 0, 0], most: 4 });
  expect(await asked(undefined, { sources: [{}, {}, {}, {}] })).toEqual({ at: [0, 0, 0, 0], most: 4 });
});

test('a scan does not wait for the pace of another', async () => {
  const both = await Promise.all([asked('the token'), asked('the token')]);
  expect(both).toEqual([ONE_PACE, ONE_PACE]);
});
