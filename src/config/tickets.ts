import { realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../connector/index.ts';
import { SEVERITIES, type Severity } from '../policy/judged.ts';
import { referencesIn, secretsOfSource } from '../scan/credentials.ts';
import type { Source } from '../scan/engine.ts';
import type { Secret, SecretReference } from '../secret/secret.ts';
import { MOST_READS } from '../tickets/settings.ts';
import type { TicketSettings } from '../tickets/settings.ts';
import type { SinkKind } from '../tickets/sink-kind.ts';
import { SINK_KINDS, sinkKind } from '../tickets/sinks/index.ts';
import { lineOf } from './jsonc.ts';
import { schemaError } from './schema-error.ts';

/** A tracker of the configuration, checked; opening it sends nothing. */
export interface ConfiguredSink {
  name: string;
  kind: SinkKind<unknown>;
  /** The kind's own part. */
  config: unknown;
  minimumSeverity: Severity;
}

export interface TicketConfig {
  settings: TicketSettings;
  sinks: readonly ConfiguredSink[];
}

const common = {
  minimumSeverity: z.enum(SEVERITIES).default('low').describe('What is milder gets no ticket here'),
};

const sinkName = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens');

const settings = {
  openExisting: z
    .boolean()
    .default(false)
    .describe(
      'What was open already when a tracker is first planned for gets tickets too. Without it, it gets one when something about it is new',
    ),
  maxCreatePerRun: z
    .int()
    .min(1)
    .max(1000)
    .default(25)
    .describe('The most tickets that are opened after a scan; one digest stands for those above'),
  resolveAfter: z
    .int()
    .min(1)
    .max(MOST_READS)
    .default(2)
    .describe('Scans that have to have read where something was, and not seen it, before its ticket is closed'),
  snoozeDays: z
    .int()
    .min(1)
    .max(365)
    .default(14)
    .describe('Days for which a ticket that somebody closed is left alone while what it is about is still there'),
  reopenWindowDays: z
    .int()
    .min(0)
    .max(3650)
    .default(90)
    .describe('Days after its closing in which a ticket is opened again; later, a new one names it'),
};

/** What can be checked before the kinds are known. */
export const ticketsOutline = z.strictObject({ sinks: z.record(sinkName, z.looseObject({ kind: z.string() })), ...settings });

/** The JSON Schema of the section, composed of the kinds' own. */
export async function ticketsJsonSchema(): Promise<object> {
  const whole = z.toJSONSchema(z.strictObject({ sinks: z.record(sinkName, z.unknown()), ...settings }), { io: 'input' });
  const { $schema: _whole, ...schema } = whole;
  const { $schema: _names, ...propertyNames } = z.toJSONSchema(sinkName);
  const shared = z.toJSONSchema(z.strictObject(common), { io: 'input' });
  const kinds = await Promise.all(Object.values(SINK_KINDS).map((load) => load() as Promise<SinkKind<unknown>>));
  const sinks = kinds.map(({ kind, title, config }) => {
    const own = anyJson(z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }));
    return {
      title,
      type: 'object',
      properties: { kind: { const: kind }, ...shared.properties, ...own.properties },
      required: ['kind', ...(own.required ?? [])],
      additionalProperties: false,
    };
  });
  return {
    ...schema,
    description: 'Where tickets are kept; without it, there are none',
    properties: {
      ...schema.properties,
      sinks: {
        description: 'Trackers, each under a name of your choice. Each has a credential of its own, which reads nothing else',
        type: 'object',
        propertyNames,
        additionalProperties: { oneOf: sinks },
      },
    },
  };
}

/** Of values that may be any JSON, zod speaks by a reference to itself that holds at the root of a schema alone; nothing is to be said of them. */
function anyJson(schema: z.core.JSONSchema.BaseSchema): z.core.JSONSchema.BaseSchema {
  const { $defs: _recursive, ...own } = schema;
  const text = JSON.stringify(own, (_key, value: unknown) => (typeof value === 'object' && value !== null && '$ref' in value ? {} : value));
  return JSON.parse(text) as z.core.JSONSchema.BaseSchema;
}

