import { z } from 'zod';
import { path, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { assignments, domains, grants, hostsOf, scopes } from './identity-center-parts.ts';
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

const instances = regionalList({
  operation: 'sso-admin.ListInstances',
  what: 'instance of Identity Center',
  place: 'identity_center',
  purpose: 'Know whether and where Identity Center is',
  page: { ...PAGE, items: 'Instances' },
  item: z.object({
    InstanceArn: text,
    OwnerAccountId: z.string().optional(),
    Status: z.string().optional(),
    PrimaryRegion: z.string().optional(),
  }),
  id: ({ InstanceArn }) => InstanceArn,
  parts: {
    lists: [applications],
    ids: (item, place) => (isAsked(item, place) ? { InstanceArn: item.InstanceArn } : undefined),
    what: (item, place) =>
      `one instance of Identity Center${ownerOf(item, place) === place.account ? '' : `, which belongs to the account ${ownerOf(item, place)},`}`,
  },
  observe: (item, _none, place) => (isAsked(item, place) ? [instanceOf(item, place)] : [elsewhere(item, place)]),
});

interface Instance {
  InstanceArn: string;
  OwnerAccountId?: string | undefined;
  Status?: string | undefined;
  PrimaryRegion?: string | undefined;
}

function ownerOf({ OwnerAccountId }: Instance, { account }: Place): string {
  return OwnerAccountId ?? account;
}

function homeOf({ PrimaryRegion }: Instance, { region }: Place): string {
  return PrimaryRegion ?? region;
}

/**
 * Every account of an organisation sees its instance, and every region that it is copied to has one: its applications are asked for where
 * it is at home. Where this source does not read its owner, they are asked for here, as a delegated administrator may; AWS refuses the others.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html
 */
function isAsked(instance: Instance, place: Place): boolean {
  const [owner, home] = [ownerOf(instance, place), homeOf(instance, place)];
  return home === place.region && (owner === place.account || !place.reads(owner, home));
}

function elsewhere(instance: Instance, place: Place): ScanEvent {
  const [owner, home] = [ownerOf(instance, place), homeOf(instance, place)];
  const isElsewhere = place.reads(place.account, home);
  // Where its owner is not read, this account is asked in its home.
  const isOfOther = owner !== place.account && !(isElsewhere && !place.reads(owner, home));
  const where = [...(isOfOther ? [`the account ${owner}`] : []), ...(home === place.region ? [] : [`the region ${home}`])].join(' and ');
  const applications = 'Applications of this instance of Identity Center';
  const gap = { type: 'gap', scope: place.scope, reason: 'not_of_interest' } as const;
  if (isElsewhere) return { ...gap, effect: `${applications} are read in ${where} alone, to which it belongs`, byDesign: true };
  return { ...gap, effect: `${applications} belong to ${where}, and are read only where that is read` };
}

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

/** Applications that people of the company sign in to through AWS, with what these may do and who is let in. */
export const identityCenter = regionalCollector({
  id: 'identity_center',
  title: 'Applications of Identity Center',
  kinds: ['control', 'app_installation', 'oauth_grant'],
  lists: [instances],
  volatile: ['assignedUsers'],
  limits: [
    'Applications are read in the region that Identity Center belongs to, and in its account; where that is not read, a delegated administrator is shown them',
    'People who are assigned are counted, groups are known by their ids; whether an assignment is needed at all is not read',
    'Who really signed in is not read',
  ],
});
