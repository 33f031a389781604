import { path, reading, within, type Observation, type PersonEvidence, type Principal } from '../../src/connector/index.ts';
import { instancesOf } from './identity-center-instances.ts';
import { LIST_USERS, usersOf, usersShared, type StoreUser } from './identity-store-users.ts';
import { consoleOf, permissionOf, type Place, type RegionalReader } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

/** Place of a user, and what his id begins with: by this word a text tells that what follows is somebody. */
export const STORE_USER = 'identity_store_user';

const users: RegionalReader = {
  operation: LIST_USERS,
  purpose: 'Know who the people of Identity Center are',
  async read(context, region, whole) {
    if (whole?.store === undefined) throw new Error('Users are those of an identity store');
    const { store } = whole;
    const scope = within(whole.scope, STORE_USER);
    const loss = { scope, effect: `Who the people of ${whole.what} are is unknown`, permission: permissionOf(LIST_USERS) };
    const answer = await reading(loss, () => usersOf(context, region, store));
    if (answer.gap) return { events: [answer.gap], more: 0 };
    const { gaps, requests } = answer.value;
    const place = { region, source: LIST_USERS, scope, store } as const;
    const seen = [...answer.value.users.values()].map((user) => userIn(place, user));
    return { events: [...gaps.map((gap) => ({ ...gap, scope })), ...seen], more: requests - 1 };
  },
};

const instances = instancesOf({
  what: 'People',
  lists: [users],
  ids: ({ IdentityStoreId }) => (IdentityStoreId === undefined ? undefined : {}),
  observe({ IdentityStoreId }, { scope }) {
    if (IdentityStoreId !== undefined) return [];
    const effect = 'AWS does not name the identity store of this instance of Identity Center: its people are unknown';
    return [{ type: 'gap', scope, reason: 'provider_error', effect }];
  },
});

const byRegion = regionalCollector({
  id: 'identity_store',
  title: 'People of Identity Center',
  kinds: ['control'],
  lists: [instances],
  limits: [
    'Of a user the id, the user name, the primary address, the ids that an identity provider gave and whether he is switched off are read: no other name, no telephone, no postal address',
    'Groups and who is in them are not read, so nobody is named who is assigned through a group alone',
    'What somebody may do through permission sets is not read',
    'AWS does not say whether an address was verified: a user whom no identity provider provisioned is found again nowhere else',
    'People are read in the region that Identity Center belongs to, and in its account; where that is not read, other accounts are asked, which the organisation may forbid',
  ],
});

/**
 * Who stands behind the ids by which Identity Center knows people: by this they are found again on other planes.
 * https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListUsers.html
 */
export const identityStore: typeof byRegion = {
  ...byRegion,
  requests: () => 0,
  shared: (sizes) => ({ ...byRegion.shared?.(sizes), ...usersShared(sizes) }),
};

type At = Pick<Place, 'region' | 'scope' | 'source'> & { store: string };

function userIn(at: At, { id, name, email, externalIds, status }: StoreUser): Observation {
  const thing = path(STORE_USER, id);
  return {
    type: 'observation',
    thing,
    nativeId: thing,
    // A list of people says what these may do: what permission sets allow is not read, and nobody shall seem to be allowed nothing.
    kind: 'control',
    scope: within(at.scope, id),
    subject: { app: path('identity_store', at.store), name },
    principal: { id, name, traits: ['interactive_login', 'directory_person'], ...standingOf(status) },
    signals: [],
    permissions: [],
    attributes: { region: at.region, identityStore: at.store, ...(email !== undefined && { email }), externalIds },
    evidence: { source: at.source, url: consoleOf(at) },
  };
}

function standingOf(status: string | undefined): Pick<Principal, 'standing'> {
  if (status === 'ENABLED') return { standing: 'active' };
  return status === 'DISABLED' ? { standing: 'suspended' } : {};
}

/**
 * A user has one id wherever AWS names him. External ids are, by AWS's word, those that an external identity provider issued: a user who has
 * one is as whom that provider knows the person. Whatever an administrator wrote himself may be verified or not, and AWS does not say.
 * https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ExternalId.html
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/addusers.html
 */
export function personBehind({
  kind,
  attributes,
  principal,
}: Pick<Observation, 'kind' | 'attributes'> & { principal: Principal }): PersonEvidence[] {
  const isUser = kind === 'control' && 'identityStore' in attributes;
  if (!isUser && !(kind === 'seat' && principal.traits.includes('directory_person'))) return [];
  const own: PersonEvidence = { by: 'directory_user', value: principal.id, issuer: 'AWS Identity Store' };
  const given = isUser ? givenTo(attributes) : [];
  const issuer = given[0]?.issuer;
  if (issuer === undefined) return [own];
  const { email } = attributes;
  return [
    own,
    ...given,
    { by: 'scim_user_name', value: principal.name, issuer },
    ...(typeof email === 'string' ? [{ by: 'scim_address', value: email, issuer } as const] : []),
  ];
}

/** By which ids identity providers know the person. What AWS writes as issuer two identity stores may share, whoever provisions them. */
function givenTo({ identityStore: store, externalIds }: Observation['attributes']): PersonEvidence[] {
  return (Array.isArray(externalIds) ? (externalIds as { issuer: string; externalId: string }[]) : []).map(({ issuer, externalId }) => ({
    by: 'directory_user',
    value: externalId,
    issuer: path(store as string, issuer),
  }));
}
