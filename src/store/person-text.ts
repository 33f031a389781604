import { fold } from '../text/fold.ts';

/** A person at one provider, and by what name it is replaced. */
export interface KnownId {
  connector: string;
  account: string;
  id: string;
  label: string;
}

/** All by which somebody who is to be forgotten is named. */
export interface KnownAs {
  ids: readonly KnownId[];
  /** Addresses: they mean nobody else. */
  addresses: readonly string[];
  /** Logins: they mean this person in these accounts alone, and may be words elsewhere. */
  logins: readonly string[];
  label: string;
}

/**
 * Where a text stands. `own`: in a fact of the person's. `related`: in what was judged of an app that the person holds. `account`: somewhere
 * else in one of the accounts. `elsewhere`: anywhere else.
 */
export type Nearness = 'own' | 'related' | 'account' | 'elsewhere';

/** An id as long as that is nobody else's and no count of anything. */
const UNMISTAKABLE = 12;

/** A name as it is written, and as it stands in the address of a page. */
export function spellingsOf(name: string): string[] {
  return [...new Set([name, encodeURIComponent(name.toWellFormed())])];
}

/** Takes a person out of texts. The nearer a text is to the person, the shorter a name may be that is taken for the person's. */
export function forgetter({ ids, addresses, logins, label }: KnownAs): (text: string, near: Nearness) => string {
  const tokens = (name: string, own: string) => spellingsOf(name).map((spelling) => [token(spelling), own] as const);
  const everywhere = addresses.flatMap((address) => tokens(address, label));
  const nearby = logins.flatMap((login) => tokens(login, label));
  const long = ids.filter(({ id }) => id.length >= UNMISTAKABLE).flatMap(({ id, label: own }) => tokens(id, own));
  const whole = new Map(logins.map((login) => [fold(login), label] as const));
  const ofId = new Map(ids.map(({ id, label: own }) => [id, own]));
  const forget = (text: string, near: Nearness): string => {
    let left = text;
    for (const [pattern, own] of everywhere) left = left.replace(pattern, () => own);
    left = withinSegments(left, (path) => forget(path, near));
    if (near !== 'elsewhere') {
      left = whole.get(fold(left)) ?? left;
      for (const [pattern, own] of long) left = left.replace(pattern, () => own);
      left = withoutIds(left, near, ofId);
    }
    if (near === 'own' || near === 'related') for (const [pattern, own] of nearby) left = left.replace(pattern, () => own);
    return left;
  };
  return forget;
}

/** A path may be one segment of another: it is then encoded there. */
function withinSegments(text: string, forget: (path: string) => string): string {
  if (!/%2f/i.test(text)) return text;
  const segments = text.split('/').map((segment) => {
    const path = decoded(segment);
    const left = path === segment ? path : forget(path);
    return left === path ? segment : left.replace(/[%/\s]/gu, (character) => encodeURIComponent(character));
  });
  return segments.join('/');
}

/** Words that go before the id of somebody in a path. */
const PEOPLE = new Set(['user', 'users', 'member', 'members', 'login', 'user-name', 'sign_in']);

/** Ids stand in paths, as a segment: any of the person's own facts; elsewhere one that follows a word for people. */
function withoutIds(text: string, near: Nearness, ofId: ReadonlyMap<string, string>): string {
  if (near === 'own' && ofId.has(text)) return ofId.get(text)!;
  const segments = text.split('/');
  if (segments.length === 1) return text;
  return segments
    .map((segment, index) => (near === 'own' || PEOPLE.has(segments[index - 1] ?? '') ? (ofId.get(decoded(segment)) ?? segment) : segment))
    .join('/');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A space or a mark that ends a word, as it is encoded in an address. */
const ENCODED_BORDER = '%(?:0[9ad]|2[0-46-9acf]|3[a-f]|5[bd]|7[bd])';

/** A name where it stands by itself, and not within a longer name or address. */
function token(name: string): RegExp {
  return new RegExp(
    `(?:(?<![\\p{L}\\p{N}._%+@-])|(?<=${ENCODED_BORDER}))${name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?![\\p{L}\\p{N}_@-]|%40|\\.[\\p{L}\\p{N}])`,
    'giu',
  );
}

/** Did the operating system's user of this name act? `ada@host (claimed)` */
export function isActor(actor: string, name: string): boolean {
  return fold(actor) === fold(name) || fold(actor).startsWith(`${fold(name)}@`);
}

/** Takes the operating system's user out of whoever acted, where the person bears that name. */
export function withoutActor(actor: string, { addresses, logins, label }: KnownAs): string {
  const name = [...addresses, ...logins].find((one) => isActor(actor, one));
  return name === undefined ? actor : `${label}${actor.slice(name.length)}`;
}
