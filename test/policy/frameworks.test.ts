import { describe, expect, test } from 'vitest';
import { CITATIONS, citedBy, rulesCiting } from '../../src/policy/citations.ts';
import { controlsCalled, FRAMEWORKS } from '../../src/policy/frameworks/catalogue.ts';
import type { Control } from '../../src/policy/frameworks/control.ts';
import { RULES } from '../../src/policy/rules.ts';

const all = FRAMEWORKS.flatMap(({ title, controls }) => Object.entries<Control>(controls).map(([id, control]) => ({ id, title, control })));

describe('the catalogue of frameworks', () => {
  test('has each id once, and each is pinned with what it is called: another id is a decision', () => {
    const ids = all.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const named = FRAMEWORKS.map(({ title, controls }) => [
      title,
      Object.fromEntries(Object.entries<Control>(controls).map(([id, control]) => [id, control.title])),
    ]);
    expect(Object.fromEntries(named)).toEqual({
      'NIST CSF 2.0': {
        'GV.PO-01': 'Policy for cybersecurity risks',
        'GV.RR-02': 'Roles and responsibilities',
        'GV.SC-04': 'Suppliers known and ranked',
        'GV.SC-07': 'Risks of suppliers',
        'ID.AM-02': 'Inventory of software and services',
        'ID.AM-03': 'Communication and data flows',
        'ID.AM-04': 'Inventory of services of suppliers',
        'ID.AM-07': 'Inventories of data',
        'ID.AM-08': 'Life cycles',
        'ID.RA-01': 'Vulnerabilities recorded',
        'ID.RA-05': 'Risk understood and ranked',
        'ID.RA-07': 'Changes and exceptions',
        'PR.AA-01': 'Identities and credentials',
        'PR.AA-03': 'Authentication',
        'PR.AA-05': 'Entitlements',
        'PR.AT-01': 'Training of everybody',
        'PR.AT-02': 'Training for special tasks',
        'PR.DS-01': 'Data at rest',
        'PR.PS-05': 'Unauthorised software',
        'DE.CM-03': 'Use of technology watched',
        'DE.CM-06': 'Service providers watched',
      },
      'NIST SP 800-53 Rev. 5': {
        'AC-2': 'Account Management',
        'AC-2(3)': 'Disable Accounts',
        'AC-3': 'Access Enforcement',
        'AC-4': 'Information Flow Enforcement',
        'AC-6': 'Least Privilege',
        'AC-20': 'Use of External Systems',
        'AU-2': 'Event Logging',
        'AU-12': 'Audit Record Generation',
        'CM-7(5)': 'Authorized Software: Allow-by-exception',
        'CM-8': 'System Component Inventory',
        'CM-11': 'User-installed Software',
        'IA-4': 'Identifier Management',
        'IA-5': 'Authenticator Management',
        'SA-9': 'External System Services',
        'SR-6': 'Supplier Assessments and Reviews',
      },
      'NIST SP 800-207': {
        'Tenet 1': 'Everything is a resource',
        'Tenet 2': 'All communication is secured',
        'Tenet 3': 'Access for one session',
        'Tenet 4': 'Access by policy',
        'Tenet 5': 'Assets are watched',
        'Tenet 6': 'Authentication before access',
        'Tenet 7': 'What is known is used',
      },
      'NIST AI RMF 1.0': {
        'GOVERN 1.6': 'Inventory of AI systems',
        'GOVERN 1.7': 'Decommissioning',
        'GOVERN 2.1': 'Roles and lines of communication',
        'GOVERN 2.2': 'Training in the risks of AI',
        'GOVERN 3.2': 'Roles of people and of AI',
        'GOVERN 6.1': 'Risks of third parties',
        'MAP 4.1': 'Risks of components mapped',
        'MANAGE 2.4': 'Disengaging',
        'MANAGE 3.1': 'Third parties watched',
        'MANAGE 4.1': 'Watching after deployment',
      },
      'OWASP Agentic 2026': {
        ASI01: 'Agent Goal Hijack',
        ASI02: 'Tool Misuse and Exploitation',
        ASI03: 'Identity and Privilege Abuse',
        ASI04: 'Agentic Supply Chain Vulnerabilities',
        ASI05: 'Unexpected Code Execution',
        ASI06: 'Memory & Context Poisoning',
        ASI07: 'Insecure Inter-Agent Communication',
        ASI08: 'Cascading Failures',
        ASI09: 'Human-Agent Trust Exploitation',
        ASI10: 'Rogue Agents',
      },
      'OWASP NHI 2025': {
        NHI1: 'Improper Offboarding',
        NHI2: 'Secret Leakage',
        NHI3: 'Vulnerable Third-Party NHI',
        NHI4: 'Insecure Authentication',
        NHI5: 'Overprivileged NHI',
        NHI6: 'Insecure Cloud Deployment Configurations',
        NHI7: 'Long-Lived Secrets',
        NHI8: 'Environment Isolation',
        NHI9: 'NHI Reuse',
        NHI10: 'Human Use of NHI',
      },
      'CSA MAESTRO (layer)': {
        L1: 'Foundation Models',
        L2: 'Data Operations',
        L3: 'Agent Frameworks',
        L4: 'Deployment & Infrastructure',
        L5: 'Evaluation & Observability',
        L6: 'Security & Compliance',
        L7: 'Agent Ecosystem',
      },
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
    ['PR.AC-3', ['PR.AA-03', 'PR.AA-05']],
    ['ID.AM-6', ['GV.RR-02']],
    ['ID.SC-2', ['GV.SC-04', 'GV.SC-07']],
    ['ID.SC-4', ['GV.SC-07']],
    ['PR.DS-5', ['PR.DS-01']],
    ['PR.IP-2', ['ID.AM-08']],
    ['PR.IP-3', ['ID.RA-07']],
    ['pr.ip-12', ['ID.RA-01']],
    ['DE.CM-7', ['DE.CM-03', 'DE.CM-06']],
    ['PR.AC-6', []],
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
