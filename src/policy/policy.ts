import { z } from 'zod';
import { DATA_CLASSES } from '../connector/index.ts';

const day = z.iso.date().describe('YYYY-MM-DD; the last day on which it holds');
const words = z.string().trim().min(1);
const product = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'vendor/product, as `noctule catalog match` prints it');

/** What an entry is about: a product of the catalog, or apps by their own ids. Ids are what cannot be imitated. */
const target = {
  product: product.optional(),
  apps: z.array(words).min(1).optional().describe('Ids of apps: OAuth client id, app id, account id … as `noctule show` prints them'),
  connectors: z.array(words).min(1).optional().describe('Holds for these connectors only'),
  accounts: z.array(words).min(1).optional().describe('Holds in these accounts only'),
};

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
    population: z.strictObject({ most: z.int().min(1).describe('The most people that may hold it') }).optional(),
    owner: words.describe('Who answers for the tool'),
    approver: words,
    reason: words,
    ticket: words.optional(),
    expires: day.optional(),
    review: day
      .optional()
      .describe(
        'YYYY-MM-DD; the last day for somebody to look at it again. From the next day on a finding says so, and the approval still covers',
      ),
  })
  .refine((entry) => entry.product !== undefined || entry.apps !== undefined, 'an approval needs "product" or "apps"');

const denial = z
  .strictObject({ ...target, reason: words, redirect: words.optional().describe('What to use instead'), ticket: words.optional() })
  .refine((entry) => entry.product !== undefined || entry.apps !== undefined, 'a denial needs "product" or "apps"');

const exception = z.strictObject({
  finding: z.string().regex(/^[0-9a-f]{8,}$/, 'the id of a finding, or its first eight characters and more'),
  owner: words.describe('Who answers for what is accepted'),
  approver: words.optional(),
  reason: words,
  ticket: words.optional(),
  until: day,
});

/** policy.json: what the organisation has decided about tools and apps. The only home of approvals, denials and exceptions. */
export const policySchema = z.strictObject({
  $schema: z.string().optional(),
  formatVersion: z.literal(1),
  tenant: words.default('default'),
  approvals: z.array(approval).default([]),
  denials: z.array(denial).default([]),
  exceptions: z.array(exception).default([]),
});

export type Policy = z.infer<typeof policySchema>;
export type Approval = z.infer<typeof approval>;
export type Denial = z.infer<typeof denial>;

export const EMPTY_POLICY: Policy = { formatVersion: 1, tenant: 'default', approvals: [], denials: [], exceptions: [] };

/** Is the last day over? A day ends at midnight UTC. */
export function isOver(lastDay: string | undefined, now: Date): boolean {
  return lastDay !== undefined && now.toISOString().slice(0, 10) > lastDay;
}

const A_YEAR_MS = 366 * 86_400_000;

/** Is it more than a year until then? */
export function isTooFar(lastDay: string, now: Date): boolean {
  return Date.parse(lastDay) - now.getTime() > A_YEAR_MS;
}

/** The policy with its products under their present ids: a product that is renamed or merged keeps what was decided about it. */
export function withCurrentIds(policy: Policy, currentId: (id: string) => string): Policy {
  const current = <Entry extends Approval | Denial>(entry: Entry): Entry =>
    entry.product === undefined ? entry : { ...entry, product: currentId(entry.product) };
  return { ...policy, approvals: policy.approvals.map(current), denials: policy.denials.map(current) };
}

/** Has the end of an entry passed between two moments, so that the same facts may be judged otherwise? */
export function turnedBetween(policy: Policy, from: Date, to: Date): boolean {
  const ends = [...policy.approvals.flatMap((entry) => [entry.expires, entry.review]), ...policy.exceptions.map((entry) => entry.until)];
  return ends.some((end) => isOver(end, from) !== isOver(end, to));
}
