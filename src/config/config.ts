import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { CompiledCatalog } from '../catalog/catalog.ts';
import { canonicalJson, ConfigError, type Connector, type Json } from '../connector/index.ts';
import type { Policy } from '../policy/policy.ts';
import type { Source } from '../scan/engine.ts';
import { connectorIds, loadConnector } from '../scan/registry.ts';
import { collectorsOf } from '../scan/account.ts';
import { Secret, type SecretReference } from '../secret/secret.ts';
import { readCatalog } from './catalog-file.ts';
import { readText, refuseWritableByOthers } from './file.ts';
import { lineOf, parseJsonc } from './jsonc.ts';
import { schemaError } from './schema-error.ts';
import { notify, retention, schedule, type NotifierConfig, type RetentionConfig, type ScheduleConfig } from './nights.ts';
import { persons, personsConfig, type PersonsConfig } from './persons.ts';
import { parsePolicy } from './policy-file.ts';
import { scannersOwn } from './scanner-credentials.ts';
import { ticketConfig, ticketsJsonSchema, ticketsOutline, type TicketConfig } from './tickets.ts';

/** config.json: how to reach what. It holds no decisions and no secrets. */
export interface Config {
  tenant: string;
  /** Absolute path of the database. */
  database: string;
  policy: Policy;
  /** Absolute path of the policy, which need not be there. */
  policyFile: string;
  /** The policy's text, kept with every scan; undefined where there is no policy file yet. */
  policyText: string | undefined;
  sources: readonly Source[];
  /** The catalog that is shipped, with what the organisation's own file adds. */
  catalog: CompiledCatalog;
  acceptedGaps: readonly AcceptedGap[];
  /** Undefined = people are kept as their providers name them. */
  persons: PersonsConfig | undefined;
  /** When nights are, with absolute paths; undefined = nobody said. */
  schedule: ScheduleConfig | undefined;
  /** How long history is kept; undefined = as long as the database. */
  retention: RetentionConfig | undefined;
  /** Whom nights are told to, by name. */
  notify: Readonly<Record<string, NotifierConfig>>;
  /** Undefined = no tickets are kept. */
  tickets: TicketConfig | undefined;
  /** The canonical text whose hash two scans must share to be one. */
  text: string;
}

export interface AcceptedGap {
  source: string;
  collector?: string | undefined;
  scope?: string | undefined;
  reason: string;
  owner: string;
  until: string;
}

const sourceName = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens');

const common = {
  collectors: z.record(z.string(), z.boolean()).optional().describe('Collectors to switch on or off, by id'),
  pace: z
    .strictObject({ perSecond: z.number().positive().optional(), inFlight: z.int().min(1).max(100).optional() })
    .optional()
    .describe("Requests in a second and at once, instead of the connector's default; where a provider allows fewer, it is these"),
  timeBudgetMinutes: z.number().positive().optional().describe('After that many minutes the rest of the source is left unread'),
  fullEveryDays: z
    .int()
    .min(1)
    .max(7)
    .optional()
    .describe(
      'Everything is read at least so often; on the nights between, where the provider keeps a log, what it names. 1 = every night',
    ),
};

const A_YEAR_MS = 366 * 86_400_000;

const acceptedGap = z.strictObject({
  source: z.string().min(1),
  collector: z.string().optional(),
  scope: z.string().optional(),
  reason: z.string().trim().min(1).describe('Why it is accepted that this stays unread'),
  owner: z.string().trim().min(1),
  until: z.iso
    .date()
    .refine((day) => Date.parse(day) - Date.now() <= A_YEAR_MS, 'at most one year ahead')
    .describe('YYYY-MM-DD; from the next day on it raises the exit code again'),
});

const file = {
  $schema: z.string().optional(),
  formatVersion: z.literal(1),
  tenant: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens')
    .default('default'),
  database: z.string().min(1).default('noctule.db').describe('Path of the database, relative to this file'),
  policy: z.string().min(1).default('policy.json').describe('Path of the policy file, relative to this file'),
  catalog: z
    .string()
    .min(1)
    .default('catalog.local.json')
    .describe('Path of what the organisation knows beyond the catalog, relative to this file'),
  formerSources: z
    .array(sourceName)
    .default([])
    .describe('Sources that were read once and are no more: what is known of them stays unverified, and that gap can be accepted'),
  acceptedGaps: z.array(acceptedGap).default([]).describe('Gaps that are known and accepted for now: still shown, still resolve nothing'),
  persons: persons
    .optional()
    .describe('How people are kept; without it, as their providers name them. Settled with the first scan into a database'),
  schedule: schedule.optional().describe('When `noctule schedule` scans by itself'),
  retention: retention.optional().describe('How long history is kept; without it, as long as the database'),
  notify: notify.default({}).describe('Whom each night is told to, under a name of your choice'),
};

