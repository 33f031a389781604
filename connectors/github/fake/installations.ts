import type { Company } from '../../../src/testing/company.ts';
import { type Account, accountRow } from './accounts.ts';
import { written } from './dates.ts';
import { type InstalledApp, INSTALLED_APPS, installationId } from './installed-apps.ts';

/** One installation as it is on a night. */
export interface Installation {
  id: number;
  app: InstalledApp;
  slug: string;
  permissions: Readonly<Record<string, string>>;
  created: Date;
  updated: Date;
  suspended: Date | undefined;
}

/** Planted where a scanner has no business: the mailbox of the colleague who suspended an app. */
export const SUSPENDER_CANARY = 'canary-suspender-b21d90c4';

export function installationsOn(company: Company, night: number): readonly Installation[] {
  return INSTALLED_APPS.filter((app) => isInstalled(app, night)).map((app) => installationOf(company, app, night));
}

export function installationOf(company: Company, app: InstalledApp, night: number): Installation {
  const renamed = app.renamed && night >= app.renamed.night ? app.renamed : undefined;
  const grown = app.grown && night >= app.grown.night ? app.grown : undefined;
  const returned = app.away && night >= app.away.until ? app.away.until : undefined;
  const installedOn = returned ?? app.since;
  const created = installedOn === undefined ? company.ago(app.age, 5) : company.ago(0, 6, installedOn);
  return {
    id: installationId(company, app, night),
    app,
    slug: renamed?.slug ?? app.slug,
    permissions: grown?.permissions ?? app.permissions,
    created,
    updated: grown ? company.ago(0, 4, grown.night) : created,
    suspended: app.suspended ? company.ago(31) : undefined,
  };
}

function isInstalled(app: InstalledApp, night: number): boolean {
  if (app.since !== undefined && night < app.since) return false;
  return !(app.away && night >= app.away.from && night < app.away.until);
}

/** As GitHub writes it; the organisation's list adds the client id. */
export function installationRow(installation: Installation, organization: Account, owner: Account, origin: string) {
  const { id, app } = installation;
  return {
    id,
    account: accountRow(organization, origin),
    repository_selection: app.selection,
    access_tokens_url: `${origin}/app/installations/${id}/access_tokens`,
    repositories_url: `${origin}/installation/repositories`,
    html_url: `https://github.com/organizations/${organization.login}/settings/installations/${id}`,
    app_id: app.appId,
    app_slug: installation.slug,
    target_id: organization.id,
    target_type: 'Organization',
    permissions: installation.permissions,
    events: app.events,
    created_at: written(installation.created),
    updated_at: written(installation.updated),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspended ? { ...accountRow(owner, origin), email: `${SUSPENDER_CANARY}@lanternworks.example` } : null,
    suspended_at: installation.suspended ? written(installation.suspended) : null,
    contact_email: app.contactEmail ?? null,
  };
}
