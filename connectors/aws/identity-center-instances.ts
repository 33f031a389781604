import { z } from 'zod';
import type { ScanEvent } from '../../src/connector/index.ts';
import { regionalList, type Place, type RegionalReader } from './regional-list.ts';

const instance = z.object({
  InstanceArn: z.string().min(1),
  IdentityStoreId: z.string().min(1).optional(),
  OwnerAccountId: z.string().optional(),
  Status: z.string().optional(),
  PrimaryRegion: z.string().optional(),
});
export type Instance = z.infer<typeof instance>;

/** What a collector reads of an instance of Identity Center. */
interface Reading {
  /** In words, in the plural: `Applications`. */
  what: string;
  lists: readonly RegionalReader[];
  /** By which ids it asks for them; undefined = AWS does not tell these. */
  ids(item: Instance): Readonly<Record<string, string>> | undefined;
  /** Of an instance that is read here. */
  observe(item: Instance, place: Place): ScanEvent[];
}

/** Instances of Identity Center, and what is read of each where it is to be asked. */
export function instancesOf({ what, lists, ids, observe }: Reading): RegionalReader {
  return regionalList({
    operation: 'sso-admin.ListInstances',
    what: 'instance of Identity Center',
    place: 'identity_center',
    purpose: 'Know whether and where Identity Center is',
    page: { size: 'MaxResults', token: 'NextToken', next: 'NextToken', largest: 100, items: 'Instances' },
    isShared: true,
    item: instance,
    id: ({ InstanceArn }) => InstanceArn,
    parts: {
      lists,
      ids: (item, place) => (isAsked(item, place) ? ids(item) : undefined),
      what: (item, place) =>
        `one instance of Identity Center${ownerOf(item, place) === place.account ? '' : `, which belongs to the account ${ownerOf(item, place)},`}`,
      store: ({ IdentityStoreId }) => IdentityStoreId,
    },
    observe: (item, _none, place) => (isAsked(item, place) ? observe(item, place) : [elsewhere(what, item, place)]),
  });
}

function ownerOf({ OwnerAccountId }: Instance, { account }: Place): string {
  return OwnerAccountId ?? account;
}

function homeOf({ PrimaryRegion }: Instance, { region }: Place): string {
  return PrimaryRegion ?? region;
}

/**
 * Every account of an organisation sees its instance, and every region that it is copied to has one: what it holds is asked for where
 * it is at home. Where this source does not read its owner, that is asked for here, as a delegated administrator may; AWS refuses the others.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html
 */
function isAsked(item: Instance, place: Place): boolean {
  const [owner, home] = [ownerOf(item, place), homeOf(item, place)];
  return home === place.region && (owner === place.account || !place.reads(owner, home));
}

function elsewhere(what: string, item: Instance, place: Place): ScanEvent {
  const [owner, home] = [ownerOf(item, place), homeOf(item, place)];
  const isElsewhere = place.reads(place.account, home);
  // Where its owner is not read, this account is asked in its home.
  const isOfOther = owner !== place.account && !(isElsewhere && !place.reads(owner, home));
  const where = [...(isOfOther ? [`the account ${owner}`] : []), ...(home === place.region ? [] : [`the region ${home}`])].join(' and ');
  const things = `${what} of this instance of Identity Center`;
  const gap = { type: 'gap', scope: place.scope, reason: 'not_of_interest' } as const;
  if (isElsewhere) return { ...gap, effect: `${things} are read in ${where} alone, to which it belongs`, byDesign: true };
  return { ...gap, effect: `${things} belong to ${where}, and are read only where that is read` };
}
