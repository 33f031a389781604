import { DATA_CLASSES, type Access, type Meaning } from '../../src/connector/index.ts';
import table from './permissions.json' with { type: 'json' };

const DOES: Readonly<Record<Access, string>> = { read: 'Read', write: 'Read and change', admin: 'Administer' };

/**
 * What a workflow may do that says nothing of it is set for the repository, the organisation or the enterprise: to read contents, or to change
 * nearly everything. https://docs.github.com/en/actions/reference/security/secure-use
 */
const DEFAULT: Meaning = {
  dataClass: 'source_code',
  access: 'write',
  plain: 'Whatever workflows may do by default, which can be to change the contents of repositories',
  known: true,
  source: 'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions',
};

/** What a permission lets its holder do: `contents:write` of an app, `repository.contents:write` of a fine-grained token. */
export function meaning(permission: string): Meaning {
  if (permission === 'repository.default') return DEFAULT;
  const [scoped = '', level = ''] = permission.split(':');
  const [, kind, name = ''] = /^(?:(organization|repository|other)\.)?(.*)$/.exec(scoped)!;
  const row = rowOf(kind, name);
  const [word = '', ...what] = row?.split(' ') ?? [];
  const dataClass = DATA_CLASSES.find((known) => known === word);
  const access = accessOf(level);
  if (dataClass === undefined || access === undefined)
    return { dataClass: 'other', access: 'write', plain: `Unknown permission ${permission}, treated as sensitive`, known: false };
  return {
    dataClass,
    access,
    plain: `${DOES[access]} ${what.join(' ')}`,
    known: true,
    source: table.source,
  };
}

/** A token's map of the organisation leaves out the prefix that an app's permission has: `organization.administration`. */
function rowOf(kind: string | undefined, name: string): string | undefined {
  const rows = new Map(Object.entries(table.permissions));
  return (kind === 'organization' ? rows.get(`organization_${name}`) : undefined) ?? rows.get(name);
}

function accessOf(level: string): Access | undefined {
  return level === 'read' || level === 'write' || level === 'admin' ? level : undefined;
}
