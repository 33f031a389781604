import { createHash } from 'node:crypto';
import type { Connector, PersonEvidence } from '../connector/index.ts';
import { classOf } from '../identity/classify.ts';
import { tiesOf, type Tie } from '../identity/person.ts';
import { principalOf, withoutAliases, type Group, type Principal, type PrincipalKey, type Said } from '../identity/principal.ts';
import type { Confidence, IdentityClass } from '../identity/words.ts';
import type { Column } from '../report/column.ts';
import type { ListFormat } from '../report/formats.ts';
import { NAMES, namesKept } from '../report/names.ts';
import type { ObservationBody } from '../scan/rows.ts';
import { loadConnectors } from '../scan/registry.ts';
import { openReader, type PrincipalRow, type Reader } from '../store/read.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { tellExport } from './export.ts';
import { momentOf, type MomentOptions } from './moment.ts';
import { deliverList, type OutputOptions } from './output.ts';
import { pageOf, tellMore, tellUnknown, type PageOptions } from './page.ts';
import { notThere } from './pasted-id.ts';

export interface IdentitiesOptions extends CommonOptions, MomentOptions, OutputOptions, PageOptions {
  format: ListFormat;
  class?: IdentityClass[];
  confidence?: Confidence;
  connector?: string[];
  account?: string;
  id?: string;
  standing?: string;
  trait?: string;
  /** Those alone that are known on several planes. */
  tied?: boolean;
  /** Those alone that are here, though the same person has left elsewhere. */
  leftElsewhere?: boolean;
  /** `where`: by connector, account and id. */
  sort?: 'where' | 'name' | 'class';
}

/** Lists who and what holds access: human, machine or AI, how sure that is and why, and as whom the same person is known elsewhere. */
export async function identitiesCommand(context: CommandContext, options: IdentitiesOptions): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const reader = openReader(database);
  try {
    const { asOf, until } = momentOf(reader, tenant, options, context.clock);
    const all = await identitiesOf(reader, tenant, asOf, until);
    const found = sorted(
      all.filter((identity) => isAskedFor(identity, options)),
      options.sort,
    );
    const page = pageOf(behind(found, options.after), options.limit, cursorOf);
    const names = namesKept(NAMES.identities, reader.personsCheck(tenant) !== undefined);
    const delivered = await deliverList(context, options, page, COLUMNS, { names, numbers: [] });
    tellMore(context, options.limit, page.next());
    await tellUnknown(context, { database, tenant }, options, page.taken());
    if (options.format === 'table' && !context.quiet) context.err(`${summary(found)}\n`);
    return await tellExport(
      context,
      { database, tenant },
      { verb: 'identities', options: { ...options }, rows: page.taken(), names },
      delivered,
    );
  } finally {
    reader.close();
  }
}

/** A principal as it is shown. */
export interface Identity {
  /** For `show` and `classify`: it stays whatever becomes of names. */
  key: string;
  connector: string;
  account: string;
  id: string;
  /** Other ids under which facts know it: some know a holder by its name alone. */
  aliases: readonly string[];
  name: string;
  class: IdentityClass;
  confidence: Confidence;
  reasons: readonly string[];
  standing: string | null;
  traits: readonly string[];
  kinds: readonly string[];
  /** `standing`: that of the other. */
  sameAs: readonly (Tie & { name: string; standing: string | null })[];
}

/** Everything that is stored of identities, joined and classified. `until` = words of analysts up to then. */
export async function identitiesOf(
  reader: Reader,
  tenant: string,
  asOf: number | undefined,
  until: string | undefined,
): Promise<Identity[]> {
  const connectors = new Map((await loadConnectors()).map((connector) => [connector.id, connector]));
  const sortOf = ({ connector, id }: PrincipalKey) => connectors.get(connector)?.sortOf?.(id);
  const principals = withoutAliases(groupsOf(reader.principals(tenant, asOf)), sortOf).map(({ key, said, aliases }) => ({
    ...principalOf(key, said),
    aliases,
  }));
  const whose = (key: PrincipalKey) => {
    const everywhere = connectors.get(key.connector)?.everywhere?.(key);
    return everywhere === undefined ? keyOf(key) : JSON.stringify([key.connector, everywhere]);
  };
  const evidence = evidenceOf(reader, tenant, asOf, { connectors, whose });
  const overrides = new Map(reader.overrides(tenant, until).map((row) => [keyOf(row), row]));
  const evidenced = principals.map((principal) => ({ ...principal, evidence: evidence.get(whose(principal)) ?? [] }));
  const ties = tiesOf(evidenced);
  const known = new Map(principals.map((principal) => [keyOf(principal), principal]));
  return evidenced.map((principal) => {
    const said = overrides.get(keyOf(principal));
    const { connector, account, id, aliases, name, standing, traits, kinds } = principal;
    const tied = (ties.get(principal) ?? []).map((tie) => {
      const other = known.get(keyOf(tie.other))!;
      return { ...tie, name: other.name, standing: other.standing };
    });
    // Who has left stands first: a table shows the beginning alone.
    const sameAs = [...tied.filter(hasLeft), ...tied.filter((tie) => !hasLeft(tie))];
    const classified = classOf(principal, said?.class ? { ...said, class: said.class } : undefined);
    return { key: keyOfIdentity(principal), connector, account, id, aliases, name, ...classified, standing, traits, kinds, sameAs };
  });
}

