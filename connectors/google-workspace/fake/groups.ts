import type { Expected } from '../../../src/testing/fake.ts';
import { digits } from '../../../src/testing/random.ts';
import type { FakeAnswer, FakeRequest } from '../../../src/testing/server.ts';
import { answerRows } from './lists.ts';
import { masked, shapeOf } from './mask.ts';
import { query } from './parameters.ts';
import { userId } from './people.ts';
import { Refused, refusal } from './refusals.ts';
import { STORY_COMPANY } from './stories.ts';
import type { World } from './world.ts';

/** Those who may try AI tools: some people, and a group within the group, whose people are listed with them. */
const PILOTS = { id: `03${digits(13, 'google-workspace', 'group', 'pilots')}`, name: 'AI pilots' };
const INNER = `03${digits(13, 'google-workspace', 'group', 'inner')}`;

export const pilotsAddress = ({ company }: World) => `ai-pilots@${company.domain}`;

interface Row {
  id: string;
  email: string;
  type: 'USER' | 'GROUP';
  role: 'OWNER' | 'MEMBER';
}

function membersOf({ company, people }: World): Row[] {
  if (people < STORY_COMPANY) return [];
  const person = (number: number, role: Row['role'] = 'MEMBER'): Row => ({
    id: userId(company, number),
    email: company.person(number).email,
    type: 'USER',
    role,
  });
  return [person(1, 'OWNER'), person(2), { id: INNER, email: `inner@${company.domain}`, type: 'GROUP', role: 'MEMBER' }, person(3)];
}

export function getGroup(world: World, request: FakeRequest): FakeAnswer {
  ofPilots(world, request);
  const values = query(request, []);
  const members = membersOf(world);
  const body = {
    kind: 'admin#directory#group',
    id: PILOTS.id,
    email: pilotsAddress(world),
    name: PILOTS.name,
    directMembersCount: String(members.length),
    adminCreated: true,
  };
  return {
    status: 200,
    body: masked(
      body,
      values.get('fields'),
      shapeOf('adminCreated aliases description directMembersCount email etag id kind name nonEditableAliases'),
    ),
  };
}

export function listMembers(world: World, request: FakeRequest): FakeAnswer {
  ofPilots(world, request);
  const values = query(request, ['includeDerivedMembership', 'maxResults', 'pageToken', 'roles']);
  // A group whose people are listed is not listed itself. Google's description leaves that open.
  const opens = values.get('includeDerivedMembership') === 'true';
  const listed = membersOf(world).filter(({ type }) => type === 'USER' || !opens);
  const rows = listed.map((row) => ({ kind: 'admin#directory#member', ...row, status: 'ACTIVE' }));
  const shape = {
    kind: true,
    etag: true,
    nextPageToken: true,
    members: shapeOf('delivery_settings email etag id kind role status type'),
  } as const;
  return answerRows(rows, request, values, {
    field: 'members',
    shape,
    usual: 200,
    largest: 200,
    beside: { kind: 'admin#directory#members' },
  });
}

function ofPilots(world: World, request: FakeRequest): void {
  if (![PILOTS.id, pilotsAddress(world)].includes(request.params['groupKey'] ?? '')) throw new Refused(refusal(404));
}

export function groupSizes(world: World, size: number) {
  return { namedGroups: 1, groupMemberPages: Math.max(1, Math.ceil(membersOf(world).filter(({ type }) => type === 'USER').length / size)) };
}

export function groupTruth(world: World): Expected[] {
  return membersOf(world)
    .filter(({ type }) => type === 'USER')
    .map(({ id }) => ({ kind: 'control', ids: ['group_member', PILOTS.id, id] }));
}
