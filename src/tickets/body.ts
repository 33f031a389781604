import { citedBy } from '../policy/citations.ts';
import type { FindingBody } from '../policy/findings.ts';
import { exceptionOf, isSettledBy, type Verdict } from '../policy/settled-by.ts';
import { toldName } from '../policy/told-name.ts';
import { RULE_GROUPS } from '../policy/rule-groups.ts';
import { RULES, type RuleId } from '../policy/rules.ts';
import type { Block, Run, TicketDocument } from './document.ts';
import type { DecidedFinding, DecisionFacts } from './world.ts';

/** Bounds of what a ticket tells. `noctule show` tells the rest. */
const MOST = { findings: 10, details: 3, holders: 5, can: 10, reasons: 3, entries: 3, name: 200 } as const;

interface Told {
  finding: DecidedFinding;
  body: FindingBody;
}

/** The text of a ticket about a decision, without the line that it is found by, which each tracker adds: its findings that need one. `earlier` = what people call the ticket before, of another generation. */
export function documentOf(
  decision: Pick<DecisionFacts, 'group'>,
  live: readonly DecidedFinding[],
  earlier: string | null,
): TicketDocument {
  const told = live.map((finding): Told => ({ finding, body: JSON.parse(finding.body) as FindingBody }));
  const group = RULE_GROUPS[decision.group as keyof typeof RULE_GROUPS];
  const rules = [...new Set(live.map(({ rule }) => rule))];
  const isIncident = decision.group === 'incident';
  const by = (verdict: Verdict) => (isIncident ? [] : told.filter(({ body }) => isSettledBy(body, verdict)));
  const remedy = removal(told);
  return {
    title: titleOf(told),
    blocks: [
      { is: 'paragraph', runs: [group.asks] },
      ...(earlier === null ? [] : [paragraph('An earlier ticket about the same: ', name(earlier), '.')]),
      heading('What'),
      list(told.slice(0, MOST.findings).map(whatRuns)),
      ...more(told.length - MOST.findings, 'findings'),
      ...(isIncident ? remedy : []),
      heading('Why it matters'),
      list(rules.map((rule) => [whyOf(rule)])),
      heading('What it can do'),
      list(canOf(told)),
      heading('Who'),
      ...told.slice(0, MOST.findings).map(whoParagraph),
      heading('Evidence'),
      list(told.slice(0, MOST.findings).map(evidenceRuns)),
      ...approval(by('approval')),
      ...denial(by('denial')),
      ...(isIncident ? [] : remedy),
      ...exception(told.filter(({ body }) => isIncident || !isSettledBy(body, 'approval'))),
      ...controlsBlocks(rules),
    ],
  };
}

/** What is decided about, in one line. */
function titleOf(told: readonly Told[]): Run[] {
  const [gravest] = told;
  if (!gravest) return ['Nothing to decide'];
  const { finding, body } = gravest;
  const apps = new Set(told.map(({ finding: one }) => one.appId)).size;
  const rule = Object.hasOwn(RULES, finding.rule) ? RULES[finding.rule as RuleId].title : finding.rule;
  return [`${rule}: `, name(toldName(body.productName, finding.appName), 120), ...(apps > 1 ? [` and ${apps - 1} more`] : [])];
}

/** The title of a decision, of its findings that need one. */
export function titleOfDecision(live: readonly DecidedFinding[]): Run[] {
  return titleOf(
    live
      .slice(0, 1)
      .map((finding) => ({ finding, body: JSON.parse(finding.body) as FindingBody }))
      .concat(live.slice(1).map((finding) => ({ finding, body: {} as FindingBody }))),
  );
}

function whatRuns({ finding, body }: Told): Run[] {
  const title = Object.hasOwn(RULES, finding.rule) ? RULES[finding.rule as RuleId].title : finding.rule;
  const unread = finding.unverifiedSince === null ? [] : [` Not read since ${finding.unverifiedSince.slice(0, 10)}: it may have changed.`];
  return [
    `${finding.severity}: ${title}: `,
    name(toldName(body.productName, finding.appName)),
    `, ${finding.connector} account `,
    name(finding.account),
    '.',
    ...body.details.slice(0, MOST.details).flatMap((detail): Run[] => [' ', name(detail, 300)]),
    ...unread,
  ];
}

function whyOf(rule: string): string {
  return Object.hasOwn(RULES, rule) ? RULES[rule as RuleId].why : rule;
}

function canOf(told: readonly Told[]): Run[][] {
  const can = [...new Set(told.flatMap(({ body }) => body.can))];
  if (can.length === 0) return [['Nothing that is known.']];
  const rest = can.length - MOST.can;
  return [...can.slice(0, MOST.can).map((one): Run[] => [name(one, 300)]), ...(rest > 0 ? [[`and ${rest} more`]] : [])];
}

