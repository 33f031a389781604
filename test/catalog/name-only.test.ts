import { expect, test } from 'vitest';
import { createCatalog, readCompiled } from '../../src/catalog/catalog.ts';
import { match } from '../../src/catalog/match.ts';
import { isKnownByNameOnly } from '../../src/catalog/reasons.ts';

const compiled = readCompiled();
const catalog = createCatalog(compiled);

/** The identifiers of the catalog that are one product's alone, in the form in which an app would carry them: of an owner, an action. */
function identifiersOf(product: string): { type: string; value: string }[] {
  return Object.entries(compiled.claims).flatMap(([type, values]) =>
    Object.entries(values).flatMap(([value, ids]) => {
      if (![ids].flat().includes(product)) return [];
      return [type === 'github_owner' ? { type: 'action', value: `${value}/setup` } : { type, value }];
    }),
  );
}

test('a product that is known by names only is never surely recognised, and there are some', () => {
  const products = [...catalog.products()].map(({ id }) => id).filter((id) => isKnownByNameOnly(catalog, id));
  expect([products.length > 5, products.length < 200]).toEqual([true, true]);
  const sure = products.flatMap((product) =>
    identifiersOf(product).filter((signal) => {
      const found = match(catalog, [signal]);
      return found.product === product && (found.grade === 'exact' || found.grade === 'strong');
    }),
  );
  expect(sure).toEqual([]);
});

test('a product is identified by the types of what is its alone', () => {
  const small = createCatalog({
    hash: 'h',
    products: { 'acme/brain': ['Brain', 'Acme', 'assistants', 'ai'], 'acme/whisper': ['Whisper', 'Acme', 'assistants', 'ai'] },
    claims: {
      app_name: { brain: 'acme/brain', whisper: '=acme/whisper' },
      domain: { 'brain.example': 'acme/brain', 'acme.example': ['acme/brain', '?acme/whisper'] },
    },
  });
  expect([small.identifiedBy('acme/brain'), isKnownByNameOnly(small, 'acme/brain')]).toEqual([['app_name', 'domain'], false]);
  expect([small.identifiedBy('acme/whisper'), isKnownByNameOnly(small, 'acme/whisper')]).toEqual([[], true]);
  expect(isKnownByNameOnly(small, 'acme/unknown')).toBe(true);
});