/** Checks the section. The kinds that it names are loaded, and no others. */
export async function ticketConfig(
  parsed: z.output<typeof ticketsOutline> | undefined,
  { text, path, folder, sources }: { text: string; path: string; folder: string; sources: readonly Source[] },
): Promise<TicketConfig | undefined> {
  if (parsed === undefined) return undefined;
  const { sinks: entries, ...rest } = parsed;
  const sinks: ConfiguredSink[] = [];
  for (const [name, entry] of Object.entries(entries)) sinks.push(await sinkOf(name, entry, text, path));
  for (const sink of sinks) refuseScannersReference(sink, sources, folder, text);
  return { settings: { ...rest, sinks: sinks.map(({ name, minimumSeverity }) => ({ name, minimumSeverity })) }, sinks };
}

async function sinkOf(name: string, entry: Record<string, unknown>, text: string, file: string): Promise<ConfiguredSink> {
  const path = ['tickets', 'sinks', name];
  const { kind: named, minimumSeverity, ...own } = entry;
  const kind = await sinkKind(String(named));
  if (!kind)
    throw new ConfigError(`The tracker "${name}" is of the unknown kind "${String(named)}"`, {
      key: [...path, 'kind'].join('.'),
      fix: `Known kinds: ${Object.keys(SINK_KINDS).join(', ')}.`,
      ...lineOf(text, [...path, 'kind']),
    });
  const shared = z.strictObject(common).safeParse({ minimumSeverity });
  if (!shared.success) throw schemaError(shared.error, text, file, z.strictObject(common), path);
  const config = kind.config.safeParse(own);
  if (!config.success) throw schemaError(config.error, text, file, kind.config, path, Object.keys(common));
  return { name, kind, config: config.data, ...shared.data };
}

/** What reads everything must not be able to write, and what is told to a tracker must not be what reads everything. */
function refuseScannersReference(sink: ConfiguredSink, sources: readonly Source[], folder: string, text: string): void {
  for (const { key, reference } of referencesIn(sink.config)) {
    const place = placeOf(reference, folder);
    const source = sources.find((one) => secretsOfSource(one).some((own) => placeOf(own, folder) === place));
    if (source) throw sharedCredential(sink.name, key, source.name, text);
  }
}

function placeOf(reference: SecretReference, folder: string): string {
  if ('env' in reference) return `env ${reference.env}`;
  const file = isAbsolute(reference.file) ? reference.file : join(folder, reference.file);
  try {
    return `file ${realpathSync(file)}`;
  } catch {
    return `file ${file}`;
  }
}

/** What ends the whole command: nobody knows what else such a credential would reach. */
export class SharedCredential extends ConfigError {}

function sharedCredential(sink: string, key: string, source: string, text: string): SharedCredential {
  const path = ['tickets', 'sinks', sink, ...key.split('.')];
  return new SharedCredential(`The tracker "${sink}" is given the credential of the source "${source}"`, {
    key: path.join('.'),
    fix: 'Give it one of its own that can write to its project, and read nothing else.',
    ...lineOf(text, path),
  });
}

/**
 * Finds the secrets of a tracker, and refuses those that a source uses too, wherever they are found. Of sources whose secrets are not there it
 * can say nothing: then they cannot be used here either.
 */
export function secretsOfSink(sink: ConfiguredSink, sources: readonly Source[], secret: (reference: SecretReference) => Secret) {
  return (reference: SecretReference): Secret => {
    const found = secret(reference);
    for (const source of sources)
      for (const own of secretsOfSource(source)) {
        const value = revealed(secret, own);
        if (value !== undefined && value === found.reveal())
          throw sharedCredential(sink.name, 'env' in reference ? reference.env : reference.file, source.name, '');
      }
    return found;
  };
}

function revealed(secret: (reference: SecretReference) => Secret, reference: SecretReference): string | undefined {
  try {
    return secret(reference).reveal();
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
