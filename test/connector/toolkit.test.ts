import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  ahead,
  canonicalJson,
  concurrent,
  holds,
  lastSegment,
  NotUnderstood,
  outward,
  pageGuard,
  parseItems,
  path,
  ProviderFault,
  reading,
  Refusal,
  UndeclaredRequest,
  within,
  type Json,
} from '../../src/connector/index.ts';
import { HOSTILE } from '../text/hostile.ts';

const LOSS = { scope: 'customer/C1/user/7', effect: 'The grants of this user are unknown', permission: 'tokens.read' };

describe('reading a place', () => {
  test('answers the value as it is, an empty one too', async () => {
    expect(await reading(LOSS, async () => [])).toEqual({ value: [] });
  });

  test('makes a refusal a gap that names what is missing', async () => {
    const refuse = (details: ConstructorParameters<typeof Refusal>[1]) =>
      reading(LOSS, async () => Promise.reject(new Refusal('no', details)));
    expect(await refuse({ reason: 'permission_denied' })).toEqual({
      gap: { type: 'gap', ...LOSS, reason: 'permission_denied' },
      whole: false,
    });
    expect(await refuse({ reason: 'not_licensed', permission: 'other.read', whole: true })).toEqual({
      gap: { type: 'gap', ...LOSS, reason: 'not_licensed', permission: 'other.read' },
      whole: true,
    });
  });

  test.each(['provider_error', 'rate_limited', 'truncated', 'over_budget'] as const)('makes a fault a gap: %s', async (reason) => {
    const { permission: _permission, ...where } = LOSS;
    expect(await reading(LOSS, async () => Promise.reject(new ProviderFault('x', { reason })))).toEqual({
      gap: { type: 'gap', ...where, reason },
      whole: false,
    });
  });

  test.each([new TypeError('bug'), new UndeclaredRequest('bug'), new DOMException('stop', 'AbortError'), 'a string'])(
    'lets our own bug and the end of the scan go on: %s',
    async (bug) => {
      await expect(reading(LOSS, async () => Promise.reject(bug as Error))).rejects.toBe(bug);
    },
  );

  test('treats what is thrown before the first await like the rest', async () => {
    const lost = await reading(LOSS, () => {
      throw new ProviderFault('x');
    });
    expect(lost.gap?.reason).toBe('provider_error');
  });
});

describe('work ahead of what is taken', () => {
  test('comes in the order of the items, never more at once than allowed, and never more held', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 8 }),
        async (delays, inFlight, held) => {
          let underWay = 0;
          let begun = 0;
          const results: number[] = [];
          for await (const result of ahead([...delays.keys()], { inFlight, held, goesOn: () => true }, async (index) => {
            begun++;
            expect(++underWay).toBeLessThanOrEqual(inFlight);
            expect(begun - results.length).toBeLessThanOrEqual(held);
            for (let turn = 0; turn < delays[index]!; turn++) await Promise.resolve();
            underWay--;
            return index;
          }))
            results.push(result);
          expect(results).toEqual([...delays.keys()]);
        },
      ),
    );
  });

  test('goes on behind an item that takes long', async () => {
    const begun: number[] = [];
    let end!: () => void;
    const long = new Promise<void>((resolve) => (end = resolve));
    const reading = (async () => {
      for await (const _ of ahead([...Array(9).keys()], { inFlight: 2, held: 5, goesOn: () => true }, async (index) => {
        begun.push(index);
        if (index === 0) await long;
      }));
    })();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    end();
    await reading;
    expect(begun).toHaveLength(9);
  });

  test('begins none ahead where one is held', async () => {
    const told: string[] = [];
    for await (const index of ahead(
      [0, 1, 2],
      { inFlight: 2, held: 1, goesOn: () => true },
      async (each) => (told.push(`begun ${each}`), each),
    )) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      told.push(`kept ${index}`);
    }
    expect(told).toEqual(['begun 0', 'kept 0', 'begun 1', 'kept 1', 'begun 2', 'kept 2']);
  });

  test('ends where it is told to, with what was begun', async () => {
    const begun: number[] = [];
    const results: number[] = [];
    const bounds = { inFlight: 3, held: 6, goesOn: () => begun.length < 4 };
    for await (const result of ahead([...Array(50).keys()], bounds, async (index) => (begun.push(index), index))) results.push(result);
    expect([begun, results]).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
  });

  test('that fails early, or that nobody wants any longer, begins no more and leaves no rejection unhandled', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const begun: number[] = [];
    const bounds = { inFlight: 3, held: 6, goesOn: () => true };
    const reading = async (wanted: number) => {
      for await (const result of ahead([...Array(50).keys()], bounds, async (index) => {
        begun.push(index);
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (index > 4) throw new Error(`item ${index}`);
        return index;
      }))
        if (result === wanted) return;
    };
    await expect(reading(Infinity)).rejects.toThrow('item 5');
    await reading(2);
    const count = begun.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', note);
    expect(begun).toHaveLength(count);
    expect(count).toBeLessThan(30);
    expect(unhandled).toEqual([]);
  });
});

