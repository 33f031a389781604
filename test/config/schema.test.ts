import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { configJsonSchema, loadConfig } from '../../src/config/config.ts';
import { parseJsonc } from '../../src/config/jsonc.ts';
import { policyJsonSchema } from '../../src/config/policy-file.ts';
import { connectorIds, loadConnector } from '../../src/scan/registry.ts';
import { place, put, WORKSPACE } from './place.ts';

const root = new URL('../../', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, root), 'utf8');
const connectors = await Promise.all(connectorIds().map(loadConnector));
const published = JSON.parse(JSON.stringify(await configJsonSchema(connectors))) as Schema;

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  oneOf?: Schema[];
  const?: unknown;
}

function validator(schema: object) {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, allowUnionTypes: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

describe('the published schemas', () => {
  test('config.schema.json is current (else: noctule config schema > config.schema.json, and format it)', () => {
    expect(JSON.parse(read('config.schema.json'))).toEqual(published);
  });

  test('policy.schema.json is current (else: noctule config schema --policy > policy.schema.json, and format it)', () => {
    expect(JSON.parse(read('policy.schema.json'))).toEqual(JSON.parse(JSON.stringify(policyJsonSchema())));
  });

  test('say the same as the program about mistakes that an editor can see', async () => {
    const valid = validator(published);
    const whole = { formatVersion: 1, sources: { workspace: WORKSPACE } };
    const wrong = [
      { ...whole, databse: 'x' },
      { ...whole, sources: { workspace: { ...WORKSPACE, subjcet: 'x' } } },
      { ...whole, sources: { workspace: { ...WORKSPACE, serviceAccount: 'secret' } } },
      { ...whole, sources: { workspace: { ...WORKSPACE, serviceAccount: { env: 'no name' } } } },
      { ...whole, sources: { workspace: { ...WORKSPACE, connector: 'slack' } } },
      { ...whole, sources: { workspace: { ...WORKSPACE, pace: { perSecond: 0 } } } },
      { ...whole, sources: { 'My Source': WORKSPACE } },
      { ...whole, acceptedGaps: [{ source: 'workspace', reason: 'r', owner: 'o', until: 'soon' }] },
      { sources: {} },
    ];
    expect(valid(whole), JSON.stringify(valid.errors)).toBe(true);
    await expect(loadConfig(put(place(), 'config.json', whole))).resolves.toMatchObject({ tenant: 'default' });
    for (const value of wrong) {
      expect(valid(value), JSON.stringify(value)).toBe(false);
      await expect(loadConfig(put(place(), 'config.json', value))).rejects.toThrow();
    }
  });

  test('the policy that `init` would write, and one with everything in it, fit the schema', () => {
    const valid = validator(policyJsonSchema());
    const signed = { owner: 'o', approver: 'a', reason: 'r' };
    expect(valid({ $schema: './policy.schema.json', formatVersion: 1, approvals: [], denials: [], exceptions: [] })).toBe(true);
    const all = {
      formatVersion: 1,
      tenant: 'acme',
      approvals: [
        {
          product: 'openai/chatgpt',
          apps: ['x'],
          ceiling: { data: { mail: 'read' } },
          population: { most: 3, units: ['/Sales'], repositories: ['1'] },
          stage: 'probation',
          ...signed,
          businessProcess: 'b',
          controlOwner: 'c',
          evidence: ['e'],
          ticket: 't',
          decided: '2026-01-01',
          expires: '2027-01-01',
          reviewed: '2026-01-01',
          reviewEvery: 90,
        },
      ],
      denials: [{ apps: ['y'], reason: 'r', redirect: 'z', decided: '2026-01-01' }],
      exceptions: [{ finding: '0123abcd', owner: 'o', reason: 'r', until: '2027-01-01' }],
    };
    expect(valid(all), JSON.stringify(valid.errors)).toBe(true);
  });
});

describe('config.example.json', () => {
  const text = read('config.example.json');
  const example = parseJsonc(text, 'config.example.json') as { $schema: string; sources: Record<string, Record<string, unknown>> };

  test('names its schema and fits it', () => {
    const valid = validator(published);
    expect(example.$schema).toBe('./config.schema.json');
    expect(valid(example), JSON.stringify(valid.errors)).toBe(true);
  });

  test('is accepted as it stands, with a source of every connector', async () => {
    const folder = place();
    put(folder, 'policy.json', { formatVersion: 1 });
    put(folder, 'catalog.local.json', { formatVersion: 1 });
    const config = await loadConfig(put(folder, 'config.json', text));
    expect(config.sources.map(({ connector }) => connector.id).sort()).toEqual(connectorIds());
  });

  test('speaks of every key that there is, in a value or in a comment', () => {
    const missing = [...keysOf(published)].filter((key) => !text.includes(`"${key}"`));
    expect(missing).toEqual([]);
  });

  test('holds references where secrets belong, and nothing that looks like one', () => {
    const places = [...secretsOf(example.sources)];
    expect(places.length).toBeGreaterThan(3);
    for (const [path, value] of places) expect(Object.keys(value as object), path).toEqual([expect.stringMatching(/^(env|file)$/)]);
    expect(text).not.toMatch(/gh[opsur]_\w{10}|AKIA\w{8}|BEGIN [A-Z ]*PRIVATE KEY|ya29\./);
  });

  test('loses nothing of its comments: what is commented out is valid too', async () => {
    const folder = place();
    put(folder, 'policy.json', { formatVersion: 1 });
    put(folder, 'catalog.local.json', { formatVersion: 1 });
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const all = text
      .replaceAll(/^(\s*)\/\/ (?=["{}]|\s)/gm, '$1')
      .replace('"COLLECTOR"', '"members"')
      .replace('"YYYY-MM-DD"', `"${until}"`);
    const config = await loadConfig(put(folder, 'config.json', all));
    expect(config.acceptedGaps).toHaveLength(1);
  });
});

/** The names of all keys of a schema, those of the sources included. */
function* keysOf(schema: Schema): Generator<string> {
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    yield key;
    yield* keysOf(inner);
  }
  if (typeof schema.additionalProperties === 'object') yield* keysOf(schema.additionalProperties);
  for (const inner of schema.oneOf ?? []) yield* keysOf(inner);
}

const SECRET_KEYS = new Set(['serviceAccount', 'privateKey', 'token', 'id', 'secret', 'session', 'externalId']);

function* secretsOf(value: unknown, path = ''): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (SECRET_KEYS.has(key) && typeof inner !== 'number') yield [`${path}.${key}`, inner];
    yield* secretsOf(inner, `${path}.${key}`);
  }
}
