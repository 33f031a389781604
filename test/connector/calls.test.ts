import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  createCalls,
  createWire,
  ProviderFault,
  Refusal,
  UndeclaredRequest,
  type Classify,
  type Fate,
} from '../../src/connector/index.ts';
import { fastClock } from '../../src/testing/clock.ts';
import { json, serve } from '../http/server.ts';
import { virtualClock } from './virtual-clock.ts';

/** An SDK's error, in whose `fate` the test says what it means. */
class SdkError extends Error {
  readonly fate: Fate | undefined;
  constructor(fate: Fate | undefined) {
    super('the SDK failed');
    this.fate = fate;
  }
}
const classify: Classify = (error) => (error instanceof SdkError ? error.fate : undefined);
const throttled = (after?: number) => new SdkError({ retry: 'throttled', ...(after !== undefined && { after }) });
const fault = () => new SdkError({ retry: 'fault' });

const FREE = { perSecond: Number.POSITIVE_INFINITY, inFlight: 8 };

function open(options: Partial<Parameters<typeof createCalls>[0]> = {}) {
  const clock = virtualClock();
  const controller = new AbortController();
  return { clock, controller, calls: createCalls({ clock, pace: FREE, classify, signal: controller.signal, ...options }) };
}

/** Fails with each of these in turn, then answers; notes when it was asked. */
function failing(clock: { elapsed(): number }, errors: readonly Error[]) {
  const asked: number[] = [];
  const send = async () => {
    asked.push(clock.elapsed());
    const error = errors[asked.length - 1];
    if (error) throw error;
    return 'answer';
  };
  return { asked, send };
}

async function thrown(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a call that fails', () => {
  test.each([2_000, 60_000, 3_600_000])('waits for the %i ms that the provider asked for, and at most a tenth longer', async (after) => {
    const { clock, calls } = open();
    const { asked, send } = failing(clock, [throttled(after), throttled(after)]);
    expect(await calls.run(send)).toBe('answer');
    for (const [index, at] of asked.slice(1).entries()) {
      const waited = at - asked[index]!;
      expect(waited).toBeGreaterThanOrEqual(after);
      expect(waited).toBeLessThanOrEqual(after * 1.1);
    }
  });

  test('waits twice as long each time, up to the longest wait', async () => {
    const { clock, calls } = open({ limits: { attempts: 9, firstWait: 500, longestWait: 8_000 } });
    await calls.run(failing(clock, Array.from({ length: 8 }, fault)).send);
    const expected = [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000];
    expect(clock.slept).toHaveLength(expected.length);
    for (const [index, wait] of expected.entries()) {
      expect(clock.slept[index]).toBeGreaterThanOrEqual(wait);
      expect(clock.slept[index]).toBeLessThanOrEqual(wait * 1.1);
    }
  });

  test('waits as long as its kind of failure demands where the provider does not say, and twice as long each time', async () => {
    const { clock, calls } = open();
    const error = () => new SdkError({ retry: 'throttled', first: 60_000 });
    expect(await thrown(calls.run(failing(clock, Array.from({ length: 50 }, error)).send))).toMatchObject({ reason: 'rate_limited' });
    expect(clock.slept).toHaveLength(5);
    for (const [index, minutes] of [1, 2, 4, 8, 16].entries()) {
      expect(clock.slept[index]).toBeGreaterThanOrEqual(minutes * 60_000);
      expect(clock.slept[index]).toBeLessThanOrEqual(minutes * 66_000);
    }
  });

  test.each([
    ['throttled', 'rate_limited'],
    ['fault', 'provider_error'],
  ] as const)('is given up at once where the provider asks for more patience than a scan has: %s', async (retry, reason) => {
    const { clock, calls } = open();
    const { asked, send } = failing(clock, [new SdkError({ retry, after: 20_000_000 })]);
    expect(await thrown(calls.run(send))).toMatchObject({
      name: 'ProviderFault',
      reason,
      retry: false,
      message: 'It asks to wait for 333 minutes, and a scan waits for 65 at most',
    });
    expect([asked.length, clock.slept]).toEqual([1, []]);
  });

  test('never waits for less than its own time, however impatient the provider is', async () => {
    const { clock, calls } = open();
    await calls.run(failing(clock, [throttled(0), throttled(1)]).send);
    expect(clock.slept[0]).toBeGreaterThanOrEqual(500);
    expect(clock.slept[1]).toBeGreaterThanOrEqual(1_000);
  });

  test.each([
    ['throttling', () => throttled(1_000), 'rate_limited'],
    ['faults', fault, 'provider_error'],
    ['a transport that may do better', () => new ProviderFault('cut', { retry: true }), 'provider_error'],
  ] as [string, () => Error, string][])('without end, by %s, is given up after six attempts', async (_what, error, reason) => {
    const { clock, calls } = open();
    const { asked, send } = failing(clock, Array.from({ length: 50 }, error));
    expect(await thrown(calls.run(send))).toMatchObject({
      name: 'ProviderFault',
      reason,
      retry: false,
      message: 'No answer after 6 attempts',
    });
    expect(asked).toHaveLength(6);
  });

  test('with a final fate is not asked again', async () => {
    for (const final of [new Refusal('no', { reason: 'permission_denied' }), new ProviderFault('broken', { reason: 'truncated' })]) {
      const { clock, calls } = open();
      const { asked, send } = failing(clock, [new SdkError({ final })]);
      expect(await thrown(calls.run(send))).toBe(final);
      expect([asked.length, clock.slept]).toEqual([1, []]);
    }
  });

  test('for a reason that nobody knows is thrown as it is', async () => {
    const bug = new TypeError('x is not a function');
    const { clock, calls } = open();
    expect(await thrown(calls.run(failing(clock, [bug]).send))).toBe(bug);
  });
});

