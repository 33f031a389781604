import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { IS_CHECKOUT } from './packaged.ts';
import { VERSION } from './version.ts';

/**
 * What a verdict rests on in the program itself: rules, matcher, and what each connector's permissions mean. In the package the code lies
 * together, by what is loaded at once.
 */
const JUDGES = [...(IS_CHECKOUT ? ['src/policy/', 'src/scan/'] : ['src/chunks/']), 'src/catalog/', 'connectors/'];
const ROOT = new URL('../../', import.meta.url);

/**
 * Names the program by what it judges with: a checkout keeps its version while its rules change, and every app has to be judged
 * again by another rule.
 */
export function judgedBy(): string {
  const hash = createHash('sha256');
  for (const folder of JUDGES) for (const file of sources(folder)) hash.update(file).update(readFileSync(new URL(file, ROOT)));
  return `${VERSION}+${hash.digest('hex').slice(0, 12)}`;
}

/** Source files, and tables of what permissions mean, in a folder and, for connectors, in the folders right below it; what is simulated judges nothing. */
function sources(folder: string): string[] {
  return readdirSync(new URL(folder, ROOT), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory()) return folder === 'connectors/' ? sources(`${folder}${entry.name}/`) : [];
      return /\.(?:[jt]s|json)$/.test(entry.name) ? [`${folder}${entry.name}`] : [];
    });
}
