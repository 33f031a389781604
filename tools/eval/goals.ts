import type { Quality } from './evaluate.ts';
import type { Share } from './wilson.ts';

/** What the matcher is meant to reach on the labelled set. One of `atLeast` and `atMost` is given. */
export interface Goal {
  what: string;
  of(quality: Quality): Share;
  atLeast?: number;
  atMost?: number;
  holds(quality: Quality): boolean;
}

/** The point estimate is compared, not the interval: the interval says how much the figure is worth. */
export const GOALS: readonly Goal[] = [
  atLeast('precision of `ai` by `exact` and `strong`', 0.99, (quality) => quality.precisionExactAndStrong),
  atLeast('precision of `ai`', 0.97, (quality) => quality.precision),
  atLeast('the right vendor', 0.97, (quality) => quality.vendor),
  atLeast('recall: the value stands in the catalog', 1, (quality) => quality.recallByKnowledge.value.ai),
  atLeast(
    'recall: it does as one that others use too, and is suspected with its maker named',
    1,
    (quality) => quality.recallByKnowledge.shared.named,
  ),
  atLeast('recall: the vendor does, under other values', 0.9, (quality) => quality.recallByKnowledge.vendor.ai),
  atLeast('recall: a stranger is at least suspected', 0.5, (quality) => quality.recallByKnowledge.stranger.aiOrSuspected),
  atMost('benign rows that are suspected', 0.05, (quality) => quality.benignSuspected),
];

function atLeast(what: string, share: number, of: (quality: Quality) => Share): Goal {
  return { what, of, atLeast: share, holds: (quality) => (of(quality).share ?? 0) >= share };
}

function atMost(what: string, share: number, of: (quality: Quality) => Share): Goal {
  return { what, of, atMost: share, holds: (quality) => (of(quality).share ?? 1) <= share };
}