describe('our own errors', () => {
  const ours = [
    new UndeclaredRequest('not declared'),
    new ConfigError('wrong', { fix: 'mend it' }),
    new Refusal('no', { reason: 'not_licensed' }),
    new ProviderFault('loop', { reason: 'truncated' }),
  ];
  const wraps: [string, (error: Error) => Error][] = [
    ['bare', (error) => error],
    ['as the cause', (cause) => new Error('SDK', { cause })],
    ['five deep', (error) => [1, 2, 3, 4, 5].reduce<Error>((cause, depth) => new TypeError(`SDK ${depth}`, { cause }), error)],
    ['in an error that would be tried again', (cause) => Object.assign(throttled(), { cause })],
  ];
  test.each(wraps)('pass through %s, and are not repeated', async (_how, wrap) => {
    for (const error of ours) {
      const { clock, calls } = open();
      const { asked, send } = failing(clock, [wrap(error)]);
      expect(await thrown(calls.run(send))).toBe(error);
      expect(asked).toHaveLength(1);
    }
  });

  test('a circle of causes is no endless search', async () => {
    const circle = new Error('a');
    circle.cause = new Error('b', { cause: circle });
    const { clock, calls } = open();
    expect(await thrown(calls.run(failing(clock, [circle]).send))).toBe(circle);
  });
});

