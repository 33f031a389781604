import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../../src/connector/index.ts';
import {
  conclude,
  deltaTonight,
  drawSpotChecks,
  FULL_EVERY_DAYS,
  MAX_DAYS_BY_LOG,
  saidOf,
  seeded,
  worth,
  type Case,
  type Presence,
} from '../../src/scan/conclusion.ts';
import type { Deciding, Said } from '../../src/store/statements.ts';
import { openStore } from '../../src/store/store.ts';
import { ACCOUNT, dateOf, fact, said, scan, temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';

// The reference: section 5 of the design, in as few lines as it can be said.

type Night = { day: number; statements: readonly (readonly [scope: string, said: Said])[] };

function lastWord(night: Night, place: string): Deciding {
  const about = night.statements.filter(([scope]) => holds(scope, place));
  const narrowest = Math.max(-1, ...about.map(([scope]) => scope.length));
  const here = about.filter(([scope]) => scope.length === narrowest).map(([, word]) => word);
  return (['gap', 'covered', 'unchanged'] as const).find((word) => here.includes(word)) ?? 'none';
}

function decides(nights: readonly Night[], place: string): Deciding {
  const now = nights.at(-1)!;
  if (lastWord(now, place) !== 'unchanged') return lastWord(now, place);
  const before = nights.findLast((night) => lastWord(night, place) !== 'unchanged');
  return before && lastWord(before, place) === 'covered' && now.day - before.day <= 8 ? 'unchanged' : 'gap';
}

function presence(before: Presence, seen: boolean, word: Deciding): Presence {
  if (seen) return 'present';
  if (before === 'gone' || word === 'unchanged') return before;
  return word === 'covered' ? 'gone' : 'unverified';
}

const PLACES = ['a', 'a/u/1', 'a/u/1/x', 'a/u/10', 'a/u', 'a/v', 'b'];
const word = fc.constantFrom<Said>('covered', 'unchanged', 'gap');
const place = fc.constantFrom(...PLACES);
const statements = fc.array(fc.tuple(place, word), { maxLength: 8 });
const before = fc.constantFrom<Presence>('present', 'unverified', 'gone');
const deciding = fc.constantFrom<Deciding>('covered', 'unchanged', 'gap', 'none');
const mode = fc.constantFrom<Case['mode']>('inventory', 'log');

/** The lookup that a store offers: one word for each scope. */
function lookupOf(night: Night): (scope: string) => Said | undefined {
  const words = new Map<string, Said>();
  const order: Said[] = ['unchanged', 'covered', 'gap'];
  const stronger = (a: Said, b: Said) => order[Math.max(order.indexOf(a), order.indexOf(b))]!;
  for (const [scope, one] of night.statements) words.set(scope, words.has(scope) ? stronger(words.get(scope)!, one) : one);
  return (scope) => words.get(scope);
}

function worthOf(nights: readonly Night[], where: string): Deciding {
  const now = nights.at(-1)!;
  const last = () => {
    const found = nights.slice(0, -1).findLast((night) => saidOf(where, lookupOf(night)) !== 'unchanged');
    return found && { said: saidOf(where, lookupOf(found)) as Said, at: dateOf(found.day) };
  };
  return worth(saidOf(where, lookupOf(now)), last, dateOf(now.day));
}

describe('what decides about a place', () => {
  test('the most specific statement decides; at one scope a gap beats covered, and covered beats unchanged; where nothing was said it is unread', () => {
    fc.assert(
      fc.property(statements, place, (told, where) => {
        const night = { day: 0, statements: told };
        expect(saidOf(where, lookupOf(night))).toBe(lastWord(night, where));
      }),
      { numRuns: 2000 },
    );
  });

  test('a place is not its namesake: a statement about user/1 says nothing about user/10', () => {
    expect(saidOf('a/u/10', (scope) => (scope === 'a/u/1' ? 'covered' : undefined))).toBe('none');
  });

  test('the order in which statements are made changes nothing', () => {
    fc.assert(
      fc.property(statements, place, fc.infiniteStream(fc.nat()), (told, where, dice) => {
        const shuffled = told
          .map((one) => ({ one, roll: dice.next().value as number }))
          .sort((x, y) => x.roll - y.roll)
          .map(({ one }) => one);
        expect(saidOf(where, lookupOf({ day: 0, statements: shuffled }))).toBe(saidOf(where, lookupOf({ day: 0, statements: told })));
      }),
    );
  });

  test('unchanged renews the last deciding statement: over a gap, over nothing, or when that is older than eight days, the place is unread', () => {
    const nights = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 5 }), statements }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(nights, place, (told, where) => {
        let day = 0;
        const history = told.map((night) => ({ day: (day += night.gap), statements: night.statements }));
        const got = worthOf(history, where);
        expect(got).toBe(decides(history, where));
      }),
      { numRuns: 2000 },
    );
  });

  test('eight days to the millisecond are still vouched for, one more is not', () => {
    const last = { said: 'covered' as const, at: dateOf(0) };
    const limit = dateOf(0).getTime() + MAX_DAYS_BY_LOG * 86_400_000;
    expect(MAX_DAYS_BY_LOG).toBe(8);
    expect(worth('unchanged', () => last, new Date(limit))).toBe('unchanged');
    expect(worth('unchanged', () => last, new Date(limit + 1))).toBe('gap');
  });

  test('a reading of this very moment is vouched for; one from the future, by a clock that ran ahead, is not', () => {
    expect(worth('unchanged', () => ({ said: 'covered', at: dateOf(1) }), dateOf(1))).toBe('unchanged');
    expect(worth('unchanged', () => ({ said: 'covered', at: new Date(dateOf(1).getTime() + 1) }), dateOf(1))).toBe('gap');
  });

  test('what was said outright needs no history', () => {
    const asked = () => {
      throw new Error('nobody needs to know what was said before');
    };
    for (const one of ['covered', 'gap', 'none'] as const) expect(worth(one, asked, dateOf(0))).toBe(one);
  });
});

