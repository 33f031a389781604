import type { z } from 'zod';
import type { CollectContext, ConnectContext, Connection } from './context.ts';
import type { Kind, Observation, Principal } from './observation.ts';
import type { ScanEvent } from './statements.ts';

/**
 * Everything Noctule knows about a provider. It is data: the engine, the docs, `doctor`, `permissions` and `scan --plan` read it.
 * A new connector is one new folder below connectors/ that exports this, and no edit elsewhere.
 */
export interface Connector<Config = unknown, Client = unknown> {
  /** The name of its folder; it stands in keys, so it never changes. */
  id: string;
  title: string;
  /** The part of the configuration that belongs to one source. Secrets are references, never values. */
  config: z.ZodType<Config>;
  /** Which kinds of credential it can use, the least powerful first. */
  credentials: readonly Credential[];
  /**
   * Variables of the environment that hold a secret and that the SDK reads by itself, with such a configuration: they are credentials of the
   * source as those are that it names. Absent or none = it uses what is configured, and nothing else.
   */
  implicitVariables?(config: Config): readonly string[];
  /** Every request it may ever send. What matches none of these is refused before a byte leaves. */
  operations: readonly Operation[];
  collectors: readonly Collector<Config, Client>[];
  /** Opens the client and says which account it reads. The SDK is imported here, so that nothing else pays for it. */
  connect(context: ConnectContext<Config>): Promise<Connection<Client>>;
  /**
   * Does this part of the configuration lead to many accounts? Its connection then tells its members. `none` = it leads to what holds
   * accounts and to none of them, so that its members are none. Absent = it never does.
   */
  readsMany?(config: Config): boolean | 'none';
  /** What a permission lets its holder do. An unknown permission must be answered too: shown as it is, treated as sensitive. */
  meaning(permission: string): Meaning;
  /**
   * What an app belongs to, where its immutable id tells: the native id of the statement in which an inventory of the account would
   * list that. What is listed is the organisation's own; no request is made for it. Absent = no id tells.
   */
  homeOf?(app: string): string | undefined;
  /**
   * What the provider vouches for of the person behind a principal that a fact of kind `identity` lists, or that a `control` or `seat` names: by this
   * the same person is found on other planes. Never a login or a display name. No request is made for it. Absent = it vouches for nothing.
   */
  personBehind?(fact: Pick<Observation, 'kind' | 'attributes'> & { principal: Principal }): readonly PersonEvidence[];
  /**
   * Whom the id of a principal means wherever the provider uses it, where ids mean the same in several accounts: what is vouched for of it in
   * one of these is evidence in each other in which it is known. No request is made for it. Absent or undefined = an id says nothing beyond its account.
   */
  everywhere?(principal: { account: string; id: string }): string | undefined;
  /**
   * What a principal is by its id, where names are unique only among what is of one sort: a user and a role may bear one name, and a fact
   * that knows its holder by name alone means one of them. Pure. Absent or undefined = of the one sort that all others are of.
   */
  sortOf?(principalId: string): string | undefined;
  /**
   * Where its statements name people beside their principal: what a tenant that keeps pseudonyms has replaced before anything is kept.
   * Absent = nowhere but in addresses and in what the principal itself is called.
   */
  people?: People;
  /** How a person takes it away again, by kind of thing: exact clicks or commands. Noctule itself never writes. */
  remediation: Readonly<Partial<Record<Kind, string>>>;
  /** Documents that grant what the collectors need, in forms that the provider's own tools take. Absent = it has none. */
  documents?: readonly PermissionDocument[];
}

/** What of a connector's statements names people. Pure: of one text the answer is always the same, or a place would have two names. */
export interface People {
  /**
   * Is a segment of an id or of a place the id or the login of a person? `before` = the segments before it, decoded. False = surely not, as of a
   * role that many assume; undefined = it does not tell, and of a principal its traits do. An id that may be a person's is one.
   */
  isPerson(segment: string, before: readonly string[]): boolean | undefined;
  /** Does an attribute of this name, at any depth, name somebody by this value? Addresses are found without it. */
  inAttribute?(name: string, value: string): boolean;
  /** Is it the login or the address of a program? It is kept as it is. */
  isProgram?(name: string): boolean;
}

/** Something that names one person, and that a provider has checked and not only been told. */
export interface PersonEvidence {
  /**
   * `verified_address`: an address of which the provider knows that it is the person's. `saml_name_id`: what an identity provider asserts
   * when the person signs in. `scim_user_name`: as whom it provisions the account, `scim_address`: with which address. `directory_user`: the id
   * of a user in a directory that several planes share.
   */
  by: 'verified_address' | 'saml_name_id' | 'scim_user_name' | 'scim_address' | 'directory_user';
  value: string;
  /** Which identity provider or directory says so. Needed wherever the value is no address: an id means nothing without it. */
  issuer?: string;
}

/** `noctule permissions CONNECTOR --as ID` prints it. */
export interface PermissionDocument {
  id: string;
  title: string;
  /** Of the permissions that are given, and no others; ends in a line feed. */
  text(permissions: readonly string[]): string;
}

export interface Credential {
  id: string;
  title: string;
  /** The keys of the configuration that hold it. */
  keys: readonly string[];
}

/** The official name of an operation: `directory.tokens.list`, `iam.ListUsers`, `GET /orgs/{org}/installations`. */
export type OperationId = string;

