import { fold } from '../text/fold.ts';
import { isNamedByName, type PrincipalKey } from './principal.ts';

/** One whom a text may mean: a principal of an account, under the names that it was ever stated with. */
export interface Candidate extends PrincipalKey {
  names: readonly string[];
  /** What its own facts say of the person behind it, as an address that an identity provider asserts. It is the person's there, and may be anybody's elsewhere. */
  asserted?: readonly string[];
  traits: readonly string[];
  /** A list of people, of accounts of programs or of agents has or had it; others are only named as holders. */
  listed: boolean;
  /** Something that is stated of it was still so the last time that it was read. */
  present: boolean;
}

/** Who is meant. `others` bear or bore one of the same names in the same account, and are somebody else. */
export interface Meant {
  people: readonly Candidate[];
  others: readonly Candidate[];
}

/** Traits of what is made for programs: forgetting those would hide access, and protects nobody. */
const PROGRAMS = new Set(['workload', 'bot_account', 'agent_runtime', 'key_holder']);
const PEOPLE = new Set(['directory_person', 'interactive_login']);

/**
 * The principals that a text means: all of one address, or of one id or login in one account. A login that was given up may be somebody
 * else's by now, so several who are listed under it are not one. `unclear` = one of these has to be named by its id. `programs` = it means
 * what is made for programs alone.
 */
export function meantBy(text: string, candidates: readonly Candidate[]): Meant | { unclear: readonly Candidate[] } | 'programs' {
  const all = candidates.filter(({ traits }) => traits.some((trait) => PEOPLE.has(trait)) || !traits.some((trait) => PROGRAMS.has(trait)));
  if (all.length === 0 && candidates.length > 0) return 'programs';
  const places = [...Map.groupBy(all, placeOf).values()].map((own) => inPlace(text, own));
  const unclear = places.flatMap((place) => ('unclear' in place ? place.unclear : []));
  if (unclear.length > 0) return { unclear };
  const meant = places.flatMap((place) => ('unclear' in place ? [] : place));
  const people = meant.flatMap((place) => place.people);
  const ids = new Set(people.map(({ id }) => id));
  if (meant.length > 1 && ids.size > 1 && !text.includes('@')) return { unclear: people };
  return { people, others: meant.flatMap((place) => place.others) };
}

function inPlace(text: string, all: readonly Candidate[]): Meant | { unclear: readonly Candidate[] } {
  // A list of people may say of somebody no more than who stands behind an id.
  const isListed = ({ listed, traits }: Candidate) => listed || traits.includes('directory_person');
  const somebody = all.filter((one) => isListed(one) && !isNamedByName(one.id, one.names));
  const byId = all.filter(({ id }) => id === text);
  const sought = new Set([text, ...byId.flatMap(({ names }) => names)].map(fold));
  const chosen = somebody.some(({ id }) => id === text)
    ? somebody.filter(({ id }) => id === text)
    : somebody.filter((one) => isCalled(one, sought));
  if (chosen.length > 1) return { unclear: chosen };
  const names = new Set([...sought, ...chosen.flatMap((one) => one.names.map(fold))]);
  const others = somebody.filter((one) => !chosen.includes(one));
  return { people: all.filter((one) => !others.includes(one) && (chosen.includes(one) || isCalled(one, names))), others };
}

function isCalled({ names }: Candidate, folded: ReadonlySet<string>): boolean {
  return names.some((name) => folded.has(fold(name)));
}

function placeOf({ connector, account }: PrincipalKey): string {
  return JSON.stringify([connector, account]);
}