describe('whether a change log is asked tonight', () => {
  const DAY = 86_400_000;
  const now = dateOf(100);
  const ago = (days: number) => new Date(now.getTime() - days * DAY);
  const log = { lagHours: 6, windowDays: 30 };
  const tonight = { version: 2, catalogHash: 'c', now, fullEveryDays: FULL_EVERY_DAYS };
  const last = { startedAt: ago(1), version: 2, catalogHash: 'c', withdrawn: false };
  const ask = (more: Partial<typeof last> = {}, wholeAt = ago(3)) => deltaTonight({ last: { ...last, ...more }, wholeAt }, tonight, log);

  test('it is, from the start of the last reading on, less the time by which its events may be late', () => {
    expect(ask()).toEqual({ since: new Date(ago(1).getTime() - 6 * 3_600_000), sweep: false });
  });

  test('not on the first night, nor after another version, another catalog or a night on which it missed changes', () => {
    expect(deltaTonight(undefined, tonight, log)).toBeUndefined();
    expect(ask({ version: 1 })).toBeUndefined();
    expect(ask({ version: 3 })).toBeUndefined();
    expect(ask({ catalogHash: 'other' })).toBeUndefined();
    expect(ask({ withdrawn: true })).toBeUndefined();
  });

  test('not where the log does not reach back so far, to the millisecond', () => {
    const furthest = new Date(ago(30).getTime() + 6 * 3_600_000);
    expect(ask({ startedAt: furthest }, furthest)).toEqual({ since: ago(30), sweep: true });
    expect(ask({ startedAt: new Date(furthest.getTime() - 1) })).toBeUndefined();
  });

  test('not by a clock that once ran ahead; a reading of this very moment is none of those', () => {
    expect(ask({ startedAt: ago(-0.001) })).toBeUndefined();
    expect(ask({}, ago(-0.001))).toBeUndefined();
    expect(ask({ startedAt: now }, now)).toMatchObject({ sweep: false });
  });

  test('everything is read beside it once a week, half a day early at the most', () => {
    expect(FULL_EVERY_DAYS).toBeLessThan(MAX_DAYS_BY_LOG);
    expect(ask({}, ago(FULL_EVERY_DAYS - 0.5))?.sweep).toBe(true);
    expect(ask({}, new Date(ago(FULL_EVERY_DAYS - 0.5).getTime() + 1))?.sweep).toBe(false);
  });
});

