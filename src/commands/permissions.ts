import { ConfigError, type Collector, type Connector } from '../connector/index.ts';
import { loadConnector } from '../scan/registry.ts';
import { table } from '../report/table.ts';
import { jsonText } from '../text/json.ts';
import type { CommandContext } from './context.ts';

/** Prints the permissions that a connector needs, by collector: nothing that writes, and nothing that no collector uses. */
export async function permissionsCommand(
  context: CommandContext,
  id: string,
  options: { format: 'table' | 'json'; as?: string; collectors?: string },
): Promise<number> {
  const connector = await loadConnector(id);
  const collectors = chosenCollectors(connector, options.collectors);
  if (options.as !== undefined) {
    context.out(documentOf(connector, options.as, collectors));
    return 0;
  }
  const rows = collectors.flatMap((collector) =>
    collector.permissions.map((permission) => ({
      collector: collector.id,
      permission: permission.id,
      orElse: permission.orElse ?? [],
      purpose: permission.purpose,
      required: permission.required,
    })),
  );
  if (options.format === 'json') context.out(`${jsonText(rows, 2)}\n`);
  else {
    const cells = rows.map((row) => [row.collector, [row.permission, ...row.orElse].join(' or '), row.purpose]);
    context.out(table(['collector', 'permission', 'purpose'], cells, 90));
  }
  return 0;
}

/** Those that were asked for, or all. */
function chosenCollectors(connector: Connector, names: string | undefined): readonly Collector[] {
  if (names === undefined) return connector.collectors;
  return names.split(',').map((name) => {
    const found = connector.collectors.find(({ id }) => id === name.trim());
    if (found) return found;
    throw new ConfigError(`${connector.title} has no collector "${name.trim()}"`, {
      fix: `It has: ${connector.collectors.map(({ id }) => id).join(', ')}.`,
    });
  });
}

function documentOf(connector: Connector, as: string, collectors: readonly Collector[]): string {
  const documents = connector.documents ?? [];
  const found = documents.find(({ id }) => id === as);
  if (!found) {
    const forms = documents.map(({ id, title }) => `${id} (${title})`).join(', ');
    throw new ConfigError(`The connector ${connector.id} does not print its permissions as "${as}"`, {
      fix: forms === '' ? 'Leave --as out: it prints no documents.' : `It prints: ${forms}.`,
    });
  }
  return found.text([...new Set(collectors.flatMap((collector) => collector.permissions.map((permission) => permission.id)))].sort());
}