describe('the deadline', () => {
  const deadline = new Date('2026-11-02T02:00:10Z');

  test('ends what has not begun as `over_budget`, without asking', async () => {
    const { clock, calls } = open({ limits: { deadline } });
    await clock.sleep(10_000);
    const { asked, send } = failing(clock, []);
    expect(await thrown(calls.run(send))).toMatchObject({
      name: 'ProviderFault',
      message: 'The time for this source is used up',
      reason: 'over_budget',
    });
    expect(asked).toEqual([]);
  });

  test('that is far away ends nothing', async () => {
    const { clock, calls } = open({ limits: { deadline } });
    const { asked, send } = failing(clock, [fault(), fault()]);
    expect([await calls.run(send), asked.length]).toEqual(['answer', 3]);
  });

  test('ends a wait that would outlast it before it begins', async () => {
    const { clock, calls } = open({ limits: { deadline } });
    const { asked, send } = failing(clock, [throttled(60_000)]);
    expect(await thrown(calls.run(send))).toBeInstanceOf(ProviderFault);
    expect([asked.length, clock.elapsed()]).toEqual([1, 0]);
  });

  test('holds for calls that wait for their turn', async () => {
    const { clock, calls } = open({ pace: { perSecond: 1, inFlight: 50 }, limits: { deadline } });
    const { asked, send } = failing(clock, []);
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => calls.run(send)));
    expect(asked.every((at) => at <= 10_000)).toBe(true);
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(15);
    expect(clock.elapsed(), 'and none sleeps beyond it').toBeLessThanOrEqual(10_000);
  });

  test('holds for calls that wait for a quota', async () => {
    const pace = { ...FREE, quotas: { narrowed: { most: 1, within: 60_000 } } };
    const { clock, calls } = open({ pace, limits: { deadline } });
    const { asked, send } = failing(clock, []);
    const results = await Promise.allSettled([1, 2, 3].map(() => calls.run(send, { quota: 'narrowed' })));
    expect([asked, clock.slept, results.map(({ status }) => status)]).toEqual([[0], [], ['fulfilled', 'rejected', 'rejected']]);
  });
});

describe('an abort', () => {
  test('ends a wait at once with its own reason', async () => {
    const controller = new AbortController();
    const calls = createCalls({ clock: fastClock({ speed: 1 }), pace: FREE, classify, signal: controller.signal });
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 20);
    const error = await thrown(
      calls.run(async () => {
        throw throttled(3_600_000);
      }),
    );
    expect(error).toBe(reason);
  });

  test('ends calls that wait for their turn, and sends no more', async () => {
    const controller = new AbortController();
    const calls = createCalls({
      clock: fastClock({ speed: 1 }),
      pace: { perSecond: 0.1, inFlight: 2 },
      classify,
      signal: controller.signal,
    });
    let asked = 0;
    const running = Array.from({ length: 5 }, () => calls.run(async () => ++asked));
    setTimeout(() => controller.abort(new Error('enough')), 20);
    const results = await Promise.allSettled(running);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected']);
    expect(asked).toBe(1);
  });

  test('is the reason that is told, whatever the SDK makes of it', async () => {
    for (const error of [new SdkError({ final: new ProviderFault('cut off') }), new TypeError('fetch failed')]) {
      const { controller, calls } = open();
      const aborted = calls.run(async () => {
        controller.abort(new Error('enough'));
        throw error;
      });
      expect(String(await thrown(aborted))).toBe('Error: enough');
    }
  });

  test('that came before the call sends nothing', async () => {
    const { clock, controller, calls } = open();
    controller.abort(new Error('enough'));
    const { asked, send } = failing(clock, []);
    expect(String(await thrown(calls.run(send)))).toBe('Error: enough');
    expect(asked).toEqual([]);
  });

  test('is not mistaken for a fault of the provider', async () => {
    const { controller, clock, calls } = open();
    const error = await thrown(
      calls.run(async () => {
        controller.abort(new Error('enough'));
        throw fault();
      }),
    );
    expect(String(error)).toBe('Error: enough');
    expect(clock.slept).toEqual([]);
  });
});

