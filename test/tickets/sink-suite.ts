import { randomInt } from 'node:crypto';
import { writeSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { markerOf } from '../../src/tickets/marker.ts';
import type { Comment, Draft, Marker, Sink } from '../../src/tickets/sink.ts';
import { syncTickets } from '../../src/tickets/sync.ts';
import { seededRandom } from '../../src/testing/random.ts';
import { temporaryFolder } from '../store/facts.ts';
import { connect } from '../store/logical-dump.ts';
import { worldClock } from './world-clock.ts';
import { plannerOf, scanNight, SETTINGS, type AppTonight } from './nights.ts';

/** A ticket as a person sees it. */
export interface TrackedTicket {
  id: string;
  /** What it is found by; another tracker's may stand in a label or in the text. */
  marker: string;
  state: 'open' | 'closed';
  title: string;
  body: string;
  comments: readonly string[];
}

/** What a simulated tracker is told of the time. A real one has its own. */
export interface TrackerWorld {
  now(): Date;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/**
 * `busy`: one answer of 429, nothing done. `storm`: several in a row. `lost answer`: done, and the connection ends. `lost request`: not done, and it
 * ends. `failed`: a server's fault, nothing done. `refused`: 403. `twice`: delivered and done twice.
 */
export const FAULTS = ['busy', 'storm', 'lost answer', 'lost request', 'failed', 'refused', 'twice'] as const;
export type Fault = (typeof FAULTS)[number];

/** A tracker with the sink that writes to it. */
export interface TrackerUnderTest {
  sink: Sink;
  tickets(): Promise<readonly TrackedTicket[]>;
  /** What a person does. */
  closeByHand(id: string): Promise<void>;
  deleteByHand?(id: string): Promise<void>;
  /** Absent = it cannot be made to fail. */
  faults?: {
    classes: readonly Fault[];
    /** The request that comes after so many others from now on meets the fault. */
    plant(fault: Fault, position: number): void;
    /** Ends it where it has struck; how many requests came since it was planted. */
    clear(): { hit: boolean; asked: number };
    /** Ends all of them. */
    calm(): void;
  };
  close(): Promise<void>;
}

export interface SuiteOptions {
  /** Random schedules of faults; 0 for a tracker that cannot be made to fail. */
  schedules?: number;
  /** Milliseconds after which a request whose answer was lost has arrived or never will. */
  late?: number;
}

const OPERATIONS = ['find', 'get', 'create', 'update', 'comment', 'close', 'reopen'] as const;
type SinkOperation = (typeof OPERATIONS)[number];

const DAY_MS = 86_400_000;
const HOSTILE = '</a> @all [x](http://evil.example) #1 " OR project = 1 -- \u202Eevil';

/**
 * What every tracker behind a sink keeps, whatever it is: one ticket a decision, however its answers are lost. `open` makes a tracker that is
 * empty, and that lives by the clock that it is given.
 */
export function sinkSuite(name: string, open: (world: TrackerWorld) => Promise<TrackerUnderTest>, options: SuiteOptions = {}): void {
  const { schedules = 250, late = 120_000 } = options;
  const file = temporaryFolder();
  const never = new AbortController().signal;

  describe(`${name}, as a sink`, () => {
    const clock = worldClock();
    let tracker: TrackerUnderTest;
    beforeAll(async () => void (tracker = await open(clock)));
    afterAll(() => tracker.close());
    const draft = (marker: Marker, severity: Draft['severity'], said: string): Draft => ({
      marker,
      idempotencyKey: `suite.${marker}.create`,
      severity,
      document: {
        title: ['AI tool that nobody approved: ', { name: HOSTILE }],
        blocks: [
          { is: 'heading', text: 'What' },
          { is: 'paragraph', runs: [said, { name: HOSTILE }] },
          { is: 'list', items: [['one'], [{ name: HOSTILE }]] },
          { is: 'code', text: '{\n  "apps": ["``` ]]> {code}"]\n}' },
        ],
      },
    });
    const words = (key: string, said: string): Comment => ({ idempotencyKey: key, paragraphs: [[said, { name: HOSTILE }]] });

    test('opens, finds, rewrites, comments, closes and opens again, and a step that was done already changes nothing', async () => {
      const { sink } = tracker;
      const marker = markerOf(`suite${String(randomInt(1e9)).padStart(9, '2')}aaaaaa`.replaceAll(/[0189]/g, 'b'), 1);
      expect(await sink.find(marker, [], never)).toEqual([]);
      const made = await sink.create(draft(marker, 'high', 'first words'), never);
      expect(made.state).toBe('open');
      await clock.sleep((sink.findableAfterMs ?? 0) + 1);
      expect((await sink.find(marker, [made.id], never)).map(({ id, state }) => ({ id, state }))).toEqual([{ id: made.id, state: 'open' }]);
      await sink.update(made.id, draft(marker, 'critical', 'second words'), never);
      await sink.comment(made.id, words('suite.comment', 'a comment'), never);
      await sink.comment(made.id, words('suite.comment', 'a comment'), never);
      await sink.close(made.id, words('suite.close', 'closing words'), never);
      await sink.close(made.id, words('suite.close', 'closing words'), never);
      expect(await sink.get(made.id, never)).toMatchObject({ id: made.id, state: 'closed' });
      expect((await sink.find(marker, [made.id], never)).map(({ state }) => state)).toEqual(['closed']);
      await sink.reopen(made.id, words('suite.reopen', 'opening words'), never);
      await sink.reopen(made.id, words('suite.reopen', 'opening words'), never);
      expect(await sink.get(made.id, never)).toMatchObject({ state: 'open', label: made.label });
      const seen = (await tracker.tickets()).filter(({ id }) => id === made.id);
      expect(seen).toMatchObject([{ state: 'open', body: expect.stringContaining('second words') as string }]);
      for (const said of ['a comment', 'closing words', 'opening words'])
        expect(
          seen[0]!.comments.filter((comment) => comment.includes(said)),
          said,
        ).toHaveLength(1);
    });

    test('another marker finds nothing, and what is not there is said to be so', async () => {
      expect(await tracker.sink.find('noctule-nobodyhasthismarker2', [], never)).toEqual([]);
    });

    test('the ticket of an app that the catalog named since is found by a database that was lost and begun anew', async () => {
      const before = new Set((await tracker.tickets()).map(({ id }) => id));
      const unknown: Record<string, AppTonight> = { a: { holders: 1, read: true } };
      const known: Record<string, AppTonight> = { a: { holders: 2, read: true, product: 'vendor/product' } };
      const databaseOf = async (nights: readonly Record<string, AppTonight>[]) => {
        const store = openStore(file());
        let adopted = 0;
        for (const [number, apps] of nights.entries()) {
          await clock.sleep(DAY_MS);
          await scanNight(store, 'lost', number, apps, { now: clock.now() });
          const { outcomes } = await syncTickets({
            queue: store,
            tenant: 'lost',
            sinks: [{ name: 'queue', sink: tracker.sink }],
            planner: (now) => plannerOf(apps, now),
            clock,
            signal: never,
            late,
          });
          expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
          adopted += outcomes[0]!.adopted;
        }
        await store.close();
        return adopted;
      };
      expect([await databaseOf([unknown, known]), await databaseOf([known, known])]).toEqual([0, 1]);
      const made = (await tracker.tickets()).filter(({ id }) => !before.has(id));
      expect(made).toMatchObject([{ state: 'open', body: expect.stringContaining('held by 2:') as string }]);
    });
  });

  if (schedules > 0)
    describe(`${name}, under faults`, () => {
      const seed = process.env['NOCTULE_TEST_SEED'] ?? String(randomInt(1_000_000));
      test(`of ${schedules} random schedules, no ticket is doubled, lost, or closed while its place was not read (seed ${seed})`, async () => {
        const hits = new Map<string, number>();
        /** The most requests that an operation was seen to make. */
        const reach = new Map<SinkOperation, number>();
        const path = file();
        const store = openStore(path);
        const reader = connect(path);
        // Trackers of one company see the same nights, and each fails in its own way.
        for (let number = 0; number < schedules; number += TRACKERS) {
          const trackers = Math.min(TRACKERS, schedules - number);
          await nightsOf({ store, reader, tenant: `t${number}`, seed: `${seed} ${name} ${number}`, trackers, open, late, hits, reach });
        }
        reader.close();
        await store.close();
        const classes = await faultClasses(open);
        const universe = OPERATIONS.flatMap((operation) =>
          classes.flatMap((fault) =>
            Array.from({ length: reach.get(operation) ?? 1 }, (_, position) => `${operation} × ${fault} × ${position}`),
          ),
        );
        const never = universe.filter((triple) => !hits.has(triple));
        writeSync(
          2,
          `${[
            `${name}: seed ${seed}, ${schedules} schedules, ${[...hits.values()].reduce((sum, one) => sum + one, 0)} faults, ${hits.size} distinct triples (operation × fault × request):`,
            ...[...hits].sort(([a], [b]) => (a < b ? -1 : 1)).map(([triple, times]) => `  ${triple}: ${times}`),
            `never hit: ${never.length === 0 ? 'none' : never.join(', ')}`,
          ].join('\n')}\n`,
        );
        const struck = [...hits.keys()].map((triple) => triple.split(' × ') as [SinkOperation, Fault, string]);
        const unstruck = {
          operations: OPERATIONS.filter((operation) => !struck.some(([one]) => one === operation)),
          faults: classes.filter((fault) => !struck.some(([, one]) => one === fault)),
          pairs: OPERATIONS.flatMap((operation) =>
            classes
              .filter((fault) => !struck.some(([one, other]) => one === operation && other === fault))
              .map((fault) => `${operation} × ${fault}`),
          ),
        };
        // Of fewer schedules not every fault meets the rarest operation.
        expect(unstruck).toEqual({ operations: [], faults: [], pairs: schedules >= ENOUGH ? [] : unstruck.pairs });
      });
    });
}

async function faultClasses(open: (world: TrackerWorld) => Promise<TrackerUnderTest>): Promise<readonly Fault[]> {
  const tracker = await open(worldClock());
  await tracker.close();
  return tracker.faults?.classes ?? [];
}

/** Trackers of one company. */
const TRACKERS = 20;
/** Of so many schedules every fault has to strike every operation. */
const ENOUGH = 1000;

interface Company {
  store: Store;
  reader: ReturnType<typeof connect>;
  tenant: string;
  seed: string;
  trackers: number;
  open(world: TrackerWorld): Promise<TrackerUnderTest>;
  late: number;
  hits: Map<string, number>;
  reach: Map<SinkOperation, number>;
}

/** One company's nights: tools come, go, grow, are approved, cannot be read; people close tickets; and each tracker fails as it likes. */
async function nightsOf({ store, reader, tenant, seed, trackers, open, late, hits, reach }: Company): Promise<void> {
  const random = seededRandom(seed);
  const happens = (share: number) => random() < share;
  const clock = worldClock();
  const apps = ['a', 'b', 'c'].slice(0, 2 + Math.floor(random() * 2));
  /** Of each app, how often its place was read since what is wrong with it was last seen, and nothing was; undefined = nothing ever was. */
  const readGone = new Map<string, number>();
  /** Apps whose approval stood already when something was last wrong with them. */
  const oldNews = new Set<string>();
  /** Apps that are there, as far as was read. */
  const standing = new Set<string>();
  let tonight: Record<string, AppTonight> = {};
  const allowed = new Set<string>();
  const rows = <Row>(sql: string, ...of: string[]) => reader.prepare(sql).all(tenant, ...of) as Row[];
  let stormy = true;
  const names = Array.from({ length: trackers }, (_, number) => `queue-${number}`);
  const desks = await Promise.all(names.map(async (name) => deskOf(name, await open(clock))));
  const settings = { ...SETTINGS, sinks: names.map((name) => ({ name, minimumSeverity: 'low' as const })) };

  function deskOf(name: string, tracker: TrackerUnderTest) {
    const desk = { name, tracker, wasDoubled: false, sink: tracker.sink };
    /** The sink, as the sync sees it: before each call it may be decided how it will fail. */
    desk.sink = new Proxy(tracker.sink, {
      get(target, property: keyof Sink) {
        if (!(OPERATIONS as readonly string[]).includes(property)) return target[property];
        const operation = property as SinkOperation;
        return async (...given: unknown[]) => {
          if (operation === 'close') mayClose(name, String(given[0]), (given[1] as Comment).idempotencyKey);
          const call = () => Reflect.apply(target[operation] as () => unknown, target, given) as Promise<unknown>;
          const { faults } = tracker;
          if (!faults) return call();
          const planned = stormy ? choose(operation, faults.classes) : undefined;
          if (planned) faults.plant(planned.fault, planned.position);
          else faults.plant('busy', Number.POSITIVE_INFINITY);
          try {
            return await call();
          } finally {
            const { hit, asked } = faults.clear();
            reach.set(operation, Math.max(reach.get(operation) ?? 1, Math.min(asked, 8)));
            if (planned && hit) {
              const triple = `${operation} × ${planned.fault} × ${planned.position}`;
              hits.set(triple, (hits.get(triple) ?? 0) + 1);
              if (operation === 'create' && planned.fault === 'twice') desk.wasDoubled = true;
            }
          }
        };
      },
    });
    return desk;
  }

  /** Prefers what was never tried. */
  function choose(operation: SinkOperation, classes: readonly Fault[]): { fault: Fault; position: number } | undefined {
    const all = classes.flatMap((fault) => Array.from({ length: reach.get(operation) ?? 1 }, (_, position) => ({ fault, position })));
    const fresh = all.filter(({ fault, position }) => !hits.has(`${operation} × ${fault} × ${position}`));
    if (!happens(fresh.length > 0 ? 0.7 : 0.3)) return undefined;
    const from = fresh.length > 0 ? fresh : all;
    return from[Math.floor(random() * from.length)]!;
  }

  /** Closing what is there, or may be there still, would be the worst of faults. */
  function mayClose(sink: string, remoteId: string, key: string): void {
    // What was once right to send is sent until it arrives.
    if (allowed.has(key)) return;
    allowed.add(key);
    const about = rows<{ app: string; state: string }>(
      `SELECT f.app_id AS app, f.state FROM decision d JOIN ticket t ON t.decision = d.id JOIN decision_finding m ON m.decision = d.id
       JOIN finding f ON f.key = m.key WHERE d.tenant = ? AND t.sink = ? AND t.remote_id = ?`,
      sink,
      remoteId,
    );
    for (const { app, state } of about) {
      const settled =
        (tonight[app]?.approved === true && !oldNews.has(app)) ||
        tonight[app]?.excepted === true ||
        (readGone.get(app) ?? 0) >= SETTINGS.resolveAfter;
      if (!settled)
        throw new Error(`The ticket ${remoteId} would be closed, though ${app} (${state}) was read gone ${readGone.get(app) ?? 0} times`);
    }
  }

  async function night(number: number, draw: (app: string) => AppTonight): Promise<void> {
    clock.to(Date.parse('2026-11-02T02:00:00Z') + number * DAY_MS);
    tonight = Object.fromEntries(apps.map((app) => [app, draw(app)]));
    for (const [app, { holders, read, approved, beyond }] of Object.entries(tonight)) {
      // What was not read stays as it was.
      if (read && holders !== undefined) standing.add(app);
      else if (read) standing.delete(app);
      const isWrong = standing.has(app) && (!approved || beyond === true);
      if (isWrong && approved) oldNews.add(app);
      else if (isWrong) oldNews.delete(app);
      if (isWrong) readGone.set(app, 0);
      else if (read && readGone.has(app)) readGone.set(app, readGone.get(app)! + 1);
    }
    await scanNight(store, tenant, number, tonight, { now: clock.now(), settings });
    await sync();
  }

  async function sync(): Promise<void> {
    const { outcomes } = await syncTickets({
      queue: store,
      tenant,
      sinks: desks.map(({ name, sink }) => ({ name, sink })),
      planner: (now) => plannerOf(tonight, now, settings),
      clock,
      signal: new AbortController().signal,
      late,
    });
    for (const { bugs } of outcomes) for (const bug of bugs) throw bug;
  }

  /** A person closes a ticket, or takes it away. */
  async function meddle({ tracker }: (typeof desks)[number]): Promise<void> {
    const standing = (await tracker.tickets()).filter(({ state }) => state === 'open');
    const one = standing[Math.floor(random() * standing.length)];
    if (one && tracker.deleteByHand && happens(0.2)) await tracker.deleteByHand(one.id);
    else if (one) await tracker.closeByHand(one.id);
  }

  try {
    const named = happens(0.3);
    const nights = 2 + Math.floor(random() * 3);
    // One that is approved throughout, and goes beyond its approval every now and then.
    const kept = happens(0.4) ? apps[Math.floor(random() * apps.length)] : undefined;
    for (let number = 0; number < nights; number++) {
      await night(number, (app) => {
        const there = happens(0.65);
        const read = happens(0.8);
        const beyond = read ? happens(0.5) : tonight[app]?.beyond === true;
        return {
          read,
          ...(there && { holders: 1 + Math.floor(random() * 12) }),
          ...(app === kept ? { approved: true, beyond } : happens(0.1) && { approved: true }),
          ...(happens(0.08) && { excepted: true }),
          ...(named && number > 0 && app !== 'c' && { product: 'vendor/product' }),
          severity: happens(0.3) ? 'critical' : 'high',
        };
      });
      for (const desk of desks) if (happens(0.25)) await meddle(desk);
    }
    // People's closings have been respected long enough, and everything is read.
    const last = tonight;
    await night(nights + 15, (app) => ({ ...last[app]!, read: true, excepted: false }));
    // The trackers are well again; a closing that was seen as late as now is respected too.
    stormy = false;
    for (const { tracker } of desks) tracker.faults?.calm();
    for (const number of [nights + 16, nights + 17, nights + 36])
      await night(number, (app) => ({ ...last[app]!, read: true, excepted: false }));
    clock.to(clock.now().getTime() + 2 * DAY_MS);
    await sync();
    for (const desk of desks) await audit(desk);
  } finally {
    for (const { tracker } of desks) await tracker.close();
  }

  async function audit({ name, tracker, wasDoubled }: (typeof desks)[number]): Promise<void> {
    const tickets = await tracker.tickets();
    const decisions = rows<{ id: string; live: number; holders: number | null }>(
      `SELECT d.id, (SELECT count(*) FROM decision_finding m JOIN finding f ON f.key = m.key WHERE m.decision = d.id AND f.state = 'open') AS live,
         (SELECT max(f.body ->> '$.holders.count') FROM decision_finding m JOIN finding f ON f.key = m.key WHERE m.decision = d.id AND f.state = 'open') AS holders
       FROM decision d WHERE d.tenant = ?`,
    );
    for (const { id, live, holders } of decisions) {
      const own = tickets.filter(({ marker }) => marker === markerOf(id, 1) || marker.startsWith(`${markerOf(id, 1)}-`));
      const standing = own.filter(({ state }) => state === 'open');
      expect({ seed, name, decision: id, open: standing.length }).toEqual({ seed, name, decision: id, open: live > 0 ? 1 : 0 });
      if (live > 0) expect(standing[0]!.body, seed).toContain(`held by ${holders}:`);
      if (wasDoubled) continue;
      const markers = own.map(({ marker }) => marker);
      expect(markers, `${seed}: made twice`).toEqual([...new Set(markers)]);
    }
    const known = new Set(decisions.map(({ id }) => id));
    expect(
      tickets.filter(({ marker }) => !known.has(marker.split('-')[1]!)),
      seed,
    ).toEqual([]);
    const left = rows<object>(
      `SELECT op, state, message FROM outbox WHERE tenant = ? AND sink = ? AND state NOT IN ('done', 'dead')`,
      name,
    );
    expect(left, seed).toEqual([]);
  }
}
