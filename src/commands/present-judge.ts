import { resolve } from 'node:path';
import { createCatalog } from '../catalog/catalog.ts';
import { loadConfig } from '../config/config.ts';
import { ConfigError } from '../connector/index.ts';
import { createJudge } from '../scan/judge.ts';
import { loadConnectors } from '../scan/registry.ts';
import type { FindingJudge } from '../store/judgement.ts';
import type { CommandContext, CommonOptions } from './context.ts';

/** Judges stored facts by the policy, the catalog and the meanings of permissions of today. */
export async function presentJudge(context: CommandContext, options: Pick<CommonOptions, 'config' | 'tenant'>): Promise<FindingJudge> {
  const { policy, catalog, tenant } = await loadConfig(resolve(context.directory, options.config));
  if (options.tenant !== undefined && options.tenant !== tenant)
    throw new ConfigError(`The files of today are those of the tenant "${tenant}", and "${options.tenant}" was asked for`, {
      fix: 'Give the configuration of that tenant with --config.',
    });
  return createJudge({ catalog: createCatalog(catalog), policy, connectors: await loadConnectors(), now: context.clock.now() });
}
