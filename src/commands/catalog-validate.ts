import { basename, resolve } from 'node:path';
import { readCompiled } from '../catalog/catalog.ts';
import { vendorFaults, type CatalogFault } from '../catalog/faults.ts';
import { catalogFileText, vendorFileNames } from '../catalog/files.ts';
import { negativeCatalog, vendorFile, type NegativeCatalog } from '../catalog/product.ts';
import { parseCatalogFile, parseOverlay } from '../config/catalog-file.ts';
import { readText } from '../config/file.ts';
import { lineOf, parseJsonc } from '../config/jsonc.ts';
import { ConfigError } from '../connector/index.ts';
import type { CommandContext } from './context.ts';

/** Checks the catalog, or one file: of a vendor, or the organisation's own. The first mistake is told with its line and what to do. */
export function catalogValidateCommand(context: CommandContext, path: string | undefined): Promise<number> {
  context.out(`${path === undefined ? checkAll() : checkFile(resolve(context.directory, path))}\n`);
  return Promise.resolve(0);
}

function checkAll(): string {
  const texts = new Map(vendorFileNames().map((name) => [`products/${name}`, catalogFileText(`products/${name}`)]));
  const files = [...texts].map(([file, text]) => ({ file, content: parseCatalogFile(vendorFile, text, file) }));
  refuse(vendorFaults(files, negative()), texts);
  return `Valid: ${files.length} vendors.`;
}

function checkFile(file: string): string {
  const text = readText(file);
  const raw = parseJsonc(text, file);
  if (typeof raw === 'object' && raw !== null && 'vendor' in raw) {
    const content = parseCatalogFile(vendorFile, text, file);
    const name = `${content.vendor.id}.json`;
    if (basename(file) !== name)
      throw new ConfigError(`${file}:${lineOf(text, ['vendor', 'id']).line}: the file of "${content.vendor.id}" has another name`, {
        key: 'vendor.id',
        fix: `Name it ${name}.`,
        ...lineOf(text, ['vendor', 'id']),
      });
    // The vendor's file in the catalog is what this one replaces.
    const others = vendorFileNames()
      .filter((other) => other !== name)
      .map((other) => ({ file: `products/${other}`, content: vendorFile.parse(JSON.parse(catalogFileText(`products/${other}`))) }));
    refuse(vendorFaults([...others, { file, content }], negative()), new Map([[file, text]]));
    return `Valid: ${content.products.length} products of ${content.vendor.name}.`;
  }
  const overlay = parseOverlay(text, file, readCompiled());
  return `Valid: ${overlay.products.length} products, ${overlay.claims.length} claims, ${overlay.notAi.length} that are no AI.`;
}

function negative(): NegativeCatalog {
  return parseCatalogFile(negativeCatalog, catalogFileText('negative.json'), 'negative.json');
}

function refuse(faults: readonly CatalogFault[], texts: ReadonlyMap<string, string>): void {
  const fault = faults.find(({ file }) => texts.has(file));
  if (!fault) return;
  const { line } = lineOf(texts.get(fault.file)!, fault.path);
  const key = fault.path.join('.');
  throw new ConfigError(`${fault.file}${line === undefined ? '' : `:${line}`}: ${key}: ${fault.message}`, {
    key,
    fix: fault.fix,
    ...(line !== undefined && { line }),
  });
}
