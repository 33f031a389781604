import { lookupForm, type Catalog } from '../../src/catalog/catalog.ts';
import { match, type Grade, type Match, type Verdict } from '../../src/catalog/match.ts';
import type { Row } from './labelled.ts';
import { vendorsOf, type Vendors } from './vendors.ts';
import { shareOf, type Share } from './wilson.ts';

export const LABELS = ['ai', 'ai_feature', 'suspected', 'not_ai'] as const;
export const VERDICTS: readonly Verdict[] = ['ai', 'ai_feature', 'suspected', 'not_ai', 'unknown'];
const GRADES: readonly Grade[] = ['exact', 'strong', 'likely', 'suspected', 'no'];

/** How many rows of each label got which verdict. */
export type Confusion = Record<(typeof LABELS)[number], Record<Verdict, number>>;

export interface Quality {
  rows: number;
  catalog: { vendors: number; products: number };
  /** Of the rows called `ai`, those labelled so. */
  precision: Share;
  /** The same of those called so by an id, or by what only the vendor controls. */
  precisionExactAndStrong: Share;
  /** Of the rows labelled and called AI or a general product with AI, those whose vendor is the labelled one. */
  vendor: Share;
  /** Of the rows labelled `ai`, those called so. */
  recall: Share;
  recallByKnowledge: Record<Knowledge, Recalls>;
  /** Of the rows labelled `not_ai` or `ai_feature`, those called `suspected`; the matcher's price for suspecting strangers. */
  benignSuspected: Share;
  confusion: Confusion;
  byType: Record<string, { precision: Share; recall: Share; benignSuspected: Share; confusion: Confusion }>;
  byGrade: Record<string, { precision: Share; confusion: Confusion }>;
}

/**
 * What the catalog knows about a row labelled `ai`: the very value; the very value, but as one that others use too, which alone is never
 * more than `suspected`; another value of its vendor; or not even the vendor.
 */
export type Knowledge = 'value' | 'shared' | 'vendor' | 'stranger';

/** `named` = called `ai` or `suspected`, with the labelled vendor among the candidates. */
interface Recalls {
  ai: Share;
  aiOrSuspected: Share;
  named: Share;
}

interface Judged extends Row {
  match: Match;
}

/** Runs the labelled rows, one signal each, through the matcher. Pure: the same catalog and rows give the same figures. */
export function evaluate(catalog: Catalog, rows: readonly Row[]): Quality {
  const vendors = vendorsOf(catalog);
  const judged = rows.map((row): Judged => ({ ...row, match: match(catalog, [{ type: row.type, value: row.value }]) }));
  const calledAi = judged.filter((row) => row.match.verdict === 'ai');
  const sure = calledAi.filter((row) => row.match.grade === 'exact' || row.match.grade === 'strong');
  const named = judged.filter((row) => isAiAtAll(row.expect) && isAiAtAll(row.match.verdict) && row.match.vendor !== undefined);
  return {
    rows: rows.length,
    catalog: { vendors: new Set([...catalog.products()].map(({ vendor }) => vendor)).size, products: [...catalog.products()].length },
    precision: precisionOf(calledAi),
    precisionExactAndStrong: precisionOf(sure),
    vendor: shareOf(named.filter((row) => vendors.isSame(row, row.match.vendor!)).length, named.length),
    recall: recallOf(judged),
    recallByKnowledge: {
      value: recalls(judged, 'value', catalog, vendors),
      shared: recalls(judged, 'shared', catalog, vendors),
      vendor: recalls(judged, 'vendor', catalog, vendors),
      stranger: recalls(judged, 'stranger', catalog, vendors),
    },
    benignSuspected: benignSuspectedOf(judged),
    confusion: confusionOf(judged),
    byType: Object.fromEntries([...Map.groupBy(judged, ({ type }) => type)].map(([type, of]) => [type, typeOf(of)])),
    byGrade: Object.fromEntries(
      GRADES.map((grade) => {
        const of = judged.filter((row) => row.match.grade === grade);
        return [grade, { precision: precisionOf(of.filter((row) => row.match.verdict === 'ai')), confusion: confusionOf(of) }];
      }),
    ),
  };
}

/** What the catalog knows of the row's value, or else of its vendor. */
export function knowledgeOf(row: Row, catalog: Catalog, vendors: Vendors): Knowledge {
  const types = row.type === 'extension_name' ? ['app_name'] : row.type === 'webhook_host' ? ['webhook_host', 'domain'] : [row.type];
  const claims = types.flatMap((type) => catalog.claims(type, lookupForm(type, row.value))).filter(({ id }) => !catalog.isNegative(id));
  if (claims.length === 0) return vendors.knows(row) ? 'vendor' : 'stranger';
  return claims.every(({ ambiguous }) => ambiguous) ? 'shared' : 'value';
}

function typeOf(judged: readonly Judged[]) {
  return {
    precision: precisionOf(judged.filter((row) => row.match.verdict === 'ai')),
    recall: recallOf(judged),
    benignSuspected: benignSuspectedOf(judged),
    confusion: confusionOf(judged),
  };
}

function precisionOf(calledAi: readonly Judged[]): Share {
  return shareOf(calledAi.filter((row) => row.expect === 'ai').length, calledAi.length);
}

function recallOf(judged: readonly Judged[]): Share {
  const ai = judged.filter((row) => row.expect === 'ai');
  return shareOf(ai.filter((row) => row.match.verdict === 'ai').length, ai.length);
}

function recalls(judged: readonly Judged[], knowledge: Knowledge, catalog: Catalog, vendors: Vendors): Recalls {
  const of = judged.filter((row) => row.expect === 'ai' && knowledgeOf(row, catalog, vendors) === knowledge);
  const called = (verdicts: readonly Verdict[]) => of.filter((row) => verdicts.includes(row.match.verdict));
  const suspected = called(['ai', 'suspected']);
  const named = suspected.filter((row) => row.match.candidates.some((id) => vendors.isSame(row, catalog.product(id)?.vendor ?? '')));
  const share = (rows: readonly Judged[]) => shareOf(rows.length, of.length);
  return { ai: share(called(['ai'])), aiOrSuspected: share(suspected), named: share(named) };
}

function benignSuspectedOf(judged: readonly Judged[]): Share {
  const benign = judged.filter((row) => row.expect === 'not_ai' || row.expect === 'ai_feature');
  return shareOf(benign.filter((row) => row.match.verdict === 'suspected').length, benign.length);
}

function confusionOf(judged: readonly Judged[]): Confusion {
  const counts = (label: string) =>
    Object.fromEntries(
      VERDICTS.map((verdict) => [verdict, judged.filter((row) => row.expect === label && row.match.verdict === verdict).length]),
    );
  return Object.fromEntries(LABELS.map((label) => [label, counts(label)])) as Confusion;
}

function isAiAtAll(label: string): boolean {
  return label === 'ai' || label === 'ai_feature';
}
