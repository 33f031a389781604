import { chance, pick } from './random.ts';

/**
 * The invented company that all simulated providers serve: the same people with accounts on several planes.
 * It is generated, never stored: a person depends on seed and number alone, so that a company of any size costs nothing.
 * What a plane makes of it (ids, apps, grants, keys) is each simulated provider's own.
 */
export interface Company {
  seed: string;
  name: string;
  /** Below `.example`, which nobody can own. */
  domain: string;
  /** The day on which night 0 falls; all dates of the world lie around it. */
  today: Date;
  people: number;
  /** How many repositories they keep; absent = what the simulated host of code makes of their number. */
  repositories?: number;
  person(number: number): Person;
  /** The point in time that many days (and hours) before the night, as the providers write it. */
  ago(days: number, hours?: number, night?: number): Date;
}

export interface Person {
  number: number;
  given: string;
  family: string;
  /** Local part of the address and base of the logins. */
  handle: string;
  email: string;
  team: string;
  /** The first person administers everything. */
  administrator: boolean;
  /** In which state the person is on a night. Leavers leave on the night after the first, or had left before. */
  standing(night: number): 'active' | 'suspended' | 'archived' | 'deleted';
  /** Not everybody writes code. */
  developer: boolean;
  /** Few have an identity in the cloud account. */
  cloud: boolean;
}

export function createCompany(options: { seed?: string; people?: number; repositories?: number; today?: Date } = {}): Company {
  const seed = options.seed ?? 'lanternworks';
  const people = options.people ?? 400;
  const today = options.today ?? new Date('2026-11-02T02:00:00Z');
  const domain = 'lanternworks.example';
  return {
    seed,
    name: 'Lanternworks',
    domain,
    today,
    people,
    ...(options.repositories !== undefined && { repositories: options.repositories }),
    person: (number) => personOf(seed, domain, number),
    ago: (days, hours = 0, night = 0) => new Date(today.getTime() + ((night - days) * 24 - hours) * 3_600_000),
  };
}

/** Everybody, one by one. */
export function* everybody(company: Company): Generator<Person> {
  for (let number = 0; number < company.people; number++) yield company.person(number);
}

const GIVEN = [
  'Ada',
  'Bela',
  'Cleo',
  'Dario',
  'Edda',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kira',
  'Levi',
  'Mara',
  'Nils',
  'Olga',
  'Pavel',
];
const FAMILY = [
  'Abend',
  'Birke',
  'Cremer',
  'Dorn',
  'Elster',
  'Falter',
  'Grau',
  'Holm',
  'Igel',
  'Kranich',
  'Linde',
  'Moor',
  'Nacht',
  'Otter',
  'Pappel',
  'Reiher',
];
const TEAMS = ['engineering', 'sales', 'finance', 'people', 'support', 'design'];

function personOf(seed: string, domain: string, number: number): Person {
  const given = pick(GIVEN, seed, 'given', number);
  const family = pick(FAMILY, seed, 'family', number);
  const handle = `${given}.${family}.${number}`.toLowerCase();
  const team = pick(TEAMS, seed, 'team', number);
  const developer = number < 3 || team === 'engineering' || chance(seed, 'developer', number) < 0.1;
  return {
    number,
    given,
    family,
    handle,
    email: `${handle}@${domain}`,
    team,
    administrator: number === 0,
    developer,
    cloud: number < 3 || (developer && chance(seed, 'cloud', number) < 0.4),
    standing: (night) => standingOf(seed, number, night),
  };
}

/**
 * In every company of at least twelve people: number 4 was suspended long ago, 5 is archived, 6 leaves (suspended) on night 1,
 * 7 is deleted on night 1, 8 was deleted shortly before the first night. Beyond them, a few in a hundred have left.
 */
function standingOf(seed: string, number: number, night: number): ReturnType<Person['standing']> {
  if (number === 4) return 'suspended';
  if (number === 5) return 'archived';
  if (number === 6) return night >= 1 ? 'suspended' : 'active';
  if (number === 7) return night >= 1 ? 'deleted' : 'active';
  if (number === 8) return 'deleted';
  if (number < 12) return 'active';
  const roll = chance(seed, 'standing', number);
  if (roll < 0.03) return 'suspended';
  if (roll < 0.045) return 'archived';
  if (roll < 0.055) return 'deleted';
  return 'active';
}
