import { type Company, everybody, type Person } from '../../../src/testing/company.ts';
import { chance, pick } from '../../../src/testing/random.ts';
import { awsManaged, uniqueId } from './ids.ts';
import type { AccessKey, Setting, User } from './model.ts';

/** Whose departure is told here: one whose access key outlives it, and one whose user is deleted in the night of leaving. */
const LEAVES_KEY_BEHIND = 6;
const IS_CLEANED_UP = 7;

/** Everybody who ever has a user in the account; a company is asked once, whatever the night. */
export function cloudPeople(company: Company): readonly Person[] {
  const people: Person[] = [];
  for (const person of everybody(company)) {
    if (person.cloud || person.number === LEAVES_KEY_BEHIND || person.number === IS_CLEANED_UP) people.push(person);
  }
  return people;
}

/** Suspended people keep a user that is switched off; the users of archived and deleted people are gone. */
export function stillHere(people: readonly Person[], night: number): readonly Person[] {
  return people.filter((person) => ['active', 'suspended'].includes(person.standing(night)));
}

export function personUser(setting: Setting, person: Person): User {
  const { company, night, account } = setting;
  const roll = (what: string) => chance(company.seed, 'aws', what, person.number);
  const suspended = person.standing(night) === 'suspended';
  const signsIn = !suspended && (person.number < 3 || roll('password') < 0.8);
  return {
    name: person.handle,
    path: '/people/',
    id: uniqueId('AIDA', company.seed, 'person', person.number),
    arn: `arn:aws:iam::${account}:user/people/${person.handle}`,
    created: company.ago(450 + Math.floor(roll('created') * 900)),
    groups: person.administrator ? ['administrators'] : person.number === 2 ? ['developers', 'ai-lab'] : ['developers'],
    forOneKey: false,
    attached: person.team === 'finance' ? [awsManaged('ReadOnlyAccess')] : [],
    inline: [],
    tags: roll('tags') < 0.7 ? { owner: person.email, team: person.team } : {},
    boundary: person.number === 1 ? `arn:aws:iam::${account}:policy/developer-boundary` : undefined,
    password: signsIn
      ? {
          changed: company.ago(Math.floor(20 + roll('changed') * 150)),
          lastUsed: roll('sign-in') < 0.1 ? undefined : company.ago(Math.floor(roll('sign-in') * 20), 3, night),
        }
      : undefined,
    mfa: person.administrator || roll('mfa') < 0.85,
    keys: keysOf(setting, person, suspended),
  };
}

function keysOf({ company, night }: Setting, person: Person, suspended: boolean): readonly AccessKey[] {
  const roll = (what: string) => chance(company.seed, 'aws', what, person.number);
  const always = [1, LEAVES_KEY_BEHIND, IS_CLEANED_UP].includes(person.number);
  if (!always && roll('keys') > 0.4) return [];
  const rotating = roll('second key') < 0.2;
  const active = person.number === LEAVES_KEY_BEHIND || (!suspended && !rotating);
  const service = pick(['ec2', 's3', 'bedrock', 'sts', 'lambda'], company.seed, 'aws', 'service', person.number);
  const older: AccessKey = {
    active,
    rotated: company.ago(60 + Math.floor(roll('rotated') * 370)),
    lastUsed: {
      at: active ? company.ago(Math.floor(roll('key used') * 25), 5, night) : company.ago(26, 5),
      service,
      region: service === 's3' ? undefined : 'eu-central-1',
    },
  };
  const newer: AccessKey = { active: !suspended, rotated: company.ago(25), lastUsed: undefined };
  return rotating ? [older, newer] : [older];
}
