import {
  path,
  type Gap,
  type Json,
  type Observation,
  type People,
  type Principal,
  type Scope,
  type Signal,
  type Statement,
  type Trait,
} from '../connector/index.ts';
import { fold } from '../text/fold.ts';

/** What puts pseudonyms in the place of names. */
export interface Hiding {
  observation(observation: Observation): Observation;
  statement<Said extends Statement>(statement: Said): Said;
  place(scope: Scope): Scope;
  principal(principal: Principal): Principal;
  /** Addresses alone: of a text in our own words nothing else is known to be somebody. */
  text(text: string): string;
}

export interface HidingBy {
  people: People | undefined;
  /** The pseudonym of a name. */
  stand(name: string): string;
  /** What the catalog makes of a signal, as a text that can be compared. */
  verdictOn(signal: Signal): string;
}

/** Traits of what is made for programs, and of whom people stand behind. */
const PROGRAMS: ReadonlySet<Trait> = new Set<Trait>(['workload', 'bot_account', 'agent_runtime', 'key_holder']);
const PEOPLE: ReadonlySet<Trait> = new Set<Trait>(['directory_person', 'interactive_login']);

/**
 * Takes people out of statements before anything of them is kept. Pure: ids and places depend on nothing but their own text, so that what is said
 * of a place by one statement and stands at it by another still meet.
 */
export function hidingBy({ people, stand, verdictOn }: HidingBy): Hiding {
  const isProgram = (name: string) => people?.isProgram?.(name) === true;
  const standIn = (name: string) => (isProgram(name) ? name : stand(name));
  const text = (from: string, own: readonly string[] = []) =>
    mayName(from, own) ? from.replace(namesIn(own), (found) => encodedAs(found, standIn)) : from;

  /** An id or a place. `own` = what its principal is called, folded. */
  function id(from: string, own?: ReadonlySet<string>): string {
    const segments = from.split('/');
    const plain = segments.map(decoded);
    return segments
      .map((segment, index) => {
        const said = plain[index]!;
        // What begins an id is a word of its connector's, whoever is called by it.
        const isOwn = (index > 0 || segments.length === 1) && own?.has(fold(said)) === true;
        if (isOwn || people?.isPerson(said, plain.slice(0, index)) === true) return path(stand(said));
        const hidden = said.includes('/') ? id(said, own) : text(said);
        return hidden === said ? segment : path(hidden);
      })
      .join('/');
  }

  function principalHidden(principal: Principal): Principal {
    const { id: before, name } = principal;
    if (!isHidden(principal, people)) return { ...principal, id: id(before), name: text(name) };
    const hidden = id(before, new Set([fold(before), fold(name)]));
    return { ...principal, id: hidden === before ? path(stand(before)) : hidden, name: stand(name) };
  }

  function attribute(name: string, value: Json, own: readonly string[]): Json {
    if (typeof value === 'string') {
      if (people?.inAttribute?.(name, value) === true) return standIn(value);
      return text(value, WORDS.has(name) ? [] : own);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return (value as readonly Json[]).map((one) => attribute(name, one, own));
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [text(key), attribute(key, one, own)]));
  }

  /** What the catalog recognises it by stays, and nothing else of a name: a user may be named after an app, and an app after a user. */
  function signal(said: Signal, own: readonly string[]): Signal {
    const hidden = { ...said, value: text(said.value, own) };
    if (hidden.value === said.value) return said;
    const verdict = verdictOn(said);
    if (verdictOn(hidden) === verdict) return hidden;
    const isSame = (value: string) => verdictOn({ ...said, value }) === verdict;
    return { ...said, value: leastOf(said.value, isSame) ?? fewestNames(said.value, own, isSame) };
  }

  /** Every name is hidden without which it is recognised just the same. */
  function fewestNames(value: string, own: readonly string[], isSame: (value: string) => boolean): string {
    return value.replace(namesIn(own), (found, at: number) => {
      const hidden = encodedAs(found, standIn);
      return isSame(value.slice(0, at) + hidden + value.slice(at + found.length)) ? hidden : found;
    });
  }

  return {
    text: (from) => text(from),
    place: (scope) => id(scope),
    principal: principalHidden,
    statement: (statement) => ({
      ...statement,
      scope: id(statement.scope),
      ...(statement.type === 'gap' && ({ effect: text(statement.effect) } satisfies Partial<Gap>)),
    }),
    observation(observation) {
      const { principal, subject, evidence } = observation;
      const own = principal && isHidden(principal, people) ? [principal.id, principal.name] : [];
      const ids = new Set(own.map(fold));
      return {
        ...observation,
        thing: id(observation.thing, ids),
        nativeId: id(observation.nativeId, ids),
        scope: id(observation.scope),
        subject: {
          app: id(subject.app, ids),
          ...(subject.credential !== undefined && { credential: id(subject.credential, ids) }),
          name: text(subject.name, own),
        },
        ...(principal && { principal: principalHidden(principal) }),
        signals: observation.signals.map((one) => signal(one, own)),
        permissions: observation.permissions.map((permission) => text(permission)),
        attributes: Object.fromEntries(Object.entries(observation.attributes).map(([name, value]) => [name, attribute(name, value, own)])),
        evidence: { ...evidence, ...(evidence.url !== undefined && { url: text(evidence.url, own) }) },
      };
    },
  };
}

