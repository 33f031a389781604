import { type App, APPS } from './apps.ts';

/** Somebody asked an administrator for an app that is blocked. The log alone tells of it. */
export interface Asking {
  /** Number of the person who asked. */
  actor: number;
  app: App;
  /** Counted as in `Deed`. */
  day: number;
}

/** App control refused a grant. */
export interface Denial extends Asking {
  rejection: 'EXPLICIT_ADMIN_BLOCK' | 'SCOPE_BLOCK';
}

export const DENIALS: readonly Denial[] = [
  { actor: 10, app: APPS.otter, day: 25, rejection: 'EXPLICIT_ADMIN_BLOCK' },
  { actor: 3, app: APPS.fireflies, day: 60, rejection: 'SCOPE_BLOCK' },
  { actor: 10, app: APPS.otter, day: 61, rejection: 'EXPLICIT_ADMIN_BLOCK' },
];

export const ASKINGS: readonly Asking[] = [
  { actor: 10, app: APPS.otter, day: 24 },
  { actor: 3, app: APPS.fireflies, day: 59 },
];
