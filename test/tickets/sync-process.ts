// One sync in a process of its own, so that it can be killed: before, inside or after the nth call of a step.
import { openStore } from '../../src/store/store.ts';
import { syncTickets } from '../../src/tickets/sync.ts';
import type { TicketPlanner } from '../../src/tickets/world.ts';
import { plannerOf, scanNight, type AppTonight } from './nights.ts';
import { worldClock } from './world-clock.ts';
import { sinkAt } from './tracker.ts';

export interface SyncOrder {
  database: string;
  tracker: string;
  from: string;
  apps: Record<string, AppTonight>;
  /** STEP:WHEN:NTH, a step of the queue or of the sink: `beginWrite:after:2`, `create:inside:1`. */
  kill: string;
  /** A scan of that night instead, whose plan is killed. */
  night?: number;
}

const order = JSON.parse(process.argv[2]!) as SyncOrder;
const [step, when, nth] = order.kill.split(':');
let calls = 0;

const store = openStore(order.database);
const clock = worldClock(order.from);
const planner = (now: Date): TicketPlanner => {
  const whole = plannerOf(order.apps, now);
  const dies = step === 'plan' && when === 'inside';
  return dies ? { ...whole, plan: (world) => die() ?? whole.plan(world) } : whole;
};
if (order.night !== undefined)
  await scanNight(store, 'default', order.night, order.apps, { now: clock.now(), planner: planner(clock.now()) });
else
  await syncTickets({
    queue: deadly(store),
    tenant: 'default',
    sinks: [{ name: 'queue', sink: deadly(sinkAt(order.tracker)) }],
    planner,
    clock,
    signal: new AbortController().signal,
  });
await store.close();
process.stdout.write('survived\n');

function deadly<Whole extends object>(whole: Whole): Whole {
  return new Proxy(whole, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (name !== step || typeof value !== 'function') return typeof value === 'function' ? value.bind(target) : value;
      return async (...given: unknown[]) => {
        const isIt = ++calls === Number(nth);
        if (isIt && when === 'before') die();
        const result = (await Reflect.apply(value, target, given)) as unknown;
        if (isIt && when === 'after') die();
        return result;
      };
    },
  });
}

function die(): undefined {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}
