import type { Grade, Match, Verdict } from '../catalog/match.ts';
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
 * What acts under the client id of an app elsewhere is likely of that app's product. Likely at most: client ids are no secrets,
 * and whoever makes a credential provider may enter any of them. So it approves nothing, an id of its own goes before, a denial of
 * what it was known for still holds, and a verdict never becomes a milder one.
 */
export function withKin(integration: Integration, lookup: KinLookup): Integration {
  const { match, actsAs } = integration;
  const kin = actsAs.length > 0 && match.grade !== 'exact' ? lookup(actsAs) : undefined;
  if (!kin || GRAVITY.indexOf(kin.match.verdict) < GRAVITY.indexOf(match.verdict)) return integration;
  const grade: Grade = 'likely';
  const { verdict, product, productName, vendor } = kin.match;
  const reason = {
    signal: { type: ACTS_AS, value: kin.client },
    grade,
    speaksFor: product ?? '',
    why: `acts as ${kin.client}, the client of ${kin.name} at ${kin.connector}, account ${kin.account}`,
  };
  return {
    ...integration,
    ...(match.product !== undefined && { alsoIs: match.product }),
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

/** From the least grave verdict to the gravest. */
const GRAVITY: readonly Verdict[] = ['not_ai', 'unknown', 'ai_feature', 'suspected', 'ai'];

/** Type of the signal that says under which client id something acts elsewhere; the catalog knows none of that type. */
export const ACTS_AS = 'acts_as_client';

/** Types of the signals that say which client id an app has itself. */
export function isOwnClient(type: string): boolean {
  return type.endsWith('_client_id');
}
