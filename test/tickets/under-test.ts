import { openSinkOf, startFake, type FakeName } from './benches.ts';
import type { Fault as Given } from './fakes/tracker.ts';
import type { Fault, TrackerUnderTest, TrackerWorld } from './sink-suite.ts';

/** What the suite calls a fault, in the words of the simulated trackers. */
const AS: Readonly<Record<Fault, Given>> = {
  busy: 'throttled',
  storm: 'throttled',
  'lost answer': 'lost_after',
  'lost request': 'lost_before',
  failed: 'error_before',
  refused: 'refused',
  twice: 'twice',
};
/** Requests of a storm. */
const STORM = 6;

/** A simulated tracker of a kind with its own sink, as the suite of all trackers takes it. Its index is behind almost as long as its sink allows for. */
export async function trackerUnderTest(name: FakeName, world: TrackerWorld): Promise<TrackerUnderTest> {
  const fake = await startFake(name, world.now);
  const sink = await openSinkOf(name, fake, { now: world.now, sleep: (milliseconds, signal) => world.sleep(milliseconds, signal) });
  fake.lagMs = Math.floor((sink.findableAfterMs ?? 0) * 0.9);
  let planted: { fault: Fault; position: number; left: number } | undefined;
  let asked = 0;
  let hit = false;
  fake.plan = () => {
    const here = asked++;
    if (!planted || here < planted.position || here >= planted.position + planted.left) return undefined;
    hit = true;
    return AS[planted.fault];
  };
  return {
    sink,
    async tickets() {
      return fake.tickets().map(({ id, title, text, comments, open, labels }) => ({
        id,
        marker: labels[0] ?? '',
        state: open ? 'open' : 'closed',
        title,
        body: text,
        comments,
      }));
    },
    closeByHand: async (id) => fake.person.close(id),
    deleteByHand: async (id) => fake.person.remove(id),
    faults: {
      classes: Object.keys(AS) as Fault[],
      plant(fault, position) {
        asked = 0;
        hit = false;
        planted = { fault, position, left: fault === 'storm' ? STORM : 1 };
      },
      clear() {
        if (planted?.fault !== 'storm' || asked >= planted.position + planted.left) planted = undefined;
        const was = { hit, asked };
        hit = false;
        return was;
      },
      calm: () => void (planted = undefined),
    },
    close: () => fake.close(),
  };
}
