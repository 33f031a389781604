import { type App, APPS } from './apps.ts';

/** App control refused a grant. The log alone tells of it. */
export interface Denial {
  /** Number of the person who asked. */
  actor: number;
  app: App;
  /** Counted as in `Deed`. */
  day: number;
  rejection: 'EXPLICIT_ADMIN_BLOCK' | 'SCOPE_BLOCK';
}

export const DENIALS: readonly Denial[] = [
  { actor: 10, app: APPS.otter, day: 25, rejection: 'EXPLICIT_ADMIN_BLOCK' },
  { actor: 3, app: APPS.fireflies, day: 60, rejection: 'SCOPE_BLOCK' },
  { actor: 10, app: APPS.otter, day: 61, rejection: 'EXPLICIT_ADMIN_BLOCK' },
];
