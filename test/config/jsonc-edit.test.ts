import fc from 'fast-check';
import { createScanner, parse } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import { edited } from '../../src/config/jsonc-edit.ts';

const POLICY = `{
  // ours
  "formatVersion": 1,
  "approvals": [
    // the first
    { "product": "a/b", "apps": ["1"] }, // agreed with Bela
    // more to come
  ],
  "denials": [] // none yet
}
`;

describe('an edit of a file with comments', () => {
  test('puts a new entry behind the last one and its comments, and changes nothing else', () => {
    expect(edited(POLICY, [{ append: ['approvals'], value: { product: 'c/d', apps: ['2', '3'] } }])).toBe(
      POLICY.replace(
        '    // more to come\n  ]',
        '    // more to come\n    {\n      "product": "c/d",\n      "apps": ["2", "3"]\n    }\n  ]',
      ),
    );
  });

  test('puts the comma before a comment that stands behind the last entry', () => {
    const text = '{\n\t"denials": [\n\t\t{ "apps": ["1"] } // why\n\t]\n}\n';
    expect(edited(text, [{ append: ['denials'], value: { apps: ['2'] } }])).toBe(
      '{\n\t"denials": [\n\t\t{ "apps": ["1"] }, // why\n\t\t{\n\t\t\t"apps": ["2"]\n\t\t}\n\t]\n}\n',
    );
  });

  test('adds a word to a list on one line, a key to an entry, and a list that is missing', () => {
    const once = edited(POLICY, [
      { append: ['approvals', 0, 'apps'], value: '2' },
      { set: ['approvals', 0, 'expires'], value: '2027-01-01' },
      { append: ['exceptions'], value: { finding: '01234567' } },
    ]);
    expect(once).toContain('    { "product": "a/b", "apps": ["1", "2"], "expires": "2027-01-01" }, // agreed with Bela\n');
    expect(once).toContain('  "denials": [], // none yet\n  "exceptions": [\n    {\n      "finding": "01234567"\n    }\n  ]\n}\n');
  });

  test('sets a value where it stands, and one within something that is missing', () => {
    const text = '{"approvals":[{"expires":"2026-01-01"/* soon */}]}';
    expect(edited(text, [{ set: ['approvals', 0, 'expires'], value: '2027-01-01' }])).toBe(
      '{"approvals":[{"expires":"2027-01-01"/* soon */}]}',
    );
    const nested = edited(text, [{ set: ['approvals', 0, 'ceiling', 'data', 'mail'], value: 'read' }]);
    expect(parse(nested)).toEqual({ approvals: [{ expires: '2026-01-01', ceiling: { data: { mail: 'read' } } }] });
  });

  test.each([
    ['["a", "b", "c"]', 0, '["b", "c"]'],
    ['["a", "b", "c"]', 1, '["a", "c"]'],
    ['["a", "b", "c"]', 2, '["a", "b"]'],
    ['["a"]', 0, '[]'],
    ['[\n  "a",\n  "b",\n]', 1, '[\n  "a",\n]'],
    ['[\n  "a",\n  "b"\n]', 0, '[\n  "b"\n]'],
    ['[\n  "a", // the first\n  "b" // the second\n]', 1, '[\n  "a" // the first\n // the second\n]'],
    ['[\n  "a", // the first\n  "b"]', 1, '[\n  "a" // the first\n]'],
    ['[\n  // the first\n  "a", "b"]', 0, '[\n  // the first\n "b"]'],
    ['["a" /* , */, "b"]', 0, '[/* , */ "b"]'],
  ])('takes out of %j the part %i, its comma, and no comment', (list, at, left) => {
    expect(edited(`{"apps": ${list}}`, [{ remove: ['apps', at] }])).toBe(`{"apps": ${left}}`);
  });

  test('takes out a key, and nothing where there is none', () => {
    expect(edited('{"a": {"b": 1, "c": 2}}', [{ remove: ['a', 'b'] }, { remove: ['a', 'd'] }])).toBe('{"a": {"c": 2}}');
  });

  test('of nothing is refused as a fault of ours', () => {
    expect(() => edited('', [{ append: ['approvals'], value: {} }])).toThrow('There is no JSON to change');
  });
});