describe('places that are read by chance', () => {
  const placesOf = (count: number) => Array.from({ length: count }, (_, number) => `a/u/${number}`);

  test.each([
    [0, 0],
    [3, 3],
    [5, 5],
    [1_000, 5],
    [1_001, 6],
    [10_000, 50],
  ])('of %i places there are %i, none twice and none that is not there', (count, wanted) => {
    const places = placesOf(count);
    const drawn = drawSpotChecks(places, seeded('night'));
    expect(drawn).toHaveLength(wanted);
    expect(new Set(drawn).size).toBe(wanted);
    expect(drawn.filter((one) => !places.includes(one))).toEqual([]);
    expect(places).toEqual(placesOf(count));
  });

  test('each place has its chance: over many nights none is always or never drawn', () => {
    const times = new Map<string, number>();
    for (let night = 0; night < 2_000; night++)
      for (const one of drawSpotChecks(placesOf(20), seeded(`night ${night}`))) times.set(one, (times.get(one) ?? 0) + 1);
    // Five of twenty, 2,000 times: 500 each, with a standard deviation of 19.
    expect(times.size).toBe(20);
    for (const count of times.values()) expect(Math.abs(count - 500)).toBeLessThan(100);
  });

  test('the same seed draws the same, another another; numbers run from 0 to below 1', () => {
    const numbers = (seed: string) => {
      const next = seeded(seed);
      return Array.from({ length: 1_000 }, () => next());
    };
    expect(numbers('a')).toEqual(numbers('a'));
    expect(numbers('a')).not.toEqual(numbers('b'));
    const sorted = numbers('a').sort((x, y) => x - y);
    expect(sorted[0]).toBeGreaterThanOrEqual(0);
    expect(sorted[0]).toBeLessThan(0.02);
    expect(sorted.at(-1)).toBeLessThan(1);
    expect(sorted.at(-1)).toBeGreaterThan(0.98);
    expect(new Set(sorted).size).toBe(1_000);
  });
});

