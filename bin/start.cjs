'use strict';
// A file of its own: an engine too old to know dynamic import never has to parse it.
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

// The second start need not strip and compile again what has not changed.
require('node:module').enableCompileCache();

// A checkout always runs from source: what was built there some time ago may be stale. The package has dist/ alone.
const source = join(__dirname, '..', 'src', 'cli.ts');
const entry = existsSync(source) ? source : join(__dirname, '..', 'dist', 'src', 'cli.js');
import(pathToFileURL(entry).href).catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(70);
});
