import { z } from 'zod';
import { path, type Observation } from '../../src/connector/index.ts';
import { instancesOf, type Instance } from './identity-center-instances.ts';
import { assignments } from './identity-center-assignments.ts';
import { domains, grants, hostsOf, scopes } from './identity-center-parts.ts';
import { usersShared } from './identity-store-users.ts';
import { consoleOf, regionalList, type Place } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

const PAGE = { size: 'MaxResults', token: 'NextToken', next: 'NextToken', largest: 100 } as const;
const text = z.string().min(1);

const applications = regionalList({
  operation: 'sso-admin.ListApplications',
  what: 'application',
  place: 'application',
  purpose: 'List the applications that people sign in to through Identity Center',
  page: { ...PAGE, items: 'Applications' },
  item: z.object({
    ApplicationArn: text,
    ApplicationProviderArn: z.string().optional(),
    Name: z.string().optional(),
    ApplicationAccount: z.string().optional(),
    Status: z.string().optional(),
    PortalOptions: z
      .object({ Visibility: z.string().optional(), SignInOptions: z.object({ ApplicationUrl: z.string().optional() }).optional() })
      .optional(),
    CreatedDate: z.date().optional(),
  }),
  id: ({ ApplicationArn }) => ApplicationArn,
  parts: {
    lists: [grants, scopes, assignments],
    ids: ({ ApplicationArn }) => ({ ApplicationArn }),
    name: ({ ApplicationArn, Name }) => Name ?? ApplicationArn,
  },
  observe(item, _none, place) {
    const [host] = hostsOf([item.PortalOptions?.SignInOptions?.ApplicationUrl ?? '']);
    const id = path('identity_center_application', item.ApplicationArn);
    // AWS names its own applications after the service; those of customers share one provider.
    const provider = item.ApplicationProviderArn?.split('applicationProvider/')[1];
    const managed = provider === undefined ? 'unknown' : provider.startsWith('custom') ? 'customer' : 'aws';
    return [
      {
        type: 'observation',
        thing: id,
        nativeId: id,
        kind: 'app_installation',
        scope: place.scope,
        subject: { app: id, name: item.Name ?? item.ApplicationArn },
        signals: [
          ...(item.Name === undefined ? [] : [{ type: 'app_name', value: item.Name }]),
          ...domains(host === undefined ? [] : [host]),
        ],
        permissions: [],
        ...(item.CreatedDate && { grantedAt: { at: item.CreatedDate.toISOString(), from: 'listed' as const } }),
        ...(item.Status === 'DISABLED' && { use: 'inactive' as const }),
        attributes: {
          region: place.region,
          arn: item.ApplicationArn,
          managedBy: managed,
          status: item.Status ?? 'unknown',
          ...(provider !== undefined && { provider }),
          ...(item.ApplicationAccount !== undefined && { createdIn: item.ApplicationAccount }),
          ...(item.PortalOptions?.Visibility !== undefined && { portal: item.PortalOptions.Visibility }),
          ...(host !== undefined && { host }),
        },
        evidence: { source: place.source, url: consoleOf(place) },
      },
    ];
  },
});

const instances = instancesOf({
  what: 'Applications',
  lists: [applications],
  ids: ({ InstanceArn }) => ({ InstanceArn }),
  observe: (item, place) => [instanceOf(item, place)],
});

function instanceOf(item: Instance, place: Place): Observation {
  const id = path('identity_center', item.InstanceArn);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'control',
    scope: place.scope,
    subject: { app: id, name: 'Identity Center' },
    signals: [],
    permissions: [],
    attributes: {
      region: place.region,
      status: item.Status ?? 'unknown',
      ...(item.OwnerAccountId !== undefined && { owner: item.OwnerAccountId }),
    },
    evidence: { source: place.source, url: consoleOf(place) },
  };
}

const byRegion = regionalCollector({
  id: 'identity_center',
  // Since 2, who is assigned is stated one by one.
  version: 2,
  title: 'Applications of Identity Center',
  kinds: ['control', 'app_installation', 'oauth_grant', 'seat'],
  lists: [instances],
  volatile: ['assignedUsers'],
  limits: [
    'Applications are read in the region that Identity Center belongs to, and in its account; where that is not read, a delegated administrator is shown them',
    'People who are assigned themselves are named, groups are known by their ids, and who is in these is not read; whether an assignment is needed at all is not read either',
    'Who really signed in is not read',
  ],
});

/** Applications that people of the company sign in to through AWS, with what these may do and who is let in. */
export const identityCenter: typeof byRegion = { ...byRegion, shared: (sizes) => ({ ...byRegion.shared?.(sizes), ...usersShared(sizes) }) };
