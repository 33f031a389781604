import { defineCollector, path, type Observation, type Scope } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { leaf, readEach } from './inventory.ts';
import { LISTS } from './operations.ts';
import { appListing, installation, type AppListing, type Installation } from './schema.ts';
import { appHolder, idOf } from './server.ts';
import { costOfEach, costOfFirst } from './shared-lists.ts';

const LIST = 'GET /orgs/{org}/installations';
const LISTING = 'GET /apps/{app_slug}';

/**
 * What installed apps say of themselves: name, maker and home page, by which an app is recognised whose id nobody knows,
 * and the permissions that it asks for by now. What it asks for and was not granted waits for an owner's consent.
 */
export const appListings = defineCollector<Config, Client>({
  id: 'app_listings',
  title: 'Public pages of installed GitHub Apps',
  version: 4,
  kinds: ['app_installation'],
  mode: 'inventory',
  operations: [LIST, LISTING],
  permissions: [{ id: LISTS[LIST].app, purpose: 'List the GitHub Apps of the organisation', required: true, orElse: [LISTS[LIST].token] }],
  limits: ['A private app of somebody else shows its page to nobody', 'Name, maker and home page are what the maker of the app wrote'],
  volatile: [],
  requests: (sizes) => costOfEach(LIST, sizes) + sizes.of('app_listings'),
  shared: (sizes) => costOfFirst(LIST, sizes),

  collect: (context) =>
    readEach(
      context,
      {
        list: LIST,
        place: ['listings'],
        what: 'installation',
        effect: 'What installed apps say of themselves is unknown',
        size: 'installations',
        schema: installation,
        key: ['app_id'],
      },
      {
        size: 'app_listings',
        leavesOf(row) {
          // What our own App may do, its permissions say.
          if (row.app_id === String(context.config.app?.id)) return [];
          const place = ['listings', row.app_id];
          const effect = `What the app ${row.app_slug} says of itself is unknown`;
          return [
            leaf({
              one: LISTING,
              parameters: { app_slug: row.app_slug },
              place,
              effect,
              hidden: 'it is a private app, or its page was taken down',
              schema: appListing,
              observe: (listing, scope) => observationsOf(context.config, row, listing, scope),
            }),
          ];
        },
      },
    ),
});

/** Only the page of the app itself speaks of it. */
function observationsOf(config: Config, row: Installation, listing: AppListing, scope: Scope): Observation[] {
  if (listing.id !== row.app_id) return [];
  const home = URL.canParse(listing.external_url ?? '') ? new URL(listing.external_url!).hostname : undefined;
  const pending = pendingOf(row.permissions, listing.permissions);
  return [
    {
      type: 'observation',
      thing: path('app', row.app_id),
      nativeId: path('app', row.app_id),
      kind: 'app_installation',
      scope,
      subject: { app: idOf(config, row.app_id), name: listing.name },
      principal: appHolder(row),
      signals: [{ type: 'app_name', value: listing.name }, ...(home ? [{ type: 'home_page', value: home }] : [])],
      permissions: [],
      attributes: {
        ...(listing.owner && makerOf(listing.owner)),
        ...(home && { home }),
        pendingPermissions: pending,
      },
      evidence: { source: LISTING, url: webPage(config, `/apps/${row.app_slug}`) },
    },
  ];
}

/** A person stands under other words than an organisation: whether an attribute names somebody is told by its word. */
function makerOf({ id, login, slug, type }: NonNullable<AppListing['owner']>): Record<string, string> {
  if (type === 'User') return { makerUserId: id, ...(login !== undefined && { makerUser: login }) };
  const maker = login ?? slug;
  return { makerId: id, ...(maker !== undefined && { maker }) };
}

const LEVELS = ['none', 'read', 'write', 'admin'];

/** What the app asks for by now, beyond what the organisation agreed to. */
function pendingOf(granted: Readonly<Record<string, string>>, asked: Readonly<Record<string, string>>): string[] {
  const levelOf = (level: string | undefined) => LEVELS.indexOf(level ?? 'none');
  return Object.entries(asked)
    .filter(([name, level]) => levelOf(level) > levelOf(granted[name]))
    .map(([name, level]) => `${name}:${level}`)
    .sort();
}
