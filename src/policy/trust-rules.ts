import { canUseAi, hitOf, type Hit } from './hit.ts';
import type { Integration, Thing } from './integration.ts';
import type { Severity } from './judged.ts';
import type { Standing } from './standing.ts';

/**
 * Who is let in from outside. A trust says of itself what kind of party it names (`trusts`), whether more is asked than to be that party
 * (`conditioned`), whether the party is the customer's own (`internal`), and how far it gets with AI services (`aiLevel`).
 */
export function trustHits({ match, name }: Integration, standing: Standing, live: readonly Thing[]): Hit[] {
  const trusts = live.filter(({ kind, attributes }) => kind === 'trust' && attributes['internal'] !== true);
  const open = trusts.filter(
    ({ attributes }) => attributes['conditioned'] === false && isDangerous(attributes['trusts'], match.verdict === 'ai'),
  );
  const unnamed =
    match.verdict === 'unknown' && standing.is === 'undecided' ? trusts.filter(({ attributes }) => attributes['trusts'] === 'account') : [];
  const dead = trusts.filter(({ attributes }) => attributes['trusts'] === 'deleted');
  const usesAi = unnamed.some(canUseAi);
  return [
    ...(open.length > 0
      ? [hitOf('trust-without-condition', severityOfOpen(open), open, (at) => `${name} is let in by ${at} without a condition`)]
      : []),
    ...(unnamed.length > 0
      ? [
          hitOf(
            'trust-of-unnamed-account',
            usesAi ? 'medium' : 'low',
            unnamed,
            (at) => `${name} may act as ${at}${usesAi ? ', which can use AI services' : ''}`,
          ),
        ]
      : []),
    ...(dead.length > 0 ? [hitOf('trust-of-deleted-party', 'low', dead, (at) => `${at} still trusts ${name}`)] : []),
  ];
}

/** Services that run anybody's programs ask for no condition; those that act on somebody's behalf do, and AI services act so. */
function isDangerous(party: unknown, isAi: boolean): boolean {
  return party === 'anyone' || party === 'oidc' || party === 'account' || (party === 'service' && isAi);
}

/** Everybody of another organisation is many, and not anybody. */
function severityOfOpen(open: readonly Thing[]): Severity {
  const parties = new Set(
    open.map(({ attributes: { trusts, principalOrgBound } }) => (trusts === 'anyone' && principalOrgBound === true ? 'account' : trusts)),
  );
  if (parties.has('anyone') || parties.has('oidc')) return 'critical';
  return parties.has('account') ? 'high' : 'medium';
}
