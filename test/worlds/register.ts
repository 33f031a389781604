import { readFileSync } from 'node:fs';

/** How a numbered statement about a provider fares: kept, broken, or about something that is not there yet. */
type Standing = 'pass' | 'fail' | 'not built';

/** All numbered statements about a provider; docs/fidelity.md prints them. */
export interface Register {
  [id: string]: { says: string; stands: Standing; why?: string };
}

/** The register of a provider: `<provider>.json` beside this file. */
export function registerOf(provider: string): Register {
  return JSON.parse(readFileSync(new URL(`${provider}.json`, import.meta.url), 'utf8')) as Register;
}
