import { takesIn, type Condition, type Statement } from './policy-document.ts';

/** A party that a role lets in, and what holds it to the right caller. */
export interface Trust {
  /** AWS account, service principal, issuer, ARN of a SAML provider, `*`, or the id of a deleted principal. */
  party: string;
  kind: 'account' | 'service' | 'oidc' | 'saml' | 'anyone' | 'deleted' | 'other';
  /** As the policy names them. */
  principals: readonly string[];
  /** The account itself is named, so that its own administrators choose who comes. */
  wholeAccount: boolean;
  /** Every way in asks for the external id that was agreed on with this customer. */
  externalIdBound: boolean;
  /** Every way in is held to organisations, and to which. */
  principalOrgBound: boolean;
  principalOrgIds: readonly string[];
  /** Every way in names the resource or account that a service acts for. */
  sourceBound: boolean;
  /** Every way in names the subject of the issuer's token. */
  subjectBound: boolean;
  /** Names alone: what they are compared with may be secret. */
  conditionKeys: readonly string[];
}

const ASSUME = ['sts:AssumeRole', 'sts:AssumeRoleWithSAML', 'sts:AssumeRoleWithWebIdentity'];

/** Who may assume a role, one entry a party. The role's own account is no party: its policies decide, not this one. */
export function trustsOf(statements: readonly Statement[], ownAccount: string): Trust[] {
  const found = new Map<string, Trust>();
  for (const statement of statements) {
    if (statement.effect !== 'Allow' || !letsAssume(statement)) continue;
    for (const principal of statement.principals) {
      const { party, kind } = partyOf(principal);
      if (party === ownAccount) continue;
      const trust = trustOf(party, kind, principal.value, statement.conditions);
      const before = found.get(party);
      found.set(party, before ? joined(before, trust) : trust);
    }
  }
  return [...found.values()].sort((a, b) => (a.party < b.party ? -1 : 1));
}

function letsAssume({ actions, notActions }: Statement): boolean {
  if (notActions.length > 0) return ASSUME.some((action) => !notActions.some((pattern) => takesIn(pattern, action)));
  return ASSUME.some((action) => actions.some((pattern) => takesIn(pattern, action)));
}

function partyOf({ type, value }: { type: string; value: string }): Pick<Trust, 'party' | 'kind'> {
  if (value === '*') return { party: '*', kind: 'anyone' };
  if (type === 'Service') return { party: value.toLowerCase(), kind: 'service' };
  if (type === 'Federated') return federated(value);
  const account = /^\d{12}$/.test(value) ? value : /^arn:[\w-]+:\w+:[\w-]*:(\d{12}):/.exec(value)?.[1];
  if (account) return { party: account, kind: 'account' };
  // AWS puts the unique id in the place of a principal that was deleted.
  return { party: value, kind: /^A[A-Z0-9]{15,}$/.test(value) ? 'deleted' : 'other' };
}

function federated(value: string): Pick<Trust, 'party' | 'kind'> {
  if (value.includes(':saml-provider/')) return { party: value, kind: 'saml' };
  return { party: issuerOf(value.replace(/^arn:.*?:oidc-provider\//, '')), kind: 'oidc' };
}

/** One spelling of an issuer: without scheme and closing slash; an issuer may have a path. */
export function issuerOf(url: string): string {
  const bare = url.replace(/^https:\/\//i, '').replace(/\/+$/, '');
  const slash = bare.indexOf('/');
  return slash < 0 ? bare.toLowerCase() : bare.slice(0, slash).toLowerCase() + bare.slice(slash);
}

function trustOf(party: string, kind: Trust['kind'], principal: string, conditions: readonly Condition[]): Trust {
  const organisations = conditions.filter(({ key }) => key === 'aws:principalorgid').flatMap(({ values }) => values);
  return {
    party,
    kind,
    principals: [principal],
    wholeAccount: kind === 'account' && (principal === party || principal.endsWith(':root')),
    externalIdBound: binds(conditions, 'sts:externalid', /\*/),
    principalOrgBound: binds(conditions, 'aws:principalorgid', /\*/),
    principalOrgIds: organisations.filter((id) => /^o-[a-z0-9]{10,32}$/.test(id)),
    sourceBound: binds(conditions, 'aws:sourceaccount', /\*/) || binds(conditions, 'aws:sourcearn', /^\*/),
    subjectBound: kind === 'oidc' && binds(conditions, `${party.toLowerCase()}:sub`, /^\*/),
    conditionKeys: [...new Set(conditions.map(({ key }) => key))].sort(),
  };
}

const EQUAL = new Set(['stringequals', 'stringequalsignorecase']);
const LIKE = new Set(['stringlike', 'arnlike', 'arnequals']);

/**
 * Is a key held to a value? `IfExists` and `ForAllValues:` are met by a request that lacks the key, and so bind nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
function binds(conditions: readonly Condition[], key: string, tooWide: RegExp): boolean {
  return conditions.some((condition) => {
    const operator = condition.operator.replace(/^foranyvalue:/, '');
    if (condition.key !== key || condition.values.length === 0) return false;
    return EQUAL.has(operator) || (LIKE.has(operator) && !condition.values.some((value) => tooWide.test(value)));
  });
}

/** Two ways in for one party: what only one of them asks for binds nobody. */
function joined(one: Trust, other: Trust): Trust {
  const both = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])].sort();
  return {
    ...one,
    principals: both(one.principals, other.principals),
    wholeAccount: one.wholeAccount || other.wholeAccount,
    externalIdBound: one.externalIdBound && other.externalIdBound,
    principalOrgBound: one.principalOrgBound && other.principalOrgBound,
    principalOrgIds: both(one.principalOrgIds, other.principalOrgIds),
    sourceBound: one.sourceBound && other.sourceBound,
    subjectBound: one.subjectBound && other.subjectBound,
    conditionKeys: both(one.conditionKeys, other.conditionKeys),
  };
}
