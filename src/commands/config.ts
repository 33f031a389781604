import { resolve } from 'node:path';
import { overlayJsonSchema } from '../config/catalog-file.ts';
import { configJsonSchema, loadConfig } from '../config/config.ts';
import { policyJsonSchema } from '../config/policy-file.ts';
import { loadConnector, connectorIds } from '../scan/registry.ts';
import { collectorsOf } from '../scan/account.ts';
import { jsonText } from '../text/json.ts';
import type { CommandContext, CommonOptions } from './context.ts';

/** Prints the JSON Schema of the configuration, composed of the connectors' own, or that of the policy or the organisation's own catalog. */
export async function configSchemaCommand(context: CommandContext, options: { policy?: boolean; catalog?: boolean }): Promise<number> {
  if (options.catalog) {
    context.out(`${jsonText(overlayJsonSchema(), 2)}\n`);
    return 0;
  }
  if (options.policy) {
    context.out(`${jsonText(policyJsonSchema(), 2)}\n`);
    return 0;
  }
  const connectors = await Promise.all(connectorIds().map(loadConnector));
  context.out(`${jsonText(await configJsonSchema(connectors), 2)}\n`);
  return 0;
}

/** Says whether the configuration and the policy are valid. */
export async function configValidateCommand(context: CommandContext, options: CommonOptions): Promise<number> {
  const config = await loadConfig(resolve(context.directory, options.config));
  context.out(
    `Valid: ${config.sources.length} sources, ${config.policy.approvals.length} approvals, ${config.policy.denials.length} denials.\n`,
  );
  return 0;
}

/** Prints the configuration in force. It holds references to secrets only, so there is nothing to hide. */
export async function configShowCommand(context: CommandContext, options: CommonOptions): Promise<number> {
  const config = await loadConfig(resolve(context.directory, options.config));
  const sources = config.sources.map((source) => ({
    name: source.name,
    connector: source.connector.id,
    config: source.config,
    collectors: collectorsOf(source).map((collector) => collector.id),
    pace: source.pace ?? null,
  }));
  const { tenant, database, acceptedGaps, schedule, retention, notify } = config;
  const persons = config.persons ? { mode: 'pseudonymous', key: config.persons.key } : { mode: 'full' };
  const nights = { schedule: schedule ?? null, retention: retention ?? null, notify };
  const tickets = config.tickets && {
    ...config.tickets.settings,
    sinks: config.tickets.sinks.map(({ kind, ...sink }) => ({ ...sink, kind: kind.kind })),
  };
  context.out(`${jsonText({ tenant, database, persons, sources, acceptedGaps, ...nights, tickets }, 2)}\n`);
  return 0;
}
