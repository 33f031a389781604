import { z } from 'zod';
import { path, type Observation, type Signal } from '../../src/connector/index.ts';
import { consoleOf, regionalList, type Place } from './regional-list.ts';

const text = z.string().min(1);

/** How an application gets tokens. What is sent to whom stands in it for a code, and who else vouches, for a bearer. */
export const grants = regionalList({
  operation: 'sso-admin.ListApplicationGrants',
  what: 'grant',
  place: 'grant',
  purpose: 'Read how applications get tokens, and where these are sent',
  page: { token: 'NextToken', next: 'NextToken', items: 'Grants' },
  item: z.object({
    GrantType: text,
    Grant: z
      .object({
        AuthorizationCode: z.object({ RedirectUris: z.array(z.string()).optional() }).optional(),
        JwtBearer: z
          .object({ AuthorizedTokenIssuers: z.array(z.object({ TrustedTokenIssuerArn: z.string().optional() })).optional() })
          .optional(),
      })
      .optional(),
  }),
  id: ({ GrantType }) => GrantType,
  observe(item, _none, place) {
    const hosts = hostsOf(item.Grant?.AuthorizationCode?.RedirectUris ?? []);
    const issuers = (item.Grant?.JwtBearer?.AuthorizedTokenIssuers ?? []).flatMap(
      ({ TrustedTokenIssuerArn }) => TrustedTokenIssuerArn ?? [],
    );
    return [
      ofApplication(place, 'identity_center_grant', [item.GrantType], {
        kind: 'oauth_grant',
        signals: domains(hosts),
        attributes: {
          grantType: item.GrantType,
          ...(hosts.length > 0 && { redirectHosts: hosts }),
          ...(issuers.length > 0 && { trustedIssuers: issuers.toSorted() }),
        },
      }),
    ];
  },
});

export const scopes = regionalList({
  operation: 'sso-admin.ListApplicationAccessScopes',
  what: 'access scope',
  place: 'access_scope',
  purpose: 'Read what applications may do with their tokens',
  page: { size: 'MaxResults', token: 'NextToken', next: 'NextToken', largest: 10, items: 'Scopes' },
  item: z.object({ Scope: text }),
  id: ({ Scope }) => Scope,
  observe: ({ Scope }, _none, place) => [
    ofApplication(place, 'identity_center_scope', [Scope], { kind: 'oauth_grant', permissions: [Scope], attributes: {} }),
  ],
});

export type Found = Pick<Place, 'region' | 'scope' | 'source' | 'whole'>;

/** A fact of the application that it is a part of. */
export function ofApplication(
  place: Found,
  what: string,
  key: readonly string[],
  found: Pick<Observation, 'kind' | 'attributes'> & Partial<Pick<Observation, 'signals' | 'permissions'>>,
): Observation {
  const arn = place.whole.ids['ApplicationArn']!;
  const id = path(what, arn, ...key);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    scope: place.scope,
    subject: { app: path('identity_center_application', arn), name: place.whole.name },
    signals: [],
    permissions: [],
    evidence: { source: place.source, url: consoleOf(place) },
    ...found,
    attributes: { region: place.region, ...found.attributes },
  };
}

export function domains(hosts: readonly string[]): Signal[] {
  return hosts.map((value) => ({ type: 'domain', value }));
}

/** The hosts alone: a path or a query may hold a key. A program on a person's own machine has none. */
export function hostsOf(addresses: readonly string[]): string[] {
  const hosts = addresses.filter((address) => URL.canParse(address)).map((address) => new URL(address).hostname);
  return [...new Set(hosts.filter((host) => host !== '' && !OWN_MACHINE.test(host)))].toSorted();
}

const OWN_MACHINE = /^(?:localhost|127\.|\[::1\])/;
