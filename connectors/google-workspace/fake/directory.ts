import type { Person } from '../../../src/testing/company.ts';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { type App, nameOf } from './apps.ts';
import { masked, shapeOf } from './mask.ts';
import { oneOf, pageSize, pageToken, placeOf, query } from './parameters.ts';
import { findPerson, listed, userId, userResource } from './people.ts';
import { badParameter, Refused, refusal } from './refusals.ts';
import { isOwn, type World } from './world.ts';

const USER = shapeOf(
  'addresses agreedToTerms aliases archivalTime archived changePasswordAtNextLogin creationTime customerId customSchemas deletionTime ' +
    'emails etag externalIds gender guestAccountInfo id ims includeInGlobalAddressList ipWhitelisted isAdmin isDelegatedAdmin ' +
    'isEnforcedIn2Sv isEnrolledIn2Sv isGuestUser isMailboxSetup keywords kind languages lastLoginTime locations name nonEditableAliases ' +
    'notes organizations orgUnitPath phones posixAccounts primaryEmail recoveryEmail recoveryPhone relations sshPublicKeys suspended ' +
    'suspensionReason suspensionTime thumbnailPhotoEtag thumbnailPhotoUrl websites',
);
const USERS = { kind: true, etag: true, nextPageToken: true, trigger_event: true, users: USER } as const;
const TOKENS = { kind: true, etag: true, items: shapeOf('anonymous clientId displayText etag kind nativeApp scopes userKey') } as const;
const CUSTOMER = shapeOf('alternateEmail customerCreationTime customerDomain etag id kind language phoneNumber postalAddress');

const USER_PAGES = { usual: 100, largest: 500 };
/** How many pages come before the one that is empty. */
const EMPTY_PAGE = 1;

/** The list of people begins with the first. */
export const FIRST_USER = [0] as const;

export function getCustomer(world: World, request: FakeRequest): FakeAnswer {
  const values = query(request, []);
  if (!isOwn(world, request.params['customerKey']!)) throw new Refused(refusal(404));
  const { company, customerId, ownerAddress } = world;
  const body = {
    kind: 'admin#directory#customer',
    id: customerId,
    customerDomain: company.domain,
    alternateEmail: ownerAddress,
    customerCreationTime: company.ago(2000).toISOString(),
    language: 'en',
    postalAddress: { countryCode: 'DE', organizationName: company.name },
  };
  return { status: 200, body: masked(body, values.get('fields'), CUSTOMER) };
}

export function listUsers(world: World, night: number, request: FakeRequest): FakeAnswer {
  const values = query(request, ['customer', 'domain', 'maxResults', 'pageToken', 'projection', 'showDeleted', 'viewType']);
  oneOf('projection', values.get('projection') ?? 'basic', ['basic', 'full']);
  oneOf('viewType', values.get('viewType') ?? 'admin_view', ['admin_view']);
  const list = oneOf('showDeleted', values.get('showDeleted') ?? 'false', ['true', 'false']) === 'true' ? 'deleted' : 'users';
  const whose = values.get('customer') ?? values.get('domain');
  if (whose === undefined) throw badParameter('customer', 'Bad Request: either customer or domain must be given');
  if (!isOwn(world, whose)) throw new Refused(refusal(403));
  const size = pageSize(values, USER_PAGES);
  const place = placeOf(request, FIRST_USER);

  const { people, next } = usersFrom(world, night, list, place.at[0]!, size);
  // Google may answer a page without users that is not the last one; here it does so once in every list of three pages or more.
  const empty = place.page === EMPTY_PAGE && next !== undefined;
  const at = empty ? place.at : next === undefined ? undefined : [next];
  const users = people.map((person) => userResource(world.company, world.customerId, person, night));
  const body = {
    kind: 'admin#directory#users',
    ...(users.length > 0 && !empty && { users }),
    ...(at && { nextPageToken: pageToken(request, { page: place.page + 1, at }) }),
  };
  return { status: 200, body: masked(body, values.get('fields'), USERS) };
}

/** How many pages of a list of so many people are explained by their empty page alone. */
export function emptyPages(request: FakeRequest, people: number): number {
  return people > (EMPTY_PAGE + 1) * pageSize(request.url.searchParams, USER_PAGES) ? 1 : 0;
}

/** The listed people from a number on, and the number with which the next page begins. */
function usersFrom(world: World, night: number, list: 'users' | 'deleted', from: number, size: number) {
  const people: Person[] = [];
  for (let number = from; number < world.people; number++) {
    const person = world.company.person(number);
    if (listed(world.company, person, night) !== list) continue;
    if (people.length === size) return { people, next: number };
    people.push(person);
  }
  return { people };
}

export function listTokens(world: World, night: number, request: FakeRequest): FakeAnswer {
  const values = query(request, []);
  const person = findPerson(world.company, world.people, request.params['userKey']!);
  if (!person || person.standing(night) === 'deleted') throw new Refused(refusal(404, 'directory.tokens.list'));
  const userKey = userId(world.company, person.number);
  const items = world.history
    .grants(person.number, night)
    .map(({ app, scopes }) => tokenResource(app, userKey, inTodaysOrder(scopes, night), night));
  const body = { kind: 'admin#directory#tokenList', ...(items.length > 0 && { items: inTodaysOrder(items, night) }) };
  return { status: 200, body: masked(body, values.get('fields'), TOKENS) };
}

function tokenResource(app: App, userKey: string, scopes: readonly string[], night: number) {
  return {
    kind: 'admin#directory#token',
    clientId: app.clientId,
    displayText: nameOf(app, night),
    anonymous: false,
    nativeApp: app.clientType !== 'WEB',
    userKey,
    scopes,
  };
}

/** Google promises no order, neither of grants nor of scopes. */
function inTodaysOrder<Item>(items: readonly Item[], night: number): readonly Item[] {
  return night % 2 === 0 ? items : items.toReversed();
}
