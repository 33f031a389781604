import { defineCollector, path } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, type Config } from './config.ts';
import { readLists } from './inventory.ts';
import { LISTS } from './operations.ts';
import { installation } from './schema.ts';
import { appHolder, appSignals, idOf } from './server.ts';
import { costOfEach, costOfFirst } from './shared-lists.ts';

const LIST = 'GET /orgs/{org}/installations';

/**
 * Installed GitHub Apps. An app has one installation in an organisation, so the app id is its identity:
 * a reinstallation is the same thing again, and a changed slug is a changed name.
 */
export const appInstallations = defineCollector<Config, Client>({
  id: 'app_installations',
  title: 'Installed GitHub Apps',
  version: 2,
  kinds: ['app_installation'],
  mode: 'inventory',
  operations: [LIST],
  permissions: [{ id: LISTS[LIST].app, purpose: 'List the GitHub Apps of the organisation', required: true, orElse: [LISTS[LIST].token] }],
  limits: [
    'OAuth apps are not listed anywhere: GitHub has no operation for them',
    'Which repositories another app may read is shown to an App of the enterprise only; "all" or "selected" is known',
    'Who installed an app stands in the audit log alone',
  ],
  volatile: [],
  requests: (sizes) => costOfEach(LIST, sizes),
  shared: (sizes) => costOfFirst(LIST, sizes),

  collect: (context) =>
    readLists(context, [
      {
        list: LIST,
        place: ['apps'],
        what: 'installation',
        effect: 'Which GitHub Apps are installed is unknown',
        size: 'installations',
        schema: installation,
        key: ['app_id'],
        observe: (row, scope) => ({
          type: 'observation',
          thing: path('app', row.app_id),
          nativeId: path('app', row.app_id),
          kind: 'app_installation',
          scope,
          subject: { app: idOf(context.config, row.app_id), name: row.app_slug },
          principal: appHolder(row),
          signals: appSignals(context.config, { id: row.app_id, slug: row.app_slug, clientId: row.client_id }),
          permissions: Object.entries(row.permissions)
            .map(([name, level]) => `${name}:${level}`)
            .sort(),
          grantedAt: { at: row.created_at, from: 'listed' },
          ...(row.suspended_at && { use: 'inactive' as const }),
          attributes: {
            installation: row.id,
            repositorySelection: row.repository_selection,
            events: [...row.events].sort(),
            ...(row.suspended_at && { suspendedAt: row.suspended_at }),
          },
          evidence: {
            source: LIST,
            url: settingsPage(context, `installations/${row.id}`),
          },
        }),
      },
    ]),
});
