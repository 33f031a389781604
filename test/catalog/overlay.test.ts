import { describe, expect, test } from 'vitest';
import { createCatalog, type CompiledCatalog } from '../../src/catalog/catalog.ts';
import { match } from '../../src/catalog/match.ts';
import { overlayFaults, overlaySchema, withOverlay } from '../../src/catalog/overlay.ts';
import { proposalOf, type Nameless } from '../../src/catalog/proposal.ts';

const SHIPPED: CompiledCatalog = {
  hash: 'shipped',
  products: { 'acme/brain': ['Brain', 'Acme', 'assistants', 'ai'], 'acme/cortex': ['Cortex', 'Acme', 'model-apis', 'ai'] },
  claims: {
    app_name: { brain: 'acme/brain', cortex: 'acme/cortex' },
    domain: { 'brain.example': 'acme/brain' },
    oauth_client_id: { 'brain-client': 'acme/brain' },
  },
};

function overlay(fields: Record<string, unknown>) {
  return overlaySchema.parse({ formatVersion: 1, ...fields });
}

/** Verdict and product of signals, with an overlay over the small catalog. */
function judged(fields: Record<string, unknown>, ...told: [type: string, value: string][]) {
  const { verdict, product } = match(
    createCatalog(withOverlay(SHIPPED, overlay(fields))),
    told.map(([type, value]) => ({ type, value })),
  );
  return [verdict, product ?? null];
}

const PRODUCT = { id: 'ours/writer', name: 'Writer', vendor: 'Ours', category: 'writing', tier: 'ai', signals: { app_name: ['Lantern'] } };

describe('an overlay', () => {
  test('keeps what products were called before: a decision under a former id still holds', () => {
    const former = { ...SHIPPED, former: { 'acme/mind': 'acme/brain' } };
    const laid = createCatalog(withOverlay(former, overlay({ notAi: [] })));
    expect(laid.currentId('acme/mind')).toBe('acme/brain');
  });

  test('adds products, with names that others use too', () => {
    expect(judged({ products: [PRODUCT] }, ['app_name', 'LANTERN'])).toEqual(['ai', 'ours/writer']);
    const ambiguous = { ...PRODUCT, signals: { app_name: [{ value: 'Lantern', ambiguous: true }] } };
    expect(judged({ products: [ambiguous] }, ['app_name', 'Lantern'])).toEqual(['suspected', null]);
    expect(judged({}, ['app_name', 'Lantern'])).toEqual(['unknown', null]);
  });

  test('maps an identifier to a product, and wins over the catalog on the same value', () => {
    const claims = [
      { type: 'oauth_client_id', value: 'our-client', product: 'acme/brain' },
      { type: 'oauth_client_id', value: 'brain-client', product: 'acme/cortex' },
    ];
    expect(judged({ claims }, ['oauth_client_id', 'our-client'])).toEqual(['ai', 'acme/brain']);
    expect(judged({ claims }, ['oauth_client_id', 'brain-client'])).toEqual(['ai', 'acme/cortex']);
  });

  test('says that an app is no AI: by an id against all but ids, by a name against names', () => {
    const notAi = [
      { type: 'oauth_client_id', value: 'intranet', reason: 'our intranet' },
      { type: 'app_name', value: 'Brain Rota', reason: 'the shift plan' },
    ];
    expect(judged({ notAi }, ['oauth_client_id', 'intranet'], ['app_name', 'Brain'])).toEqual(['not_ai', null]);
    expect(judged({ notAi }, ['oauth_client_id', 'intranet'], ['domain', 'brain.example'])).toEqual(['not_ai', null]);
    expect(judged({ notAi }, ['oauth_client_id', 'intranet'], ['oauth_client_id', 'brain-client'])).toEqual(['ai', 'acme/brain']);
    expect(judged({ notAi }, ['app_name', 'Brain rota'])).toEqual(['not_ai', null]);
    expect(judged({ notAi }, ['app_name', 'Brain rota'], ['domain', 'brain.example'])).toEqual(['ai', 'acme/brain']);
  });

  test('changes the hash with what it says, and with the catalog below; not with its notes of order or its schema', () => {
    const hash = (fields: Record<string, unknown>, shipped = SHIPPED) => withOverlay(shipped, overlay(fields)).hash;
    const notAi = [{ type: 'app_name', value: 'Brain Rota', reason: 'r' }];
    const hashes = [SHIPPED.hash, hash({}), hash({ products: [PRODUCT] }), hash({ notAi }), hash({}, { ...SHIPPED, hash: 'next' })];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hash({ notAi, $schema: 'x' })).toBe(hash({ notAi }));
  });

  test('leaves the catalog that is shipped as it is', () => {
    const before = structuredClone(SHIPPED);
    withOverlay(SHIPPED, overlay({ claims: [{ type: 'domain', value: 'brain.example', product: 'acme/cortex' }] }));
    expect(SHIPPED).toEqual(before);
  });

  test.each([
    [{ products: [{ ...PRODUCT, id: 'acme/brain' }] }, 'products.0.id', 'the catalog has "acme/brain" already'],
    [{ products: [PRODUCT, { ...PRODUCT, signals: { domain: ['x.example'] } }] }, 'products.1.id', '"ours/writer" stands twice'],
    [{ claims: [{ type: 'domain', value: 'x.example', product: 'acme/brian' }] }, 'claims.0.product', 'there is no product "acme/brian"'],
    [
      { claims: [{ type: 'domain', value: 'https://x.example', product: 'acme/brain' }] },
      'claims.0.value',
      '"https://x.example" is no domain',
    ],
    [
      {
        claims: [{ type: 'app_name', value: 'Lantern!', product: 'acme/brain' }],
        notAi: [{ type: 'app_name', value: 'lantern', reason: 'r' }],
      },
      'notAi.0.value',
      'the app_name "lantern" is claimed twice',
    ],
  ])('has a mistake that no schema sees: %j', (fields, path, message) => {
    const faults = overlayFaults(SHIPPED, overlay(fields));
    expect(faults.map((fault) => fault.path.join('.'))).toEqual([path]);
    expect(faults[0]!.message).toContain(message);
    expect(faults[0]!.fix).toMatch(/^[A-Z].*\.$/);
  });

  test('may claim for a product of its own', () => {
    const fields = { products: [PRODUCT], claims: [{ type: 'domain', value: 'x.example', product: 'ours/writer' }] };
    expect(overlayFaults(SHIPPED, overlay(fields))).toEqual([]);
    expect(judged(fields, ['webhook_host', 'a.x.example'])).toEqual(['ai', 'ours/writer']);
  });
});

