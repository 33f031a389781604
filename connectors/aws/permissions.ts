import { parsePolicy, type Statement } from './policy-document.ts';

/** Actions that are kept of one principal: beyond that, a list tells nobody more than its first lines. */
const MOST_ACTIONS = 200;

export interface Granted {
  /** `policy:NAME`, `group:NAME`, and what inline policies allow: `service:action`, `NotAction:service:action`. */
  permissions: string[];
  /** An inline policy could not be read. */
  unparsed: boolean;
  /** Actions beyond the bound. */
  leftOut: number;
}

/**
 * What is attached to a principal. Managed policies and groups stay names: their documents may stand on any other page.
 * Denials, boundaries and conditions are not weighed.
 */
export function granted(entity: {
  attached: readonly { PolicyName: string }[] | undefined;
  inline: readonly { PolicyName: string; PolicyDocument: string }[] | undefined;
  groups?: readonly string[] | undefined;
}): Granted {
  const documents = (entity.inline ?? []).map(({ PolicyDocument }) => parsePolicy(PolicyDocument));
  const actions = [...new Set(documents.flatMap((document) => (document ?? []).flatMap(allowed)))].sort();
  const names = [...(entity.attached ?? []), ...(entity.inline ?? [])].map(({ PolicyName }) => `policy:${PolicyName}`);
  const groups = (entity.groups ?? []).map((group) => `group:${group}`);
  return {
    permissions: [...new Set([...names, ...groups])].sort().concat(actions.slice(0, MOST_ACTIONS)),
    unparsed: documents.includes(undefined),
    leftOut: Math.max(0, actions.length - MOST_ACTIONS),
  };
}

/** An action is a service and a name, with wildcards; anything else in its place is not repeated. */
const ACTION = /^(?:\*|[a-z0-9-]+:[a-z0-9*?]+|\*:\*)$/;

function allowed({ effect, actions, notActions }: Statement): string[] {
  if (effect !== 'Allow') return [];
  const clean = (list: readonly string[]) => list.map((action) => action.toLowerCase()).filter((action) => ACTION.test(action));
  return [...clean(actions), ...clean(notActions).map((action) => `NotAction:${action}`)];
}
