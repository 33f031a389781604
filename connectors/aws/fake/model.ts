import type { Company } from '../../../src/testing/company.ts';
import type { PolicyDocument } from './policy-document.ts';
import type { Region } from './regions.ts';

/** What a part of the world is made from: nothing else may decide what it holds. */
export interface Setting {
  company: Company;
  /** The account's twelve digits. */
  account: string;
  /** Account of the principal that Noctule runs as. */
  home: string;
  /** Id of the organisation that the account belongs to. */
  organization: string;
  night: number;
}

/** The account as it is on one night. */
export interface World {
  /** The role that the scanner steps into. It is there before anything else is. */
  scannerRole: Role;
  account: string;
  alias: string | undefined;
  now: Date;
  root: Root;
  users: readonly User[];
  groups: readonly Group[];
  roles: readonly Role[];
  /** The customer's own. */
  policies: readonly ManagedPolicy[];
  /** Those of AWS that something is attached to. */
  awsPolicies: readonly ManagedPolicy[];
  credentials: readonly ServiceCredential[];
  oidcProviders: readonly OidcProvider[];
  samlProviders: readonly SamlProvider[];
  /** Under which address the account vouches for its principals at outside services; absent = that is switched off. */
  outboundIssuer: string | undefined;
  /** Those that are enabled. */
  regions: readonly Region[];
}

export interface Root {
  created: Date;
  passwordUsed: Date | undefined;
  mfa: boolean;
  keys: readonly AccessKey[];
}

interface Entity {
  name: string;
  path: string;
  /** The immutable one: a user or role that is deleted and made again under its old name gets another. */
  id: string;
  arn: string;
  created: Date;
}

/** An entity that policies hang on. */
export interface PolicyHolder extends Entity {
  /** ARNs of managed policies. */
  attached: readonly string[];
  inline: readonly InlinePolicy[];
}

export interface User extends PolicyHolder {
  groups: readonly string[];
  /** Made by the console for one API key. */
  forOneKey: boolean;
  tags: Readonly<Record<string, string>>;
  boundary: string | undefined;
  password: Password | undefined;
  mfa: boolean;
  /** At most two, the older one first. */
  keys: readonly AccessKey[];
}

interface Password {
  changed: Date;
  /** Absent = never used since it was set. */
  lastUsed: Date | undefined;
}

export interface AccessKey {
  active: boolean;
  rotated: Date;
  /** Absent = never used. A service without regions, such as S3, leaves no region. */
  lastUsed: { at: Date; service: string; region: string | undefined } | undefined;
}

export type Group = PolicyHolder;

export interface Role extends PolicyHolder {
  trust: PolicyDocument;
  /**
   * Ground truth, written down beside the document and never read from it: who outside the account's own principals may assume the role.
   * Account ids, issuer hosts, ARNs of SAML providers, service principals, `*`, or the id of a principal that no longer exists.
   */
  trustedBy: readonly string[];
  /** Ground truth like `trustedBy`: audiences of outside services for which the role may mint tokens. */
  mintsFor: readonly string[];
  tags: Readonly<Record<string, string>>;
  instanceProfile: boolean;
  /** `idle` = not within the tracking period of 400 days (an empty element); `untracked` = the element is missing. */
  lastUsed: { at: Date; region: string } | 'idle' | 'untracked';
}

export interface InlinePolicy {
  name: string;
  document: PolicyDocument;
}

export interface ManagedPolicy extends Entity {
  /** The newest first; it is the default. */
  versions: readonly { document: PolicyDocument; created: Date }[];
}

export interface ServiceCredential {
  id: string;
  userName: string;
  service: string;
  status: 'Active' | 'Inactive' | 'Expired';
  /** API keys have an alias, user name and password pairs a generated user name. */
  label: { alias: string } | { userName: string };
  created: Date;
  /** Absent = it was made without one and never expires. */
  expires: Date | undefined;
}

export interface OidcProvider {
  arn: string;
  issuer: string;
  audiences: readonly string[];
  thumbprints: readonly string[];
  created: Date;
}

export interface SamlProvider {
  arn: string;
  created: Date;
  validUntil: Date;
}
