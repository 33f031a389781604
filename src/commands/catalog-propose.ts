import { proposalOf } from '../catalog/proposal.ts';
import { readUnknownApps } from '../store/unknown-apps.ts';
import { jsonText } from '../text/json.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';

/** Writes the unknown apps most worth naming as an overlay to review. */
export async function catalogProposeCommand(context: CommandContext, options: CommonOptions & { limit: number }): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const apps = readUnknownApps(database, tenant);
  const proposal = proposalOf(apps, options.limit, tenant);
  context.out(`${jsonText(proposal, 2)}\n`);
  if (!context.quiet)
    context.err(
      `${proposal.products.length} of ${apps.length} apps without a name. Review them before they stand in catalog.local.json.\n`,
    );
  return 0;
}
