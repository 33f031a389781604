import { defineCollector, within, type Gap } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { isEnterpriseServer, type Config } from './config.ts';

/** What GitHub has and is not read here, by place, and why: of Enterprise Server only what it has. */
const UNREAD: Readonly<Record<string, { effect: string; server?: true }>> = {
  agent_tasks: {
    effect:
      'Which tasks coding agents were given is unknown: GitHub shows them to fine-grained tokens and to user tokens of an App, which a source does not take',
  },
  enterprise: {
    effect:
      'Which sessions of agents an enterprise has on record is unknown: GitHub shows them to enterprises with managed users alone, person by person, and they are not read',
  },
  code_search: {
    effect:
      'AI that only the text of a program shows is unknown: GitHub answers ten searches of code a minute, of default branches alone, and none is sent',
    server: true,
  },
};

/** What a collector reads, where it is switched on: of Enterprise Server only what it has. */
const OFF: Readonly<Record<string, { effect: string; server?: true }>> = {
  enterprise_seats: { effect: 'Copilot seats that an enterprise gives itself are unknown, unless a source names the enterprise' },
  enterprise_agents: {
    effect:
      'Custom agents that an enterprise offers in its organisations are unknown, unless a source names the enterprise and switches `enterprise_agents` on',
  },
  copilot_usage: {
    effect: 'How much Copilot is used is unknown but for the last activity of each seat, unless `copilot_usage` is switched on',
  },
  repository_settings: {
    effect:
      'Secrets, variables, webhooks, environments, runners and agents of single repositories are unknown, unless the profile is "deep" or `repository_settings` is switched on',
    server: true,
  },
  repository_rules: {
    effect:
      'Whether a person has to approve what an agent proposes in single repositories is unknown, unless the profile is "deep" or `repository_rules` is switched on',
    server: true,
  },
  repository_packages: {
    effect: 'Which packages of AI vendors repositories depend on is unknown, unless `repository_packages` is switched on',
    server: true,
  },
};

/** A collector that reads nothing: what is left unread must stand in every report of coverage. */
export const unread = defineCollector<Config, Client>({
  id: 'unread',
  title: 'What is not read',
  version: 1,
  kinds: ['agent', 'seat', 'usage', 'code_evidence', 'secret_name', 'vendor_integration', 'service_account', 'control'],
  mode: 'inventory',
  operations: [],
  permissions: [],
  limits: [
    'Tasks of coding agents, and what an enterprise has on record of their sessions, are not read',
    'What an enterprise holds beside its organisations, and how much Copilot is used, are read where a source asks for it alone',
    'Single repositories are asked one by one where the profile is "deep" alone: without it their own secrets, environments and rules are not read',
    'Code is not searched; the packages that it names are read where `repository_packages` is switched on',
  ],
  volatile: [],
  requests: () => 0,

  async *collect({ account, config, isOn }) {
    const isServer = isEnterpriseServer(config);
    const gap = (place: string, effect: string): Gap => ({
      type: 'gap',
      scope: within(account.scope, 'unread', place),
      reason: 'not_observable',
      effect,
      byDesign: true,
    });
    for (const [place, { effect, server }] of Object.entries(UNREAD)) if (server || !isServer) yield gap(place, effect);
    for (const [collector, { effect, server }] of Object.entries(OFF))
      if ((server || !isServer) && !isOn(collector)) yield gap(collector, effect);
  },
});
