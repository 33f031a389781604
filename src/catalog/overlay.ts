import { z } from 'zod';
import { lookupForm, type CompiledCatalog } from './catalog.ts';
import { hashOf, markOf } from './compile.ts';
import { CATEGORIES, signals, TIERS, type Signals } from './product.ts';

const line = z.string().trim().min(1);
const productId = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/, 'vendor/product, in lower case words');
const signalType = signals.keyof();

/** The values of a type keep to the same form as in the catalog that is shipped. */
const values = z
  .partialRecord(
    signalType,
    z
      .array(
        z.union([
          line,
          z.strictObject({ value: line, ambiguous: z.literal(true).optional(), whole: z.literal(true).optional(), note: line.optional() }),
        ]),
      )
      .min(1),
  )
  .describe('Identifiers by type; a name that others use too is {"value": …, "ambiguous": true}');

/** catalog.local.json: what an organisation knows beyond the catalog that is shipped. Knowledge, and no decisions: those are in policy.json. */
export const overlaySchema = z.strictObject({
  $schema: z.string().optional(),
  formatVersion: z.literal(1),
  tenant: line.default('default'),
  products: z
    .array(
      z.strictObject({
        id: productId,
        name: line,
        vendor: line,
        category: z.enum(CATEGORIES),
        tier: z.enum(TIERS),
        note: line.optional(),
        signals: values,
      }),
    )
    .default([])
    .describe('Products that the catalog does not have'),
  claims: z
    .array(z.strictObject({ type: signalType, value: line, product: productId, note: line.optional() }))
    .default([])
    .describe('Identifiers of products that it has: this client id is that product'),
  notAi: z
    .array(z.strictObject({ type: signalType, value: line, reason: line }))
    .default([])
    .describe('Apps that are no AI whatever they are called; by an id where there is one, because names can be taken'),
});

export type Overlay = z.infer<typeof overlaySchema>;

/** A mistake that no schema can see: where it stands, what is wrong, what to do. */
export interface OverlayFault {
  path: (string | number)[];
  message: string;
  fix: string;
}

interface Row {
  path: (string | number)[];
  type: string;
  value: string;
  /** With its mark. */
  id: string;
}

/** What is wrong with an overlay beside this catalog. */
export function overlayFaults(catalog: CompiledCatalog, overlay: Overlay): OverlayFault[] {
  const faults: OverlayFault[] = [];
  const own = new Set<string>();
  for (const [index, { id }] of overlay.products.entries()) {
    const path = ['products', index, 'id'];
    if (Object.hasOwn(catalog.products, id))
      faults.push({ path, message: `the catalog has "${id}" already`, fix: 'Put its identifiers under "claims", or choose another id.' });
    else if (own.has(id)) faults.push({ path, message: `"${id}" stands twice`, fix: 'Make one of the two.' });
    own.add(id);
  }
  for (const [index, { product }] of overlay.claims.entries())
    if (!own.has(product) && !Object.hasOwn(catalog.products, product))
      faults.push({
        path: ['claims', index, 'product'],
        message: `there is no product "${product}"`,
        fix: 'Find its id with `noctule catalog lookup`, or add it under "products".',
      });
  const seen = new Set<string>();
  for (const { path, type, value } of rowsOf(overlay)) {
    const key = `${type} ${lookupForm(type, value)}`;
    const form = signals.shape[type as keyof Signals].safeParse([{ value, source: 'https://example.com/' }]);
    if (!form.success)
      faults.push({ path, message: `"${value}" is no ${type}: ${form.error.issues[0]!.message}`, fix: 'Correct the value or its type.' });
    else if (seen.has(key)) faults.push({ path, message: `the ${type} "${value}" is claimed twice`, fix: 'Remove one of the two.' });
    seen.add(key);
  }
  return faults;
}

/** The catalog with the organisation's knowledge, which wins on the same value. The hash is of both. */
export function withOverlay(catalog: CompiledCatalog, overlay: Overlay): CompiledCatalog {
  const products = { ...catalog.products };
  for (const { id, name, vendor, category, tier } of overlay.products) products[id] = [name, vendor, category, tier];
  const claims: Record<string, Record<string, string | readonly string[]>> = { ...catalog.claims };
  const copied = new Set<string>();
  for (const { type, value, id } of rowsOf(overlay)) {
    if (!copied.has(type)) claims[type] = { ...claims[type] };
    copied.add(type);
    claims[type]![lookupForm(type, value)] = id;
  }
  const { products: own, claims: mapped, notAi } = overlay;
  return { ...catalog, hash: hashOf({ catalog: catalog.hash, own, mapped, notAi }), products, claims };
}

function rowsOf(overlay: Overlay): Row[] {
  return [
    ...overlay.products.flatMap((product, index) =>
      Object.entries(product.signals).flatMap(([type, list]) =>
        list.map((row, at): Row => {
          const told = typeof row === 'string' ? { value: row } : row;
          return { path: ['products', index, 'signals', type, at], type, value: told.value, id: `${markOf(told)}${product.id}` };
        }),
      ),
    ),
    ...overlay.claims.map(({ type, value, product }, index): Row => ({ path: ['claims', index, 'value'], type, value, id: product })),
    ...overlay.notAi.map(({ type, value, reason }, index): Row => ({ path: ['notAi', index, 'value'], type, value, id: `!${reason}` })),
  ];
}
