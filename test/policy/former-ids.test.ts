import { expect, test } from 'vitest';
import { createCatalog } from '../../src/catalog/catalog.ts';
import { compileCatalog } from '../../src/catalog/compile.ts';
import type { VendorFile } from '../../src/catalog/product.ts';
import { match } from '../../src/catalog/match.ts';
import { EMPTY_POLICY, withCurrentIds } from '../../src/policy/policy.ts';
import { integrationOf } from '../../src/policy/integration.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { grant, NOW, SIGNED } from './apps.ts';

const CLIENT = '123456789012-lantern.apps.googleusercontent.com';

/** A vendor whose product has another id since its last catalog. */
const renamed: VendorFile = {
  $schema: '../product.schema.json',
  vendor: { id: 'lantern', name: 'Lantern' },
  products: [
    {
      id: 'lantern/writer',
      name: 'Lantern Writer',
      formerIds: ['lantern/scribe'],
      category: 'writing',
      tier: 'ai',
      signals: { oauth_client_id: [{ value: CLIENT, source: 'https://lantern.example/' }] },
    },
  ],
};

test('what was decided about a product holds when the catalog gives it another id', () => {
  const catalog = createCatalog(compileCatalog([renamed], { $schema: './negative.schema.json', entries: [] }));
  const app = integrationOf('default', [{ ...grant(CLIENT, 'Lantern Writer'), signals: [{ type: 'oauth_client_id', value: CLIENT }] }], {
    match: (signals) => match(catalog, signals),
    meaning: (_connector, permission) => ({ dataClass: 'files', access: 'read', plain: permission, known: true }),
  });
  const decided = (entries: object) => withCurrentIds({ ...EMPTY_POLICY, ...entries }, (id) => catalog.currentId(id));
  expect(app.match.product).toBe('lantern/writer');
  expect(standingOf(app, decided({ approvals: [{ product: 'lantern/scribe', ...SIGNED }] }), NOW).is).toBe('approved');
  expect(standingOf(app, decided({ denials: [{ product: 'lantern/scribe', reason: 'no' }] }), NOW).is).toBe('denied');
  expect(standingOf(app, decided({ approvals: [{ product: 'lantern/other', ...SIGNED }] }), NOW).is).toBe('undecided');
});