export interface Operation {
  id: OperationId;
  method: 'GET' | 'POST';
  /** Which of the connection's origins it is sent to. */
  origin: string;
  /** Path with `{parameter}` for one segment, and `{+parameter}` for one or more. */
  path: string;
  /** The RPC name where one path serves many operations: the `Action` of a form body, or the suffix of `X-Amz-Target`. */
  action?: string;
  /** `read` asks for facts. `auth` fetches a token and reads nothing. There is no third class: Noctule does not write. */
  class: 'read' | 'auth';
  /** The permission it needs, by the provider's name. */
  permission?: string;
  /**
   * Ids of the credentials that can call it, the least powerful first. Absent = all. None at all = an address that lets in by itself,
   * such as a signed one: a request that carries a credential there is refused before a byte leaves.
   */
  credentials?: readonly string[];
}

/** One thing that a connector can read. */
export interface Collector<Config = unknown, Client = unknown> {
  id: string;
  title: string;
  /**
   * Rises when the meaning of its observations changes. On the first scan with a higher version nothing is compared:
   * a new reader must not look like a new world.
   */
  version: number;
  kinds: readonly Kind[];
  /** In an `inventory`, absence means gone. A `log` resolves nothing; its claims carry a window. */
  mode: 'inventory' | 'log';
  /**
   * `group`: it speaks of what holds many accounts, an AWS organisation for one, and runs once for a source that reads many.
   * Absent = it speaks of one account.
   */
  level?: 'group';
  operations: readonly OperationId[];
  permissions: readonly Permission[];
  /** What it cannot see, whatever it is granted: one plain sentence each. */
  limits: readonly string[];
  /**
   * Fields that move every night without anything having happened: names of attributes.
   * They are kept and overwritten, and are no part of the fingerprint. `lastUsedAt` always belongs to them.
   */
  volatile: readonly string[];
  /** First attempts that a full reading sends. `scan --plan` prints it, and the contract suite holds it to the unit. */
  requests(sizes: Sizes): number;
  /**
   * First attempts beyond `requests` whose answers several collectors of an account share, by name: the first of them that runs
   * sends them, and each does where it runs alone.
   */
  shared?(sizes: Sizes): Readonly<Record<string, number>>;
  /**
   * Collectors of one lane are read one after the other, and lanes side by side, within what may be under way at once: a lane is of those that
   * wait for something of their own, a quota or one page after the other, while the others wait for theirs. Those that share answers are of one
   * lane. Absent = the lane of all that name none.
   */
  lane?: string;
  /**
   * Of a log: kinds of thing that nothing but its own words can tell of, for no list of the provider holds them. What it told of is
   * judged, and never counts as confirmed. It ends with the event that says so, or `days` after the last one, once the log was read
   * whole after that.
   */
  soleWitness?: { kinds: readonly Kind[]; days: number };
  /** Off unless the configuration switches it on. */
  optional?: boolean;
  /** Of a log of keys in use: the collectors whose lists would hold the keys. Only where these were read can a key be on none. */
  heldAgainst?: readonly string[];
  /** Of an optional one: does the source's own configuration switch it on, by a profile that it names? `collectors` goes before it. */
  isAskedFor?(config: Config): boolean;
  /** Keys of the source's configuration that it cannot do without: switched on where one is absent, it is a mistake of the configuration. */
  needs?: readonly string[];
  /**
   * The provider's log that may vouch for places without reading them. Only with it may a collector say `unchanged`:
   * `complete` names what the log is known to record, `lagHours` how late it may be, `windowDays` how far it reaches back.
   */
  changeLog?: { complete: readonly string[]; lagHours: number; windowDays: number };
  collect(context: CollectContext<Config, Client>): AsyncIterable<ScanEvent>;
}

/** A permission that a collector needs, by the provider's own name. Taken away, it must open a gap that names it. */
export interface Permission {
  id: string;
  purpose: string;
  required: boolean;
  /** Permissions of another kind of credential that open the same places: each alone is enough. */
  orElse?: readonly string[];
  /** It opens no place: without it the same is read, with more requests. */
  saves?: true;
}

/** Sizes of the account, for the cost formula. */
export interface Sizes {
  /** How many there are. Unknown sizes count as 0. */
  of(name: string): number;
  /** Requests for a list of that size at the provider's largest page; an empty list still costs one. */
  pages(name: string, largestPage: number): number;
}

export type Access = 'read' | 'write' | 'admin';

/** Classes of data that a permission can reach, in words that all providers share. */
export const DATA_CLASSES = [
  'mail',
  'files',
  'calendar',
  'contacts',
  'chat',
  'source_code',
  'ci',
  'secrets',
  'cloud',
  'ai_models',
  'directory',
  'admin',
  'profile',
  'other',
] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** What a permission lets its holder do. */
export interface Meaning {
  dataClass: DataClass;
  access: Access;
  /** "Read, send and delete all mail". */
  plain: string;
  /** False for a permission that the connector does not know: it is shown as it is and treated as sensitive. */
  known: boolean;
  /** Where the meaning is documented. */
  source?: string;
}

/** Gives a connector its types; the value is returned as it is. */
export function defineConnector<Config, Client>(connector: Connector<Config, Client>): Connector<Config, Client> {
  return connector;
}

/** Gives a collector its types; the value is returned as it is. */
export function defineCollector<Config, Client>(collector: Collector<Config, Client>): Collector<Config, Client> {
  return collector;
}
