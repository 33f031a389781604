import { GOALS, type Goal } from './goals.ts';
import { LABELS, VERDICTS, type Confusion, type Knowledge, type Quality } from './evaluate.ts';
import type { Share } from './wilson.ts';

const KNOWLEDGE: Readonly<Record<Knowledge, string>> = {
  value: 'the value stands in the catalog',
  shared: 'it does, as one that others use too',
  vendor: 'the vendor does, under other values',
  stranger: 'not even the vendor',
};

/** The figures as Markdown: what stands between the marks of docs/catalog-quality.md. */
export function reportOf(quality: Quality): string {
  return [
    `${quality.rows} labelled rows; a catalog of ${quality.catalog.products} products of ${quality.catalog.vendors} vendors.`,
    'Intervals are 95 %, after Wilson.',
    '### Goals',
    table(
      ['what', 'goal', 'measured', '', 'interval', 'holds'],
      GOALS.map((goal) => goalRow(goal, quality)),
    ),
    '### Recall of the rows labelled `ai`, by what the catalog knows',
    table(
      ['the catalog knows', 'called `ai`', '', 'interval', 'called `ai` or `suspected`', '', 'interval'],
      (Object.keys(KNOWLEDGE) as Knowledge[]).map((key) => {
        const { ai, aiOrSuspected } = quality.recallByKnowledge[key];
        return [KNOWLEDGE[key], ...cells(ai), ...cells(aiOrSuspected)];
      }),
    ),
    '### By type',
    table(
      ['type', 'precision of `ai`', '', 'interval', 'recall of `ai`', '', 'interval', 'benign suspected', ''],
      Object.entries(quality.byType).map(([type, of]) => [
        `\`${type}\``,
        ...cells(of.precision),
        ...cells(of.recall),
        ...cells(of.benignSuspected).slice(0, 2),
      ]),
    ),
    '### By grade',
    table(
      ['grade', 'precision of `ai`', '', 'interval'],
      Object.entries(quality.byGrade).map(([grade, { precision }]) => [`\`${grade}\``, ...cells(precision)]),
    ),
    '### Confusion',
    'Rows are labels, columns verdicts. `unknown` is the right verdict for a `not_ai` that nobody mistakes for AI.',
    table(
      ['', ...VERDICTS.map((verdict) => `\`${verdict}\``)],
      [
        ...confusionRows('all', quality.confusion),
        ...Object.entries(quality.byType).flatMap(([type, { confusion }]) => confusionRows(`\`${type}\``, confusion)),
        ...Object.entries(quality.byGrade).flatMap(([grade, { confusion }]) => confusionRows(`grade \`${grade}\``, confusion)),
      ],
    ),
  ].join('\n\n');
}

function goalRow(goal: Goal, quality: Quality): string[] {
  const share = goal.of(quality);
  return [
    goal.what,
    goal.atLeast === undefined ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`,
    ...cells(share),
    goal.holds(quality) ? 'yes' : '**no**',
  ];
}

/** Rows without a label in the group are left out. */
function confusionRows(group: string, confusion: Confusion): string[][] {
  return LABELS.filter((label) => VERDICTS.some((verdict) => confusion[label][verdict] > 0)).map((label) => [
    `${group}: \`${label}\``,
    ...VERDICTS.map((verdict) => String(confusion[label][verdict] || '')),
  ]);
}

function cells({ hits, of, share, low, high }: Share): string[] {
  return share === null ? ['', '', ''] : [`${hits} / ${of}`, share.toFixed(3), `${low!.toFixed(3)} – ${high!.toFixed(3)}`];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cellsOfLine: readonly string[]) => `| ${cellsOfLine.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
