import { readFileSync } from 'node:fs';
import { proxyInForce } from '../http/guarded-fetch.ts';
import { holderText } from '../scan/lease.ts';
import { StorageError } from '../store/database.ts';
import { inspectDatabase, tryAddon, type Inspection } from '../store/inspect.ts';
import type { Condition } from './exit-codes.ts';

/** One thing on this machine that a scan rests on. */
export interface Check {
  check: 'runtime' | 'addon' | 'configuration' | 'database' | 'proxy' | 'certificates';
  state: 'ok' | 'warning' | 'failed';
  message: string;
  fix: string | null;
  /** What was found in the database. */
  database?: Inspection;
}

/** What a failed check does to the exit code. */
export const FAILS: Readonly<Partial<Record<Check['check'], Condition>>> = {
  runtime: 'usage',
  addon: 'storage',
  configuration: 'usage',
  database: 'storage',
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Node 22.18 runs our sources as they are; the addon needs Node-API 10. */
export function runtimeCheck(): Check {
  const { node, napi } = process.versions;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const good = (major > 22 || (major === 22 && minor >= 18)) && Number(napi) >= 10;
  const about = { check: 'runtime', message: `Node ${node}` } as const;
  return good ? { ...about, state: 'ok', fix: null } : { ...about, state: 'failed', fix: 'Install Node 22.18 or newer.' };
}

export function addonCheck(): Check {
  const about = { check: 'addon' } as const;
  try {
    tryAddon();
    return { ...about, state: 'ok', message: 'The SQLite addon loads', fix: null };
  } catch (error) {
    return { ...about, state: 'failed', ...toldOf(error) };
  }
}

/** Looks into the database, and neither makes nor changes one. */
export function databaseCheck(file: string, tenant: string, now: Date): Check {
  const about = { check: 'database' } as const;
  try {
    const database = inspectDatabase(file, tenant);
    return { ...about, state: 'ok', message: `${file}: ${contentText(database, now)}`, fix: null, database };
  } catch (error) {
    return { ...about, state: 'failed', ...toldOf(error) };
  }
}

function contentText({ exists, schema, newestSchema, lease, lastScan, checked }: Inspection, now: Date): string {
  if (!exists) return 'not there yet; the first scan makes it';
  const raised = schema < newestSchema ? `, raised to ${newestSchema} by the next command that opens it` : '';
  const scan = lastScan ? `last scan ${lastScan.id} ended ${ago(lastScan.endedAt, now)}` : 'no scan was concluded yet';
  const holder = lease ? `; process ${holderText(lease)}, its last sign of life was ${ago(lease.beatAt, now)}` : '';
  return `schema ${schema}${raised}, ${scan}${holder}${checked ? '' : '; too large to check every page'}`;
}

const UNITS: readonly [number, string][] = [
  [86_400, 'days'],
  [3_600, 'hours'],
  [60, 'minutes'],
];

function ago(at: string, now: Date): string {
  const seconds = Math.round((now.getTime() - Date.parse(at)) / 1000);
  const [size, unit] = UNITS.find(([length]) => seconds >= 2 * length) ?? [1, 'seconds'];
  return `${Math.floor(seconds / size)} ${unit} ago (${at})`;
}

function toldOf(error: unknown): { message: string; fix: string } {
  if (error instanceof StorageError) return { message: error.message, fix: error.fix };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'MODULE_NOT_FOUND')
    return { message: 'The SQLite addon is not installed', fix: 'Install Noctule again, in a checkout with `npm ci`.' };
  throw error;
}

/** Which way requests to the providers take, as the environment says. */
export function wayOutChecks(environment: Environment): Check[] {
  return [proxyCheck(environment), certificatesCheck(environment)];
}

function proxyCheck(environment: Environment): Check {
  const value = proxyInForce(environment) ?? '';
  const except = environment['no_proxy'] ?? environment['NO_PROXY'] ?? '';
  if (value === '') return { check: 'proxy', state: 'ok', message: 'No proxy is set', fix: null };
  // The value itself is never repeated: it may hold a password, also where it is malformed.
  if (!URL.canParse(value) || new URL(value).host === '')
    return {
      check: 'proxy',
      state: 'warning',
      message: 'A proxy is set, but its value is no address',
      fix: 'Write it as http://HOST:PORT, in HTTPS_PROXY.',
    };
  const { protocol, host, username, password } = new URL(value);
  const signed = username === '' && password === '' ? '' : ', with credentials';
  const message = `Requests go through the proxy ${protocol}//${host}${signed}${except === '' ? '' : `, except to ${except}`}`;
  return { check: 'proxy', state: 'ok', message, fix: null };
}

function certificatesCheck(environment: Environment): Check {
  const about = { check: 'certificates', fix: null } as const;
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
    return {
      ...about,
      state: 'warning',
      message: 'NODE_TLS_REJECT_UNAUTHORIZED=0: whoever stands in between can read the credentials',
      fix: 'Remove it, and name the extra authority in NODE_EXTRA_CA_CERTS.',
    };
  const file = environment['NODE_EXTRA_CA_CERTS'] ?? '';
  if (file === '') return { ...about, state: 'ok', message: 'No extra certificate authority is set' };
  const number = certificatesIn(file);
  if (number > 0) return { ...about, state: 'ok', message: `${number} extra certificate authorities are trusted, from ${file}` };
  // Node says so on stderr, and goes on without.
  const message = `NODE_EXTRA_CA_CERTS names ${file}, in which no certificate can be read; Node ignores it`;
  return { ...about, state: 'warning', message, fix: 'Point it at a PEM file that this user can read.' };
}

function certificatesIn(file: string): number {
  try {
    return readFileSync(file, 'latin1').split('-----BEGIN CERTIFICATE-----').length - 1;
  } catch {
    return 0;
  }
}
