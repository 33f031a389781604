import { createHash } from 'node:crypto';
import { defineCollector, path, within, type Gap, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { accessOf } from './app-access.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { NotThisFile, parseCsv, type Row } from './csv.ts';
import { delegationOf } from './delegated-client.ts';
import { grantId, grantSignals } from './listed-grants.ts';
import { userScope } from './users.ts';

/** A file that somebody exported, as the configuration names it. */
export interface Imported {
  kind: 'gam-tokens' | 'console-apps' | 'delegations';
  /** When it was exported, ISO 8601. */
  takenAt: string;
  text: string;
}

/**
 * Files that were exported by hand: by GAM (https://github.com/GAM-team/GAM/wiki/Users-Tokens), or from the admin console
 * (https://support.google.com/a/answer/7281227), which lets no list of delegations be downloaded: that one somebody wrote.
 * What stands in them was so on the day of the export, and nobody asked Google since: like a log, they confirm nothing as live,
 * and resolve nothing.
 */
export const imports = defineCollector<Config, Client>({
  id: 'imports',
  title: 'Exported files',
  version: 1,
  kinds: ['oauth_grant', 'control', 'delegation'],
  mode: 'log',
  optional: true,
  needs: ['imports'],
  operations: [],
  permissions: [],
  limits: [
    'A file says what was on the day on which it was exported',
    'GAM leaves out suspended users unless it is told otherwise: who does not stand in a file was not read',
  ],
  volatile: [],
  requests: () => 0,

  async *collect({ account, client }) {
    for (const file of client.imported()) yield* statementsOf(account.scope, file);
  },
});

/** What a row says; undefined = that it says nothing, a text = why it cannot be understood. */
type Reader = (account: string, row: Row) => Omit<Observation, 'type' | 'nativeId' | 'evidence'> | string | undefined;

const KINDS: Readonly<Record<Imported['kind'], { needed: readonly string[]; read: Reader }>> = {
  'gam-tokens': { needed: ['user', 'clientId', 'userKey', 'scopes'], read: grantOfRow },
  'console-apps': { needed: ['Type', 'Id', 'Access', 'Org Unit'], read: appOfRow },
  delegations: { needed: ['client_id', 'scopes'], read: delegationOfRow },
};

/** What a file says, each row once; what it does not say is a gap over the file. */
export function* statementsOf(account: string, { kind, takenAt, text }: Imported): Generator<ScanEvent> {
  const day = takenAt.slice(0, 10);
  const place = within(account, 'import', kind, day);
  const unread = (effect: string): Gap => ({
    type: 'gap',
    scope: place,
    reason: 'provider_error',
    effect: `The file ${kind} of ${day}: ${effect}`,
  });
  let rows: Row[];
  try {
    rows = parseCsv(text, KINDS[kind].needed);
  } catch (error) {
    if (!(error instanceof NotThisFile)) throw error;
    return yield unread(error.message);
  }
  const seen = new Set<string>();
  let strange = 0;
  for (const row of rows) {
    const said = KINDS[kind].read(account, row);
    if (said === undefined) continue;
    if (typeof said === 'string' || seen.has(said.thing)) {
      strange++;
      continue;
    }
    seen.add(said.thing);
    yield {
      type: 'observation',
      ...said,
      nativeId: path('import', kind, takenAt, said.thing),
      attributes: { ...said.attributes, importedFrom: kind, takenAt },
      evidence: { source: `import ${kind} ${createHash('sha256').update(text).digest('hex').slice(0, 16)}` },
    };
  }
  if (strange > 0) yield unread(`${strange} of ${rows.length} rows could not be understood`);
  yield { type: 'covered', scope: place, window: { from: takenAt, to: takenAt } };
}

function grantOfRow(account: string, row: Row): ReturnType<Reader> {
  const [user, clientId, userKey, scopes] = ['user', 'clientid', 'userkey', 'scopes'].map((name) => row.get(name)!.trim()) as [
    string,
    string,
    string,
    string,
  ];
  // A user without grants is a row with nothing but the user.
  if (clientId === '' && scopes === '') return undefined;
  if (clientId === '' || !/^\d{10,}$/.test(userKey)) return 'no id';
  const name = row.get('displaytext') || undefined;
  return {
    thing: grantId(userKey, clientId),
    kind: 'oauth_grant',
    scope: userScope(account, userKey),
    subject: { app: clientId, name: name ?? clientId },
    principal: { id: userKey, name: user, traits: ['interactive_login', 'directory_person'] },
    signals: grantSignals(clientId, name),
    permissions: scopesIn(scopes),
    attributes: { ...(isTrue(row, 'nativeapp') && { nativeApp: true }), ...(isTrue(row, 'anonymous') && { unregisteredClient: true }) },
  };
}

/** GAM joins them by a space, unless it was told another delimiter; none of those can stand in a scope. */
function scopesIn(text: string): string[] {
  return text.split(/[\s,;|]+/).filter((scope) => scope !== '');
}

function isTrue(row: Row, column: string): boolean {
  return row.get(column)?.toLowerCase() === 'true';
}

function appOfRow(account: string, row: Row): ReturnType<Reader> {
  const [type, id, access, unit] = ['type', 'id', 'access', 'org unit'].map((name) => row.get(name)!.trim()) as [
    string,
    string,
    string,
    string,
  ];
  const state = access === '' ? 'not configured' : accessOf(access);
  if (id === '' || state === undefined) return 'no id, or an access that no console writes';
  const about = path('app_control', id, unit || '/');
  const verified = row.get('verified')?.trim();
  return {
    thing: about,
    kind: 'control',
    scope: `${account}/${about}`,
    subject: { app: id, name: row.get('app name')?.trim() || id },
    signals: [],
    permissions: [],
    attributes: { unit: unit || '/', type, state, ...(verified && { verified }) },
  };
}

/** A spreadsheet turns the 21 digits of a service account into 1.02E+20: such a row names nobody. */
const CLIENT = /^\d{9,}(-\w+\.apps\.googleusercontent\.com)?$/;

function delegationOfRow(account: string, row: Row): ReturnType<Reader> {
  const [clientId, scopes] = ['client_id', 'scopes'].map((name) => row.get(name)!.trim()) as [string, string];
  if (!CLIENT.test(clientId)) return 'no id';
  return delegationOf(account, clientId, { name: row.get('name')?.trim() || clientId, scopes: scopesIn(scopes) });
}