describe('the pace', () => {
  test('spreads calls evenly, and never sends more in a second than it allows', async () => {
    const { clock, calls } = open({ pace: { perSecond: 10, inFlight: 8 } });
    const { asked, send } = failing(clock, []);
    await Promise.all(Array.from({ length: 50 }, () => calls.run(send)));
    expect(asked).toHaveLength(50);
    expect(clock.elapsed()).toBeGreaterThanOrEqual(4_900);
    expect(clock.elapsed()).toBeLessThanOrEqual(5_000);
    for (const at of asked) expect(asked.filter((other) => other >= at && other < at + 999).length).toBeLessThanOrEqual(10);
  });

  test('counts repeats too: a storm of faults is no faster than an ordinary night', async () => {
    const { clock, calls } = open({ pace: { perSecond: 2, inFlight: 20 }, limits: { attempts: 3, firstWait: 1 } });
    const asked: number[] = [];
    const send = async () => {
      asked.push(clock.elapsed());
      throw fault();
    };
    await Promise.allSettled(Array.from({ length: 10 }, () => calls.run(send)));
    expect(asked).toHaveLength(30);
    for (const at of asked) expect(asked.filter((other) => other >= at && other < at + 999).length).toBeLessThanOrEqual(2);
  });

  test('keeps its distance to a call that a late timer delayed', async () => {
    const { clock, controller } = open();
    let late = 300;
    const sleep = async (milliseconds: number) => {
      await clock.sleep(milliseconds + late);
      late = 0;
    };
    const pace = { perSecond: 1, inFlight: 1 };
    const calls = createCalls({ clock: { ...clock, sleep }, pace, classify, signal: controller.signal });
    const { asked, send } = failing(clock, []);
    for (let count = 0; count < 4; count++) await calls.run(send);
    expect(asked).toEqual([0, 1_300, 2_300, 3_300]);
  });

  test('keeps no more calls under way than it allows', async () => {
    const { clock, calls } = open({ pace: { perSecond: Number.POSITIVE_INFINITY, inFlight: 3 } });
    let underWay = 0;
    let most = 0;
    const send = async () => {
      most = Math.max(most, ++underWay);
      await clock.sleep(10);
      underWay--;
    };
    await Promise.all(Array.from({ length: 20 }, () => calls.run(send)));
    expect(most).toBe(3);
  });

  test('is halved at a sign of throttling, once for all calls under way, and comes back slowly', async () => {
    const { clock, calls } = open({ pace: { perSecond: 10, inFlight: 2 }, limits: { firstWait: 1 } });
    const { asked, send } = failing(clock, [throttled(1), throttled(1)]);
    // Both were sent before the provider objected to the first.
    const slow = () => clock.sleep(150).then(send);
    await Promise.all([calls.run(slow), calls.run(slow)]);
    const from = asked.length;
    // How near it lands to the old pace at first is left to chance: from 0.93 of it on it grows by a thousandth a second.
    for (let count = 0; count < 1_000; count++) await calls.run(send);
    const gaps = asked.slice(from).map((at, index) => at - asked[from + index - 1]!);
    expect(gaps[1]).toBeGreaterThan(180);
    expect(gaps[1]).toBeLessThan(205);
    expect(Math.abs(gaps.at(-1)! - 100)).toBeLessThan(1);
    expect(gaps[50]).toBeLessThan(gaps[5]!);
    // Dates know no parts of a millisecond.
    for (const gap of gaps.slice(1)) expect(gap).toBeGreaterThan(98);
  });

  test('has quotas that only some calls spend, repeats too, and never more of them in any span than allowed', async () => {
    const quotas = { narrowed: { most: 6, within: 1_000 } };
    const { clock, calls } = open({ pace: { perSecond: 100, inFlight: 4, quotas }, limits: { firstWait: 1 } });
    const [narrowed, others] = [failing(clock, [fault(), fault(), fault()]), failing(clock, [])];
    const all = [
      ...Array.from({ length: 20 }, () => calls.run(narrowed.send, { quota: 'narrowed' })),
      ...Array.from({ length: 20 }, () => calls.run(others.send)),
    ];
    await Promise.all(all);
    expect(narrowed.asked).toHaveLength(23);
    for (const at of narrowed.asked) {
      const span = narrowed.asked.filter((other) => other >= at && other < at + 999);
      expect(span.length).toBeLessThanOrEqual(6);
    }
    expect(clock.elapsed()).toBeGreaterThan(3_000);
    expect(clock.elapsed()).toBeLessThan(3_500);
  });

  test('has quotas that count when calls are really sent, however long they queue for their place, or a timer is late', async () => {
    const { clock, controller } = open();
    let late = 400;
    const sleep = async (milliseconds: number) => {
      await clock.sleep(milliseconds + late);
      late = 0;
    };
    const pace = { perSecond: 100, inFlight: 200, quotas: { narrowed: { most: 6, within: 1_000 } } };
    const calls = createCalls({ clock: { ...clock, sleep }, pace, classify, signal: controller.signal });
    const [narrowed, others] = [failing(clock, []), failing(clock, [])];
    await Promise.all([
      ...Array.from({ length: 100 }, () => calls.run(others.send)),
      ...Array.from({ length: 20 }, () => calls.run(narrowed.send, { quota: 'narrowed' })),
    ]);
    expect(narrowed.asked).toHaveLength(20);
    for (const at of narrowed.asked)
      expect(narrowed.asked.filter((other) => other >= at && other < at + 999).length).toBeLessThanOrEqual(6);
  });

  test('knows no quota but its own', async () => {
    const { calls } = open();
    expect(String(await thrown(calls.run(async () => 'answer', { quota: 'narrowed' })))).toBe('Error: The pace has no quota "narrowed"');
  });

  test('is not slowed by a fault, which says nothing about how often to ask', async () => {
    const { clock, calls } = open({ pace: { perSecond: 10, inFlight: 1 }, limits: { firstWait: 1 } });
    const { asked, send } = failing(clock, [fault()]);
    await calls.run(send);
    for (let count = 0; count < 3; count++) await calls.run(send);
    expect(asked.at(-1)! - asked.at(-2)!).toBeLessThanOrEqual(101);
  });

  test('falls no lower than one call in two seconds', async () => {
    const { clock, calls } = open({ pace: { perSecond: 4, inFlight: 1 }, limits: { attempts: 50, firstWait: 1_100, longestWait: 1_100 } });
    const { asked, send } = failing(
      clock,
      Array.from({ length: 40 }, () => throttled()),
    );
    await calls.run(send);
    expect(asked.at(-1)! - asked.at(-2)!).toBeLessThan(2_005);
  });

  /** A provider that answers after 200 ms, so many requests a second, or as many within each minute, or within the last one. */
  function limited(clock: ReturnType<typeof virtualClock>, perSecond: number, window: 'second' | 'minute' | 'last minute', since: number) {
    const answered: number[] = [];
    let objections = 0;
    let left = perSecond;
    let [last, minute, used] = [0, 0, 0];
    const admitted: number[] = [];
    function admits(): boolean {
      const now = clock.elapsed();
      if (window === 'minute') {
        const current = Math.floor((now + since) / 60_000);
        if (current !== minute) [minute, used] = [current, 0];
        return used++ < perSecond * 60;
      }
      if (window === 'last minute') {
        while (admitted.length > 0 && admitted[0]! <= now - 60_000) admitted.shift();
        return admitted.length < perSecond * 60 && admitted.push(now) > 0;
      }
      left = Math.min(perSecond, left + ((now - last) / 1000) * perSecond);
      last = now;
      return left >= 1 && left-- >= 1;
    }
    const send = async () => {
      const admitted = admits();
      await clock.sleep(200);
      if (!admitted) {
        objections++;
        throw throttled();
      }
      answered.push(clock.elapsed());
    };
    return { send, answered, objections: () => objections };
  }

  test.each([
    [40, 'second', 1.1],
    [12, 'second', 1.1],
    [40, 'minute', 1.1],
    [40, 'last minute', 1.1],
    // The first minute is used up by calls that were faster than that: what follows it makes up for the rest of it.
    [20, 'minute', 1.15],
    [20, 'last minute', 1.15],
  ] as const)(
    'finds a quota of %i a second, counted by the %s, and no call is lost',
    async (quota, window, most) => {
      // A minute of the provider's may begin whenever it likes.
      for (const since of window === 'minute' ? [0, 10, 25, 40, 55] : [0]) {
        const { clock, calls } = open({ pace: { perSecond: 30, inFlight: 12, most: 100 } });
        const { send, answered, objections } = limited(clock, quota, window, since * 1000);
        await Promise.all(Array.from({ length: 6_000 }, () => calls.run(send)));
        expect(answered).toHaveLength(6_000);
        expect(objections()).toBeGreaterThan(0);
        const later = answered.filter((at) => at > 30_000);
        const seconds = (answered.at(-1)! - 30_000) / 1000;
        expect(seconds / (later.length / quota)).toBeLessThanOrEqual(most);
      }
    },
    30_000,
  );

  test('does not grow beyond the usual one where no more is said', async () => {
    const { clock, calls } = open({ pace: { perSecond: 10, inFlight: 4 } });
    const { asked, send } = failing(clock, []);
    await Promise.all(Array.from({ length: 600 }, () => calls.run(send)));
    expect(asked.at(-1)).toBeGreaterThanOrEqual(59_800);
  });

  test('that was configured slower than that is not sped up by throttling', async () => {
    const { clock, calls } = open({ pace: { perSecond: 0.1, inFlight: 1 }, limits: { firstWait: 1 } });
    const { asked, send } = failing(clock, [throttled(1)]);
    for (let count = 0; count < 4; count++) await calls.run(send);
    for (const [index, at] of asked.slice(1).entries()) expect(at - asked[index]!).toBeGreaterThanOrEqual(9_999);
  });
});

