import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('noctule/package.json') as { version: string };

/** How Noctule names itself to providers. */
export const USER_AGENT = `noctule/${version}`;
