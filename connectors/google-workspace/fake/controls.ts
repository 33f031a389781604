import { digits } from '../../../src/testing/random.ts';
import type { Expected } from '../../../src/testing/fake.ts';
import { type App, APPS } from './apps.ts';

/** What an administrator did to apps, as the log tells it. */
export interface ControlDeed {
  name: string;
  parameters: readonly { name: string; value?: string; intValue?: string }[];
  /** Counted as in `Deed`. */
  day: number;
}

const MARKETPLACE = {
  zoom: digits(12, 'google-workspace', 'marketplace', 'zoom'),
  otter: digits(12, 'google-workspace', 'marketplace', 'otter'),
  notes: digits(12, 'google-workspace', 'marketplace', 'notes'),
};

/** Newest first. What was decided app by app before the change of many at once is lost by it. */
export const CONTROLS: readonly ControlDeed[] = [
  deed(5, 'CREATE_USER', { USER_EMAIL: 'newcomer@lanternworks.example' }),
  // As the log tells it since August 2026; the others are of before.
  deed(6, 'CHANGE_APP_ACCESS', { ...appIn(APPS.fireflies, '/Sales'), OLD_VALUE: 'Limited', NEW_VALUE: 'Blocked' }),
  of(19, 'REMOVE_FROM_TRUSTED', APPS.slack, '/'),
  of(20, 'ADD_TO_BLOCKED', APPS.slack, '/'),
  of(30, 'REMOVE_FROM_TRUSTED', APPS.calendly, '/'),
  of(35, 'ADD_TO_TRUSTED', APPS.slack, '/'),
  of(40, 'ADD_TO_TRUSTED', APPS.calendly, '/'),
  deed(44, 'ADD_APPLICATION_TO_WHITELIST', { APP_ID: MARKETPLACE.notes, APPLICATION_NAME: 'Meeting notes' }),
  deed(45, 'REMOVE_APPLICATION', { APP_ID: MARKETPLACE.otter, APPLICATION_NAME: 'Otter.ai' }),
  deed(50, 'SIGN_IN_ONLY_THIRD_PARTY_API_ACCESS', {}),
  of(60, 'ADD_TO_BLOCKED', APPS.otter, '/'),
  of(61, 'ADD_TO_LIMITED', APPS.otter, '/Sales'),
  deed(65, 'ADD_APPLICATION', { APP_ID: MARKETPLACE.otter, APPLICATION_NAME: 'Otter.ai', APPLICATION_ENABLED: 'true' }),
  deed(70, 'ADD_APPLICATION', { APP_ID: MARKETPLACE.zoom, APPLICATION_NAME: 'Zoom for Workspace', APPLICATION_ENABLED: 'true' }),
  { name: 'MULTIPLE_ADD_TO_BLOCKED_OAUTH2_APPS', parameters: [{ name: 'OAUTH2_NUM_APPS', intValue: '7' }], day: 80 },
  of(100, 'ADD_TO_BLOCKED', APPS.fireflies, '/'),
  of(150, 'ADD_TO_TRUSTED', APPS.zoom, '/'),
  deed(400, 'BLOCK_ALL_THIRD_PARTY_API_ACCESS', {}),
];

/** What stands after all of it, for nights on which the log still reaches back that far. */
export const CONTROL_TRUTH: readonly Expected[] = [
  { kind: 'control', ids: [APPS.slack.clientId, '/'], name: APPS.slack.name },
  { kind: 'control', ids: [APPS.otter.clientId, '/'], name: APPS.otter.name },
  { kind: 'control', ids: [APPS.otter.clientId, 'Sales'], name: APPS.otter.name },
  { kind: 'control', ids: [APPS.fireflies.clientId, 'Sales'], name: APPS.fireflies.name },
  { kind: 'control', ids: ['unconfigured apps'] },
  { kind: 'control', ids: [MARKETPLACE.notes, 'allowlist'] },
  { kind: 'app_installation', ids: [MARKETPLACE.zoom], name: 'Zoom for Workspace' },
];

function of(day: number, list: string, app: App, unit: string): ControlDeed {
  return deed(day, `${list}_OAUTH2_APPS`, appIn(app, unit));
}

function appIn(app: App, unit: string) {
  return { OAUTH2_APP_ID: app.clientId, OAUTH2_APP_NAME: app.name, OAUTH2_APP_TYPE: 'WEB', ORG_UNIT_NAME: unit };
}

function deed(day: number, name: string, parameters: Readonly<Record<string, string>>): ControlDeed {
  return { name, day, parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })) };
}
