import type { Json } from './json.ts';
import type { Scope } from './scope.ts';

/**
 * What an observation can speak of. The list is closed: rules, views and exports rest on it.
 * `identity` and `control` are context: they never become an integration of their own.
 */
export const KINDS = [
  'identity',
  'oauth_grant',
  'app_installation',
  'delegation',
  'trust',
  'api_key',
  'secret_name',
  'service_account',
  'agent',
  'vendor_integration',
  'seat',
  'code_evidence',
  'usage',
  'control',
  'exposure',
] as const;
export type Kind = (typeof KINDS)[number];

/** Kinds that only give context to others. */
export const CONTEXT_KINDS: ReadonlySet<Kind> = new Set<Kind>(['identity', 'control']);

/**
 * What a provider says about a principal, in words that all providers share.
 * The list is closed. A connector states traits; what follows from them is not its to decide.
 */
export const TRAITS = [
  /** A person signs in with it: it has a password, a session, a second factor. */
  'interactive_login',
  /** It is listed in a directory of people. */
  'directory_person',
  /** The provider itself marks it as a bot. */
  'bot_account',
  /** It is made for programs: a service account, a role for a compute service, an app. */
  'workload',
  /** It is the identity of an agent, or of the runtime that agents run in. */
  'agent_runtime',
  /** It is reached through another identity provider. */
  'federated',
  /** It holds a credential that works without a person: a long-lived key or token. */
  'standing_credential',
  /** It administers the account. */
  'administrator',
  /** It comes from outside the account: a guest, an outside collaborator, a foreign account. */
  'external',
  /** Nobody is recorded as answering for it. */
  'no_owner',
  /** It was made by the provider's console for one API key, not by a person. */
  'key_holder',
] as const;
export type Trait = (typeof TRAITS)[number];

/** Whether the holder may still be here. Absent = the provider did not say. */
export type Standing = 'active' | 'suspended' | 'archived' | 'deleted' | 'not_a_member';

/** A point in time and who vouches for it. `at` is ISO 8601 in UTC. */
export interface Stamp {
  at: string;
  /**
   * `listed`: an inventory states it. `log`: an event says so. `report`: a periodic report, often hours old.
   * `import`: a file that somebody exported.
   */
  from: 'listed' | 'log' | 'report' | 'import';
}

/** The provider says that it never expires: a fact, unlike an absent `expiresAt`, which means that nothing was said. */
export type Expiry = Stamp | 'never';

/**
 * Something the AI catalog can match on. Types are open; these are in use:
 * `oauth_client_id`, `github_app_id`, `github_app`, `aws_account_id`, `service_principal`, `oidc_issuer`, `domain`,
 * `secret_name`, `iam_name`, `credential_service`, `app_name`. `acts_as_client`: it acts elsewhere under this client id, which is another
 * app's own there, as far as whoever made it says.
 */
export interface Signal {
  type: string;
  value: string;
}

/** The app or the credential that an observation is about. */
export interface Subject {
  /**
   * The immutable id of the app, unique within the account: OAuth client id, GitHub app id, the vendor's account id,
   * service and principal, secret store and name where the provider has nothing else. It is the key of the integration.
   */
  app: string;
  /** The id of the single credential, where the observation is about one: key id, token id. */
  credential?: string;
  /** What it calls itself. Chosen by others, hostile, never part of a key. */
  name: string;
}

/** Who holds, granted or uses it. */
export interface Principal {
  /** The provider's immutable id. */
  id: string;
  /** Login or address, for people to read. */
  name: string;
  traits: readonly Trait[];
  standing?: Standing;
}

/**
 * One statement of a provider: this user granted that client these permissions. The engine sets aside what says more than 256 kB
 * or has an id of more than 1,024 characters: its place becomes a gap, and nothing of it is kept.
 */
export interface Observation {
  type: 'observation';
  /**
   * Id of what is spoken of, made of the provider's immutable ids, and the same from every collector of the connector:
   * a grant seen by a list, a log and an import is one thing.
   */
  thing: string;
  /** Id of this statement: unique in its collector and account, the same in every scan. */
  nativeId: string;
  kind: Kind;
  /** Exactly one of its collector's places. Absence is judged by what was said about this place. */
  scope: Scope;
  subject: Subject;
  /** Absent for a control, and where nobody holds the thing. */
  principal?: Principal;
  signals: readonly Signal[];
  /** As the provider names them; their meaning is the connector's `meaning`. */
  permissions: readonly string[];
  grantedAt?: Stamp;
  /** A volatile fact: it never makes a new version. */
  lastUsedAt?: Stamp;
  expiresAt?: Expiry;
  /** `inactive`: it exists and cannot be used. `pending`: it was asked for and not yet given. Absent = in use, or not said. */
  use?: 'inactive' | 'pending';
  /**
   * Of what a log tells: when it happened, in a log that sums up at least by the month. With `ends`, what it speaks of was over with it: what this holder had, or all that anybody
   * had of the app, where it names no holder.
   */
  happened?: { at: string; ends?: true };
  /** Whatever else was said. Never a secret's value. Fields that the collector declares volatile make no new version. */
  attributes: Readonly<Record<string, Json>>;
  /** Where it was read: an operation's id, and a page of the provider where a person can look it up. */
  evidence: { source: string; url?: string };
}
