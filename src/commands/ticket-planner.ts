import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/config.ts';
import { withCurrentIds } from '../policy/policy.ts';
import { createPlanner } from '../tickets/plan.ts';
import type { TicketPlanner } from '../tickets/world.ts';

/** Plans tickets by the files of today. */
export function ticketPlanner({ tickets, policy }: Pick<Config, 'tickets' | 'policy'>, catalog: Catalog): (now: Date) => TicketPlanner {
  const settings = tickets!.settings;
  const current = withCurrentIds(policy, (id) => catalog.currentId(id));
  return (now) => createPlanner(settings, current, now);
}
