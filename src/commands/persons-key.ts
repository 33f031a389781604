import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { secretReader } from '../config/config.ts';
import { readText } from '../config/file.ts';
import { lineOf, parseJsonc } from '../config/jsonc.ts';
import { schemaError } from '../config/schema-error.ts';
import { persons, personsConfig, type PersonsConfig } from '../config/persons.ts';
import { ConfigError, isPseudonym } from '../connector/index.ts';
import { personKey, SHORTEST_KEY, type PersonKey } from '../persons/key.ts';
import type { ListReader } from '../store/read.ts';
import type { Secret } from '../secret/secret.ts';
import type { CommandContext, CommonOptions } from './context.ts';

/** The key by which a configuration keeps pseudonyms; undefined = it keeps names. */
export function keyOf(
  context: CommandContext,
  configFile: string,
  { tenant, persons: asked }: { tenant: string; persons: PersonsConfig | undefined },
): PersonKey | undefined {
  if (!asked) return undefined;
  const at = { key: 'persons.key', ...(asked.line !== undefined && { line: asked.line }) };
  const where = `${configFile}${asked.line === undefined ? '' : `:${asked.line}`}: persons.key: `;
  let secret: Secret;
  try {
    secret = secretReader(context.environment, dirname(configFile))(asked.key);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${where}${error.message}`, { ...at, fix: error.fix, cause: error });
  }
  const { length } = secret.reveal();
  if (length < SHORTEST_KEY)
    throw new ConfigError(`${where}the key of pseudonyms has ${length} characters, fewer than ${SHORTEST_KEY}: it could be guessed`, {
      ...at,
      fix: 'Make one with `openssl rand -base64 32`, and keep a copy where no scan of yours reaches.',
    });
  return personKey(secret, tenant);
}

/** What a scan found wrong with how people are to be kept, with the line of the file. */
export function withLine(error: unknown, configFile: string): unknown {
  if (!(error instanceof ConfigError) || error.key?.startsWith('persons') !== true) return error;
  const { line } = lineOf(readText(configFile), error.key.split('.'));
  const { key, fix } = error;
  return line === undefined ? error : new ConfigError(`${configFile}:${line}: ${key}: ${error.message}`, { key, fix, line, cause: error });
}

/**
 * The key of a tenant that keeps pseudonyms; undefined = it keeps names. Refused where the configuration does not lead to the key, or to another.
 * `what` = for what it is needed.
 */
export function tenantsKey(
  context: CommandContext,
  options: Pick<CommonOptions, 'config'>,
  { reader, tenant, what }: { reader: Pick<ListReader, 'personsCheck'>; tenant: string; what: string },
): PersonKey | undefined {
  const check = reader.personsCheck(tenant);
  if (check === undefined) return undefined;
  const key = keyAt(context, options, tenant);
  if (!key)
    throw new ConfigError(`The tenant "${tenant}" keeps pseudonyms, and ${what} needs their key`, {
      key: 'persons.key',
      fix: 'Give the configuration that names the key with --config.',
    });
  if (key.check !== check)
    throw new ConfigError(`The key is not the one that the pseudonyms of the tenant "${tenant}" were made with`, {
      key: 'persons.key',
      fix: 'Give the configuration with the right key, or correct "persons.key".',
    });
  return key;
}

/** A name as a tenant keeps it: where that keeps pseudonyms, the one of this name. */
export function nameAsKept(
  context: CommandContext,
  options: Pick<CommonOptions, 'config'>,
  { reader, tenant }: { reader: Pick<ListReader, 'personsCheck'>; tenant: string },
  name: string,
): string {
  if (isPseudonym(name)) return name;
  return tenantsKey(context, options, { reader, tenant, what: 'to find somebody by name' })?.pseudonymOf(name) ?? name;
}

/** The key of a configuration that need not be there, and is wanted for nothing else. */
function keyAt(context: CommandContext, options: Pick<CommonOptions, 'config'>, tenant: string): PersonKey | undefined {
  const file = resolve(context.directory, options.config);
  if (!existsSync(file)) return undefined;
  const text = readText(file);
  const raw = parseJsonc(text, file) as { persons?: unknown } | null;
  if (raw?.persons === undefined) return undefined;
  const parsed = persons.safeParse(raw.persons);
  if (!parsed.success) throw schemaError(parsed.error, text, file, persons, ['persons']);
  return keyOf(context, file, { tenant, persons: personsConfig(parsed.data, text) });
}
