import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createCatalog, loadCatalog } from '../../src/catalog/catalog.ts';
import { evaluate } from '../../tools/eval/evaluate.ts';
import { GOALS } from '../../tools/eval/goals.ts';
import { readLabelled, type Row } from '../../tools/eval/labelled.ts';
import { reportOf } from '../../tools/eval/report.ts';
import { shareOf } from '../../tools/eval/wilson.ts';

const fresh = evaluate(loadCatalog(), readLabelled());

describe('the quality that is written down', () => {
  test('is that of a fresh run: a change of it is seen (`npm run eval:catalog` writes it anew)', () => {
    expect(fresh).toEqual(JSON.parse(readFileSync('docs/catalog-quality.json', 'utf8')));
  });

  test('is the one that the documentation shows', () => {
    const shown = /<!-- figures -->([\s\S]*?)<!-- end of figures -->/.exec(readFileSync('docs/catalog-quality.md', 'utf8'))?.[1] ?? '';
    // The formatter aligns tables.
    const bare = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-').trim();
    expect(bare(shown)).toBe(bare(reportOf(fresh)));
  });
});

describe('a share', () => {
  // Compared with the worked figures of Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('has the interval of Wilson: %i of %i', (hits, of, low, high) => {
    expect(shareOf(hits, of)).toMatchObject({ hits, of, low, high });
  });

  test('of nothing is none', () => {
    expect(shareOf(0, 0)).toEqual({ hits: 0, of: 0, share: null, low: null, high: null });
  });
});

describe('an evaluation', () => {
  const catalog = createCatalog({
    hash: 'small',
    products: { 'acme/brain': ['Brain', 'Acme Inc.', 'assistants', 'ai'], 'globex/office': ['Office', 'Globex', 'other', 'ai_feature'] },
    claims: { app_name: { brain: 'acme/brain', office: 'globex/office' }, package: { 'npm:brain': 'acme/brain' } },
  });
  const row = (type: string, value: string, expected: Row['expect'], vendor: string | null = null, product: string | null = null): Row => ({
    type,
    value,
    expect: expected,
    vendor,
    product,
  });
  const quality = evaluate(catalog, [
    row('app_name', 'Brain', 'ai', 'Acme', 'Brain'),
    row('app_name', 'BRAIN Inc.', 'ai', 'Initech', 'Mind'),
    row('app_name', 'Brain!', 'not_ai'),
    row('package', 'npm:brain', 'ai', 'The Brain Company', 'Brain'),
    row('package', 'npm:bran', 'ai', 'Acme', 'Brain'),
    row('app_name', 'Foreign GPT', 'ai', 'Foreign', 'Foreign GPT'),
    row('app_name', 'Foreign thing', 'ai', 'Foreign', 'Thing'),
    row('app_name', 'Family chatbot', 'not_ai'),
    row('app_name', 'Office', 'ai_feature', 'Globex', 'Office'),
    row('app_name', 'Weather', 'not_ai'),
  ]);

  test('counts what is right among what is called AI, at every grade', () => {
    expect(quality.precision).toMatchObject({ hits: 3, of: 4 });
    expect(quality.precisionExactAndStrong).toMatchObject({ hits: 1, of: 1 });
    expect(quality.byGrade['likely']!.precision).toMatchObject({ hits: 2, of: 3 });
    expect(quality.byType['package']!.precision).toMatchObject({ hits: 1, of: 1 });
  });

  test('counts a vendor as right by its own name or by that of the product', () => {
    // BRAIN Inc. is said to be of Initech, and called one of Acme.
    expect(quality.vendor).toMatchObject({ hits: 3, of: 4 });
  });

  test('tells recall apart by what the catalog knows', () => {
    expect(quality.recallByKnowledge.value.ai).toMatchObject({ hits: 2, of: 2 });
    expect(quality.recallByKnowledge.vendor.ai).toMatchObject({ hits: 0, of: 1 });
    expect(quality.recallByKnowledge.stranger.ai).toMatchObject({ hits: 1, of: 3 });
    expect(quality.recallByKnowledge.stranger.aiOrSuspected).toMatchObject({ hits: 2, of: 3 });
  });

  test('counts benign rows that are suspected, and every row once', () => {
    expect(quality.benignSuspected).toMatchObject({ hits: 1, of: 4 });
    expect(quality.confusion).toEqual({
      ai: { ai: 3, ai_feature: 0, suspected: 1, not_ai: 0, unknown: 2 },
      ai_feature: { ai: 0, ai_feature: 1, suspected: 0, not_ai: 0, unknown: 0 },
      suspected: { ai: 0, ai_feature: 0, suspected: 0, not_ai: 0, unknown: 0 },
      not_ai: { ai: 1, ai_feature: 0, suspected: 1, not_ai: 0, unknown: 1 },
    });
  });

  test('says which goals hold, and that none holds of nothing', () => {
    const held = (of: typeof quality) => GOALS.filter((goal) => goal.holds(of)).map(({ what }) => what);
    expect(held(quality)).toEqual([
      'precision of `ai` by `exact` and `strong`',
      'recall: the value stands in the catalog',
      'recall: a stranger is at least suspected',
    ]);
    expect(held(evaluate(catalog, []))).toEqual([]);
  });
});
