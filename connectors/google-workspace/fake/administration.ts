import { digits } from '../../../src/testing/random.ts';
import type { Expected } from '../../../src/testing/fake.ts';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { answerRows } from './lists.ts';
import { masked, shapeOf } from './mask.ts';
import { query } from './parameters.ts';
import { findPerson, momentOf, userId } from './people.ts';
import { Refused, refusal } from './refusals.ts';
import { STORY_COMPANY } from './stories.ts';
import { isOwn, type World } from './world.ts';

const ROLE = shapeOf('etag isSuperAdminRole isSystemRole kind roleDescription roleId roleName rolePrivileges');
const ASSIGNMENT = shapeOf('assignedTo assigneeType condition etag expirationDetails kind orgUnitId roleAssignmentId roleId scopeType');
const APP_PASSWORD = shapeOf('codeId creationTime etag kind lastTimeUsed name userKey');
const list = (items: ReturnType<typeof shapeOf>) => ({ kind: true, etag: true, nextPageToken: true, items }) as const;

const SUPER = digits(17, 'google-workspace', 'role', 'super');
const SECURITY = digits(17, 'google-workspace', 'role', 'security');
const READER = digits(17, 'google-workspace', 'role', 'reader');

const ROLES = [
  {
    roleId: SUPER,
    roleName: '_SEED_ADMIN_ROLE',
    roleDescription: 'Google Workspace Administrator Seed Role',
    isSystemRole: true,
    isSuperAdminRole: true,
  },
  { roleId: SECURITY, roleName: 'User security', roleDescription: 'Resets second factors', isSystemRole: false, isSuperAdminRole: false },
  { roleId: READER, roleName: 'Group reader', roleDescription: '', isSystemRole: false, isSuperAdminRole: false },
];

/** A service account that administers: Google calls it a user here, and no list of users has it. */
export const ADMIN_ROBOT = `1${digits(20, 'google-workspace', 'delegation', 'standing')}`;

interface Assignment {
  id: string;
  roleId: string;
  to: string;
  type: 'user' | 'group';
  unit?: string;
}

function assignmentsOf(world: World): Assignment[] {
  const id = (label: string) => digits(17, 'google-workspace', 'assignment', label);
  const seed: Assignment = { id: id('seed'), roleId: SUPER, to: userId(world.company, 0), type: 'user' };
  if (world.people < STORY_COMPANY) return [seed];
  return [
    seed,
    { id: id('helper'), roleId: SECURITY, to: userId(world.company, 1), type: 'user', unit: '03ph8a2z1' },
    // Somebody whose account was deleted keeps the role for as long as Google keeps the account.
    { id: id('deleted'), roleId: SECURITY, to: userId(world.company, 8), type: 'user' },
    { id: id('group'), roleId: READER, to: `0${digits(14, 'google-workspace', 'group')}`, type: 'group' },
    { id: id('robot'), roleId: READER, to: ADMIN_ROBOT, type: 'user' },
  ];
}

export function listRoles(world: World, request: FakeRequest): FakeAnswer {
  const values = ofOwn(world, request);
  const rows = ROLES.map((role) => ({ kind: 'admin#directory#role', ...role, rolePrivileges: [] }));
  const beside = { kind: 'admin#directory#roles' };
  return answerRows(rows, request, values, { field: 'items', shape: list(ROLE), usual: 100, largest: 100, beside });
}

export function listAssignments(world: World, request: FakeRequest): FakeAnswer {
  const values = ofOwn(world, request);
  const rows = assignmentsOf(world).map(({ id, roleId, to, type, unit }) => ({
    kind: 'admin#directory#roleAssignment',
    roleAssignmentId: id,
    roleId,
    assignedTo: to,
    assigneeType: type,
    ...(unit ? { scopeType: 'ORG_UNIT', orgUnitId: unit } : { scopeType: 'CUSTOMER' }),
  }));
  const beside = { kind: 'admin#directory#roleAssignments' };
  return answerRows(rows, request, values, { field: 'items', shape: list(ASSIGNMENT), usual: 200, largest: 200, beside });
}

function ofOwn(world: World, request: FakeRequest): ReadonlyMap<string, string> {
  if (!isOwn(world, request.params['customer']!)) throw new Refused(refusal(404));
  return query(request, ['maxResults', 'pageToken']);
}

interface AppPassword {
  codeId: number;
  name: string;
  day: number;
  used?: number;
}

/** By the number of the person. Whoever is suspended keeps them. */
const APP_PASSWORDS: Readonly<Record<number, readonly AppPassword[]>> = {
  1: [
    { codeId: 41, name: 'Mail on my phone', day: 400, used: 3 },
    { codeId: 42, name: 'Otter.ai', day: 90 },
  ],
  4: [{ codeId: 43, name: 'Scanner in the hall', day: 600, used: 200 }],
};

function appPasswordsOf(world: World, number: number): readonly AppPassword[] {
  return world.people < STORY_COMPANY ? [] : (APP_PASSWORDS[number] ?? []);
}

export function listAppPasswords(world: World, night: number, request: FakeRequest): FakeAnswer {
  const values = query(request, []);
  const person = findPerson(world.company, world.people, request.params['userKey']!);
  if (!person || person.standing(night) === 'deleted') throw new Refused(refusal(404, 'directory.tokens.list'));
  const seconds = (day: number) => String(Math.floor(momentOf(world.company, day, 'app password', person.number).getTime() / 1000));
  const items = appPasswordsOf(world, person.number).map(({ codeId, name, day, used }) => ({
    kind: 'admin#directory#asp',
    codeId,
    name,
    creationTime: seconds(day),
    lastTimeUsed: used === undefined ? '0' : seconds(used),
    userKey: userId(world.company, person.number),
  }));
  const body = { kind: 'admin#directory#aspList', ...(items.length > 0 && { items }) };
  return { status: 200, body: masked(body, values.get('fields'), { kind: true, etag: true, items: APP_PASSWORD }) };
}

/** What a complete scan must see of all this. */
export function administrationTruth(world: World): Expected[] {
  const robots = new Set([ADMIN_ROBOT]);
  const truth: Expected[] = assignmentsOf(world).map(({ id, to }) => ({ kind: robots.has(to) ? 'service_account' : 'control', ids: [id] }));
  for (const [number, passwords] of world.people < STORY_COMPANY ? [] : Object.entries(APP_PASSWORDS))
    for (const { codeId, name } of passwords)
      truth.push({ kind: 'api_key', ids: [userId(world.company, Number(number)), String(codeId)], name });
  return truth;
}

export function administrationSizes(world: World) {
  return { roles: ROLES.length, roleAssignments: assignmentsOf(world).length };
}
