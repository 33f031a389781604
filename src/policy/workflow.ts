import { z } from 'zod';
import { DATA_CLASSES } from '../connector/index.ts';
import { places, product, words } from './entry-parts.ts';

const points = z.array(words).min(1).optional();

/** An entry of the workflow map. What is not said yet may be left out: `noctule workflows` tells what is missing. */
export const workflowSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens'),
    businessProcess: words.describe('What is done with the help of AI'),
    products: z.array(product).min(1).optional().describe('Products of the catalog that it uses'),
    apps: z.array(words).min(1).optional().describe('Ids of apps that it uses, as `noctule show` prints them'),
    ...places,
    data: z.array(z.enum(DATA_CLASSES)).min(1).optional().describe('Classes of data that it is meant to work on'),
    owners: z
      .strictObject({
        business: words.optional().describe('Who answers for the process'),
        control: words.optional().describe('Who answers for its staying within its limits'),
        security: words.optional().describe('Whom security names'),
        legal: words.optional().describe('Whom the lawyers name'),
      })
      .optional(),
    approvalPoints: points.describe('Where a person approves before it goes on'),
    reviewPoints: points.describe('Where a person looks at what came of it'),
  })
  .refine((entry) => entry.products !== undefined || entry.apps !== undefined, 'a workflow needs "products" or "apps"');

export type Workflow = z.infer<typeof workflowSchema>;

export const workflowsSchema = z
  .array(workflowSchema)
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'two workflows have one "id"');
