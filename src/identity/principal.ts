import type { Kind, Standing, Trait } from '../connector/index.ts';
import { fold } from '../text/fold.ts';

/** Who somebody or something is at a provider: an id within one account. */
export interface PrincipalKey {
  connector: string;
  account: string;
  id: string;
}

/** What the facts in which a principal stands say of it, those of one kind and wording together. */
export interface Said {
  kind: Kind;
  /** Login or address, as the provider writes it. */
  name: string;
  traits: readonly Trait[];
  standing: Standing | null;
  /** A list has it, not a log alone. */
  listed: boolean;
  /** What the catalog made of the app that these facts are about. */
  app: { verdict: string; grade: string } | null;
  /** How many facts say so. */
  facts: number;
}

/** Somebody or something that holds, granted or uses access, by all that is known of it. */
export interface Principal extends PrincipalKey {
  name: string;
  traits: readonly Trait[];
  standing: Standing | null;
  kinds: readonly Kind[];
  said: readonly Said[];
}

/** Joins what is said of one principal. Pure, in any order: its own list knows its name and standing best, and whoever calls it by its id knows no name. */
export function principalOf(key: PrincipalKey, said: readonly Said[]): Principal {
  const isId = ({ name }: Said) => Number(name === key.id);
  const best = [...said].sort((a, b) => weight(b) - weight(a) || isId(a) - isId(b) || (a.name < b.name ? -1 : 1));
  return {
    connector: key.connector,
    account: key.account,
    id: key.id,
    name: best[0]!.name,
    traits: [...new Set(said.flatMap(({ traits }) => traits))].sort(),
    standing: best.find(({ standing }) => standing !== null)?.standing ?? null,
    kinds: [...new Set(said.map(({ kind }) => kind))].sort(),
    said,
  };
}

function weight({ kind, listed }: Said): number {
  return (LISTS_PRINCIPALS.has(kind) ? 2 : 0) + (listed ? 1 : 0);
}

/** Kinds of facts that are about the principal itself; others only name it as a holder. */
export const LISTS_PRINCIPALS: ReadonlySet<Kind> = new Set<Kind>(['identity', 'service_account', 'agent']);

/** What is said of one principal, before it is joined. */
export interface Group {
  key: PrincipalKey;
  said: readonly Said[];
  /** Other ids under which facts know it. */
  aliases?: readonly string[];
}

/**
 * Where a fact knows its holder by name alone, the name stands in the place of the id. Within one account such names are unique among what is of one sort,
 * so what is said of the name is said of the one principal of its sort that is listed under it; where several are, it stays by itself.
 * `sortOf` = what its connector calls an id: a user and a role may bear one name.
 */
export function withoutAliases(groups: readonly Group[], sortOf: (key: PrincipalKey) => string | undefined): Required<Group>[] {
  const place = (group: Group) => JSON.stringify([group.key.connector, group.key.account, sortOf(group.key) ?? null, fold(nameOf(group))]);
  const listed = Map.groupBy(
    groups.filter((group) => !isAlias(group) && group.said.some(({ kind }) => LISTS_PRINCIPALS.has(kind))),
    place,
  );
  const more = new Map<Group, Group[]>();
  const left = groups.filter((group) => {
    const owners = isAlias(group) ? (listed.get(place(group)) ?? []) : [];
    if (owners.length !== 1) return true;
    more.set(owners[0]!, [...(more.get(owners[0]!) ?? []), group]);
    return false;
  });
  return left.map((group) => {
    const own = more.get(group) ?? [];
    return { key: group.key, said: [group, ...own].flatMap(({ said }) => said), aliases: own.map(({ key }) => key.id) };
  });
}

function isAlias(group: Group): boolean {
  return isNamedByName(group.key.id, [nameOf(group)]);
}

function nameOf({ key, said }: Group): string {
  return principalOf(key, said).name;
}

/** Is an id nothing but a name, alone or after one word? */
export function isNamedByName(id: string, names: readonly string[]): boolean {
  const parts = id.split('/');
  const last = fold(decoded(parts.at(-1)!));
  return parts.length <= 2 && names.some((name) => fold(name) === last);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
