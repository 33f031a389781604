import { existsSync } from 'node:fs';
import { z } from 'zod';
import { readCompiled, type CompiledCatalog } from '../catalog/catalog.ts';
import { overlayFaults, overlaySchema, withOverlay, type Overlay } from '../catalog/overlay.ts';
import { ConfigError } from '../connector/errors.ts';
import { readText, refuseWritableByOthers } from './file.ts';
import { lineOf, parseJsonc } from './jsonc.ts';
import { schemaError } from './schema-error.ts';

/** The catalog that is shipped, with the organisation's catalog.local.json where there is one. A tenant's own file is refused for another. */
export function readCatalog(file: string, tenant?: string): CompiledCatalog {
  const shipped = readCompiled();
  if (!existsSync(file)) return shipped;
  refuseWritableByOthers(file);
  const text = readText(file);
  const overlay = parseOverlay(text, file, shipped);
  if (tenant !== undefined && overlay.tenant !== tenant)
    throw new ConfigError(`${file} is the catalog of the tenant "${overlay.tenant}", and the configuration is of "${tenant}"`, {
      key: 'tenant',
      fix: 'Give both files the same "tenant".',
      ...lineOf(text, ['tenant']),
    });
  return withOverlay(shipped, overlay);
}

/** Checks the text of an overlay beside the catalog; the first mistake is told with its line and what to do. */
export function parseOverlay(text: string, file: string, catalog: CompiledCatalog): Overlay {
  const parsed = overlaySchema.safeParse(parseJsonc(text, file));
  if (!parsed.success) throw schemaError(parsed.error, text, file, overlaySchema);
  const [fault] = overlayFaults(catalog, parsed.data);
  if (!fault) return parsed.data;
  const { line } = lineOf(text, fault.path);
  throw new ConfigError(`${file}${line === undefined ? '' : `:${line}`}: ${fault.path.join('.')}: ${fault.message}`, {
    key: fault.path.join('.'),
    fix: fault.fix,
    ...(line !== undefined && { line }),
  });
}

/** Checks the text of a file of the catalog itself by its schema; the first mistake is told with its line and what to do. */
export function parseCatalogFile<T>(schema: z.ZodType<T>, text: string, file: string): T {
  const result = schema.safeParse(parseJsonc(text, file));
  if (result.success) return result.data;
  const error = schemaError(result.error, text, file, schema);
  const { key, line } = error;
  if (!error.fix.startsWith('Correct')) throw error;
  const fix = key?.endsWith('.source')
    ? 'Give an https address that a reader can open and find the claim at; a claim without one is left out.'
    : 'Correct the value; the file that "$schema" names describes every key.';
  throw new ConfigError(error.message, { fix, ...(key !== undefined && { key }), ...(line !== undefined && { line }) });
}

/** The JSON Schema of catalog.local.json, for editors and for `noctule config schema --catalog`. */
export function overlayJsonSchema(): object {
  return { ...z.toJSONSchema(overlaySchema, { io: 'input' }), title: "Noctule: the organisation's own catalog" };
}
