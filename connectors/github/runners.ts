import { defineCollector, path, type Observation, type Scope } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, type Config } from './config.ts';
import { readLists } from './inventory.ts';
import { LISTS } from './operations.ts';
import { runner, type Runner } from './schema.ts';
import { idOf } from './server.ts';

const LIST = 'GET /orgs/{org}/actions/runners';

/** Machines of the organisation's own that run workflows. Their labels tell what is installed there: a model server, a GPU. */
export const runners = defineCollector<Config, Client>({
  id: 'runners',
  title: 'Self-hosted runners',
  version: 1,
  kinds: ['service_account'],
  mode: 'inventory',
  operations: [LIST],
  permissions: [{ id: LISTS[LIST].app, purpose: 'List self-hosted runners', required: false, orElse: [LISTS[LIST].token] }],
  limits: [
    'Runners of single repositories are read by the profile "deep" alone',
    'What a runner has installed is known from its labels alone',
  ],
  volatile: ['status', 'busy'],
  requests: (sizes) => sizes.pages('runners', 100),

  collect: (context) =>
    readLists(context, [
      {
        list: LIST,
        place: ['runners'],
        what: 'runner',
        effect: 'Which machines of its own the organisation lets run workflows is unknown',
        size: 'runners',
        schema: runner,
        key: ['id'],
        observe: (row, scope) =>
          runnerObservation(context.config, row, {
            scope,
            source: LIST,
            url: settingsPage(context, 'actions/runners'),
          }),
      },
    ]),
});

export function runnerObservation(
  config: Config,
  row: Runner,
  { scope, source, url }: { scope: Scope; source: string; url: string },
): Observation {
  return {
    type: 'observation',
    thing: path('runner', row.id),
    nativeId: path('runner', row.id),
    kind: 'service_account',
    scope,
    subject: { app: path('runner', idOf(config, row.id)), name: row.name },
    principal: { id: path('runner', row.id), name: row.name, traits: ['workload'] },
    signals: row.labels.map(({ name }) => ({ type: 'app_name', value: name })),
    permissions: [],
    attributes: { os: row.os, labels: row.labels.map(({ name }) => name).sort(), status: row.status, busy: row.busy },
    evidence: { source, url },
  };
}