function whoParagraph({ finding, body: { holders, since } }: Told): Block {
  const rest = holders.count - Math.min(MOST.holders, holders.some.length);
  const some = holders.some.slice(0, MOST.holders).flatMap((holder, index): Run[] => [...(index === 0 ? [' '] : [', ']), name(holder)]);
  return paragraph(
    `${finding.key.slice(0, 8)}: held by ${holders.count === 0 ? 'nobody in particular' : `${holders.count}:`}`,
    ...some,
    ...(rest > 0 && some.length > 0 ? [` and ${rest} more`] : []),
    `. ${holders.administrators} of them administer the account, ${holders.leavers} left.`,
    since === 'unknown' ? ' Since when is not known.' : ` Since ${since.at.slice(0, 10)}.`,
  );
}

function evidenceRuns({ finding, body }: Told): Run[] {
  const reasons = body.match.reasons.slice(0, MOST.reasons).flatMap((reason): Run[] => [' ', name(reason, 300)]);
  return [
    `noctule show ${finding.key.slice(0, 12)}: app `,
    name(finding.appId),
    `, ${body.things.count} statements of the provider, match ${body.match.grade}.`,
    ...reasons,
  ];
}

function approval(told: readonly Told[]): Block[] {
  if (told.length === 0) return [];
  return [
    heading('To approve it'),
    ...entries(
      'approvals',
      'approve',
      ofApps(told, ({ approve }) => approve),
      'apps',
    ),
  ];
}

/** What an approval leaves as it is can be accepted, one finding at a time. */
function exception(told: readonly Told[]): Block[] {
  if (told.length === 0) return [];
  const of = told.map(({ finding: { key } }) => ({ key, entry: exceptionOf(key) }));
  return [
    kept('To accept it until a day'),
    paragraph('No approval settles this: it is taken away, or accepted with its risk.'),
    ...entries('exceptions', 'except', of, 'findings'),
  ];
}

function denial(told: readonly Told[]): Block[] {
  if (told.length === 0) return [];
  return [
    kept('To deny it'),
    ...entries(
      'denials',
      'deny',
      ofApps(told, ({ deny }) => deny),
      'apps',
    ),
  ];
}

/** What to do, and after it the steps of the provider. */
function removal(told: readonly Told[]): Block[] {
  const remedies = [...new Set([...told.map(({ body }) => body.remedy), ...told.flatMap(({ body }) => body.steps ?? [])])];
  return [kept('To take it away'), list(remedies.slice(0, MOST.findings).map((remedy) => [name(remedy, 1000)]))];
}

interface Entry {
  key: string;
  entry: Readonly<Record<string, unknown>>;
}

/** One entry an app. */
function ofApps(told: readonly Told[], of: (body: FindingBody) => Entry['entry']): Entry[] {
  const byApp = new Map(told.map((one) => [JSON.stringify([one.finding.account, one.finding.appId]), one]));
  return [...byApp.values()].map(({ finding: { key }, body }) => ({ key, entry: of(body) }));
}

/** What stands there is what the policy takes. */
function entries(
  where: 'approvals' | 'denials' | 'exceptions',
  verb: 'approve' | 'deny' | 'except',
  all: readonly Entry[],
  what: string,
): Block[] {
  const [first] = all;
  return [
    paragraph(`Add this to "${where}" of policy.json, or let \`noctule ${verb} ${first?.key.slice(0, 12) ?? ''}\` write it:`),
    ...all.slice(0, MOST.entries).map(({ entry }): Block => ({ is: 'code', text: JSON.stringify(entry, null, 2) })),
    ...more(all.length - MOST.entries, `${what}, each with an entry of its own`),
  ];
}

function controlsBlocks(rules: readonly string[]): Block[] {
  const controls = rules.flatMap((rule) => citedBy(rule));
  const byFramework = Map.groupBy(controls, ({ framework }) => framework);
  if (byFramework.size === 0) return [];
  const items = [...byFramework].map(([framework, cited]) => [`${framework}: ${[...new Set(cited.map(({ id }) => id))].join(', ')}`]);
  return [kept('Controls'), list(items)];
}

/** The text of the one ticket that stands for those above the cap. */
export function digestDocument(waiting: { number: number; some: readonly (readonly Run[])[] }, cap: number): TicketDocument {
  return {
    title: [`${waiting.number} more decisions about AI tools wait for a ticket`],
    blocks: [
      paragraph(
        `At most ${cap} tickets are opened after a scan. These wait: each next scan opens tickets for the gravest of them, and this one is rewritten. It is closed when none is left.`,
      ),
      list(waiting.some),
      ...more(waiting.number - waiting.some.length, 'decisions'),
      paragraph('All of them: `noctule tickets plan`, `noctule findings`.'),
    ],
  };
}

function name(text: string, longest: number = MOST.name): Run {
  const points = Array.from(text.toWellFormed());
  return { name: points.length > longest ? `${points.slice(0, longest - 1).join('')}…` : text.toWellFormed() };
}

function heading(text: string): Block {
  return { is: 'heading', text };
}

/** What stands below it is cut last. */
function kept(text: string): Block {
  return { is: 'heading', text, keep: true };
}

function paragraph(...runs: readonly Run[]): Block {
  return { is: 'paragraph', runs };
}

function list(items: readonly (readonly Run[])[]): Block {
  return { is: 'list', items };
}

function more(number: number, what: string): Block[] {
  return number > 0 ? [paragraph(`And ${number} more ${what}.`)] : [];
}
