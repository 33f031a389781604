import type { Verb } from '../src/cli/verb.ts';
import { PROGRAM } from '../src/cli/verbs.ts';
import { AGES } from '../src/policy/age-rules.ts';
import { citedBy } from '../src/policy/citations.ts';
import { FRAMEWORKS } from '../src/policy/frameworks/catalogue.ts';
import type { Control } from '../src/policy/frameworks/control.ts';
import { WEIGHT } from '../src/policy/integration.ts';
import { NIST_CSF_1_1 } from '../src/policy/frameworks/nist-csf.ts';
import { NUMBERS } from '../src/policy/numbers.ts';
import { PERSONAS } from '../src/policy/persona.ts';
import { READINESS } from '../src/policy/readiness.ts';
import { RISK_PARTS } from '../src/policy/risk.ts';
import { BREADTHS, SUPERVISION, TIERS, UNKNOWN_WEIGHS, UNTOLD_TIER } from '../src/policy/supervision.ts';
import { GROUP_OF, RULE_GROUPS } from '../src/policy/rule-groups.ts';
import { remedyOf, RULES, type RuleId } from '../src/policy/rule-list.ts';
import { PERSONAL } from '../src/store/personal-data.ts';

type Tables = Readonly<Record<string, () => string>>;

/** What docs/governance.md tells of rules and frameworks, by the name of the marks that it stands between. */
const GOVERNANCE: Tables = {
  rules: () =>
    table(
      ['Rule', 'What it says', 'Why it matters', 'How grave', 'What to do', 'Controls'],
      Object.entries(RULES).map(([id, { title, why, severity }]) => [
        `\`${id}\``,
        title,
        why,
        severity,
        remedyOf(id as RuleId) ?? 'Take it away',
        citations(id),
      ]),
    ),
  decisions: () =>
    table(
      ['Decision', 'What is asked', 'Rules'],
      Object.entries(RULE_GROUPS).map(([group, { title, asks }]) => [title, asks, rulesOf(group)]),
    ),
  numbers: () =>
    table(
      ['Number', 'What it is'],
      Object.values(NUMBERS).map(({ title, how }) => [title, how]),
    ),
  personas: () => table(['Persona', 'Where'], Object.entries(PERSONAS)),
  supervision: () =>
    table(
      ['Supervision', 'Met where', 'Work', 'What to do'],
      Object.entries(SUPERVISION).map(([id, { asks, effort, lever }]) => [`\`${id}\``, asks, String(effort), lever]),
    ),
  readiness: () =>
    table(
      ['Item', 'What is declared', 'What is measured'],
      Object.entries(READINESS).map(([id, { asks, measured }]) => [`\`${id}\``, asks, measured ?? 'nothing: declared only']),
    ),
  risk: () => table(['Part', 'Points'], RISK_PARTS),
  power: () =>
    table(
      ['Trust debt', 'Value', 'Where'],
      [
        ...TIERS.map(({ tier, from }) => ['tier', String(tier), `its greatest reach (weight × level) is ${from} or more`]),
        ['tier', String(UNTOLD_TIER), 'no permission tells what it reaches'],
        ['tier', '', `a permission that nobody knows weighs ${UNKNOWN_WEIGHS} at least`],
        ...Object.entries(BREADTHS).map(([breadth, where]) => ['breadth', breadth, where]),
      ],
    ),
  weights: () =>
    table(
      ['Weight', 'Classes of data'],
      [...Map.groupBy(Object.entries(WEIGHT), ([, weight]) => weight)]
        .sort(([a], [b]) => b - a)
        .map(([weight, classes]) => [String(weight), classes.map(([name]) => `\`${name}\``).join(', ')]),
    ),
  ages: () =>
    table(
      ['What', 'Days', 'Who says so'],
      Object.values(AGES).map(({ what, days, source }) => [what, String(days), source]),
    ),
  frameworks: () =>
    FRAMEWORKS.map(({ title, controls }) => {
      const rows = Object.entries<Control>(controls).map(([id, control]) => [
        id,
        control.title,
        control.asks,
        BY[control.by],
        control.evidence,
      ]);
      return `### ${title}\n\n${table(['Id', 'Title', 'What it asks for', 'Evidence from', 'Which'], rows)}`;
    }).join('\n\n'),
  'older ids': () =>
    table(
      ['CSF 1.1', 'CSF 2.0'],
      Object.entries(NIST_CSF_1_1).map(([old, current]) => [old, current.join(', ')]),
    ),
};

/** What docs/privacy.md tells of what is kept of people, and of whom commands name. */
const PRIVACY: Tables = {
  fields: () =>
    table(
      ['Table', 'Column', 'What it may hold of people', 'What for', 'How long', '`db forget`'],
      Object.entries(PERSONAL).flatMap(([name, columns]) =>
        Object.entries(columns).map(([column, { holds, purpose, kept, forgetting }]) => [
          `\`${name}\``,
          `\`${column}\``,
          holds,
          purpose,
          kept ?? UNTIL[forgetting],
          forgetting,
        ]),
      ),
    ),
  commands: () =>
    table(
      ['Command', 'Names in its output'],
      verbsBelow(PROGRAM, []).flatMap(([path, { names }]) => (names === undefined ? [] : [[`\`noctule ${path}\``, names]])),
    ),
};

const UNTIL = { replaced: 'until forgotten', removed: 'until forgotten', kept: 'as long as the database' } as const;

function verbsBelow(verb: Verb, path: readonly string[]): [string, Verb][] {
  return (verb.verbs ?? []).flatMap((below) => [[[...path, below.name].join(' '), below], ...verbsBelow(below, [...path, below.name])]);
}

/** Pages with generated tables. */
export const PAGES: Readonly<Record<string, Tables>> = { 'docs/governance.md': GOVERNANCE, 'docs/privacy.md': PRIVACY };

const BY: Readonly<Record<Control['by'], string>> = {
  findings: 'findings',
  scan: 'the scan itself',
  declared: 'the organisation',
  none: '–',
};

function rulesOf(group: string): string {
  const rules = Object.entries(GROUP_OF).filter(([, of]) => of === group);
  return rules.map(([rule]) => `\`${rule}\``).join(', ');
}

/** The ids of one framework stand together. */
function citations(rule: string): string {
  return [...Map.groupBy(citedBy(rule), ({ framework }) => framework).values()]
    .map((controls) => controls.map(({ id }) => id).join(', '))
    .join('; ');
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A page with its generated parts as they are now. */
export function withTables(page: string, tables: Tables): string {
  return Object.entries(tables).reduce((text, [name, rows]) => {
    const region = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!region.test(text)) throw new Error(`The page has lost its marks "${name}"`);
    return text.replace(region, (_all, before: string, after: string) => `${before}\n${rows()}\n\n${after}`);
  }, page);
}