/** Whether a principal is a person, or may be one. What its connector knows by the id goes before traits, which not every statement has. */
function isHidden({ id, name, traits }: Principal, people: People | undefined): boolean {
  const isForPrograms = traits.some((trait) => PROGRAMS.has(trait)) && !traits.some((trait) => PEOPLE.has(trait));
  if (isForPrograms || people?.isProgram?.(name) === true) return false;
  const segments = id.split('/').map(decoded);
  for (const [index, segment] of segments.entries()) {
    const said = people?.isPerson(segment, segments.slice(0, index));
    if (said !== undefined) return said;
  }
  return true;
}

/** Attributes that hold words of a provider or of ours. Rules read them: somebody whose login is such a word must not take it along. */
const WORDS = new Set(
  'aiLevel event gate permission repositorySelection role service shared state status trusts type visibility'.split(' '),
);

/** What no address has before its sign: it begins behind such a character, or what is encoded there, and nowhere else, so that no text takes long. */
const BORDER = `\\s@%<>()\\[\\]{},;:"'|\\\\/=&?#`;
/** An address, as it is written or as it stands encoded in the address of a page. */
const ADDRESS = `(?:(?<=^|[${BORDER}])(?<!%)|(?<=%[0-9a-f]{2}))[^${BORDER}]+(?:@|%40)[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]*\\.)+\\p{L}{2,}`;
const ADDRESSES = new RegExp(ADDRESS, 'giu');
/** A name of one letter stands in everything. */
const SHORTEST_NAME = 2;

/** Most texts name nobody, and a pattern for a name takes longer to be made than a text to be looked at. */
function mayName(text: string, own: readonly string[]): boolean {
  if (text.includes('@') || text.includes('%40')) return true;
  if (own.length === 0) return false;
  const folded = fold(text);
  return spellingsOf(own).some((name) => folded.includes(fold(name)));
}

/** As they are written, and as they stand encoded in the address of a page. */
function spellingsOf(own: readonly string[]): string[] {
  return own.flatMap((name) => [name, encodeURIComponent(name.toWellFormed())]);
}

/** Addresses, and some names where they stand by themselves. */
function namesIn(own: readonly string[]): RegExp {
  if (own.length === 0) return ADDRESSES;
  const names = [...new Set(spellingsOf(own))]
    .filter((name) => name.length >= SHORTEST_NAME)
    .sort((a, b) => b.length - a.length)
    .map((name) => `(?<![\\p{L}\\p{N}])${name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?![\\p{L}\\p{N}])`);
  return names.length === 0 ? ADDRESSES : new RegExp([ADDRESS, ...names].join('|'), 'giu');
}

/** A pseudonym in the place of a name, encoded where the name was. */
function encodedAs(found: string, stand: (name: string) => string): string {
  const name = decoded(found);
  return name === found ? stand(name) : encodeURIComponent(stand(name));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Words of a value that are looked at one by one; a name has few. */
const MOST_WORDS = 24;

/** What is left of a value when every word goes without which it is recognised just the same; undefined = it has too many. */
function leastOf(value: string, isSame: (value: string) => boolean): string | undefined {
  let left: string[] = value.match(/[\p{L}\p{N}]+|[^\p{L}\p{N}]+/gu) ?? [];
  if (left.length > 2 * MOST_WORDS) return undefined;
  for (let at = left.length - 1; at >= 0; at--) {
    const fewer = left.filter((_, index) => index !== at);
    if (isSame(fewer.join(''))) left = fewer;
  }
  return left.join('');
}
