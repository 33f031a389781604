import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Everything in the folder of a database: its name, its bytes, and who may read it. */
export function footprint(path: string): Record<string, string> {
  const folder = dirname(path);
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [
        name,
        `${(statSync(join(folder, name)).mode & 0o777).toString(8)} ${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}`,
      ]),
  );
}

export const isRoot = process.getuid?.() === 0;

/** Opens a database as somebody who is not root, since root may write everywhere. */
export function asNobody(path: string, way: 'openDatabase' | 'openReadOnly' = 'openDatabase'): string {
  const script = `
    import { ${way} } from '${new URL('../../src/store/database.ts', import.meta.url).href}';
    try { ${way}(process.argv[1]).close(); console.log('opened'); }
    catch (error) { console.log(error.name + ' ' + String(error.fix)); }`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script, path], {
    encoding: 'utf8',
    ...(isRoot && { uid: 65534, gid: 65534 }),
  });
  return (run.stdout + run.stderr).trim();
}
