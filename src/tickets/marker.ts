import { hash } from 'node:crypto';
import type { Marker } from './sink.ts';

/** RFC 4648 in lower case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** 100 bits. */
const LENGTH = 20;

/**
 * The id of a decision: of what it was about when it was made, so that a database that was restored or begun anew finds its tickets again.
 * `number` tells apart what was once about the same.
 */
export function decisionId(
  {
    tenant,
    connector,
    group,
    product,
    appId,
  }: { tenant: string; connector: string; group: string; product: string | null; appId: string | null },
  number: number,
): string {
  const about = product === null ? ['app', appId] : ['product', product];
  const parts = [tenant, connector, group, ...about, ...(number === 0 ? [] : [number])];
  const bytes = hash('sha256', JSON.stringify(parts), 'buffer');
  return Array.from({ length: LENGTH }, (_, index) => BASE32[bytes[index]! & 31]).join('');
}

/** What the tickets of a decision are found by, one marker a generation. */
export function markerOf(decision: string, generation: number): Marker {
  return generation === 1 ? `noctule-${decision}` : `noctule-${decision}-${generation}`;
}
