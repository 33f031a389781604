import { expect, test } from 'vitest';
import { entryLines } from '../../src/commands/show-entries.ts';
import { judgementOf, type FindingBody } from '../../src/policy/findings.ts';
import type { FindingRow } from '../../src/policy/judged.ts';
import { policySchema, type Policy } from '../../src/policy/policy.ts';
import { GROUP_OF } from '../../src/policy/rule-groups.ts';
import { RULES, type RuleId } from '../../src/policy/rule-list.ts';
import { documentOf } from '../../src/tickets/body.ts';
import type { Block } from '../../src/tickets/document.ts';
import type { DecidedFinding } from '../../src/tickets/world.ts';
import { NOW } from '../policy/apps.ts';
import { DECIDED, WORLD, type Planted } from '../policy/planted.ts';

const judged = ({ integration }: Planted, by: Policy) => judgementOf(integration, by, NOW, () => 'Take it away.').findings;

const CASES = WORLD.flatMap((one) => judged(one, DECIDED).map((finding) => [finding.rule, one.app, one, finding] as const));

test('every rule is among the cases', () => {
  expect([...new Set(CASES.map(([rule]) => rule as string))].sort()).toEqual(Object.keys(RULES).sort());
});

test.each(CASES)('the entry that a ticket prints settles %s of %s', (rule, _app, one, finding) => {
  const blocks = ticketAbout(finding);
  const headings = blocks.flatMap((block) => (block.is === 'heading' ? [block.text] : []));
  const incident = GROUP_OF[rule as RuleId] === 'incident';
  const approves = headings.includes('To approve it');
  expect([approves, headings.includes('To accept it until a day')]).toEqual(approves ? [true, false] : [false, true]);
  expect(incident ? headings.slice(0, 2) : ['What', 'To take it away']).toEqual(['What', 'To take it away']);
  const after = policyWith(blocks, approves ? 'approvals' : 'exceptions');
  expect(judged(one, after).filter(({ key, excepted }) => key === finding.key && !excepted)).toEqual([]);
  if (!headings.includes('To deny it')) return;
  expect(judged(one, policyWith(blocks, 'denials')).map(({ key }) => key)).not.toContain(finding.key);
});

test.each(CASES)('`show` offers what settles %s of %s', (_rule, _app, one, { key, body }) => {
  const told = entryLines(key, JSON.parse(body) as FindingBody).join('\n');
  const offered = [...told.matchAll(/"(approvals|denials|exceptions)"[^\n]*:\n((?: .*\n?)+)/g)];
  expect(offered.map(([, list]) => list)).not.toEqual([]);
  for (const [, list, text] of offered) {
    const entry = JSON.parse(text!.replaceAll('YYYY-MM-DD', '2026-12-01')) as object;
    const after = policySchema.parse({ ...DECIDED, [list!]: [...DECIDED[list as 'approvals'], entry] });
    expect(judged(one, after).filter((left) => left.key === key && !left.excepted)).toEqual([]);
  }
});

test('a ticket says to deny what a denial settles, and nothing else', () => {
  const denied = CASES.filter(([, , , { body }]) => (JSON.parse(body) as FindingBody).settledBy!.includes('denial')).map(([rule]) => rule);
  expect(denied).toContain('unapproved-ai-tool');
  expect(denied.filter((rule) => ['denied-ai-tool', 'old-ai-key', 'never-expiring-ai-key', 'leaver-holds-grant'].includes(rule))).toEqual(
    [],
  );
});

function ticketAbout(finding: FindingRow): readonly Block[] {
  const decided: DecidedFinding = {
    ...finding,
    state: 'open',
    firstScan: 1,
    stateScan: 1,
    unverifiedSince: null,
    readGone: 0,
    appName: finding.appId,
    appState: 'present',
    appGrade: 'strong',
    appBody: null,
  };
  return documentOf({ group: GROUP_OF[finding.rule as RuleId] }, [decided], null).blocks;
}

/** The policy with what stands in a ticket, as somebody would copy it. */
function policyWith(blocks: readonly Block[], list: 'approvals' | 'denials' | 'exceptions'): Policy {
  const says = blocks.findIndex(({ is, ...block }) => is === 'paragraph' && JSON.stringify(block).includes(`Add this to \\"${list}\\"`));
  const entry = blocks[says + 1]!;
  const text = (entry.is === 'code' ? entry.text : '').replaceAll('YYYY-MM-DD', '2026-12-01');
  return policySchema.parse({ ...DECIDED, [list]: [...DECIDED[list], JSON.parse(text)] });
}
