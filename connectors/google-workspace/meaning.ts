import type { Access, DataClass, Meaning } from '../../src/connector/index.ts';
import table from './scopes.json' with { type: 'json' };

const WORDS: Readonly<Record<DataClass, string>> = {
  mail: 'mail',
  files: 'files in Drive',
  calendar: 'calendars',
  contacts: 'contacts',
  chat: 'chats and meetings',
  source_code: 'source code',
  ci: 'pipelines',
  secrets: 'secrets',
  cloud: 'cloud resources',
  ai_models: 'AI services',
  directory: 'the directory',
  admin: 'the administration of the organisation',
  profile: 'name and address of the user',
  other: 'other data',
};

const DOES: Readonly<Record<Access, string>> = { read: 'Read', write: 'Read, change and delete', admin: 'Administer' };

const ROLE = 'adminRole/';
const SUPER = `${ROLE}super`;

/** An administrator role as a permission: Google names no scope for it. */
export function rolePermission(roleId: string, superAdministrator: boolean): string {
  return superAdministrator ? SUPER : `${ROLE}${roleId}`;
}

/** What a scope, or the role of an administrator, lets its holder do. */
export function meaning(permission: string): Meaning {
  if (permission.startsWith(ROLE)) {
    const plain = permission === SUPER ? 'Administer everything (super administrator)' : 'Administer what its administrator role names';
    return { dataClass: 'admin', access: 'admin', plain, known: true, source: 'https://support.google.com/a/answer/2405986' };
  }
  if (permission.startsWith(EXTENSION)) return extensionMeaning(permission.slice(EXTENSION.length));
  const row = (table.scopes as Readonly<Record<string, string>>)[permission];
  if (row === undefined)
    return { dataClass: 'other', access: 'write', plain: `Unknown permission ${permission}, treated as sensitive`, known: false };
  const [dataClass, access, tier] = row.split(' ') as [DataClass, Access, string];
  return {
    dataClass,
    access,
    plain: `${DOES[access]} ${WORDS[dataClass]}${tier === 'restricted' ? ' (restricted by Google)' : ''}`,
    known: true,
    source: 'https://developers.google.com/identity/protocols/oauth2/scopes',
  };
}

const EXTENSION = 'extension:';

/** What an extension may see follows from the pages that it may read. https://developer.chrome.com/docs/extensions/reference/permissions-list */
function extensionMeaning(permission: string): Meaning {
  const source = 'https://developer.chrome.com/docs/extensions/reference/permissions-list';
  const everywhere = permission === '<all_urls>' || /^(?:\*|https?):\/\/\*\//.test(permission);
  if (everywhere) return { dataClass: 'other', access: 'write', plain: 'Read and change every page that is visited', known: true, source };
  const host = /^(?:\*|https?):\/\/([^/]+)\//.exec(permission)?.[1];
  if (host !== undefined) return { dataClass: 'other', access: 'write', plain: `Read and change pages of ${host}`, known: true, source };
  return { dataClass: 'other', access: 'read', plain: `Extension permission ${permission}`, known: true, source };
}

/** May it do so much that an app which has it is worth a closer look, whatever the app is? */
export function isPowerful(permission: string): boolean {
  const [, access, tier] = (table.scopes as Readonly<Record<string, string>>)[permission]?.split(' ') ?? [];
  return tier === undefined || tier === 'restricted' || access === 'admin';
}
