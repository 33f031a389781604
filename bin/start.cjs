'use strict';
// A file of its own: an engine too old to know dynamic import never has to parse it.
const { existsSync, lstatSync, mkdirSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

// The second start need not strip and compile again what has not changed.
const cache = ownFolder();
if (cache !== undefined) require('node:module').enableCompileCache(cache);

// A checkout always runs from source: what was built there some time ago may be stale. The package has dist/ alone.
const source = join(__dirname, '..', 'src', 'cli.ts');
const entry = existsSync(source) ? source : join(__dirname, '..', 'dist', 'src', 'cli.js');
import(pathToFileURL(entry).href).catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(70);
});

/**
 * A folder for compiled code that nobody else can write: what lies there is run. Node's own choice below the temporary folder
 * could be made beforehand by anybody on the machine. Undefined = there is none, and nothing is kept.
 */
function ownFolder() {
  try {
    const caches = process.env.XDG_CACHE_HOME || process.env.LOCALAPPDATA || join(homedir(), '.cache');
    const folder = join(caches, 'noctule');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    const isOwn = process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o077) === 0);
    return found.isDirectory() && isOwn ? folder : undefined;
  } catch {
    return undefined;
  }
}