describe('first attempts and repeats', () => {
  test('are counted apart, polls as repeats, over real requests that wait as long as they were told', async () => {
    let asked = 0;
    const server = await serve((_request, response) =>
      ++asked <= 2 ? json(response, { error: 'slow down' }, 429, { 'retry-after': '20' }) : json(response, { asked }),
    );
    const counted: string[] = [];
    const { signal } = new AbortController();
    const clock = fastClock();
    const wire = createWire({
      operations: [{ id: 'list', method: 'GET', origin: 'api', path: '/list', class: 'read' }],
      origins: { api: { url: server.url } },
      signal,
      count: (operation, attempt) => counted.push(`${attempt} ${operation}`),
    });
    const calls = createCalls({ clock, pace: FREE, classify, signal });
    const ask = async () => {
      const response = await wire.fetch(`${server.url}/list`);
      if (response.status === 429) throw throttled(Number(response.headers.get('retry-after')) * 1_000);
      return response.json();
    };
    const started = clock.now().getTime();
    expect(await calls.run(ask)).toEqual({ asked: 3 });
    expect(clock.now().getTime() - started).toBeGreaterThanOrEqual(39_000);
    await calls.run(ask, { repeat: true });
    await calls.run(ask);
    expect(counted).toEqual(['first list', 'repeat list', 'repeat list', 'repeat list', 'first list']);
  });

  test('are told apart by what was asked: the second page of a list is no repeat of the first', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const counted: string[] = [];
    const { signal } = new AbortController();
    const wire = createWire({
      operations: [{ id: 'list', method: 'GET', origin: 'api', path: '/list', class: 'read' }],
      origins: { api: { url: server.url } },
      signal,
      count: (operation, attempt) => counted.push(`${attempt} ${operation}`),
    });
    await createCalls({ clock: fastClock(), pace: FREE, classify, signal }).run(async () => {
      for (const page of [1, 2, 2]) await wire.fetch(`${server.url}/list?page=${page}`);
    });
    expect(counted).toEqual(['first list', 'first list', 'repeat list']);
  });

  test('of calls side by side do not mix', async () => {
    const { clock, calls } = open();
    const { isRepeat } = await import('../../src/connector/calls.ts');
    const seen: [string, boolean][] = [];
    let failed = false;
    await Promise.all([
      calls.run(async () => {
        seen.push(['a', isRepeat('GET it')]);
        if (failed) return;
        failed = true;
        throw fault();
      }),
      calls.run(async () => {
        await clock.sleep(100);
        seen.push(['b', isRepeat('GET it')]);
      }),
    ]);
    expect(seen).toEqual([
      ['a', false],
      ['b', false],
      ['a', true],
    ]);
    expect(isRepeat('GET it')).toBe(false);
  });
});
