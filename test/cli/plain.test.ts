import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, type Order } from '../../src/cli/parse.ts';
import { plainOrder } from '../../src/cli/plain.ts';
import type { Verb, VerbOption } from '../../src/cli/verb.ts';
import { PROGRAM } from '../../src/cli/verbs.ts';

/** Every verb that does something, with the words that lead to it. */
const VERBS = leaves(PROGRAM, []);

function leaves(verb: Verb, path: readonly string[]): { path: readonly string[]; verb: Verb }[] {
  if (!verb.verbs) return [{ path, verb }];
  return verb.verbs.flatMap((below) => leaves(below, [...path, below.name]));
}

/** What a line orders: with what its verb is called, and whether quietly. Undefined = it is refused, or no plain one. */
async function ordered(order: Order | undefined): Promise<unknown> {
  if (!order) return undefined;
  const calls: unknown[] = [];
  const watched = VERBS.map(({ path, verb }) => [path, verb, verb.run] as const);
  for (const [path, verb] of watched) verb.run = async (_context, ...given) => calls.push([path, ...given]);
  try {
    await order.run({} as never);
  } finally {
    for (const [, verb, run] of watched) if (run) verb.run = run;
  }
  return calls.length === 0 ? undefined : [order.quiet, ...calls];
}

/** Both readers take the verb as it stands when the order is run. */
const read = (args: readonly string[]) => ({ plainly: plainOrder(args, {}), inEarnest: parse(args, () => {}) });

const word = fc.constantFrom(
  '3',
  '12',
  'ada@corp.example',
  'open',
  'high',
  'table',
  'json',
  '2026-03-31',
  'high,low',
  'github,',
  'x',
  '',
  'i7',
  'noctule',
);
const option = (declared: VerbOption) =>
  fc
    .record({
      flag: fc.constantFrom(...(declared.flags.match(/(?<!\S)--?[a-z][a-z-]*/g) ?? [])),
      values: declared.flags.includes('<')
        ? fc.array(declared.choices ? fc.oneof(fc.constantFrom(...declared.choices), word) : word, { minLength: 1, maxLength: 2 })
        : fc.constant([]),
    })
    .map(({ flag, values }) => [flag, ...(declared.flags.includes('...') ? values : values.slice(0, 1))]);
const line = fc.constantFrom(...VERBS).chain(({ path, verb }) =>
  fc
    .record({
      quiet: fc.constantFrom([], [], ['-q'], ['--quiet']),
      words: fc.array(word, { maxLength: 2 }),
      options: verb.options ? fc.array(fc.constantFrom(...verb.options).chain(option), { maxLength: 4 }) : fc.constant([]),
      late: fc.constantFrom([], [], ['-q'], ['--unknown'], ['--']),
      order: fc.boolean(),
    })
    .map(({ quiet, words, options, late, order }) => [
      ...quiet,
      ...path,
      ...(order ? [...words, ...options.flat()] : [...options.flat(), ...words]),
      ...late,
    ]),
);

describe('a plain command line', () => {
  test('orders what it orders when it is read in earnest, and none is plain that is refused then', async () => {
    let plain = 0;
    await fc.assert(
      fc.asyncProperty(line, async (args) => {
        const { plainly, inEarnest } = read(args);
        if (!plainly) return;
        plain++;
        expect(await ordered(plainly)).toEqual(await ordered(inEarnest));
      }),
      { numRuns: 2_000 },
    );
    // The rest are the wrong ones among them.
    expect(plain).toBeGreaterThan(300);
  });

  test.each([
    [['findings']],
    [['-q', 'findings', '--state', 'open', 'acknowledged', '--limit', '20']],
    [['grants', '--app', 'x', '-f', 'csv', '-o', 'file.csv']],
    [['findings', '--severity', 'high,critical', '--connector', 'github', 'aws']],
    [['query', 'vendor-breach', '--param', 'vendor=openai']],
    [['show', 'g7', '--format', 'json']],
    [['catalog', 'lookup', 'OpenAI']],
  ])('such as %j is read quickly', async (args) => {
    expect(plainOrder(args, {})).toBeDefined();
  });

  test.each([
    [['findings', '--limit=3']],
    [['findings', '-fjson']],
    [['findings', '--help']],
    [['help']],
    [['findings', '--limit', '-3']],
    [['show']],
    [['--version']],
    [[]],
  ])('is not %j, which is left to be read in earnest', (args) => {
    expect(plainOrder(args, {})).toBeUndefined();
  });

  test('takes from the environment what is not given', async () => {
    const order = plainOrder(['findings'], { NOCTULE_CONFIG: '/elsewhere.json' });
    expect(await ordered(order)).toMatchObject([false, [['findings'], { config: '/elsewhere.json' }]]);
    const given = plainOrder(['findings', '-c', 'here.json'], { NOCTULE_CONFIG: '/elsewhere.json' });
    expect(await ordered(given)).toMatchObject([false, [['findings'], { config: 'here.json' }]]);
  });
});
