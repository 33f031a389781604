import { defineCollector, path } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { readLists, UNCOUNTED } from './inventory.ts';
import { LISTS } from './operations.ts';
import { alert } from './schema.ts';

const LIST = 'GET /orgs/{org}/secret-scanning/alerts';

/** Keys of AI services that GitHub found in code. Their values are never asked for. */
export const leakedSecrets = defineCollector<Config, Client>({
  id: 'leaked_secrets',
  title: 'Leaked keys of AI services',
  version: 1,
  kinds: ['exposure'],
  mode: 'inventory',
  operations: [LIST],
  permissions: [{ id: LISTS[LIST].app, purpose: 'List alerts of secret scanning', required: false, orElse: [LISTS[LIST].token] }],
  limits: [
    'Only keys of vendors whose pattern GitHub knows are found',
    'Private repositories are scanned only where the organisation pays for it',
    'Alerts of other secrets than those of AI services are not kept',
    UNCOUNTED,
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('alerts', 100),

  collect: (context) =>
    readLists(context, [
      {
        list: LIST,
        place: ['alerts'],
        what: 'alert',
        effect: 'Which keys of AI services leaked into code is unknown',
        size: 'alerts',
        schema: alert,
        // Alerts are numbered within their repository, so a place below the list would need two fields of the row.
        key: ['repository', 'id'],
        observe(row, scope) {
          const signals = [{ type: 'secret_type', value: row.secret_type }];
          const interest = context.interest(signals);
          if (interest !== 'ai' && interest !== 'suspected') return undefined;
          return {
            type: 'observation',
            thing: path('alert', row.repository.id, String(row.number)),
            nativeId: path('alert', row.repository.id, String(row.number)),
            kind: 'exposure',
            scope,
            subject: {
              app: path('leak', row.secret_type),
              credential: path(row.repository.id, String(row.number)),
              name: row.secret_type_display_name ?? row.secret_type,
            },
            signals,
            permissions: [],
            ...(row.state === 'resolved' && { use: 'inactive' as const }),
            attributes: {
              repository: row.repository.id,
              repositoryName: row.repository.full_name,
              number: row.number,
              openedAt: row.created_at,
              ...(row.state && { state: row.state }),
              ...(row.resolution && { resolution: row.resolution }),
              ...(row.resolved_at && { resolvedAt: row.resolved_at, openHours: hoursBetween(row.created_at, row.resolved_at) }),
              ...(row.validity && { validity: row.validity }),
              ...(typeof row.publicly_leaked === 'boolean' && { publiclyLeaked: row.publicly_leaked }),
              ...(typeof row.multi_repo === 'boolean' && { inSeveralRepositories: row.multi_repo }),
              ...(typeof row.push_protection_bypassed === 'boolean' && { protectionBypassed: row.push_protection_bypassed }),
            },
            evidence: { source: LIST, ...(row.html_url && { url: row.html_url }) },
          };
        },
      },
    ]),
});

function hoursBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 3_600_000);
}
