import { readFileSync } from 'node:fs';

/** Whether this runs from the sources of a checkout, or as JavaScript below dist/ of the package. */
export const IS_CHECKOUT = import.meta.url.endsWith('.ts');

const ROOT = new URL(IS_CHECKOUT ? '../../' : '../../../', import.meta.url);

/** The text of a file at the root of the checkout or of the package. */
export function packaged(name: string): string {
  return readFileSync(new URL(name, ROOT), 'utf8');
}
