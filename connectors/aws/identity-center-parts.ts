import { z } from 'zod';
import { parseItems, path, ProviderFault, reading, within, type Observation, type Signal } from '../../src/connector/index.ts';
import { pagesOf } from './pages.ts';
import { consoleOf, permissionOf, regionalList, type Place, type RegionalReader } from './regional-list.ts';

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
      ofApplication(place, 'identity_center_grant', item.GrantType, {
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
    ofApplication(place, 'identity_center_scope', Scope, { kind: 'oauth_grant', permissions: [Scope], attributes: {} }),
  ],
});

const ASSIGNMENTS = 'sso-admin.ListApplicationAssignments';

const assignmentsPage = z
  .object({ ApplicationAssignments: z.array(z.unknown()).optional(), NextToken: z.string().optional() })
  .transform(({ ApplicationAssignments, NextToken }) => ({ items: ApplicationAssignments ?? [], next: NextToken || undefined }));
const assignment = z.object({ PrincipalId: text, PrincipalType: text });
/** Of more groups than that nobody reads the ids. */
const MOST_GROUPS = 100;

/** How many people are assigned, and which groups: one fact of an application, however many there are. */
export const assignments: RegionalReader = {
  operation: ASSIGNMENTS,
  purpose: 'Count who is assigned to applications',
  async read({ client, pageSize }, region, whole) {
    if (!whole) throw new Error('Assignments are those of an application');
    const scope = within(whole.scope, 'assignments');
    const loss = { scope, effect: `Who is assigned to ${whole.what} is unknown`, permission: permissionOf(ASSIGNMENTS) };
    let requests = 0;
    const ask = (NextToken: string | undefined) =>
      client.ask(
        ASSIGNMENTS,
        region,
        { ...whole.ids, MaxResults: pageSize(100), ...(NextToken !== undefined && { NextToken }) },
        assignmentsPage,
      );
    const answer = await reading(loss, async () => {
      // Each counts once, however often a list repeats it.
      const found = new Map<string, z.infer<typeof assignment>>();
      for await (const page of pagesOf(ask)) {
        requests++;
        const { items, gaps } = parseItems(page.items, assignment, { what: 'assignment', scope: () => scope });
        if (gaps[0]) throw new ProviderFault(gaps[0].effect);
        for (const item of items) found.set(path(item.PrincipalType, item.PrincipalId), item);
      }
      return [...found.values()];
    });
    const more = Math.max(0, requests - 1);
    if (answer.gap) return { events: [answer.gap], more };
    return { events: [assignedOf({ region, scope, source: ASSIGNMENTS, whole }, answer.value)], more };
  },
};

function assignedOf(place: Found, found: readonly z.infer<typeof assignment>[]): Observation {
  const groups = found.filter(({ PrincipalType }) => PrincipalType === 'GROUP').map(({ PrincipalId }) => PrincipalId);
  return ofApplication(place, 'identity_center_assignments', 'all', {
    kind: 'app_installation',
    attributes: {
      assignedUsers: found.length - groups.length,
      assignedGroups: groups.length,
      // Ids of the directory of Identity Center, which has the names.
      groups: groups.toSorted().slice(0, MOST_GROUPS),
    },
  });
}

type Found = Pick<Place, 'region' | 'scope' | 'source' | 'whole'>;

/** A fact of the application that it is a part of. */
function ofApplication(
  place: Found,
  what: string,
  key: string,
  found: Pick<Observation, 'kind' | 'attributes'> & Partial<Pick<Observation, 'signals' | 'permissions'>>,
): Observation {
  const arn = place.whole.ids['ApplicationArn']!;
  const id = path(what, arn, key);
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
