import { defineCollector, within } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { isEnterpriseServer, type Config } from './config.ts';

/** What GitHub has and is not read here, by place, and why: Enterprise Server has the last of them alone. */
const UNREAD = {
  agent_tasks:
    'Which tasks coding agents were given is unknown: GitHub shows them to fine-grained tokens and to user tokens of an App, which a source does not take',
  enterprise:
    'Which sessions of agents an enterprise has on record is unknown: GitHub shows them to enterprises with managed users alone, person by person, and they are not read',
  code_search:
    'AI that only the text of a program shows is unknown: GitHub answers ten searches of code a minute, of default branches alone, and none is sent',
} as const;

/** A collector that reads nothing: what is left unread must stand in every report of coverage. */
export const unread = defineCollector<Config, Client>({
  id: 'unread',
  title: 'What is not read',
  version: 1,
  kinds: ['agent', 'code_evidence'],
  mode: 'inventory',
  operations: [],
  permissions: [],
  limits: [
    'Tasks of coding agents, and what an enterprise has on record of their sessions, are not read',
    'Code is not searched; the packages that it names are read where `repository_packages` is switched on',
  ],
  volatile: [],
  requests: () => 0,

  async *collect({ account, config }) {
    for (const [place, effect] of Object.entries(UNREAD))
      if (place === 'code_search' || !isEnterpriseServer(config))
        yield { type: 'gap', scope: within(account.scope, 'unread', place), reason: 'not_observable', effect, byDesign: true };
  },
});