interface Shape {
  eol: string;
  unit: string;
  comment: () => string;
  trailing: boolean;
  dense: boolean;
}

/** A policy as somebody may have written it by hand: on one line or many, with comments anywhere and commas at ends. */
function written(value: unknown, shape: Shape, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const inner = indent + shape.unit;
  const parts = Array.isArray(value)
    ? value.map((item) => written(item, shape, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${written(item, shape, inner)}`);
  if (shape.dense) return `${open}${parts.map((part) => `${shape.comment()}${part}`).join(', ')}${shape.comment()}${close}`;
  const lines = parts.map((part, at) => {
    const comma = at < parts.length - 1 || shape.trailing ? ',' : '';
    return `${inner}${part}${comma}${shape.comment()}${shape.eol}`;
  });
  return `${open}${shape.comment()}${shape.eol}${lines.join('')}${indent}${shape.comment()}${shape.eol}${indent}${close}`;
}

function commentsOf(text: string): string[] {
  const scanner = createScanner(text, false);
  const found: string[] = [];
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const token = text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength());
    if (/^\/[/*]/.test(token)) found.push(token);
  }
  return found;
}

test('says what it is told and keeps every comment, however the file is written', () => {
  const word = fc.constantFrom('a', 'b c', '"', '\\', '// no comment', '[]', '{', 'é', ',');
  const entry = fc.dictionary(fc.constantFrom('reason', 'owner', 'ticket'), word, { noNullPrototype: true });
  const shape = fc.record({
    eol: fc.constantFrom('\n', '\r\n'),
    unit: fc.constantFrom('  ', '\t', '    '),
    trailing: fc.boolean(),
    dense: fc.boolean(),
  });
  const entries = fc.array(
    fc.tuple(entry, fc.array(word, { minLength: 1, maxLength: 3 })).map(([facts, apps]) => ({ ...facts, apps })),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(
      shape,
      entries,
      entries,
      fc.array(fc.nat(3), { minLength: 1, maxLength: 40 }),
      entry,
      word,
      fc.nat(2),
      (how, approvals, denials, rolls, added, app, at) => {
        let count = 0;
        const comment = () => {
          const roll = rolls[count++ % rolls.length]!;
          if (roll === 1) return ` /* ${count}, */ `;
          return roll === 2 && !how.dense ? ` // ${count} ]}` : '';
        };
        const value: Record<string, unknown> = { formatVersion: 1, approvals, denials };
        const text = written(value, { ...how, comment });
        expect(parse(text, [], { allowTrailingComma: true })).toEqual(value);
        const expected = structuredClone({ ...value, approvals, denials, exceptions: [] as object[] });
        const edits: Parameters<typeof edited>[1][number][] = [
          { append: ['approvals'], value: added },
          { append: ['exceptions'], value: added },
          { set: ['approvals', 0, 'owner'], value: app },
        ];
        expected.approvals.push({ ...added, apps: undefined } as never);
        expected.exceptions.push(added);
        Object.assign(expected.approvals[0]!, { owner: app });
        if (at < approvals.length) {
          edits.push({ append: ['approvals', at, 'apps'], value: app });
          expected.approvals[at]!.apps.push(app);
        }
        if (at < denials.length) {
          const gone = at % denials[at]!.apps.length;
          edits.push({ remove: ['denials', at, 'apps', gone] }, { remove: ['denials', at, 'owner'] });
          const { owner: _owner, ...left } = expected.denials[at] as (typeof denials)[number] & { owner?: string };
          expected.denials[at] = { ...left, apps: left.apps.toSpliced(gone, 1) };
        }
        const after = edited(text, edits);
        const errors: object[] = [];
        expect(parse(after, errors as never, { allowTrailingComma: true })).toEqual(JSON.parse(JSON.stringify(expected)));
        expect(errors).toEqual([]);
        expect(commentsOf(after)).toEqual(commentsOf(text));
        const bare = how.eol === '\r\n' && !how.dense && after.replaceAll('\r\n', '').includes('\n');
        expect(bare).toBe(false);
      },
    ),
    { numRuns: 500 },
  );
});
