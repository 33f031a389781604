import { chance, letters } from '../../../src/testing/random.ts';
import type { Company } from '../../../src/testing/company.ts';

/** A GitHub App that is installed on the organisation, and what happens to its installation over the nights. */
export interface InstalledApp {
  /** Never changes, unlike the slug. */
  appId: number;
  slug: string;
  permissions: Readonly<Record<string, string>>;
  events: readonly string[];
  selection: 'all' | 'selected';
  /** How many days before night 0 it was installed. */
  age: number;
  suspended?: true;
  contactEmail?: string;
  renamed?: { night: number; slug: string };
  /** Accepted more permissions on that night. */
  grown?: { night: number; permissions: Readonly<Record<string, string>> };
  /** Uninstalled on the one night, installed anew on the other. */
  away?: { from: number; until: number };
  /** Installed on that night only. */
  since?: number;
}

/** Planted where a scanner has no business: nobody asked for the mailbox of a vendor's employee. */
export const CONTACT_CANARY = 'canary-contact-3f9c1e7a';

const REVIEW = { checks: 'write', contents: 'read', issues: 'write', metadata: 'read', pull_requests: 'write' };
const AGENT = { actions: 'read', checks: 'write', contents: 'write', issues: 'write', metadata: 'read', pull_requests: 'write' };

/** The scanner's own App. It stands in the list as every other does; the list shows what was accepted when it was installed. */
export const OWN_APP: InstalledApp = {
  appId: 90_017_201,
  slug: 'lanternworks-noctule',
  permissions: {
    actions: 'read',
    actions_variables: 'read',
    administration: 'read',
    agent_secrets: 'read',
    agent_variables: 'read',
    codespaces_secrets: 'read',
    contents: 'read',
    copilot_agent_settings: 'read',
    dependabot_secrets: 'read',
    environments: 'read',
    members: 'read',
    metadata: 'read',
    organization_actions_variables: 'read',
    organization_administration: 'read',
    organization_agent_secrets: 'read',
    organization_agent_variables: 'read',
    organization_copilot_agent_settings: 'read',
    organization_copilot_content_exclusion: 'read',
    organization_copilot_seat_management: 'read',
    organization_dependabot_secrets: 'read',
    organization_hooks: 'read',
    organization_personal_access_token_requests: 'read',
    organization_personal_access_tokens: 'read',
    organization_plan: 'read',
    organization_secrets: 'read',
    organization_self_hosted_runners: 'read',
    pull_requests: 'read',
    repository_hooks: 'read',
    secret_scanning_alerts: 'read',
    secrets: 'read',
  },
  events: [],
  selection: 'all',
  age: 60,
};

/**
 * Ids of AI apps are real. Those from 90,000,000 on are invented: for apps of which no id is known for sure, and for one that
 * only looks like ChatGPT's.
 */
export const INSTALLED_APPS: readonly InstalledApp[] = [
  OWN_APP,
  {
    appId: 1_210_556,
    slug: 'cursor',
    permissions: { ...AGENT, workflows: 'write' },
    events: ['issue_comment', 'pull_request', 'push'],
    selection: 'all',
    age: 210,
  },
  { appId: 347_564, slug: 'coderabbitai', permissions: REVIEW, events: ['pull_request', 'issue_comment'], selection: 'selected', age: 400 },
  { appId: 1_236_702, slug: 'claude', permissions: AGENT, events: ['issues', 'pull_request'], selection: 'selected', age: 120 },
  {
    appId: 1_144_995,
    slug: 'chatgpt-codex-connector',
    permissions: { contents: 'write', metadata: 'read', pull_requests: 'write' },
    events: ['pull_request'],
    selection: 'selected',
    age: 95,
  },
  {
    appId: 946_600,
    slug: 'copilot-pull-request-reviewer',
    permissions: { contents: 'read', metadata: 'read', pull_requests: 'write' },
    events: [],
    selection: 'all',
    age: 300,
  },
  { appId: 956_858, slug: 'gemini-code-assist', permissions: REVIEW, events: ['pull_request'], selection: 'selected', age: 0, since: 1 },
  {
    appId: 484_649,
    slug: 'qodo-merge-pro',
    permissions: REVIEW,
    events: ['pull_request'],
    selection: 'selected',
    age: 330,
    renamed: { night: 1, slug: 'qodo-merge' },
  },
  {
    appId: 1_066_231,
    slug: 'windsurf-bot',
    permissions: { contents: 'read', metadata: 'read', pull_requests: 'write' },
    events: ['pull_request'],
    selection: 'selected',
    age: 80,
    away: { from: 1, until: 2 },
  },
  {
    appId: 1_027_498,
    slug: 'augmentcode',
    permissions: { contents: 'read', metadata: 'read' },
    events: ['push'],
    selection: 'selected',
    age: 45,
    grown: { night: 1, permissions: { contents: 'write', metadata: 'read', pull_requests: 'write' } },
  },
  { appId: 48_477, slug: 'sourcery-ai', permissions: REVIEW, events: ['pull_request'], selection: 'all', age: 900, suspended: true },
  { appId: 158_384, slug: 'graphite-app', permissions: AGENT, events: ['pull_request', 'push'], selection: 'all', age: 500 },
  {
    appId: 90_044_131,
    slug: 'chatgpt-connector-pro',
    // `actions_variables` is absent from GitHub's published list of permissions, as are several others: that list is open.
    permissions: { actions_variables: 'read', contents: 'read', members: 'read', metadata: 'read', secrets: 'read' },
    events: ['repository'],
    selection: 'all',
    age: 9,
  },
  {
    appId: 90_002_740,
    slug: 'renovate',
    permissions: { checks: 'write', contents: 'write', metadata: 'read', pull_requests: 'write', statuses: 'write', workflows: 'write' },
    events: ['issues', 'pull_request', 'push'],
    selection: 'all',
    age: 1500,
  },
  {
    appId: 90_000_254,
    slug: 'codecov',
    permissions: { checks: 'write', contents: 'read', metadata: 'read', statuses: 'write' },
    events: ['pull_request'],
    selection: 'selected',
    age: 1300,
  },
  {
    appId: 90_007_108,
    slug: 'slack',
    permissions: { deployments: 'read', issues: 'write', metadata: 'read', pull_requests: 'write' },
    events: ['issues', 'pull_request'],
    selection: 'selected',
    age: 1100,
    contactEmail: `${CONTACT_CANARY}@chat.example`,
  },
];

/** Apps got another form of client id when there were about half a million of them. */
export function appClientId(app: InstalledApp): string {
  if (app.appId < 500_000) return `Iv1.${letters(16, '0123456789abcdef', 'client id', app.appId)}`;
  return `Iv23li${letters(14, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'client id', app.appId)}`;
}

/** A new installation of the same app gets another id. */
export function installationId(company: Company, app: InstalledApp, night: number): number {
  const place = INSTALLED_APPS.indexOf(app);
  const first = 61_000_000 + place * 4177 + Math.floor(chance(company.seed, 'installation', app.appId) * 4177);
  return app.away && night >= app.away.until ? first + 900_000 : first;
}
