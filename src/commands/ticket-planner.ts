import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/config.ts';
import { parsePolicyText } from '../config/policy-file.ts';
import { ConfigError } from '../connector/index.ts';
import { withCurrentIds, type Policy } from '../policy/policy.ts';
import { createPlanner } from '../tickets/plan.ts';
import type { TicketPlanner } from '../tickets/world.ts';

/** Plans tickets by the files of today. */
export function ticketPlanner({ tickets, policy }: Pick<Config, 'tickets' | 'policy'>, catalog: Catalog): (now: Date) => TicketPlanner {
  const settings = tickets!.settings;
  const current = (of: Policy) => withCurrentIds(of, (id) => catalog.currentId(id));
  const policies = { current: current(policy), earlier: (text: string) => readAgain(text, current) };
  return (now) => createPlanner(settings, policies, now);
}

/** A policy that an older program took may be one that none takes any more. */
function readAgain(text: string, current: (policy: Policy) => Policy): Policy | undefined {
  try {
    return current(parsePolicyText(text, 'the policy of an earlier scan'));
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