/** What can be checked before the connectors are known. */
const outline = z.strictObject({
  ...file,
  sources: z.record(sourceName, z.looseObject({ connector: z.string() })),
  tickets: ticketsOutline.optional(),
});

/** The JSON Schema of the whole file, composed of the connectors' own, for editors and for `noctule config schema`. */
export async function configJsonSchema(connectors: readonly Connector[]): Promise<object> {
  const whole = z.strictObject({ ...file, sources: z.record(sourceName, z.unknown()) });
  const schema = z.toJSONSchema(whole, { io: 'input' });
  const shared = z.toJSONSchema(z.strictObject(common), { io: 'input' });
  const { $schema: _ofItsOwn, ...propertyNames } = z.toJSONSchema(sourceName);
  const sources = connectors.map((connector) => {
    const own = z.toJSONSchema(connector.config, { io: 'input', unrepresentable: 'any' });
    return {
      title: connector.title,
      type: 'object',
      properties: { connector: { const: connector.id }, ...shared.properties, ...own.properties },
      required: ['connector', ...(own.required ?? [])],
      additionalProperties: false,
    };
  });
  return {
    ...schema,
    title: 'Noctule configuration',
    properties: {
      ...schema.properties,
      sources: {
        description: 'What to read, each under a name of your choice',
        type: 'object',
        propertyNames,
        additionalProperties: { oneOf: sources },
      },
      tickets: await ticketsJsonSchema(),
    },
  };
}

/** Reads and checks the configuration. The connectors that it names are loaded, and no others. */
export async function loadConfig(path: string): Promise<Config> {
  if (!existsSync(path))
    throw new ConfigError(`There is no configuration at ${path}`, {
      fix: 'Run `noctule init` to write one, or give its path with --config.',
    });
  refuseWritableByOthers(path);
  const text = readText(path);
  const raw = parseJsonc(text, path);
  const parsed = outline.safeParse(raw);
  if (!parsed.success) throw schemaError(parsed.error, text, path, outline);
  const folder = dirname(resolve(path));
  const policyFile = resolve(folder, parsed.data.policy);
  if (hasKey(raw, 'policy') && !existsSync(policyFile))
    throw new ConfigError(`There is no policy at ${policyFile}`, {
      key: 'policy',
      fix: 'Correct the path. Without the key, policy.json is read where it exists; without one, nothing is approved.',
      ...lineOf(text, ['policy']),
    });
  const policy = parsePolicy(policyFile);
  if (policy.text !== undefined && policy.policy.tenant !== parsed.data.tenant)
    throw new ConfigError(
      `${policyFile} is the policy of the tenant "${policy.policy.tenant}", and the configuration is of "${parsed.data.tenant}"`,
      {
        key: 'tenant',
        fix: 'Give both files the same "tenant".',
        ...lineOf(text, ['tenant']),
      },
    );
  const catalogFile = resolve(folder, parsed.data.catalog);
  if (hasKey(raw, 'catalog') && !existsSync(catalogFile))
    throw new ConfigError(`There is no catalog of your own at ${catalogFile}`, {
      key: 'catalog',
      fix: 'Correct the path. Without the key, catalog.local.json is read where it exists.',
      ...lineOf(text, ['catalog']),
    });
  const catalog = readCatalog(catalogFile, parsed.data.tenant);
  refuseScannersSecret(parsed.data.notify, parsed.data.sources, folder, text);
  const sources: Source[] = [];
  for (const [name, entry] of Object.entries(parsed.data.sources)) sources.push(await sourceOf(name, entry, text, path));
  for (const [index, gap] of parsed.data.acceptedGaps.entries()) refuseUnknownGap(gap, index, sources, parsed.data.formerSources, text);
  return {
    tenant: parsed.data.tenant,
    database: resolve(folder, parsed.data.database),
    policy: policy.policy,
    policyFile,
    policyText: policy.text,
    catalog,
    sources,
    acceptedGaps: parsed.data.acceptedGaps,
    persons: personsConfig(parsed.data.persons, text),
    schedule: parsed.data.schedule && {
      ...parsed.data.schedule,
      health: resolve(folder, parsed.data.schedule.health),
      summary: resolve(folder, parsed.data.schedule.summary),
    },
    retention: parsed.data.retention,
    notify: parsed.data.notify,
    tickets: await ticketConfig(parsed.data.tickets, { text, path, folder, sources }),
    text: canonicalJson({ tenant: parsed.data.tenant, sources: parsed.data.sources as Json }),
  };
}

/** The accepted gaps alone, for commands that need neither connectors nor credentials. */
export function readAcceptedGaps(path: string): readonly AcceptedGap[] {
  const text = readText(path);
  const parsed = outline.safeParse(parseJsonc(text, path));
  if (!parsed.success) throw schemaError(parsed.error, text, path, outline);
  return parsed.data.acceptedGaps;
}

