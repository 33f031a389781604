import { defineCollector, within } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';

/** A collector that reads nothing: that OAuth apps cannot be seen must stand in every report of coverage. */
export const oauthApps = defineCollector<Config, Client>({
  id: 'oauth_apps',
  title: 'OAuth apps',
  version: 1,
  kinds: ['oauth_grant'],
  mode: 'inventory',
  operations: [],
  permissions: [],
  limits: ['GitHub has no operation that lists OAuth apps, neither approved nor denied nor in use'],
  volatile: [],
  requests: () => 0,

  async *collect({ account }) {
    yield {
      type: 'gap',
      scope: within(account.scope, 'oauth_apps'),
      reason: 'not_observable',
      effect:
        'Which OAuth apps members use, and which an owner approved or denied, is unknown: GitHub lists them nowhere; the audit log of GitHub Enterprise tells of some',
      byDesign: true,
    };
  },
});
