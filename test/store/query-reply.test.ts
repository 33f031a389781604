import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replyIn, replyText, type QueryReply } from '../../src/store/query-reply.ts';

const cell = fc.oneof(
  fc.string({ unit: 'binary' }),
  // JSON has one nought.
  fc.double({ noNaN: true }).map((number) => number + 0),
  fc.constant(null),
);
const answer = fc.record(
  { columns: fc.array(fc.string()), rows: fc.array(fc.array(cell)), cut: fc.constantFrom('rows' as const, 'bytes' as const) },
  { requiredKeys: ['columns', 'rows'], noNullPrototype: true },
);
const reply: fc.Arbitrary<QueryReply> = fc.oneof(
  answer,
  fc.record({ refused: fc.string() }, { noNullPrototype: true }),
  fc.record({ storage: fc.record({ message: fc.string(), fix: fc.string() }, { noNullPrototype: true }) }, { noNullPrototype: true }),
);

test('what a question answers arrives as it was, numbers included that JSON has no word for', () => {
  fc.assert(
    fc.property(reply, (one) => {
      const text = [...replyText(one)].join('');
      expect(text.indexOf('\n')).toBe(text.length - 1);
      expect(replyIn(text)).toEqual(one);
    }),
  );
  const endless = {
    columns: ['a', 'b'],
    rows: [
      [Infinity, 'Infinity'],
      [-Infinity, null],
    ],
  };
  expect(replyIn([...replyText(endless)].join(''))).toEqual(endless);
});

test('an answer that breaks off is none', () => {
  const text = [...replyText({ columns: ['a'], rows: [[1], [2]] })].join('');
  for (let length = 0; length < text.length; length++) expect(replyIn(text.slice(0, length))).toBeUndefined();
});
