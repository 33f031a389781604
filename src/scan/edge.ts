import {
  path,
  pseudonymsIn,
  type Connector,
  type Json,
  type Observation,
  type Principal,
  type Scope,
  type Signal,
  type Statement,
} from '../connector/index.ts';
import { hidingBy } from '../persons/hiding.ts';
import type { PersonKey } from '../persons/key.ts';
import type { SealedName } from '../store/persons.ts';

/** Persons, as a tenant wants them kept; absent = as their providers name them. */
export interface Pseudonymous {
  key: PersonKey;
  /** What the catalog makes of a signal, as a text that can be compared: what an app is recognised by must not be hidden with a name. */
  verdictOn(signal: Signal): string;
}

/** Between a connector, which knows people, and the store, which may not: everything passes here on its way in and out. */
export interface Edge {
  observation(observation: Observation): Observation;
  statement<Said extends Statement>(statement: Said): Said;
  /** A place as it is kept. */
  place(scope: Scope): Scope;
  /** Kept places as their provider knows them, in the same order. */
  real(kept: readonly Scope[]): Promise<Scope[]>;
  principal(principal: Principal): Principal;
  text(text: string): string;
  sealed(cursor: Json): string;
  opened(cursor: string): Json;
  /** The names behind the pseudonyms that were made since the last time, sealed. */
  newNames(): SealedName[];
}

/** Keeps people as their providers name them. */
const OPEN: Edge = {
  observation: (observation) => observation,
  statement: (statement) => statement,
  place: (scope) => scope,
  real: async (kept) => [...kept],
  principal: (principal) => principal,
  text: (text) => text,
  sealed: (cursor) => JSON.stringify(cursor),
  opened: (cursor) => JSON.parse(cursor) as Json,
  newNames: () => [],
};

/** `sealedNames` = the sealed names behind pseudonyms that are stored. */
export function edgeOf(
  persons: Pseudonymous | undefined,
  { people }: Pick<Connector, 'people'>,
  sealedNames: (pseudonyms: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>,
): Edge {
  if (!persons) return OPEN;
  const { key, verdictOn } = persons;
  const made = new Map<string, string>();
  let fresh: SealedName[] = [];
  const stand = (name: string): string => {
    // Of somebody who was forgotten, as `known` tells such a place.
    if (FORGOTTEN.test(name)) return name;
    const known = made.get(name);
    if (known !== undefined) return known;
    const pseudonym = key.pseudonymOf(name);
    made.set(name, pseudonym);
    fresh.push({ pseudonym, sealed: key.seal(name, pseudonym) });
    return pseudonym;
  };
  const { observation, statement, place, principal, text } = hidingBy({ people, stand, verdictOn });
  return {
    observation,
    statement,
    place,
    principal,
    text,
    async real(kept) {
      const asked = [...new Set(kept.flatMap(pseudonymsIn))];
      const names = new Map([...(await sealedNames(asked))].map(([pseudonym, sealed]) => [pseudonym, key.open(sealed, pseudonym)]));
      return kept.map((scope) => withNames(scope, names, place));
    },
    sealed: (cursor) => JSON.stringify(Buffer.from(key.seal(JSON.stringify(cursor), CURSOR)).toString('base64')),
    opened: (cursor) => JSON.parse(key.open(Buffer.from(JSON.parse(cursor) as string, 'base64'), CURSOR)) as Json,
    newNames() {
      const names = fresh;
      fresh = [];
      return names;
    },
  };
}

/** A kept place as its provider knows it. Something else may be called like a pseudonym: it keeps that name. */
function withNames(kept: Scope, names: ReadonlyMap<string, string>, place: (scope: Scope) => Scope): Scope {
  const segments: string[] = [];
  for (const segment of kept.split('/')) {
    const name = names.get(segment);
    const named = name === undefined ? segment : path(name);
    const isPerson = name !== undefined && place([...segments, named].join('/')).endsWith(`/${segment}`);
    segments.push(isPerson ? named : segment);
  }
  return segments.join('/');
}

const CURSOR = 'cursor';
/** What `db forget` puts in a person's place; it means nobody. */
const FORGOTTEN = /^forgotten-[0-9a-f]{12}(?:-\d+)?$/;

/** A text in our own words, or a file of the organisation's, as it is kept: of persons only addresses stand in such. */
export function textAsKept(persons: Pseudonymous | undefined, connectors: readonly Pick<Connector, 'people'>[], text: string): string {
  if (!persons) return text;
  const { key, verdictOn } = persons;
  const isProgram = (name: string) => connectors.some(({ people }) => people?.isProgram?.(name) === true);
  const stand = (name: string) => (isProgram(name) ? name : key.pseudonymOf(name));
  return hidingBy({ people: undefined, stand, verdictOn }).text(text);
}
