import { existsSync, globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { registerOf } from './register.ts';

test.each(['github', 'aws', 'google-workspace'].filter((provider) => existsSync(`test/worlds/${provider}.json`)))(
  'every numbered statement about %s has one planted case, and only these are numbered',
  (provider) => {
    const sources = globSync([`test/worlds/${provider}.test.ts`, `test/worlds/${provider}/*.test.ts`]).map((file) =>
      readFileSync(file, 'utf8'),
    );
    const planted = sources.flatMap((source) => [...source.matchAll(/^statement\(\s*'([A-Z]-?\d+)'/gm)].map(([, id]) => id!));
    const numbered = Object.keys(registerOf(provider));
    expect([...new Set(planted)].toSorted(byText)).toEqual(numbered.toSorted(byText));
    expect(planted).toHaveLength(numbered.length);
  },
);

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
