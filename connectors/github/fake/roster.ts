import { type Company, everybody } from '../../../src/testing/company.ts';
import { chance } from '../../../src/testing/random.ts';
import { MACHINE } from './accounts.ts';

/** Who is in the organisation, by the numbers of the people. */
export interface Roster {
  /** Everybody who ever wrote code here, leavers included. */
  coders(): Int32Array;
  /** Developers who are active on that night, then the machine user. The owner comes first. */
  members(night: number): Int32Array;
  /** Who has a Copilot seat on that night. */
  seated(night: number): Int32Array;
  /** Who owns a fine-grained token of the ordinary sort. It outlives the membership. */
  tokenOwners(): Int32Array;
}

/** These leave, or have just left, and wrote code in every company, whatever its seed. */
export const LEAVERS = { onFirstNight: [6, 7], before: 8 } as const;

export function createRoster(company: Company, empty: boolean): Roster {
  const coders = once(() => (empty ? Int32Array.of(0) : Int32Array.from(codersOf(company))));
  const members = perNight((night) => {
    const active = coders().filter((number) => company.person(number).standing(night) === 'active');
    return empty ? active : Int32Array.from([...active, MACHINE]);
  });
  return {
    coders,
    members,
    seated: perNight((night) =>
      empty
        ? new Int32Array()
        : Int32Array.from([...members(night).filter((number) => hasSeat(company, number)), ...lastSeat(company, night)]),
    ),
    tokenOwners: once(() => (empty ? new Int32Array() : coders().filter((number) => chance(company.seed, 'github token', number) < 0.3))),
  };
}

function* codersOf(company: Company): Generator<number> {
  const leavers = new Set<number>([...LEAVERS.onFirstNight, LEAVERS.before]);
  for (const person of everybody(company)) if (person.developer || leavers.has(person.number)) yield person.number;
}

function hasSeat(company: Company, number: number): boolean {
  return number !== MACHINE && chance(company.seed, 'copilot seat', number) < 0.6;
}

/** The seat of somebody who has left is paid, and listed, until the month ends. */
function lastSeat(company: Company, night: number): number[] {
  const known = LEAVERS.before < company.people;
  return known && company.ago(0, 0, night) < endOfMonth(company) ? [LEAVERS.before] : [];
}

export function endOfMonth(company: Company): Date {
  return new Date(Date.UTC(company.today.getUTCFullYear(), company.today.getUTCMonth() + 1, 1));
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Keeps one night, because a scan asks for the pages of one night again and again. */
function perNight<Value>(make: (night: number) => Value): (night: number) => Value {
  let kept: { night: number; value: Value } | undefined;
  return (night) => {
    if (kept?.night !== night) kept = { night, value: make(night) };
    return kept.value;
  };
}
