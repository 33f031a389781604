import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { registerOf } from './register.ts';

test('every numbered statement about Google has its planted case, in one of the files by subject', () => {
  const folder = new URL('google-workspace/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  const planted = files.flatMap((name) =>
    [...readFileSync(new URL(name, folder), 'utf8').matchAll(/^statement\('(T\d+)'/gm)].map(([, id]) => id),
  );
  expect(planted.toSorted()).toEqual(Object.keys(registerOf('google-workspace')));
});
