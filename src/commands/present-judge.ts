import { resolve } from 'node:path';
import { createCatalog } from '../catalog/catalog.ts';
import { loadConfig } from '../config/config.ts';
import { createJudge } from '../scan/judge.ts';
import { loadConnectors } from '../scan/registry.ts';
import type { FindingJudge } from '../store/judgement.ts';
import type { CommandContext, CommonOptions } from './context.ts';

/** Judges stored facts by the policy, the catalog and the meanings of permissions of today. */
export async function presentJudge(context: CommandContext, options: Pick<CommonOptions, 'config'>): Promise<FindingJudge> {
  const { policy, catalog } = await loadConfig(resolve(context.directory, options.config));
  return createJudge({ catalog: createCatalog(catalog), policy, connectors: await loadConnectors(), now: context.clock.now() });
}