async function sourceOf(name: string, entry: Record<string, unknown>, text: string, file: string): Promise<Source> {
  const id = String(entry['connector']);
  if (!connectorIds().includes(id)) {
    throw new ConfigError(`The source "${name}" names the unknown connector "${id}"`, {
      key: `sources.${name}.connector`,
      fix: `Known connectors: ${connectorIds().join(', ')}.`,
      ...lineOf(text, ['sources', name, 'connector']),
    });
  }
  const connector = await loadConnector(id);
  const { connector: _connector, collectors, pace, timeBudgetMinutes, fullEveryDays, ...own } = entry;
  const shared = z.strictObject(common).safeParse({ collectors, pace, timeBudgetMinutes, fullEveryDays });
  if (!shared.success) throw schemaError(shared.error, text, file, z.strictObject(common), ['sources', name]);
  const known = new Set(connector.collectors.map((collector) => collector.id));
  for (const collector of Object.keys(shared.data.collectors ?? {})) {
    if (known.has(collector)) continue;
    const path = ['sources', name, 'collectors', collector];
    throw new ConfigError(`${connector.title} has no collector "${collector}"`, {
      key: path.join('.'),
      fix: `It has: ${[...known].join(', ')}.`,
      ...lineOf(text, path),
    });
  }
  const config = connector.config.safeParse(own);
  if (!config.success) throw schemaError(config.error, text, file, connector.config, ['sources', name], Object.keys(common));
  const source = { name, connector, config: config.data, ...shared.data };
  refuseMissingNeed(source, own, text);
  return source;
}

/** A collector without what it needs would be a gap on every night, and the gap would not say which line is wrong. */
function refuseMissingNeed(source: Source, own: Record<string, unknown>, text: string): void {
  for (const { id, title, needs = [] } of collectorsOf(source)) {
    const missing = needs.find((key) => own[key] === undefined);
    if (missing === undefined) continue;
    const path = ['sources', source.name, 'collectors', id];
    throw new ConfigError(`The collector "${id}" (${title}) needs "${missing}", which this source does not have`, {
      key: path.join('.'),
      fix: `Add "${missing}" to the source, or switch "${id}" off.`,
      ...lineOf(text, path),
    });
  }
}

/** An accepted gap of a source or collector that does not exist would be accepted by nobody, and in silence. */
function refuseUnknownGap(gap: AcceptedGap, index: number, sources: readonly Source[], former: readonly string[], text: string): void {
  if (former.includes(gap.source)) return;
  const source = sources.find(({ name }) => name === gap.source);
  const collectors = source?.connector.collectors.map(({ id }) => id) ?? [];
  const field = !source ? 'source' : gap.collector !== undefined && !collectors.includes(gap.collector) ? 'collector' : undefined;
  if (field === undefined) return;
  const path = ['acceptedGaps', index, field];
  throw new ConfigError(`An accepted gap names the unknown ${field} "${gap[field]}"`, {
    key: path.join('.'),
    fix:
      field === 'source'
        ? `Known sources: ${sources.map(({ name }) => name).join(', ')}. One that was removed has to stand in formerSources.`
        : `Known collectors: ${collectors.join(', ')}.`,
    ...lineOf(text, path),
  });
}

/** A notifier writes to others: what it is given must not open what a scanner reads. */
function refuseScannersSecret(notifiers: unknown, sources: unknown, folder: string, text: string): void {
  const found = scannersOwn(notifiers, sources, folder);
  if (!found) return;
  const path = ['notify', ...found.path];
  throw new ConfigError(`"${path.join('.')}" is the credential of a scanner, and would be sent to somebody else`, {
    key: path.join('.'),
    fix: 'Give the notifier a secret of its own.',
    ...lineOf(text, path),
  });
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}

/**
 * Resolves references to secrets from the environment or from files that only their owner can read.
 * Paths are relative to `folder`, the configuration's own: a nightly job starts elsewhere.
 */
export function secretReader(
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): (reference: SecretReference) => Secret {
  return (reference) => {
    if ('file' in reference) return readSecret(isAbsolute(reference.file) ? reference.file : join(folder, reference.file));
    const value = environment[reference.env];
    if (value) return new Secret(value);
    throw new ConfigError(`The variable ${reference.env} is not set`, {
      fix: `Set ${reference.env}, or point the configuration at another variable or file.`,
    });
  };
}

function readSecret(file: string): Secret {
  if (!existsSync(file))
    throw new ConfigError(`There is no secret at ${file}`, {
      fix: 'Put it there, readable by its owner alone, or change the reference.',
    });
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new ConfigError(`The secret at ${file} can be read by others`, { fix: `Run \`chmod 600 ${file}\`.` });
  const text = readText(file).trimEnd();
  if (text === '') throw new ConfigError(`The secret at ${file} is empty`, { fix: 'Write the secret into it, or change the reference.' });
  return new Secret(text);
}