describe('concurrent work', () => {
  test('comes in the order of the items, however the answers arrive, and never more at once than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        async (delays, inFlight) => {
          let underWay = 0;
          let most = 0;
          const results: number[] = [];
          for await (const result of concurrent([...delays.keys()], inFlight, async (index) => {
            most = Math.max(most, ++underWay);
            for (let turn = 0; turn < delays[index]!; turn++) await Promise.resolve();
            underWay--;
            return index;
          }))
            results.push(result);
          expect(results).toEqual([...delays.keys()]);
          expect(most).toBeLessThanOrEqual(inFlight);
        },
      ),
    );
  });

  test('that fails early yields what came before, throws once, begins no more, and leaves no rejection unhandled', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const begun: number[] = [];
    const results: number[] = [];
    const error = await (async () => {
      for await (const result of concurrent([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3, async (index) => {
        begun.push(index);
        await new Promise((resolve) => setTimeout(resolve, index === 0 ? 30 : 1));
        if (index === 1 || index === 2) throw new Error(`item ${index}`);
        return index;
      }))
        results.push(result);
    })().catch((reason: unknown) => reason);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', note);
    expect(String(error)).toBe('Error: item 1');
    expect(results).toEqual([0]);
    expect(unhandled).toEqual([]);
  });

  test('that nobody wants any longer begins no more', async () => {
    const begun: number[] = [];
    for await (const result of concurrent([...Array(50).keys()], 2, async (index) => (begun.push(index), index))) if (result === 3) break;
    const count = begun.length;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(begun).toHaveLength(count);
    expect(count).toBeLessThan(50);
  });

  test('over nothing yields nothing', async () => {
    expect(await concurrent([], 3, async () => 1).next()).toEqual({ done: true, value: undefined });
  });
});

describe('a page guard', () => {
  test('lets every new page pass and ends a list that comes back to an old one', () => {
    const guard = pageGuard();
    for (const token of ['a', 'b', 'c', '']) guard(token);
    expect(() => guard('b')).toThrow(ProviderFault);
    expect(() => guard('b')).toThrow('The list repeats a page and never ends');
    expect(() => guard('b')).toThrow(expect.objectContaining({ reason: 'truncated', retry: false }));
  });

  test('knows nothing of another walk', () => {
    pageGuard()('a');
    expect(() => pageGuard()('a')).not.toThrow();
  });
});

