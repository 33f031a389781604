#!/usr/bin/env -S MALLOC_TRIM_THRESHOLD_=131072 node --max-semi-space-size=2
'use strict';
// The flag keeps a large scan smaller in memory: 2 MB of young objects. With the variable, glibc gives large blocks back as soon as they
// are free; other systems know it not. What else does, src/cli.ts sets when it is needed. docs/performance.md has the figures.
// ES5, and nothing is imported before the check: on an old Node the SQLite addon would end the process without a word.
var parts = process.versions.node.split('.');
var major = Number(parts[0]);
var minor = Number(parts[1]);
var napi = Number(process.versions.napi || 0);
if (major < 22 || (major === 22 && minor < 18) || napi < 10) {
  process.stderr.write(
    'Noctule needs Node 22.18 or newer; this is Node ' +
      process.versions.node +
      ' at ' +
      process.execPath +
      '.\n' +
      'Install a newer Node, or run it from the checkout with `npm run -s noctule -- <args>`, which brings its own.\n',
  );
  process.exit(78);
}
require('./start.cjs');
