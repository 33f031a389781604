import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fake } from '../../connectors/google-workspace/fake/index.ts';
import { createCompany } from '../../src/testing/company.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { actsOnTerminal, newFolder, noctule, shell, writeConfig } from './run.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Writes a file as it may stand with the organisation, for its owner alone. */
function put(name: string, content: unknown): string {
  const file = join(newFolder(), name);
  writeFileSync(file, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  return file;
}

/** The line, counted from 1, on which a text last stands. */
function lineOf(text: string, part: string): number {
  return text.slice(0, text.lastIndexOf(part)).split('\n').length;
}

interface Stats {
  identified: number;
  vendorsIdentified: number;
  twoTypes: number;
  nameOnly: number;
  products: number;
}

describe('catalog stats', () => {
  test('counts at least 500 products of 400 vendors with a signal besides the name, and 300 with two types of it', async () => {
    const { code, stdout } = await noctule(['catalog', 'stats', '--format', 'json']);
    const stats = JSON.parse(stdout) as Stats;
    expect(code).toBe(0);
    expect(stats.identified).toBeGreaterThanOrEqual(500);
    expect(stats.vendorsIdentified).toBeGreaterThanOrEqual(400);
    expect(stats.twoTypes).toBeGreaterThanOrEqual(300);
    expect(stats.nameOnly + stats.identified).toBe(stats.products);
  });

  test('prints the same as a table', async () => {
    const { stdout: json } = await noctule(['catalog', 'stats', '--format', 'json']);
    const { code, stdout } = await noctule(['catalog', 'stats']);
    const stats = JSON.parse(json) as Stats & { hash: string };
    expect(code).toBe(0);
    for (const [what, number] of [
      ['products', stats.products],
      ['with a signal other than a display name', stats.identified],
      ['with two types of signal beside the name', stats.twoTypes],
      ['known by name only', stats.nameOnly],
    ] as const)
      expect(stdout).toMatch(new RegExp(`^ *${what} +${number}$`, 'm'));
    expect(stdout).toContain(`Content hash ${stats.hash}`);
  });
});

describe('catalog lookup', () => {
  test('finds a product by its id, its vendor and its identifiers, with the sources', async () => {
    for (const text of ['openai/chatgpt', 'ChatGPT', 'chatgpt.com']) {
      const { code, stdout } = await noctule(['catalog', 'lookup', text, '--format', 'json']);
      const { products } = JSON.parse(stdout) as {
        products: { product: string; vendor: string; claims: { type: string; value: string; source: string }[] }[];
      };
      const found = products.find(({ product }) => product === 'openai/chatgpt')!;
      expect([code, found.vendor], text).toEqual([0, 'OpenAI']);
      const claim = found.claims.find(({ type, value }) => type === 'domain' && value === 'chatgpt.com')!;
      expect(claim.source).toMatch(/^https:\/\//);
      expect(found.claims.every(({ source }) => source !== undefined)).toBe(true);
    }
  });

  test('says what the text is taken for as a display name, and knows the negative catalog', async () => {
    const { stdout } = await noctule(['catalog', 'lookup', 'AWS Copilot']);
    expect(stdout).toMatch(/^As a display name: not_ai /);
    expect(stdout).toContain('aws-copilot');
    expect((await noctule(['catalog', 'lookup', 'Weather of tomorrow'])).stdout).toBe(
      'As a display name: unknown (no), nothing in the catalog matches\n\nNo product has it.\n',
    );
  });

  test('asks with the organisation’s own file as well', async () => {
    const file = put('catalog.local.json', {
      formatVersion: 1,
      products: [
        {
          id: 'ours/lantern',
          name: 'Lantern',
          vendor: 'Ours',
          category: 'writing',
          tier: 'ai',
          signals: { app_name: ['Lantern \u001b[31m'] },
        },
      ],
    });
    const { code, stdout } = await noctule(['catalog', 'lookup', 'ours/lantern', '--overlay', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('ours/lantern  Lantern, Ours, writing, ai');
    expect(actsOnTerminal(stdout)).toEqual([]);
    expect(await noctule(['catalog', 'lookup', 'x', '--overlay', '/nowhere.json'])).toMatchObject({ code: 2, stdout: '' });
  });
});

test('catalog match takes the organisation’s own file', async () => {
  const file = put('catalog.local.json', {
    formatVersion: 1,
    claims: [{ type: 'oauth_client_id', value: 'ours.apps.example', product: 'openai/chatgpt' }],
    notAi: [{ type: 'app_name', value: 'ChatGPT', reason: 'a joke of ours' }],
  });
  const input = '{"type":"oauth_client_id","value":"ours.apps.example"}\n{"type":"app_name","value":"ChatGPT"}\n';
  const { code, stdout } = await noctule(['catalog', 'match', '--overlay', file], { input });
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { verdict: string; product: string | null });
  expect(code).toBe(0);
  expect(answers.map(({ verdict, product }) => [verdict, product])).toEqual([
    ['ai', 'openai/chatgpt'],
    ['not_ai', null],
  ]);
});

describe('catalog validate', () => {
  const SOURCE = 'https://lantern.example/docs';
  const vendor = (products: unknown[]) => ({ $schema: '../product.schema.json', vendor: { id: 'lantern', name: 'Lantern' }, products });
  const product = (signals: object, more: object = {}) => ({
    id: 'lantern/writer',
    name: 'Lantern Writer',
    category: 'writing',
    tier: 'ai',
    ...more,
    signals,
  });

  test('accepts the catalog that is shipped, each of its files, and a new one', async () => {
    expect(await noctule(['catalog', 'validate'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^Valid: \d+ vendors\.\n$/) as string,
    });
    const own = new URL('../../src/catalog/products/openai.json', import.meta.url).pathname;
    expect(await noctule(['catalog', 'validate', own])).toMatchObject({ code: 0, stderr: '' });
    const file = put('lantern.json', vendor([product({ domain: [{ value: 'lantern.example', source: SOURCE }] })]));
    expect(await noctule(['catalog', 'validate', file])).toEqual({ code: 0, stderr: '', stdout: 'Valid: 1 products of Lantern.\n' });
  });

  // What stands on the line that is told, and what is said of it.
  test.each([
    [
      'a typo',
      product({ domian: [{ value: 'lantern.example', source: SOURCE }] }),
      '"domian"',
      'unknown key "products.0.signals.domian"',
      'Did you mean "domain"?',
    ],
    [
      'no source',
      product({ domain: [{ value: 'lantern.example' }] }),
      '"value": "lantern.example"',
      'products.0.signals.domain.0.source: is missing',
      'Give an https address',
    ],
    [
      'a source that is no address',
      product({ domain: [{ value: 'lantern.example', source: 'the docs' }] }),
      '"the docs"',
      'signals.domain.0.source',
      'Give an https address',
    ],
    [
      'a duplicate claim',
      product({ domain: [{ value: 'chatgpt.com', source: SOURCE }] }),
      '"chatgpt.com"',
      'domain "chatgpt.com" is claimed by openai/chatgpt too',
      'Keep it with the product that it identifies',
    ],
    [
      'a name of another product',
      product({ app_name: [{ value: 'chatGPT', source: SOURCE }] }),
      '"chatGPT"',
      'app_name "chatGPT" is claimed by openai/chatgpt too',
      '"ambiguous": true',
    ],
    [
      'what the negative catalog has',
      product({ app_name: [{ value: 'AWS Copilot', source: SOURCE }] }),
      '"AWS Copilot"',
      'the negative catalog (aws-copilot)',
      'alone',
    ],
    [
      'a disorder',
      product({
        domain: [
          { value: 'lantern.example', source: SOURCE },
          { value: 'a.example', source: SOURCE },
        ],
      }),
      '"a.example"',
      '"a.example" stands after "lantern.example"',
      'Put it in its place',
    ],
    [
      'a foreign id',
      product({ domain: [{ value: 'lantern.example', source: SOURCE }] }, { id: 'lamp/writer' }),
      '"lamp/writer"',
      '"lamp/writer" is no id of lantern',
      'Begin it with "lantern/"',
    ],
    [
      'a taken id',
      product({ domain: [{ value: 'lantern.example', source: SOURCE }] }, { formerIds: ['openai/chatgpt'] }),
      '"openai/chatgpt"',
      'the id "openai/chatgpt" is taken',
      'Choose another id',
    ],
    [
      'a risk without a source',
      product({ domain: [{ value: 'lantern.example', source: SOURCE }] }, { risks: [{ note: 'trains on data' }] }),
      '"note"',
      'products.0.risks.0.source: is missing',
      'Give an https address',
    ],
  ])('refuses %s with the file, the line and the fix', async (_what, wrong, part, message, fix) => {
    const text = `${JSON.stringify(vendor([wrong]), null, 2)}\n`;
    const file = put('lantern.json', text);
    const { code, stdout, stderr } = await noctule(['catalog', 'validate', file]);
    expect([code, stdout]).toEqual([2, '']);
    const told = /:(\d+): /.exec(stderr)?.[1];
    // What is missing stands on no line: the claim that lacks it is told.
    const line = message.includes('is missing') ? lineOf(text, part) - 1 : lineOf(text, part);
    expect([stderr.startsWith(`${file}:`), Number(told)], stderr).toEqual([true, line]);
    expect(stderr).toContain(message);
    expect(stderr.split('\n')[1]).toContain(fix);
  });

  test('refuses a file under another name than its vendor’s', async () => {
    const file = put('lamp.json', vendor([product({ domain: [{ value: 'lantern.example', source: SOURCE }] })]));
    expect(await noctule(['catalog', 'validate', file])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Name it lantern.json.') as string,
    });
  });

  test('checks the organisation’s own file, comments and all; the one that the documentation shows is right', async () => {
    const example = /```jsonc\n([\s\S]*?)```/.exec(read('docs/catalog-local.md'))![1]!;
    expect(await noctule(['catalog', 'validate', put('catalog.local.json', example)])).toEqual({
      code: 0,
      stderr: '',
      stdout: 'Valid: 1 products, 1 claims, 2 that are no AI.\n',
    });
    const wrong = example.replace('"openai/chatgpt"', '"openai/chatgtp"');
    const file = put('catalog.local.json', wrong);
    const { code, stderr } = await noctule(['catalog', 'validate', file]);
    expect([code, stderr]).toEqual([
      2,
      `${file}:${lineOf(wrong, '"openai/chatgtp"')}: claims.0.product: there is no product "openai/chatgtp"\n` +
        '  Find its id with `noctule catalog lookup`, or add it under "products".\n',
    ]);
  });
});

describe('a scan with the organisation’s own catalog', () => {
  let provider: FakeProvider;
  let folder: string;
  beforeAll(async () => {
    provider = await fake.start(createCompany({ people: 14, today: new Date() }), {});
    folder = newFolder();
    writeConfig(folder, { workspace: { ...provider.config, pace: { perSecond: 1_000, inFlight: 12 } } });
  });
  afterAll(() => provider.close());

  const run = (...args: string[]) => noctule([...args, '-c', join(folder, 'config.json')], { env: provider.environment });
  const asked = async (sql: string) => JSON.parse((await run('query', sql, '--format', 'json')).stdout) as Record<string, string>[];

  test('judges by it, stores the hash of both, and proposes the apps that nobody has named yet', async () => {
    expect(await run('scan')).toMatchObject({ code: 0 });
    const proposed = await run('catalog', 'propose', '--limit', '3');
    expect(proposed.code).toBe(0);
    const proposal = JSON.parse(proposed.stdout) as { products: { name: string; signals: Record<string, string[]> }[] };
    expect(proposal.products).toHaveLength(3);
    expect(actsOnTerminal(proposed.stdout)).toEqual([]);
    const [first] = proposal.products;
    const [client] = first!.signals['oauth_client_id']!;
    const verdict = `SELECT verdict, product FROM integrations WHERE app = '${client}'`;
    expect((await asked(verdict))[0]!['product']).toBeNull();

    writeFileSync(join(folder, 'catalog.local.json'), proposed.stdout, { mode: 0o600 });
    expect(await noctule(['catalog', 'validate', join(folder, 'catalog.local.json')])).toMatchObject({ code: 0 });
    // Before the next scan, and without the credentials for a request.
    const rematched = await noctule(['catalog', 'rematch', '--format', 'json', '-c', join(folder, 'config.json')]);
    const changed = JSON.parse(rematched.stdout) as { appId: string; before: object; after: object }[];
    expect(changed.find(({ appId }) => appId === client)).toMatchObject({
      before: { product: null },
      after: { verdict: 'ai', product: expect.stringMatching(/^review\//) as string },
    });

    expect(await run('scan')).toMatchObject({ code: 0 });
    expect((await run('catalog', 'rematch', '--format', 'json')).stdout).toBe('[]\n');
    expect(await asked(verdict)).toEqual([{ verdict: 'ai', product: expect.stringMatching(/^review\//) as string }]);
    const hashes = await asked('SELECT catalog_hash FROM scans ORDER BY scan');
    expect(new Set(hashes.map((row) => row['catalog_hash'])).size).toBe(2);
    // What has a name now is proposed no more.
    const again = JSON.parse((await run('catalog', 'propose')).stdout) as typeof proposal;
    expect(again.products.map(({ name }) => name)).not.toContain(first!.name);
  });

  test('refuses one of another tenant, and one that is named and not there', async () => {
    writeFileSync(join(folder, 'catalog.local.json'), '{ "formatVersion": 1, "tenant": "others" }', { mode: 0o600 });
    expect(await run('config', 'validate')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Give both files the same "tenant".') as string,
    });
    const config = writeConfig(folder, {}, { catalog: 'elsewhere.json' });
    expect(await noctule(['config', 'validate', '-c', config])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`There is no catalog of your own at ${join(folder, 'elsewhere.json')}`) as string,
    });
  });
});

test('every command of the catalog shows examples that exist', async () => {
  for (const command of ['match', 'lookup', 'stats', 'validate', 'propose', 'rematch']) {
    const { code, stdout } = await noctule(['catalog', command, '--help']);
    expect([code, stdout.includes(`$ noctule catalog ${command}`) || stdout.includes(`| noctule catalog ${command}`)], command).toEqual([
      0,
      true,
    ]);
  }
});

test('the schema of the organisation’s own file is the one that is published', async () => {
  const { code, stdout } = await shell('noctule config schema --catalog');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(read('catalog.schema.json')));
});
