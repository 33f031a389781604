import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { path, within, type Connector, type Observation } from '../../src/connector/index.ts';
import { personKey } from '../../src/persons/key.ts';
import { edgeOf, textAsKept } from '../../src/scan/edge.ts';
import { Secret } from '../../src/secret/secret.ts';

const key = personKey(new Secret('a key of thirty-two and more characters'), 'default');
const persons = { key, verdictOn: () => '' };
const connector: Pick<Connector, 'people'> = {
  people: { isPerson: (_segment, before) => before.at(-1) === 'user' || undefined },
};

/** An edge over a store that keeps sealed names. */
function edge() {
  const kept = new Map<string, Uint8Array>();
  const made = edgeOf(persons, connector, async (asked) => new Map([...kept].filter(([pseudonym]) => asked.includes(pseudonym))));
  const keep = () => {
    const names = made.newNames();
    for (const { pseudonym, sealed } of names) kept.set(pseudonym, sealed);
    return names;
  };
  return { ...made, keep };
}

describe('the edge of a tenant that keeps pseudonyms', () => {
  test('gives places back as their provider knows them, once their names are kept', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }), async (ids) => {
        const { place, real, keep } = edge();
        // Ids of providers have one spelling.
        const places = [...new Set(ids.map((id) => id.trim().toLowerCase()))].flatMap((id) =>
          id === ''
            ? []
            : [within('customer/C1', 'user', id), within('customer/C1', 'user', id, 'token'), path('customer', 'C1', 'role', id)],
        );
        const kept = places.map(place);
        keep();
        expect(await real(kept)).toEqual(places);
      }),
      { numRuns: 60 },
    );
  });

  test('keeps the name behind every pseudonym that it makes, once, and sealed', () => {
    const { observation, keep, newNames } = edge();
    const said: Observation = {
      type: 'observation',
      thing: 'grant/7',
      nativeId: '7',
      kind: 'oauth_grant',
      scope: 'customer/C1/user/1042',
      subject: { app: 'app', name: 'An app' },
      principal: { id: '1042', name: 'ada@corp.example', traits: [] },
      signals: [],
      permissions: [],
      attributes: {},
      evidence: { source: 'list' },
    };
    observation(said);
    observation(said);
    const names = keep();
    const behind = new Map(names.map(({ pseudonym, sealed }) => [pseudonym, key.open(sealed, pseudonym)]));
    expect(names).toHaveLength(2);
    expect(behind.get(key.pseudonymOf('1042'))).toBe('1042');
    expect(behind.get(key.pseudonymOf('ada@corp.example'))).toBe('ada@corp.example');
    expect(names.some(({ sealed }) => Buffer.from(sealed).toString('latin1').includes('1042'))).toBe(false);
    observation(said);
    expect(newNames()).toEqual([]);
  });

  test('leaves a place of whom was forgotten as it is stored', async () => {
    const { place, real, newNames } = edge();
    const forgotten = 'customer/C1/user/forgotten-0123456789ab';
    expect([place(forgotten), place(`${forgotten}-2/token`)]).toEqual([forgotten, `${forgotten}-2/token`]);
    expect(newNames()).toEqual([]);
    expect(await real([forgotten, 'customer/C1/user/person-aaaaaaaaaaaaaaaa'])).toEqual([
      forgotten,
      'customer/C1/user/person-aaaaaaaaaaaaaaaa',
    ]);
  });

  test('tells nobody’s name in the place of what was named after a pseudonym', async () => {
    const { place, real, keep } = edge();
    const [somebody, decoy] = [place('customer/C1/user/1042'), `customer/C1/secret/${key.pseudonymOf('1042')}`];
    keep();
    expect(place(decoy)).toBe(decoy);
    expect(await real([somebody, decoy])).toEqual(['customer/C1/user/1042', decoy]);
  });

  test('makes a pseudonym of what a provider calls a pseudonym', () => {
    const { place } = edge();
    const called = `customer/C1/user/${key.pseudonymOf('1042')}`;
    expect(place(called)).not.toBe(called);
    expect(place(called)).not.toBe(place('customer/C1/user/1042'));
  });

  test('seals a cursor, and opens it with its own key alone', () => {
    const { sealed, opened } = edge();
    const cursor = { next: 'ada@corp.example', done: [1, null, true] };
    const kept = sealed(cursor);
    expect(opened(kept)).toEqual(cursor);
    expect(JSON.parse(kept)).toMatch(/^[A-Za-z0-9+/]+=*$/);
    const other = edgeOf(
      { ...persons, key: personKey(new Secret(`${'another key '.repeat(4)}`), 'default') },
      connector,
      async () => new Map(),
    );
    expect(() => other.opened(kept)).toThrow();
  });
});

test('where names are kept, nothing is changed on the way', async () => {
  const open = edgeOf(undefined, connector, async () => new Map());
  expect(open.place('customer/C1/user/1042')).toBe('customer/C1/user/1042');
  expect(await open.real(['customer/C1/user/1042'])).toEqual(['customer/C1/user/1042']);
  expect(open.opened(open.sealed({ at: 1 }))).toEqual({ at: 1 });
  expect(open.newNames()).toEqual([]);
  expect(textAsKept(undefined, [connector], 'ada@corp.example')).toBe('ada@corp.example');
});

test('a text is kept without addresses, but for those of programs of any provider', () => {
  const robots: Pick<Connector, 'people'> = {
    people: { isPerson: () => undefined, isProgram: (name) => name.endsWith('@robots.example') },
  };
  expect(textAsKept(persons, [connector, robots], 'As ada@corp.example, by build@robots.example.')).toBe(
    `As ${key.pseudonymOf('ada@corp.example')}, by build@robots.example.`,
  );
});