describe('the items of a page', () => {
  const item = z.object({ id: z.string(), owner: z.object({ name: z.string() }) });
  const good = (count: number) => Array.from({ length: count }, (_, index) => ({ id: String(index), owner: { name: 'n' }, more: 1 }));
  const bad = (count: number) => Array.from({ length: count }, () => ({ id: 7, owner: null, secret: 'CANARY' }));
  const where = { scope: (raw: unknown) => path('place', String((raw as { id: unknown }).id)), what: 'grant' };

  test('keep what is known of them and lose the rest', () => {
    expect(parseItems(good(2), item, where)).toEqual({ items: good(2).map(({ more: _more, ...rest }) => rest), gaps: [] });
  });

  test('that are malformed are set aside one by one, with the fields and without their values', () => {
    const { items, gaps } = parseItems([...good(99), ...bad(1)], item, where);
    expect(items).toHaveLength(99);
    expect(gaps).toEqual([
      { type: 'gap', scope: 'place/7', reason: 'provider_error', effect: 'A malformed grant was set aside (id, owner)' },
    ]);
  });

  test('that are malformed are told by the way to the field, or as a whole', () => {
    const effects = [{ id: '7', owner: { name: 7 } }, 'no grant at all'].map(
      (raw) => parseItems([raw], item, { scope: () => 'place', what: 'grant' }).gaps[0]!.effect,
    );
    expect(effects).toEqual(['A malformed grant was set aside (owner.name)', 'A malformed grant was set aside ((whole))']);
  });

  test.each([
    [1, 0, 'kept'],
    [0, 1, 'kept'],
    [99, 1, 'kept'],
    [98, 2, 'ended'],
    [0, 2, 'ended'],
    [198, 2, 'kept'],
    [1_980, 20, 'kept'],
    [9_979, 21, 'ended'],
  ])('of which %i are good and %i malformed are %s', (goods, bads, fate) => {
    const outcome = () => {
      try {
        return parseItems([...good(goods), ...bad(bads)], item, where).gaps.length === bads ? 'kept' : 'lost';
      } catch (error) {
        return error instanceof NotUnderstood ? 'ended' : error;
      }
    };
    expect(outcome()).toBe(fate);
  });

  test('of which more than one in a hundred are malformed end the list: 2 of 101', () => {
    expect(() => parseItems([...good(99), ...bad(2)], item, where)).toThrow(NotUnderstood);
  });

  test('end the list as a fault of the provider, whose message holds no value', () => {
    const error = (() => {
      try {
        return parseItems(bad(5), item, where);
      } catch (reason) {
        return reason;
      }
    })();
    expect(error).toBeInstanceOf(ProviderFault);
    expect(String(error)).toBe('NotUnderstood: 5 of 5 items of a page are malformed: A malformed grant was set aside (id, owner)');
  });
});

describe('a scope', () => {
  const segment = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.constantFrom(...HOSTILE.filter((text) => text !== ''), '/', '//', '..', '.', '%', '%2F', '%25', 'user/10', 'a b', '?', '#'),
  );

  test('gives every id back as it was', () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const scope = path(...segments);
        expect(scope.split('/')).toHaveLength(segments.length);
        expect(scope).not.toMatch(/[\p{Cc}\s]/u);
        expect([...outward(scope)].map(lastSegment).toReversed()).toEqual(segments);
      }),
    );
  });

  test('of different ids is different', () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.array(segment, { minLength: 1, maxLength: 3 }), (a, b) => {
        expect(path(...a) === path(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  test('holds itself and what is within it, and nothing that only begins with the same letters', () => {
    expect(holds('customer/C1/user/10', 'customer/C1/user/104')).toBe(false);
    expect(holds('customer/C1/user/10', 'customer/C1/user/10')).toBe(true);
    expect(holds('customer/C1/user/10', 'customer/C1/user/10/token/3')).toBe(true);
    expect(holds('customer/C1/user/10', 'customer/C1/user')).toBe(false);
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 3 }),
        fc.array(segment, { minLength: 1, maxLength: 3 }),
        segment,
        (outer, more, tail) => {
          const scope = path(...outer);
          const inner = within(scope, ...more);
          expect(holds(scope, inner)).toBe(true);
          expect(holds(inner, scope)).toBe(false);
          expect(holds(scope, path(...outer.slice(0, -1), `${outer.at(-1)!}${tail}`))).toBe(false);
        },
      ),
    );
  });

  test('leads outward over every place around it, narrowest first', () => {
    expect([...outward('customer/C1/user/7')]).toEqual(['customer/C1/user/7', 'customer/C1/user', 'customer/C1', 'customer']);
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) =>
        [...outward(path(...segments))].every((place) => holds(place, path(...segments))),
      ),
    );
  });

  test('has no empty segments', () => {
    expect(() => path('customer', '')).toThrow('no empty segments');
    expect(() => within('customer/C1', '')).toThrow('no empty segments');
  });
});

describe('canonical JSON', () => {
  const anyJson = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

  test('is the value itself', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('is the same for the same value, in whatever order its keys stand at any depth', () => {
    const turned = (value: Json): Json => {
      if (value === null || typeof value !== 'object') return value;
      if (Array.isArray(value)) return value.map(turned);
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, inner]) => [key, turned(inner)]),
      );
    };
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test('keeps the order of lists and tells different values apart', () => {
    expect(canonicalJson({ b: [2, 1], a: { d: null, c: '' } })).toBe('{"a":{"c":"","d":null},"b":[2,1]}');
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson(['1'])).not.toBe(canonicalJson([1]));
    expect(canonicalJson({ a: '"},{"' })).toBe('{"a":"\\"},{\\""}');
  });
});
