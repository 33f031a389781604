import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { temporaryFolder } from './facts.ts';
import { connect } from './logical-dump.ts';

const file = temporaryFolder();

test('a statement answers what it would if SQLite saw what it is compared with, and what is quoted in it stays', () => {
  const [database, plain] = [openDatabase(file()), connect(':memory:')];
  try {
    for (const each of [database, plain])
      each.exec(
        `CREATE TEMP TABLE part (word TEXT, number INTEGER, either); INSERT INTO part VALUES ('7', 7, '7'), ('8', 8, 8), (NULL, NULL, NULL)`,
      );
    const quoted = database.prepare(
      `SELECT '= @a ''= @b', "word" AS "= @c", [number] AS [= @d] /* = @e */ FROM part -- = @f
         WHERE word = @word AND number >= @number AND either IS NOT @word`,
    );
    expect(quoted.source.match(/\+@\w+/g)).toEqual(['+@word', '+@number']);
    expect(quoted.get({ word: '8', number: '8' })).toEqual({ "'= @a ''= @b'": "= @a '= @b", '= @c': '8', '= @d': 8 });
    // Text and number compare as the column says, where it says so, and NULL is what it was.
    for (const column of ['word', 'number', 'either'])
      for (const compares of ['=', '==', 'IS', 'IS NOT', '<=', '<>'])
        for (const value of ['7', 7, 7n, 8.5, null, Buffer.from('7')]) {
          const sql = `SELECT count(*) FROM part WHERE ${column} ${compares} ?`;
          expect(database.prepare(sql).pluck().get(value), `${sql} ${String(value)}`).toBe(plain.prepare(sql).pluck().get(value));
        }
  } finally {
    plain.close();
    database.close();
  }
});
