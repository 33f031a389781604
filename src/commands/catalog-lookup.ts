import { createCatalog, lookupForm, type CompiledCatalog } from '../catalog/catalog.ts';
import { match } from '../catalog/match.ts';
import { sourcesOf } from '../catalog/sources.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';
import { chosenCatalog, type OverlayOption } from './catalog.ts';

export interface LookupOptions extends OverlayOption {
  format: 'text' | 'json';
}

interface FoundClaim {
  type: string;
  value: string;
  ambiguous: boolean;
  /** Absent for what the organisation's own file says. */
  source?: string;
}

interface Found {
  product: string;
  name: string;
  vendor: string;
  category: string;
  tier: string;
  claims: FoundClaim[];
}

/** Shows what the catalog has under a text: an id, a name, a vendor or an identifier, with the sources; and what the text is taken for as a name. */
export function catalogLookupCommand(context: CommandContext, text: string, options: LookupOptions): Promise<number> {
  const compiled = chosenCatalog(context, options);
  const found = idsOf(compiled, text).map((id) => productOf(compiled, id));
  const { verdict, grade, product, candidates, reasons } = match(createCatalog(compiled), [{ type: 'app_name', value: text }]);
  const asName = {
    verdict,
    grade,
    product: product ?? null,
    candidates,
    reason: reasons.map(({ why }) => why).join('; ') || 'nothing in the catalog matches',
  };
  if (options.format === 'json') context.out(`${jsonText({ text, asName, products: found }, 2)}\n`);
  else
    context.out(
      `As a display name: ${terminalText(`${verdict} (${grade}), ${asName.reason}`, 300)}\n\n${found.map(textOf).join('\n') || 'No product has it.\n'}`,
    );
  return Promise.resolve(0);
}

/** Most products that are shown. */
const MOST = 20;

function idsOf({ products, claims }: CompiledCatalog, text: string): string[] {
  const wanted = text.trim().toLowerCase();
  const ids = new Set<string>();
  for (const [type, values] of Object.entries(claims))
    if (Object.hasOwn(values, lookupForm(type, text.trim())))
      for (const id of [values[lookupForm(type, text.trim())]!].flat()) ids.add(id.replace(/^[?=]/, ''));
  for (const [id, [name, vendor]] of Object.entries(products))
    if (wanted !== '' && [id, name, vendor].some((part) => part.toLowerCase().includes(wanted))) ids.add(id);
  return [...ids].slice(0, MOST);
}

function productOf(compiled: CompiledCatalog, id: string): Found {
  const row = Object.hasOwn(compiled.products, id) ? compiled.products[id]! : ([id.slice(1), '', 'no AI', 'not_ai'] as const);
  const sources = sourcesOf(id);
  const claims = Object.entries(compiled.claims).flatMap(([type, values]) =>
    Object.entries(values).flatMap(([value, of]): FoundClaim[] => {
      const own = [of].flat().find((one) => one.replace(/^[?=]/, '') === id);
      const source = sources.get(`${type} ${value}`);
      return own === undefined ? [] : [{ type, value, ambiguous: own.startsWith('?'), ...(source !== undefined && { source }) }];
    }),
  );
  return { product: id, name: row[0], vendor: row[1], category: row[2], tier: row[3], claims };
}

function textOf({ product, name, vendor, category, tier, claims }: Found): string {
  const head = `${product}  ${[name, vendor, category, tier].filter((part) => part !== '').join(', ')}`;
  const lines = claims.map(
    ({ type, value, ambiguous, source }) => `  ${type}  ${value}${ambiguous ? '  (others use it too)' : ''}${source ? `  ${source}` : ''}`,
  );
  return [head, ...lines].map((line) => `${terminalText(line, 300)}\n`).join('');
}
