import { capabilityOf, isAiService, managedAccess, type Capability, type Level } from './capability.ts';
import { parsePolicy, type Statement } from './policy-document.ts';
import type { GroupDetail, ManagedPolicy } from './schema.ts';

/** Actions that are kept of one principal: beyond that, a list tells nobody more than its first lines. */
const MOST_ACTIONS = 200;

export interface Granted {
  /**
   * `policy:NAME`, `group:NAME`, what inline policies allow (`service:action`, `NotAction:service:action`), and what the customer's
   * own managed policies and groups allow in services of models, agents and assistants.
   */
  permissions: string[];
  capability: Capability;
  /** How far the principal gets with AI services; `unknown` = nothing of what could be read allows it, and not all could be read. */
  aiLevel: Level | 'none' | 'unknown';
  /** Audiences for which tokens of the account may be minted, so that an outside service lets the principal in without a key. */
  audiences: string[];
  /** A policy could not be read, or was not in the answer: more may be granted than is stated. */
  unparsed: boolean;
  /** Actions beyond the bound. */
  leftOut: number;
}

/** Documents that principals share: they are known when the whole list has been read. */
export interface SharedPolicies {
  groups: ReadonlyMap<string, GroupDetail>;
  /** By ARN; undefined = the document is no policy. */
  policies: ReadonlyMap<string, Statement[] | undefined>;
}

/** The version of a customer policy that is in force. */
export function statementsOf({ PolicyVersionList: versions }: ManagedPolicy): Statement[] | undefined {
  const document = versions?.find(({ IsDefaultVersion }) => IsDefaultVersion)?.Document;
  return document === undefined ? undefined : parsePolicy(document);
}

interface Holder {
  attached: readonly { PolicyName: string; PolicyArn?: string | undefined }[] | undefined;
  inline: readonly { PolicyName: string; PolicyDocument: string }[] | undefined;
  groups?: readonly string[] | undefined;
}

/** What is attached to a principal, and what follows from it. Boundaries, conditions and policies of the organisation are not weighed. */
export function granted(holder: Holder, shared: SharedPolicies): Granted {
  const own = inlineOf(holder.inline);
  const groups = (holder.groups ?? []).map((name) => shared.groups.get(name));
  const attached = [...(holder.attached ?? []), ...groups.flatMap((group) => group?.AttachedManagedPolicies ?? [])];
  const arns = attached.flatMap(({ PolicyArn }) => PolicyArn ?? []);
  const managed = arns.filter((arn) => !isAwsOwn(arn)).map((arn) => shared.policies.get(arn));
  const others = [...groups.flatMap((group) => inlineOf(group?.GroupPolicyList)), ...managed];
  const statements = [...own, ...others].flatMap((document) => document ?? []);
  const actions = new Set(own.flatMap((document) => (document ?? []).flatMap(allowed)));
  for (const action of others.flatMap((document) => (document ?? []).flatMap(allowed))) if (isOfAi(action)) actions.add(action);
  const names = [...(holder.attached ?? []), ...(holder.inline ?? [])].map(({ PolicyName }) => `policy:${PolicyName}`);
  const sorted = [...actions].sort();
  const capability = capabilityOf(statements, arns);
  const unparsed = [...own, ...others].includes(undefined) || groups.includes(undefined);
  return {
    permissions: [...new Set([...names, ...(holder.groups ?? []).map((group) => `group:${group}`)])]
      .sort()
      .concat(sorted.slice(0, MOST_ACTIONS)),
    capability,
    aiLevel: unparsed && capability.level === 'none' ? 'unknown' : capability.level,
    audiences: audiencesOf(statements),
    unparsed,
    leftOut: Math.max(0, sorted.length - MOST_ACTIONS),
  };
}

function inlineOf(list: Holder['inline']): (Statement[] | undefined)[] {
  return (list ?? []).map(({ PolicyDocument }) => parsePolicy(PolicyDocument));
}

/** AWS's own policies are judged by a table: their documents are not in the answer. */
function isAwsOwn(arn: string): boolean {
  return /^arn:aws[a-z-]*:iam::aws:policy\//.test(arn) || managedAccess(arn) !== undefined;
}

/** An action is a service and a name, with wildcards; anything else in its place is not repeated. */
const ACTION = /^(?:\*|[a-z0-9-]+:[a-z0-9*?]+|\*:\*)$/;

function allowed({ effect, actions, notActions }: Statement): string[] {
  if (effect !== 'Allow') return [];
  const clean = (list: readonly string[]) => list.map((action) => action.toLowerCase()).filter((action) => ACTION.test(action));
  return [...clean(actions), ...clean(notActions).map((action) => `NotAction:${action}`)];
}

function isOfAi(action: string): boolean {
  return action.startsWith('*') || action.startsWith('NotAction:') || isAiService(action.split(':')[0]!);
}

const MINT = 'sts:getwebidentitytoken';

/** Only where an audience is named: a service of AWS that calls on somebody's behalf serves itself. */
function audiencesOf(statements: readonly Statement[]): string[] {
  const minting = statements.filter(
    ({ effect, actions, conditions }) =>
      effect === 'Allow' &&
      actions.some((action) => action.toLowerCase() === MINT) &&
      !conditions.some(({ key }) => key === 'aws:calledvialast' || key === 'aws:calledvia'),
  );
  const named = minting.flatMap(({ conditions }) =>
    conditions.filter(({ key }) => key === 'sts:identitytokenaudience').flatMap(({ values }) => values),
  );
  return [...new Set(named.filter((audience) => /^[\x21-\x7e]{1,256}$/.test(audience)))].sort();
}