function groupsOf(rows: readonly PrincipalRow[]): Group[] {
  return [...Map.groupBy(rows, keyOf).values()].map((own) => ({ key: own[0]!, said: own.map(saidOf) }));
}

function saidOf({ kind, principal, listed, verdict, grade, facts }: PrincipalRow): Said {
  const { name, traits, standing } = JSON.parse(principal) as Pick<Principal, 'name' | 'traits'> & Partial<Pick<Principal, 'standing'>>;
  const app = verdict !== null && grade !== null ? { verdict, grade } : null;
  return { kind: kind as Said['kind'], name, traits, standing: standing ?? null, listed: listed === 1, app, facts };
}

/** What connectors make of the facts that list people, and of what else is said of one. */
function evidenceOf(
  reader: Reader,
  tenant: string,
  asOf: number | undefined,
  { connectors, whose }: { connectors: ReadonlyMap<string, Connector>; whose(key: PrincipalKey): string },
): Map<string, PersonEvidence[]> {
  const found = new Map<string, PersonEvidence[]>();
  for (const row of reader.identities(tenant, asOf)) {
    const { principal, attributes } = JSON.parse(row.body) as ObservationBody;
    const stated = principal ? (connectors.get(row.connector)?.personBehind?.({ kind: row.kind, principal, attributes }) ?? []) : [];
    if (stated.length > 0) found.set(whose(row), [...(found.get(whose(row)) ?? []), ...stated]);
  }
  return found;
}

/** Identities have no number of their own in the database: twelve digits of what they are called there, which stays. */
export function keyOfIdentity(identity: PrincipalKey): string {
  return `p${createHash('sha256').update(keyOf(identity)).digest('hex').slice(0, 12)}`;
}

function keyOf({ connector, account, id }: { connector: string; account: string; id: string }): string {
  return JSON.stringify([connector, account, id]);
}

function sorted(identities: readonly Identity[], by: IdentitiesOptions['sort'] = 'where'): readonly Identity[] {
  if (by === 'where') return identities;
  // Of equals the order stays.
  return identities.toSorted((a, b) => (a[by] < b[by] ? -1 : a[by] > b[by] ? 1 : 0));
}

/** Connector, account and id, none of which changes when anybody is renamed. */
function cursorOf({ connector, account, id }: Identity): string {
  return [connector, account, id].map(encodeURIComponent).join('/');
}

function behind(identities: readonly Identity[], after: string | undefined): readonly Identity[] {
  if (after === undefined) return identities;
  const at = identities.findIndex((identity) => cursorOf(identity) === after);
  if (at === -1) throw notThere(after);
  return identities.slice(at + 1);
}

function isAskedFor(
  identity: Identity,
  { class: wanted, confidence, connector, account, id, standing, trait, tied, leftElsewhere }: IdentitiesOptions,
): boolean {
  return (
    (account === undefined || identity.account === account) &&
    (standing === undefined || identity.standing === standing) &&
    (trait === undefined || identity.traits.includes(trait)) &&
    (wanted === undefined || wanted.includes(identity.class)) &&
    (confidence === undefined || identity.confidence === confidence) &&
    (connector === undefined || connector.includes(identity.connector)) &&
    (id === undefined || [identity.key, identity.id, identity.name, ...identity.aliases].includes(id)) &&
    (tied !== true || identity.sameAs.length > 0) &&
    (leftElsewhere !== true || (!hasLeft(identity) && identity.sameAs.some(hasLeft)))
  );
}

function hasLeft({ standing }: Pick<Identity, 'standing'>): boolean {
  return standing !== null && standing !== 'active';
}

/** Who the same person is elsewhere, how that one stands where it has left, and by what that is known. */
export function tieText({ other, name, by, standing }: Identity['sameAs'][number]): string {
  return `${other.connector}${hasLeft({ standing }) ? ` (${standing})` : ''} ${name} (${by})`;
}

function summary(identities: readonly Identity[]): string {
  const count = (wanted: IdentityClass) => identities.filter((identity) => identity.class === wanted).length;
  const unclear = identities.filter(({ confidence }) => confidence === 'unclear').length;
  return `${identities.length} identities: ${count('human')} human, ${count('machine')} machine, ${count('ai')} AI; of ${unclear} it is unclear. \`noctule classify\` settles that.`;
}

const COLUMNS: readonly Column<Identity>[] = [
  { title: 'key', of: ({ key }) => key },
  { title: 'class', of: (identity) => identity.class },
  { title: 'confidence', of: ({ confidence }) => confidence },
  { title: 'name', of: ({ name }) => name },
  { title: 'where', of: ({ connector, account }) => `${connector} ${account}` },
  { title: 'standing', of: ({ standing }) => standing ?? '' },
  { title: 'why', of: ({ reasons }) => reasons[0]! },
  { title: 'same as', of: ({ sameAs }) => sameAs.map(tieText).join('; ') },
  { title: 'id', of: ({ id }) => id },
];
