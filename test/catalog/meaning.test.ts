import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { match } from '../../src/catalog/match.ts';
import type { Signal } from '../../src/connector/index.ts';

const catalog = loadCatalog();
const page = readFileSync('docs/what-is-ai.md', 'utf8');

/** The examples of a verdict: the code spans in the first column of the table below its heading. */
function examplesOf(verdict: string): { text: string; signals: Signal[] }[] {
  const section = page.split(`\n## \`${verdict}\`\n`)[1]!.split('\n## ')[0]!;
  return [...section.matchAll(/^\| (`.*?`) +\|/gm)].map(([, cell]) => ({
    text: cell!,
    signals: [...cell!.matchAll(/`(\w+) ([^`]+)`/g)].map(([, type, value]) => ({ type: type!, value: value! })),
  }));
}

describe('docs/what-is-ai.md', () => {
  for (const verdict of ['ai', 'ai_feature', 'suspected', 'not_ai', 'unknown'] as const) {
    const examples = examplesOf(verdict);

    test(`has ten examples or more of ${verdict}`, () => {
      expect(examples.length).toBeGreaterThanOrEqual(10);
      expect(examples.filter(({ signals }) => signals.length === 0)).toEqual([]);
    });

    test.each(examples)(`is right about ${verdict}: $text`, ({ signals }) => {
      expect(match(catalog, signals).verdict).toBe(verdict);
    });
  }
});

describe('what only looks like AI', () => {
  const { cases } = JSON.parse(readFileSync(new URL('./cases/look-alikes.json', import.meta.url), 'utf8')) as {
    cases: (Signal & { why: string })[];
  };

  test('are 25 names of apps and 12 names of secrets and services', () => {
    expect(cases.filter(({ type }) => type === 'app_name')).toHaveLength(25);
    expect(cases).toHaveLength(37);
  });

  test.each(cases)('is not called AI, and not suspected: $type $value', ({ type, value }) => {
    const { verdict, product } = match(catalog, [{ type, value }]);
    expect(['unknown', 'not_ai', 'ai_feature']).toContain(verdict);
    expect(product === undefined || verdict === 'ai_feature').toBe(true);
  });
});

/**
 * The client through which a breach came in April 2026, as it was published:
 * https://thompsoninfosec.com/blog/vercel-oauth-google-workspace-breach
 */
const CONTEXT_AI = '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com';

test.each([
  'Context.ai',
  'AI Office Suite',
  'Calendar Helper',
  'AWS Copilot',
  'Zoom',
  'Gemini Observatory',
  'Соntехt.аi',
  '',
  '\u200b',
  'x'.repeat(4096),
])('the published client of Context.ai is known under any display name: %s', (name) => {
  const found = match(catalog, [
    { type: 'app_name', value: name },
    { type: 'oauth_client_id', value: CONTEXT_AI },
  ]);
  expect([found.verdict, found.grade, found.product]).toEqual(['ai', 'exact', 'context-ai/context-ai']);
  expect(found.flags.includes('name_differs')).toBe(!/^context|^Соnt/i.test(name));
});
