import type { Secret, SecretReference } from '../secret/secret.ts';
import type { Json } from './json.ts';
import type { Principal, Signal } from './observation.ts';
import type { Calls, Classify } from './calls.ts';
import type { Scope } from './scope.ts';
import type { Gap } from './statements.ts';
import type { Wire, WireOrigins } from './wire.ts';

/** The clock of a scan. All waiting goes through it, so that a test can run a night in a second. */
export interface Clock {
  now(): Date;
  /** Resolves after that many milliseconds of this clock; rejects with the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** How fast a provider may be asked. */
export interface Pace {
  /** Requests in a second. Infinity = as fast as answers come. */
  perSecond: number;
  /** Requests under way at once, unless the configuration says otherwise. */
  inFlight: number;
  /** However fast the configuration allows, no faster than that; Infinity there lifts this too, for tests and the demo. Absent = as it allows. */
  mostPerSecond?: number;
  /** However many the configuration allows, no more than that are under way at once. Absent = as many as it allows. */
  mostInFlight?: number;
  /**
   * How far the pace may grow beyond `perSecond` while the provider does not object: where quotas differ from customer to customer,
   * the pace finds what is allowed. Absent = not at all.
   */
  most?: number;
  /** Quotas that only some calls spend, by the name that these calls give. No pace that a user names lifts them. */
  quotas?: Readonly<Record<string, Quota>>;
}

/** At most so many requests within any span of so many milliseconds. */
export interface Quota {
  most: number;
  within: number;
}

/** What a connector gets to open its client. */
export interface ConnectContext<Config> extends ConnectTools {
  config: Config;
}

/** What a client is made of, whatever the configuration says. */
export interface ConnectTools extends Clock {
  /** Resolves a reference to a secret. Throws a ConfigError that names the reference when it is not there. */
  secret(reference: SecretReference): Secret;
  /** The governed transport: every request of every SDK goes through it, token calls included. */
  wire(origins: WireOrigins): Wire;
  /**
   * Retries, pace and deadlines in one place; the SDKs' own are switched off. `pace` is the provider's documented default. `as` stands for
   * a credential that many accounts and sources may be read with, and must not give it away: their calls keep one pace together,
   * where the configuration gives them the same and the same time. Absent = these calls are the account's own.
   */
  calls(pace: Pace, classify: Classify, as?: string): Calls;
  signal: AbortSignal;
  /** The page size to ask for, given the provider's largest; only tests ask for less. */
  pageSize(largest: number): number;
}

/** An open client, and the account that it reads. */
export interface Connection<Client> {
  client: Client;
  account: Account;
  /**
   * The accounts that this source reads, where one source reads many: `account` is then what holds them, and only collectors of the
   * level `group` read it; all others read each member. Asked once, before anything is read. Throws a Refusal or a ProviderFault
   * where they cannot be told: then none is read, and nothing of any is concluded.
   */
  members?(): Promise<readonly Member<Client>[]>;
  close?(): Promise<void>;
}

/** One of the accounts of a source that reads many. It has the keys that it would have as a source of its own. */
export interface Member<Client> {
  account: Account;
  /** It is known and not read, and why: suspended, left out by the configuration. */
  unread?: Pick<Gap, 'reason' | 'effect' | 'byDesign'>;
  /** Opens it with tools of its own: pace, deadline and count are those of an account. What it throws concerns this account alone. */
  connect(tools: ConnectTools): Promise<Connection<Client>>;
}

/** The provider's own unit, by immutable id: a GitHub organisation, an AWS account, a Google customer. */
export interface Account {
  id: string;
  name: string;
  /** Its scope: the first two segments of every scope below it. */
  scope: Scope;
}

/** A night on which the collector's change log may vouch for places that are not read. */
export interface Delta {
  /** The log has to be asked for everything since then: the start of the last reading, less what the log may lag. */
  since: Date;
  /**
   * Of the places that the log names no change of, those that have to be read all the same: `unvouched` have no reading that
   * could be renewed, `spotChecks` are half a percent drawn by chance, at least five, or once a week all of them. The rest, and
   * nothing else, may be claimed `unchanged`. Asked once, with all the places, also by a scan that goes on after an interruption:
   * the same places get the same answer.
   *
   * A place below which something could not be read the last time is read again, or its gap would be forgotten. Where the
   * collector has just tried, and been refused again for all places alike, it names what lies below them (`stillClosed`: the
   * part of the scope after the place): then that is no reason to read, and `closed` lists the gaps, to be said again.
   *
   * `holderAt` is what a list says tonight of who holds the things of a place. Where a stored fact says otherwise (another name,
   * standing or trait) the place is among the unvouched: a log of what was granted does not tell that its holder was suspended.
   */
  toRead(
    places: readonly Scope[],
    tonight?: { stillClosed?: readonly string[]; holderAt?(place: Scope): Principal | undefined },
  ): Promise<{ unvouched: readonly Scope[]; spotChecks: readonly Scope[]; closed: readonly Scope[] }>;
}

/** What a collector gets. It is all it may use: no `process.env`, no `Date.now`, no `setTimeout`. */
export interface CollectContext<Config = unknown, Client = unknown> extends Clock {
  config: Config;
  client: Client;
  account: Account;
  /** What the last checkpoint of this interrupted scan held; undefined in a fresh one. */
  cursor: Json | undefined;
  /** Present on a night on which not everything need be read; absent, the collector reads all. Only with a declared change log. */
  delta: Delta | undefined;
  /** Ids of the child places below a scope that earlier scans stored: what a list no longer names can be noticed. */
  known(scope: Scope): Promise<readonly Scope[]>;
  /**
   * When each of these places was last read, by this collector in an earlier scan; a place that never was is absent. `whole` = absent
   * too is one below which something could not be read then.
   */
  readAt(places: readonly Scope[], asked?: { whole?: boolean }): Promise<ReadonlyMap<Scope, Date>>;
  /** Is this collector of the connector switched on for the source? What is left unread is no gap where another one reads it. */
  isOn(collector: string): boolean;
  signal: AbortSignal;
  /** How many requests to keep under way at once. */
  inFlight: number;
  pageSize(largest: number): number;
  /**
   * What the catalog makes of these signals. It may decide how deep to read, never what a fact means;
   * what is left unread for lack of it is a gap `not_of_interest`.
   */
  interest(signals: readonly Signal[]): 'ai' | 'suspected' | 'unknown' | 'none';
}
