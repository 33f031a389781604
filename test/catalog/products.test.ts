import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { lookupForm } from '../../src/catalog/catalog.ts';
import { vendorFaults } from '../../src/catalog/faults.ts';
import { negativeCatalog, vendorFile } from '../../src/catalog/product.ts';
import type { Product, SignalType, VendorFile } from '../../src/catalog/product.ts';

const CATALOG = new URL('../../src/catalog/', import.meta.url);
const PRODUCTS = new URL('products/', CATALOG);

/** A list that backs more claims than this must be cited row by row. */
const CLAIMS_PER_UNLOCATED_SOURCE = 40;
/** One row of a list may back a few identifiers of one thing: its name, its host, its MCP server. */
const CLAIMS_PER_ROW = 4;

const names = readdirSync(PRODUCTS).sort();
const files = names.map((name) => ({ name, text: readFileSync(new URL(name, PRODUCTS), 'utf8') }));
const vendors: VendorFile[] = files.map(({ text }) => JSON.parse(text));
const products = vendors.flatMap((file) => file.products);
const claims = products.flatMap((product) =>
  Object.entries(product.signals).flatMap(([type, rows = []]) => rows.map((claim) => ({ product: product.id, type, ...claim }))),
);

/** Types that are compared without case, so that two spellings are one identifier. */
const WITHOUT_CASE: ReadonlySet<string> = new Set([
  'action',
  'app_name',
  'bot_login',
  'commit_email',
  'github_owner',
] satisfies SignalType[]);

function identity(type: string, value: string): string {
  return `${type} ${WITHOUT_CASE.has(type) ? value.toLowerCase() : value}`;
}

function isSorted(values: string[]): boolean {
  return values.every((value, i) => i === 0 || values[i - 1]! < value);
}

function typesBesidesTheName(product: Product): string[] {
  return Object.keys(product.signals).filter((type) => type !== 'app_name');
}

