import type { Match } from '../catalog/match.ts';
import type { Integration } from './integration.ts';

/** An app that another plane knows, and by which of its client ids. */
export interface Kin {
  client: string;
  connector: string;
  account: string;
  name: string;
  match: Match;
}

/** The app whose own client id one of these is, where the catalog is sure of it; undefined = there is none. */
export type KinLookup = (clients: readonly string[]) => Kin | undefined;

/**
 * What acts under the client id of an app elsewhere is of that app's product, whatever it is itself made with. An id of its own
 * that the catalog knows goes before.
 */
export function withKin(integration: Integration, lookup: KinLookup): Integration {
  const { match, actsAs } = integration;
  const kin = actsAs.length > 0 && match.grade !== 'exact' ? lookup(actsAs) : undefined;
  if (!kin) return integration;
  const { verdict, grade, product, productName, vendor } = kin.match;
  const reason = {
    signal: { type: ACTS_AS, value: kin.client },
    grade,
    speaksFor: product ?? '',
    why: `acts as ${kin.client}, the client of ${kin.name} at ${kin.connector}, account ${kin.account}`,
  };
  return {
    ...integration,
    match: {
      verdict,
      grade,
      ...(product !== undefined && { product }),
      ...(productName !== undefined && { productName }),
      ...(vendor !== undefined && { vendor }),
      candidates: [...new Set([...(product === undefined ? [] : [product]), ...match.candidates])],
      reasons: [reason, ...match.reasons],
      flags: match.flags,
    },
  };
}

/** Type of the signal that says under which client id something acts elsewhere; the catalog knows none of that type. */
export const ACTS_AS = 'acts_as_client';

/** Types of the signals that say which client id an app has itself. */
export function isOwnClient(type: string): boolean {
  return type.endsWith('_client_id');
}