describe('a proposal', () => {
  const app = (name: string, more: Partial<Nameless> = {}): Nameless => ({
    appId: name,
    name,
    match: { verdict: 'unknown', reasons: [] },
    holders: 1,
    reach: [],
    signals: [{ type: 'oauth_client_id', value: `${name}-client` }],
    ...more,
  });
  const reach = (access: 'read' | 'write' | 'admin', dataClass = 'files') => [{ dataClass, access, plain: `${access} ${dataClass}` }];
  const named = (apps: readonly Nameless[], limit = 10) => proposalOf(apps, limit, 'acme').products.map(({ name }) => name);

  test('puts AI-like evidence, many holders and much power first', () => {
    const suspected = { verdict: 'suspected' as const, reasons: [] };
    expect(
      named([app('plain'), app('suspected', { match: suspected }), app('held', { holders: 7 }), app('strong', { reach: reach('admin') })]),
    ).toEqual(['suspected', 'strong', 'held', 'plain']);
    // Who a person is, is no power.
    expect(named([app('b', { reach: reach('admin', 'profile') }), app('a'), app('c', { reach: reach('read') })])).toEqual(['c', 'a', 'b']);
    expect(named([app('a'), app('b')], 1)).toEqual(['a']);
  });

  test('is an overlay that is right as it stands, by the surest identifier, with what a reviewer wants to know', () => {
    const proposal = proposalOf(
      [
        app('My App!', {
          holders: 2,
          reach: reach('write'),
          match: {
            verdict: 'suspected',
            reasons: [{ signal: { type: 'app_name', value: 'x' }, grade: 'suspected', speaksFor: '', why: 'because' }],
          },
          signals: [
            { type: 'app_name', value: 'My App!' },
            { type: 'domain', value: 'my.example' },
          ],
        }),
        app('My app', { appId: 'second' }),
        app('   ', { appId: '日本', signals: [{ type: 'oauth_client_id', value: 'third-client' }] }),
      ],
      10,
      'acme',
    );
    expect(overlaySchema.parse(proposal)).toEqual(proposal);
    expect(overlayFaults(SHIPPED, proposal)).toEqual([]);
    expect(proposal.tenant).toBe('acme');
    expect(proposal.products.map(({ id, name, signals }) => [id, name, signals])).toEqual([
      ['review/my-app', 'My App!', { domain: ['my.example'] }],
      ['review/my-app-2', 'My app', { oauth_client_id: ['My app-client'] }],
      ['review/app', '日本', { oauth_client_id: ['third-client'] }],
    ]);
    expect(proposal.products[0]!.note).toBe(
      'Review: correct name, vendor and tier, or move it to "notAi"; 2 holders; write files; because',
    );
  });

  test('names an app of several accounts once, and none that nothing tells apart', () => {
    const same = [{ type: 'oauth_client_id', value: 'one' }];
    expect(named([app('a', { signals: same }), app('b', { signals: same })])).toEqual(['a']);
    expect(
      named([
        app('role', { signals: [{ type: 'iam_name', value: 'role' }] }),
        app('odd', { signals: [{ type: 'domain', value: 'no host' }] }),
      ]),
    ).toEqual([]);
  });
});