describe('the vendor files', () => {
  test('keep to the schema', () => {
    const broken = files.flatMap(({ name, text }) => {
      const { error } = vendorFile.safeParse(JSON.parse(text));
      return error ? [`${name}: ${z.prettifyError(error)}`] : [];
    });
    expect(broken).toEqual([]);
  });

  test('are named after their vendor, whose id begins the id of every product', () => {
    expect(vendors.map((file) => `${file.vendor.id}.json`)).toEqual(names);
    expect(vendors.flatMap((file) => file.products.filter((product) => !product.id.startsWith(`${file.vendor.id}/`)))).toEqual([]);
  });

  test('are written with two spaces and a last newline, so that a change shows as the lines that changed', () => {
    const other = files.filter(({ text }) => text !== `${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    expect(other.map(({ name }) => name)).toEqual([]);
  });

  test('are sorted: products by id, signals by type, claims by value', () => {
    const unsortedVendors = vendors.filter((file) => !isSorted(file.products.map((product) => product.id)));
    const unsortedProducts = products.filter(
      ({ signals }) =>
        !isSorted(Object.keys(signals)) || Object.values(signals).some((rows = []) => !isSorted(rows.map((row) => row.value))),
    );
    expect(unsortedVendors.map((file) => file.vendor.id)).toEqual([]);
    expect(unsortedProducts.map((product) => product.id)).toEqual([]);
  });
});

describe('the catalog', () => {
  test('names every product once, also by its former ids', () => {
    const ids = products.flatMap((product) => [product.id, ...(product.formerIds ?? [])]);
    expect(ids).toEqual([...new Set(ids)]);
  });

  test('claims no identifier for two products, save names that both call ambiguous', () => {
    const seen = new Map<string, (typeof claims)[number]>();
    const twice = claims.filter((claim) => {
      const key = identity(claim.type, claim.value);
      const first = seen.get(key);
      seen.set(key, first ?? claim);
      return first !== undefined && !(claim.type === 'app_name' && claim.ambiguous && first.ambiguous && claim.product !== first.product);
    });
    expect(twice).toEqual([]);
  });

  test('has a source for every claim, and a place in it where one source backs many', () => {
    const bySource = Map.groupBy(claims, (claim) => claim.source.split('#')[0]);
    const large = [...bySource.values()].filter((rows) => rows.length > CLAIMS_PER_UNLOCATED_SOURCE).flat();

    expect(claims.filter((claim) => !claim.source.startsWith('https://'))).toEqual([]);
    expect(large.filter((claim) => !claim.source.includes('#'))).toEqual([]);
    const rows = Map.groupBy(large, (claim) => claim.source);
    expect([...rows].filter(([, backed]) => backed.length > CLAIMS_PER_ROW).map(([source]) => source)).toEqual([]);
  });

  test('has no mistake that `catalog validate` would tell', () => {
    const negative = negativeCatalog.parse(JSON.parse(readFileSync(new URL('negative.json', CATALOG), 'utf8')));
    expect(
      vendorFaults(
        vendors.map((content, index) => ({ file: names[index]!, content })),
        negative,
      ),
    ).toEqual([]);
  });

  test('recognises a product by the names that it was sold under before', () => {
    const claimed = new Set(claims.filter(({ type }) => type === 'app_name').map(({ value }) => lookupForm('app_name', value)));
    const lost = products.flatMap(({ id, formerNames = [] }) =>
      formerNames.filter((name) => !claimed.has(lookupForm('app_name', name))).map((name) => `${id}: ${name}`),
    );
    expect(lost).toEqual([]);
  });

  test('proposes alternatives that it has, and no product to itself', () => {
    const ids = new Set(products.map(({ id }) => id));
    expect(products.filter(({ id, alternatives = [] }) => alternatives.some((other) => other === id || !ids.has(other)))).toEqual([]);
  });

  test('names a vendor once', () => {
    const vendorNames = vendors.map(({ vendor }) => vendor.name.toLowerCase());
    expect(vendorNames.filter((name, index) => vendorNames.indexOf(name) !== index)).toEqual([]);
  });

  test('says of a scope of packages only what one of its packages shows', () => {
    const packages = claims.filter(({ type }) => type === 'package');
    const unseen = packages.filter(
      ({ value, source }) =>
        value.endsWith('/*') &&
        !packages.some((one) => one.value !== value && one.value.startsWith(value.slice(0, -1)) && one.source === source),
    );
    expect(unseen).toEqual([]);
  });

  test('cites an organisation on GitHub by its own page, and claims none that is shared', () => {
    const owners = claims.filter(({ type }) => type === 'github_owner');
    expect(owners.filter(({ value, source }) => source !== `https://github.com/${value}`)).toEqual([]);
    const shared = new Set([
      'actions',
      'aws',
      'aws-actions',
      'azure',
      'cloudflare',
      'github',
      'google',
      'googleapis',
      'microsoft',
      'vercel',
    ]);
    expect(owners.filter(({ value }) => shared.has(value.toLowerCase()))).toEqual([]);
  });

  test('takes no name of one or two letters and no host of a shared platform as a whole', () => {
    const platforms = new Set([
      'amazonaws.com',
      'azure.com',
      'cloud.google.com',
      'github.com',
      'github.io',
      'google.com',
      'googleapis.com',
      'microsoft.com',
      'vercel.app',
      'workers.dev',
    ]);
    expect(claims.filter((claim) => claim.type === 'domain' && platforms.has(claim.value))).toEqual([]);
    expect(claims.filter((claim) => claim.type === 'app_name' && claim.value.length < 3 && !claim.ambiguous)).toEqual([]);
  });

  test('has no risk, no claim and no entry of the negative catalog without a source: the schema refuses them', () => {
    const signals = { domain: [{ value: 'acme.example', source: 'https://acme.example/' }] };
    const file = (product: object) => ({
      $schema: '../product.schema.json',
      vendor: { id: 'acme', name: 'Acme' },
      products: [{ id: 'acme/brain', name: 'Brain', category: 'assistants', tier: 'ai', signals, ...product }],
    });
    expect(vendorFile.safeParse(file({})).success).toBe(true);
    for (const wrong of [
      { risks: [{ note: 'Trains on data' }] },
      { signals: { domain: [{ value: 'acme.example' }] } },
      { signals: { domain: [{ value: 'acme.example', source: 'http://acme.example/' }] } },
      { formerIds: [] },
    ])
      expect(vendorFile.safeParse(file(wrong)).success, JSON.stringify(wrong)).toBe(false);
    const entry = { id: 'x', name: 'X', why: 'y', signals: { app_name: ['X'] } };
    expect(negativeCatalog.safeParse({ $schema: './negative.schema.json', entries: [entry] }).success).toBe(false);
    expect(
      negativeCatalog.safeParse({ $schema: './negative.schema.json', entries: [{ ...entry, source: 'https://x.example/' }] }).success,
    ).toBe(true);
  });

  test('is as large as it says; products known by name only are counted apart', () => {
    const identified = products.filter((product) => typesBesidesTheName(product).length > 0);
    const twoTypes = products.filter((product) => typesBesidesTheName(product).length > 1);

    expect(identified.length).toBeGreaterThanOrEqual(1900);
    expect(new Set(identified.map((product) => product.id.split('/')[0])).size).toBeGreaterThanOrEqual(1750);
    expect(twoTypes.length).toBeGreaterThanOrEqual(880);
    expect(products.length - identified.length).toBeLessThanOrEqual(25);
  });
});

describe('the negative catalog', () => {
  const negative = negativeCatalog.parse(JSON.parse(readFileSync(new URL('negative.json', CATALOG), 'utf8')));

  test('is sorted by id', () => {
    const ids = negative.entries.map((entry) => entry.id);
    expect(isSorted(ids)).toBe(true);
  });

  test('contradicts no claim of the catalog', () => {
    const claimed = new Set(claims.map((claim) => identity(claim.type, claim.value)));
    const both = negative.entries.flatMap((entry) =>
      Object.entries(entry.signals).flatMap(([type, values]) => values.filter((value) => claimed.has(identity(type, value)))),
    );
    expect(both).toEqual([]);
  });
});

test.each([
  ['product.schema.json', vendorFile],
  ['negative.schema.json', negativeCatalog],
])('%s is the schema that the code uses', (name, schema) => {
  expect(JSON.parse(readFileSync(new URL(name, CATALOG), 'utf8'))).toEqual(z.toJSONSchema(schema));
});
