import type { CollectContext, Json, Kind, OperationId } from '../connector/index.ts';
import type { Company } from './company.ts';
import type { FakeServer } from './server.ts';

/** What every `connectors/<id>/fake/index.ts` exports as `fake`: a simulated provider over the invented company. */
export interface Fake {
  /** The connector's id. */
  id: string;
  start(company: Company, options?: FakeOptions): Promise<FakeProvider>;
}

export interface FakeOptions {
  /** An account in which nobody and nothing is, beyond what the provider itself puts there. */
  empty?: boolean;
  /** Milliseconds before each answer. */
  latency?: number;
}

export interface FakeProvider extends FakeServer {
  /** One source of the configuration that reaches this server; its secrets are references into `environment`. */
  config: Readonly<Record<string, Json>>;
  /** The same for a source that reads many accounts; absent = the connector reads single ones. */
  groupConfig?: Readonly<Record<string, Json>>;
  /** Variables that the references name. */
  environment: Readonly<Record<string, string>>;
  /** Ids of all permissions that the credentials hold; `revoke` takes one away until `restore`. */
  permissions: readonly string[];
  revoke(permission: string): void;
  restore(permission: string): void;
  /** Moves the world to another night: 0 first, then 1, 2 … */
  night(number: number): void;
  /** The true sizes of this night's world, for the cost formulas. */
  sizes(): Readonly<Record<string, number>>;
  /** Pages of an operation that its sizes do not explain: providers hand out short and empty pages now and then. */
  extraPages?(operation: OperationId): number;
  /** Ground truth of this night: everything that a complete scan must observe, and no more of these kinds. */
  expected(): readonly Expected[];
  /** The same of what holds many accounts, for a source of `groupConfig`. */
  groupExpected?(): readonly Expected[];
  /** What the catalog would make of signals of this world; absent = it knows none of them. */
  interest?: CollectContext['interest'];
  /** Planted secret values: no output, no database and no log may ever hold one, in any encoding. */
  canaries: readonly string[];
}

/** One seeded thing. The fake does not know how the connector names it: all of `ids` must stand in its `thing` or `nativeId`. */
export interface Expected {
  kind: Kind;
  /** Immutable ids that identify it: user id and client id, installation's app id, key id. */
  ids: readonly string[];
  /** What it calls itself on this night. */
  name?: string;
  /** Permissions as the provider names them. */
  permissions?: readonly string[];
  /** A fact that must come along, by the observation's own field: `never` = the provider says that it does not expire. */
  expiresAt?: string;
  standing?: string;
}

/** Which operation of which provider was asked, in order. */
export interface RecordedRequest {
  operation: OperationId;
  method: string;
  path: string;
  /** With its question mark; '' = none. */
  query: string;
  status: number;
}
