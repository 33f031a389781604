import { z } from 'zod';

/** What every entry of the policy is made of. */
export const words = z.string().trim().min(1);
export const product = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'vendor/product, as `noctule catalog match` prints it');

/** Where an entry holds. */
export const places = {
  connectors: z.array(words).min(1).optional().describe('Holds for these connectors only'),
  accounts: z.array(words).min(1).optional().describe('Holds in these accounts only'),
};
