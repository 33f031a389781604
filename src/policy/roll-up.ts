import type { Metrics, Share } from './metrics.ts';
import type { PersonaName } from './persona.ts';

/** One client of a service provider, by its own numbers alone. */
export interface TenantLine extends Metrics {
  tenant: string;
  /** Start of its last scan, ISO 8601. */
  scannedAt: string;
  integrations: number;
  persona: PersonaName;
  /** What it declares of itself, in points of a hundred over all items that it answered; undefined = it answered none. */
  claimed: number | undefined;
  /** Declared less measured, in points, over the items that are both. */
  gap: number | undefined;
  unread: { unread: number; of: number };
}

export interface RollUp {
  /** Of all tenants, those with an AI integration that no approval in force covers. */
  withUnsanctioned: Share;
  /** Of all tenants, those that show none of these, and of which something was not read: nobody knows. */
  unsanctionedUnknown: Share;
  /** Of all tenants, those of which something was not read. */
  partlyUnread: Share;
  /** Of the tenants that declare anything: those that claim to be ready, and those that are. */
  claiming: Share;
  ready: Share;
  /** The first share less the second, in points; undefined = no tenant declares anything. */
  gap: number | undefined;
}

/** From so many points on, a tenant claims to be ready. */
export const CLAIMS_READY = 80;

/** What is so of how many tenants: shares of a population, which is another unit than a tenant's own gap. Pure. */
export function rollUp(tenants: readonly TenantLine[]): RollUp {
  const share = (among: readonly TenantLine[], is: (one: TenantLine) => boolean): Share => ({
    part: among.filter(is).length,
    of: among.length,
  });
  const declaring = tenants.filter(({ claimed }) => claimed !== undefined);
  const claiming = share(declaring, ({ claimed }) => claimed! >= CLAIMS_READY);
  const ready = share(declaring, ({ persona }) => persona === 'ready');
  return {
    withUnsanctioned: share(tenants, ({ unsanctioned }) => unsanctioned.part > 0),
    unsanctionedUnknown: share(tenants, ({ unsanctioned, unread }) => unsanctioned.part === 0 && unread.unread > 0),
    partlyUnread: share(tenants, ({ unread }) => unread.unread > 0),
    claiming,
    ready,
    gap: declaring.length === 0 ? undefined : (100 * (claiming.part - ready.part)) / declaring.length,
  };
}
