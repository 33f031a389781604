import { z } from 'zod';
import { DATA_CLASSES } from '../connector/index.ts';
import { places, product, words } from './entry-parts.ts';
import { declaredSchema } from './readiness.ts';
import { workflowsSchema } from './workflow.ts';

/** Three years. */
export const MOST_DAYS_BETWEEN_REVIEWS = 1096;

const day = z.iso.date().describe('YYYY-MM-DD; the last day on which it holds');

/** What an entry is about: a product of the catalog, or apps by their own ids. Ids are what cannot be imitated. */
const target = {
  product: product.optional(),
  apps: z.array(words).min(1).optional().describe('Ids of apps: OAuth client id, app id, account id … as `noctule show` prints them'),
  ...places,
};

const decided = z.iso.date().describe('YYYY-MM-DD; when it was decided');

/** Who may hold it, and where, as far as connectors state it of what is held. What is not known to be within a limit exceeds it. */
const population = z
  .strictObject({
    most: z.int().min(1).optional().describe('The most people that may hold it'),
    units: z
      .array(words.regex(/^\//, 'a path that begins with /'))
      .min(1)
      .optional()
      .describe('Organisational units whose people may hold it, as paths; those below are included'),
    groups: z.array(words).min(1).optional().describe('Ids of groups whose members may hold it'),
    repositories: z.array(words).min(1).optional().describe('Ids of the repositories in which it may be'),
  })
  .refine((limits) => Object.keys(limits).length > 0, 'a population needs a limit');

const approval = z
  .strictObject({
    ...target,
    ceiling: z
      .strictObject({
        data: z
          .partialRecord(z.enum(DATA_CLASSES), z.enum(['read', 'write', 'admin']))
          .optional()
          .describe('The most it may do to each class of data; a class that is not named is not allowed'),
        permissions: z.array(words).optional().describe("Permissions by the provider's own names; any other exceeds"),
      })
      .optional(),
    population: population.optional(),
    stage: z
      .enum(['probation', 'approved'])
      .optional()
      .describe('"probation" = on trial until "expires", and then somebody has to decide; without it approved'),
    owner: words.describe('Who answers for the tool'),
    businessProcess: words.optional().describe('What it is used for'),
    controlOwner: words.optional().describe('Who answers for its staying within these limits'),
    approver: words,
    reason: words,
    evidence: z.array(words).min(1).optional().describe('What the decision rests on: addresses, names of documents'),
    ticket: words.optional(),
    decided: decided.optional(),
    expires: day.optional(),
    review: day
      .optional()
      .describe(
        'YYYY-MM-DD; the last day for somebody to look at it again. From the next day on a finding says so, and the approval still covers',
      ),
    reviewed: z.iso.date().optional().describe('YYYY-MM-DD; when somebody last looked at it'),
    reviewEvery: z
      .int()
      .min(1)
      .max(MOST_DAYS_BETWEEN_REVIEWS)
      .optional()
      .describe('Days after "reviewed" by which somebody looks at it again; instead of "review"'),
  })
  .refine((entry) => entry.product !== undefined || entry.apps !== undefined, 'an approval needs "product" or "apps"')
  .refine((entry) => entry.stage !== 'probation' || entry.expires !== undefined, {
    path: ['stage'],
    message: 'a probation needs "expires", the last day of the trial',
  })
  .refine((entry) => entry.reviewEvery === undefined || (entry.reviewed !== undefined && entry.review === undefined), {
    path: ['reviewEvery'],
    message: '"reviewEvery" counts from "reviewed", and stands instead of "review"',
  });

const denial = z
  .strictObject({
    ...target,
    reason: words,
    redirect: words.optional().describe('What to use instead'),
    ticket: words.optional(),
    decided: decided.optional(),
  })
  .refine((entry) => entry.product !== undefined || entry.apps !== undefined, 'a denial needs "product" or "apps"');

const exception = z.strictObject({
  finding: z.string().regex(/^[0-9a-f]{8,}$/, 'the id of a finding, or its first eight characters and more'),
  owner: words.describe('Who answers for what is accepted'),
  approver: words.optional(),
  reason: words,
  ticket: words.optional(),
  until: day,
});

const indicator = z.strictObject({
  id: words.describe('Id of an app, a client of it or a credential, as its provider prints it; never a name, which anybody may choose'),
  reason: words.describe('What is known of it'),
  source: words.describe('Who says so: the address of a notice, the number of a case'),
  since: z.iso.date().optional().describe('YYYY-MM-DD; since when it is known'),
});

/** policy.json: what the organisation has decided about tools and apps. The only home of approvals, denials and exceptions. */
export const policySchema = z.strictObject({
  $schema: z.string().optional(),
  formatVersion: z.literal(1),
  tenant: words.default('default'),
  approvals: z.array(approval).default([]),
  denials: z.array(denial).default([]),
  exceptions: z.array(exception).default([]),
  compromised: z
    .array(indicator)
    .optional()
    .describe('Ids that are known to be compromised; whatever was approved, what bears one is a finding'),
  workflows: workflowsSchema
    .optional()
    .describe('Business processes in which AI helps: with which integrations, on what data, and who answers, approves and reviews'),
  declared: declaredSchema
    .optional()
    .describe('What the organisation says of its own readiness; `noctule metrics` holds it against what is measured'),
});

export type Policy = z.infer<typeof policySchema>;
export type Approval = z.infer<typeof approval>;
export type Denial = z.infer<typeof denial>;

export const EMPTY_POLICY: Policy = { formatVersion: 1, tenant: 'default', approvals: [], denials: [], exceptions: [] };

/** Is the last day over? A day ends at midnight UTC. */
export function isOver(lastDay: string | undefined, now: Date): boolean {
  return lastDay !== undefined && now.toISOString().slice(0, 10) > lastDay;
}

const A_DAY_MS = 86_400_000;
const A_YEAR_MS = 366 * A_DAY_MS;

/** Is it more than a year until then? */
export function isTooFar(lastDay: string, now: Date): boolean {
  return Date.parse(lastDay) - now.getTime() > A_YEAR_MS;
}

/** The policy with its products under their present ids: a product that is renamed or merged keeps what was decided about it. */
export function withCurrentIds(policy: Policy, currentId: (id: string) => string): Policy {
  const current = <Entry extends Approval | Denial>(entry: Entry): Entry =>
    entry.product === undefined ? entry : { ...entry, product: currentId(entry.product) };
  const workflows = policy.workflows?.map((entry) => (entry.products ? { ...entry, products: entry.products.map(currentId) } : entry));
  return {
    ...policy,
    approvals: policy.approvals.map(current),
    denials: policy.denials.map(current),
    ...(workflows && { workflows }),
  };
}

/** The last day for somebody to look at an approval again; undefined = none was set. */
export function reviewDay({ review, reviewed, reviewEvery }: Approval): string | undefined {
  if (reviewed === undefined || reviewEvery === undefined) return review;
  return new Date(Date.parse(reviewed) + reviewEvery * A_DAY_MS).toISOString().slice(0, 10);
}

/** Does an exception cover its finding? One that is to last longer than a year covers nothing yet: exceptions have an end in sight. */
export function isExcepting({ until }: Policy['exceptions'][number], now: Date): boolean {
  return !isOver(until, now) && !isTooFar(until, now);
}

/** Has the end of an entry passed between two moments, so that the same facts may be judged otherwise? */
export function turnedBetween({ approvals, exceptions }: Policy, from: Date, to: Date): boolean {
  const ends = approvals.flatMap((entry) => [entry.expires, reviewDay(entry)]);
  return (
    ends.some((end) => isOver(end, from) !== isOver(end, to)) ||
    exceptions.some((entry) => isExcepting(entry, from) !== isExcepting(entry, to))
  );
}
