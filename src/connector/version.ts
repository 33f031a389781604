import { createRequire } from 'node:module';

/** Of this Noctule, as its package says. */
export const { version: VERSION } = createRequire(import.meta.url)('noctule/package.json') as { version: string };

/** How Noctule names itself to providers. */
export const USER_AGENT = `noctule/${VERSION}`;
