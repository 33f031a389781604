import { describe, expect, test } from 'vitest';
import { CITATIONS, citedBy, rulesCiting } from '../../src/policy/citations.ts';
import { controlsCalled, FRAMEWORKS } from '../../src/policy/frameworks/catalogue.ts';
import type { Control } from '../../src/policy/frameworks/control.ts';
import { RULES } from '../../src/policy/rules.ts';

const all = FRAMEWORKS.flatMap(({ title, controls }) => Object.entries<Control>(controls).map(([id, control]) => ({ id, title, control })));

describe('the catalogue of frameworks', () => {
  test('has each id once, and is pinned: another id is a decision', () => {
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const counts = FRAMEWORKS.map(({ title, controls }) => [title, Object.keys(controls).length]);
    expect(Object.fromEntries(counts)).toEqual({
      'NIST CSF 2.0': 21,
      'NIST SP 800-53 Rev. 5': 15,
      'NIST SP 800-207': 7,
      'NIST AI RMF 1.0': 10,
      'OWASP Agentic 2026': 10,
      'OWASP NHI 2025': 10,
      'CSA MAESTRO (layer)': 7,
    });
  });

  test('writes each id as its framework does', () => {
    const forms: Readonly<Record<string, RegExp>> = {
      'NIST CSF 2.0': /^(GV|ID|PR|DE|RS|RC)\.[A-Z]{2}-\d{2}$/,
      'NIST SP 800-53 Rev. 5': /^[A-Z]{2}-\d+(\(\d+\))?$/,
      'NIST SP 800-207': /^Tenet [1-7]$/,
      'NIST AI RMF 1.0': /^(GOVERN|MAP|MEASURE|MANAGE) \d\.\d+$/,
      'OWASP Agentic 2026': /^ASI(0[1-9]|10)$/,
      'OWASP NHI 2025': /^NHI([1-9]|10)$/,
      'CSA MAESTRO (layer)': /^L[1-7]$/,
    };
    expect(all.filter(({ id, title }) => !forms[title]!.test(id))).toEqual([]);
  });

  test('maps of the list for agents only what is no matter of run time', () => {
    const mapped = all.filter(({ title, control }) => title === 'OWASP Agentic 2026' && control.by !== 'none').map(({ id }) => id);
    expect(mapped).toEqual(['ASI02', 'ASI03', 'ASI04', 'ASI10']);
  });

  test('knows what the scan itself performs', () => {
    const performed = all.filter(({ control }) => control.by === 'scan').map(({ id }) => id);
    expect(performed).toEqual(expect.arrayContaining(['ID.AM-02', 'ID.AM-04', 'DE.CM-03', 'CM-8', 'Tenet 5', 'GOVERN 1.6', 'MANAGE 4.1']));
  });
});

describe('citations', () => {
  test('every rule cites at least one control, none twice, and no rule is cited for that is not there', () => {
    expect(Object.keys(CITATIONS).sort()).toEqual(Object.keys(RULES).sort());
    for (const [rule, ids] of Object.entries(CITATIONS)) {
      expect(ids.length, rule).toBeGreaterThan(0);
      expect(new Set(ids).size, rule).toBe(ids.length);
    }
  });

  test('every id that is cited stands in the catalogue, and is one that findings can speak of', () => {
    const byId = new Map(all.map(({ id, control }) => [id, control]));
    const wrong = Object.entries(CITATIONS).flatMap(([rule, ids]) =>
      ids.filter((id) => byId.get(id)?.by !== 'findings').map((id) => `${rule}: ${id}`),
    );
    expect(wrong).toEqual([]);
  });

  test('every control that findings are said to speak of is cited by a rule', () => {
    const uncited = all.filter(({ id, control }) => control.by === 'findings' && rulesCiting(controlsCalled(id)).length === 0);
    expect(uncited.map(({ id }) => id)).toEqual([]);
  });

  test('rules that are about AI by name or by verdict alone cite the framework for AI, hygiene does not', () => {
    const citing = Object.keys(CITATIONS).filter((rule) => citedBy(rule).some(({ framework }) => framework === 'NIST AI RMF 1.0'));
    expect(citing).toEqual([
      'unapproved-ai-tool',
      'denied-ai-tool',
      'approval-expired',
      'probation-over',
      'ai-feature-of-general-tool',
      'leaver-holds-grant',
      'orphaned-key-holder',
      'person-and-program-share',
      'agents-share-role',
      'shared-ai-identity',
      'ai-with-persons-key',
      'agent-without-owner',
      'known-compromised',
    ]);
  });

  test('a rule that is no more cites nothing', () => {
    expect(citedBy('a-rule-of-long-ago')).toEqual([]);
    expect(citedBy('constructor')).toEqual([]);
  });
});

describe('ids as people write them', () => {
  test.each([
    ['PR.AC-4', ['PR.AA-05']],
    ['PR.AC-1', ['PR.AA-01', 'PR.AA-05']],
    ['pr.aa-05', ['PR.AA-05']],
    ['PR.AT-1', ['PR.AT-01']],
    ['PR.DS-1', ['PR.DS-01']],
    ['AC-4', ['AC-4']],
    ['ac-2 (3)', ['AC-2(3)']],
    ['govern 1.6', ['GOVERN 1.6']],
    ['NHI05:2025', ['NHI5']],
    ['NHI10:2025', ['NHI10']],
    ['tenet 3', ['Tenet 3']],
    [' ASI03 ', ['ASI03']],
    ['A03', []],
    ['MCP-4', []],
    ['toString', []],
    ['', []],
  ])('%s', (written, ids) => {
    expect(controlsCalled(written).map(({ id }) => id)).toEqual(ids);
  });
});
