import { resolve } from 'node:path';
import { createCatalog, type Catalog } from '../catalog/catalog.ts';
import { loadConfig, type Config } from '../config/config.ts';
import { ConfigError } from '../connector/index.ts';
import type { Policy } from '../policy/policy.ts';
import { createJudge } from '../scan/judge.ts';
import { loadConnectors } from '../scan/registry.ts';
import type { FindingJudge } from '../store/judgement.ts';
import type { CommandContext, CommonOptions } from './context.ts';

/** Judges stored facts by the policy, the catalog and the meanings of permissions of today. */
export async function presentJudge(context: CommandContext, options: Pick<CommonOptions, 'config' | 'tenant'>): Promise<FindingJudge> {
  const config = await loadConfig(resolve(context.directory, options.config));
  const { tenant, policy } = config;
  if (options.tenant !== undefined && options.tenant !== tenant)
    throw new ConfigError(`The files of today are those of the tenant "${tenant}", and "${options.tenant}" was asked for`, {
      fix: 'Give the configuration of that tenant with --config.',
    });
  return (await judgesOf(config, context.clock.now())).judgeBy(policy);
}

interface Judges {
  catalog: Catalog;
  /** Judges by another policy, and all else of today. */
  judgeBy(policy: Policy): FindingJudge;
}

/** Judges of today, for whoever compares policies. */
export async function judgesOf(config: Pick<Config, 'catalog'>, now: Date): Promise<Judges> {
  const catalog = createCatalog(config.catalog);
  const connectors = await loadConnectors();
  return { catalog, judgeBy: (policy) => createJudge({ catalog, policy, connectors, now }) };
}
