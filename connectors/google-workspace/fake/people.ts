import type { Company, Person } from '../../../src/testing/company.ts';
import { chance, digits } from '../../../src/testing/random.ts';

/** Google keeps a deleted account for about this long, and lists it only when asked for deleted ones. */
const KEPT_DAYS = 20;
const DAY = 86_400_000;
/** Somebody from outside, whom a chat let in. */
const GUEST = 11;
/** Account ids have 21 digits, the first of which is 1. */
const ID_SPACE = 10n ** 20n;
/** STRIDE × BACK ≡ 1 (mod ID_SPACE): an id looks arbitrary, and still leads back to its person without a table. */
const STRIDE = 48271999997777713579n;
const BACK = 41113927894161398019n;

export function userId(company: Company, number: number): string {
  const place = (BigInt(number) * STRIDE + offset(company)) % ID_SPACE;
  return `1${place.toString().padStart(20, '0')}`;
}

/** The person whom an id or an address names. */
export function findPerson(company: Company, people: number, userKey: string): Person | undefined {
  const number = /^1\d{20}$/.test(userKey) ? numberOf(company, userKey) : Number(/\.(\d+)@/.exec(userKey)?.[1] ?? -1);
  if (number < 0 || number >= people) return undefined;
  const person = company.person(number);
  return userKey === userId(company, number) || userKey.toLowerCase() === person.email ? person : undefined;
}

function numberOf(company: Company, id: string): number {
  const place = BigInt(id.slice(1)) - offset(company);
  return Number((((place * BACK) % ID_SPACE) + ID_SPACE) % ID_SPACE);
}

function offset(company: Company): bigint {
  return BigInt(digits(19, company.seed, 'google user'));
}

/** The day of deletion, counted back from night 0 as in `Deed`. */
export function deletedOn(company: Company, person: Person): number | undefined {
  if (person.standing(0) !== 'deleted') return person.standing(1) === 'deleted' ? 0 : undefined;
  return person.number === 8 ? 5 : 1 + Math.floor(chance(company.seed, 'google deleted', person.number) * 2 * KEPT_DAYS);
}

export function deletionTime(company: Company, person: Person): Date | undefined {
  const day = deletedOn(company, person);
  return day === undefined ? undefined : momentOf(company, day, 'deletion', person.number);
}

/** Some moment of a day, always the same for the same labels. */
export function momentOf(company: Company, day: number, ...labels: readonly (string | number)[]): Date {
  return company.ago(day, -24 * chance(company.seed, 'google moment', day, ...labels));
}

/** Which of the two lists of the directory has the person on a night. */
export function listed(company: Company, person: Person, night: number): 'users' | 'deleted' | 'nowhere' {
  if (person.standing(night) !== 'deleted') return 'users';
  const age = company.ago(0, 0, night).getTime() - deletionTime(company, person)!.getTime();
  return age < KEPT_DAYS * DAY ? 'deleted' : 'nowhere';
}

/** The person as a resource of the directory, with everything that a request without a mask gets. */
export function userResource(company: Company, customerId: string, person: Person, night: number): Record<string, unknown> {
  const { seed } = company;
  const { number, given, family, email, team } = person;
  const standing = person.standing(night);
  // Who left on the night after the first did so the day before; who was away on night 0 has been for long.
  const since = momentOf(company, person.standing(0) === standing ? 100 + (number % 200) : 0, 'standing', number).toISOString();
  return {
    kind: 'admin#directory#user',
    id: userId(company, number),
    primaryEmail: email,
    name: { givenName: given, familyName: family, fullName: `${given} ${family}` },
    isAdmin: person.administrator,
    // Whoever has a role that is not the one over everything; see `assignmentsOf`.
    isDelegatedAdmin: number === 1,
    ...(number === GUEST && { isGuestUser: true, guestAccountInfo: { primaryGuestEmail: `${given}@partner.example`.toLowerCase() } }),
    lastLoginTime: lastLogin(company, person, night).toISOString(),
    creationTime: momentOf(company, 450 + Math.floor(chance(seed, 'google created', number) * 1000), number).toISOString(),
    ...(standing === 'deleted' && { deletionTime: deletionTime(company, person)!.toISOString() }),
    agreedToTerms: true,
    suspended: standing === 'suspended',
    ...(standing === 'suspended' && { suspensionReason: 'ADMIN', suspensionTime: since }),
    archived: standing === 'archived',
    ...(standing === 'archived' && { archivalTime: since }),
    changePasswordAtNextLogin: false,
    ipWhitelisted: false,
    emails: [{ address: email, primary: true }],
    customerId,
    orgUnitPath: `/${team[0]!.toUpperCase()}${team.slice(1)}`,
    isMailboxSetup: true,
    isEnrolledIn2Sv: person.administrator || chance(seed, 'google second factor', number) < 0.9,
    isEnforcedIn2Sv: false,
    includeInGlobalAddressList: true,
    ...privateLife(company, person),
  };
}

/** Fields that nobody needs in order to judge grants, and that a careless client fetches all the same. */
function privateLife(company: Company, { number, given, family }: Person) {
  const phone = `+1202555${String(100 + (number % 100)).padStart(4, '0')}`;
  return {
    recoveryEmail: `${given}.${family}.${number}.private@mailbox.example`.toLowerCase(),
    recoveryPhone: phone,
    phones: [{ type: 'mobile', value: phone }],
    notes: {
      value: `wifi ${digits(40, company.seed, 'google note', number)}`,
      contentType: 'text_plain',
    },
  };
}

/** The private values of the first people: none of them may ever be stored or printed. */
export function privateValues(company: Company, people: number): readonly string[] {
  const values: string[] = [];
  for (let number = 0; number < Math.min(people, 12); number++) {
    const { recoveryEmail, recoveryPhone, notes } = privateLife(company, company.person(number));
    values.push(recoveryEmail, recoveryPhone, notes.value.slice('wifi '.length));
  }
  return values;
}

/** Who signs in every few days has a date that moves every night, as long as the account is active; the others keep theirs. */
function lastLogin(company: Company, person: Person, night: number): Date {
  if (person.standing(0) !== 'active') return momentOf(company, 301 + (person.number % 100), 'login', person.number);
  const days = Math.floor(chance(company.seed, 'google login', person.number) * 20);
  const moves = days < 3 && person.standing(night) === 'active';
  return company.ago(days, 1 + (person.number % 9), moves ? night : 0);
}
