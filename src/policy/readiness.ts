import { z } from 'zod';
import { words } from './entry-parts.ts';
import type { Measured, Share } from './metrics.ts';
import type { Supervision } from './supervision.ts';

/** The questionnaire. Who answers says what the organisation takes for true; where lists and logs can tell, they are held against it. */
export const READINESS = {
  inventory: { asks: 'We know which AI tools are in use', measured: 'Lists and logs that were read whole' },
  approval: { asks: 'Every AI tool in use was approved', measured: 'AI integrations that an approval in force covers' },
  owners: { asks: 'Somebody answers for every AI tool', measured: 'AI integrations whose approval names an owner' },
  reviews: {
    asks: 'Approvals are kept to, and reviewed in time',
    measured: 'Of those with an approval, the ones that are within it and not overdue',
  },
  scope: {
    asks: 'AI tools may do no more than their task takes',
    measured: 'AI integrations that administer nothing and reach chosen places',
  },
  endings: { asks: 'Access of AI tools ends by itself', measured: 'AI integrations that hold nothing without an end' },
  use: { asks: 'We can tell what AI tools were used for', measured: 'AI integrations whose last use is known' },
  training: { asks: 'Everybody who uses AI tools was trained', measured: 'People with AI tools who stand in the training records' },
  data: { asks: 'Data are in known places, under one set of rights', measured: undefined },
  prompts: { asks: 'We know what is typed into AI tools', measured: undefined },
} as const;
export type ReadinessId = keyof typeof READINESS;
export const READINESS_IDS = Object.keys(READINESS) as ReadinessId[];

const answer = z.strictObject({
  answer: z.enum(['yes', 'partly', 'no']),
  by: words.describe('Who says so'),
  on: z.iso.date().describe('YYYY-MM-DD; when it was said'),
  note: words.optional(),
});
export type Answer = z.infer<typeof answer>;

export const declaredSchema = z.strictObject({
  ...(Object.fromEntries(READINESS_IDS.map((id) => [id, answer.optional().describe(READINESS[id].asks)])) as Record<
    ReadinessId,
    z.ZodOptional<typeof answer>
  >),
  blockedByDefault: answer.optional().describe('Apps that nobody decided about get no access'),
});
export type Declared = z.infer<typeof declaredSchema>;

export interface ReadinessItem {
  id: ReadinessId;
  declared?: Answer;
  /** Absent = declared only. */
  measured?: Share;
}

export interface Readiness {
  items: readonly ReadinessItem[];
  /** What is declared, over all items that are answered; undefined = none is. */
  claimed: number | undefined;
  /** Over the items that are both declared and measured, in points of a hundred; undefined = there is none. */
  compared: number;
  perceived: number | undefined;
  measured: number | undefined;
  gap: number | undefined;
}

const WORTH: Readonly<Record<Answer['answer'], number>> = { yes: 100, partly: 50, no: 0 };

/** Holds what is declared against what is measured, item by item. Pure. */
export function readinessOf(declared: Declared, measured: Partial<Record<ReadinessId, Share>>): Readiness {
  const items = READINESS_IDS.map((id): ReadinessItem => {
    const [said, share] = [declared[id], measured[id]];
    return { id, ...(said && { declared: said }), ...(share && share.of > 0 && { measured: share }) };
  });
  const both = items.flatMap(({ declared: said, measured: share }) =>
    said && share ? [{ said: WORTH[said.answer], is: (100 * share.part) / share.of }] : [],
  );
  const mean = (values: readonly number[]) => (values.length === 0 ? undefined : values.reduce((sum, one) => sum + one, 0) / values.length);
  const [perceived, is] = [mean(both.map(({ said }) => said)), mean(both.map((one) => one.is))];
  return {
    items,
    claimed: mean(items.flatMap(({ declared: one }) => (one ? [WORTH[one.answer]] : []))),
    compared: both.length,
    perceived,
    measured: is,
    gap: perceived === undefined || is === undefined ? undefined : perceived - is,
  };
}

/** What lists and logs tell of the items. What an earlier program judged has none of it. */
export function measuredReadiness(
  integrations: readonly Measured[],
  { unread, of }: { unread: number; of: number },
  trained?: Share,
): Partial<Record<ReadinessId, Share>> {
  const answered = (id: keyof Supervision['answers']) => (one: Measured) => one.supervision?.answers[id] === 'yes';
  const owned = integrations.filter(answered('owner'));
  const share = (is: (one: Measured) => boolean, among = integrations): Share => ({ part: among.filter(is).length, of: among.length });
  return {
    inventory: { part: of - unread, of },
    approval: share(({ supervision }) => supervision?.sanctioned === true),
    owners: share(answered('owner')),
    reviews: share(answered('review'), owned),
    scope: share(answered('scoped')),
    endings: share(answered('ends')),
    use: share(answered('use')),
    ...(trained && { training: trained }),
  };
}