describe('what is concluded', () => {
  const facts = fc.record({ before, seen: fc.boolean(), changed: fc.boolean(), deciding, mode, readerChanged: fc.boolean() });

  test('seen is present, whatever was said and whatever was known', () => {
    fc.assert(
      fc.property(facts, fc.constantFrom<Case['before']>('absent', 'present', 'unverified', 'gone'), (one, was) => {
        expect(conclude({ ...one, before: was, seen: true }).after).toBe('present');
      }),
    );
  });

  test('in an inventory the presence is what the reference says', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const changed = one.seen && one.changed;
        expect(conclude({ ...one, changed, mode: 'inventory' }).after).toBe(presence(one.before, one.seen, one.deciding));
      }),
      { numRuns: 1000 },
    );
  });

  test('only a place that was claimed to be read makes anything gone', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const { after } = conclude({ ...one, changed: one.seen && one.changed });
        const allowed = one.before === 'gone' || (one.deciding === 'covered' && one.mode === 'inventory' && !one.seen);
        expect(after === 'gone' && !allowed).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('a log resolves nothing', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const verdict = conclude({ ...one, changed: false, seen: false, mode: 'log' });
        expect(verdict).toEqual({ after: one.before, entry: undefined });
      }),
    );
  });

  test('what is gone stays gone until it is seen again', () => {
    fc.assert(
      fc.property(facts, (one) => {
        expect(conclude({ ...one, before: 'gone', seen: false, changed: false })).toEqual({ after: 'gone', entry: undefined });
      }),
    );
  });

  test('a collector whose version rose compares nothing: no class of its diff tells of a change in the world', () => {
    fc.assert(
      fc.property(facts, fc.constantFrom<Case['before']>('absent', 'present', 'unverified', 'gone'), (one, was) => {
        fc.pre(one.seen || was !== 'absent');
        const { entry } = conclude({ ...one, before: was, changed: one.seen && one.changed, readerChanged: true });
        expect(['persisting', 'unverified', 'reader_changed', undefined]).toContain(entry);
      }),
    );
  });

  test('a collector whose version rose says `persisting` of what is as it was, and `reader_changed` of the rest', () => {
    const usual = { changed: false, deciding: 'covered', mode: 'inventory', readerChanged: true } as const;
    const seen = (was: Case['before'], changed = false) => conclude({ ...usual, before: was, seen: true, changed }).entry;
    const unseen = (was: Case['before'], one: Deciding) => conclude({ ...usual, before: was, seen: false, deciding: one }).entry;
    expect((['absent', 'present', 'unverified', 'gone'] as const).map((was) => [seen(was), seen(was, true)])).toEqual([
      ['reader_changed', 'reader_changed'],
      ['persisting', 'reader_changed'],
      ['reader_changed', 'reader_changed'],
      ['reader_changed', 'reader_changed'],
    ]);
    expect((['covered', 'unchanged', 'gap', 'none'] as const).map((one) => [unseen('present', one), unseen('unverified', one)])).toEqual([
      ['reader_changed', 'reader_changed'],
      ['persisting', 'unverified'],
      ['unverified', 'unverified'],
      ['unverified', 'unverified'],
    ]);
  });

  test('every class of the diff says what it means', () => {
    const usual = { changed: false, deciding: 'covered', mode: 'inventory', readerChanged: false } as const;
    const seen = (was: Case['before'], changed = false) => conclude({ ...usual, before: was, seen: true, changed }).entry;
    const unseen = (was: Case['before'], one: Deciding) => conclude({ ...usual, before: was, seen: false, deciding: one }).entry;
    expect({
      absent: seen('absent'),
      gone: seen('gone'),
      goneAndOther: seen('gone', true),
      present: seen('present'),
      other: seen('present', true),
      unverified: seen('unverified'),
      unverifiedAndOther: seen('unverified', true),
    }).toEqual({
      absent: 'appeared',
      gone: 'returned',
      goneAndOther: 'returned',
      present: 'persisting',
      other: 'changed',
      unverified: 'verified',
      unverifiedAndOther: 'changed',
    });
    expect((['covered', 'unchanged', 'gap', 'none'] as const).map((one) => [unseen('present', one), unseen('unverified', one)])).toEqual([
      ['gone', 'gone'],
      ['persisting', 'unverified'],
      ['unverified', 'unverified'],
      ['unverified', 'unverified'],
    ]);
  });

  test('what was neither known nor seen is nothing to conclude about', () => {
    expect(() =>
      conclude({ before: 'absent', seen: false, changed: false, deciding: 'covered', mode: 'inventory', readerChanged: false }),
    ).toThrow('neither stored nor seen');
  });
});

describe('what the store makes of it over several nights', () => {
  const file = temporaryFolder();
  const WHERE = ['', '/user', '/user/1', '/user/10', '/user/1/key/7'].map((tail) => `${ACCOUNT}${tail}`);
  // A fact may be seen without anybody vouching for its place, and a place may be vouched for without it.
  const oneNight = fc.record({
    days: fc.integer({ min: 1, max: 5 }),
    seen: fc.subarray(WHERE),
    told: fc.uniqueArray(fc.tuple(fc.constantFrom(...WHERE), word), { maxLength: 6, selector: ([scope]) => scope }),
  });

  test('facts are present, unverified or gone as the reference says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(oneNight, { minLength: 2, maxLength: 5 }), async (nights) => {
        const path = file();
        const store = openStore(path);
        const history: Night[] = [];
        const states = new Map<string, Presence>();
        let day = 0;
        for (const night of nights) {
          day += night.days;
          history.push({ day, statements: night.told });
          await scan(store, day, {
            grants: {
              rows: night.seen.map((scope) => fact(scope, { scope })),
              statements: night.told.map(([scope, one]) => said(one, scope, dateOf(day))),
            },
          });
          for (const scope of WHERE) {
            const was = states.get(scope);
            const seen = night.seen.includes(scope);
            if (was !== undefined || seen) states.set(scope, presence(was ?? 'gone', seen, decides(history, scope)));
          }
        }
        await store.close();
        const stored = rowsOf<{ native_id: string; state: string }>(path, 'SELECT native_id, state FROM observation ORDER BY native_id');
        expect(Object.fromEntries(stored.map((row) => [row.native_id, row.state]))).toEqual(Object.fromEntries(states));
      }),
      { numRuns: 60 },
    );
  });
});
