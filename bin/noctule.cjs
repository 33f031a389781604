#!/usr/bin/env -S MALLOC_TRIM_THRESHOLD_=131072 node --max-semi-space-size=4 --min-semi-space-size=4
'use strict';
// The flags keep a large scan small in memory, with 4 MB for young objects from the beginning: a question ends before any are collected.
// With the variable, glibc gives large blocks back as soon as they are free; other systems know it not. What else does, src/cli.ts sets when
// it is needed. docs/performance.md has the figures.
// ES5, and nothing is loaded before the check: on an old Node the SQLite addon would end the process without a word.
var parts = process.versions.node.split('.');
var major = Number(parts[0]);
var minor = Number(parts[1]);
var napi = Number(process.versions.napi || 0);
if (major < 22 || (major === 22 && minor < 18) || napi < 10) {
  var told = 'Noctule needs Node 22.18 or newer; this is Node ' + process.versions.node + ' at ' + process.execPath + '.\n';
  told += 'Install a newer Node, or run it from the checkout with `npm run -s noctule -- <args>`, which brings its own.\n';
  process.stderr.write(told);
  process.exit(78);
}
var fs = require('fs');
var path = require('path');

// A checkout always runs from source: what was built there some time ago may be stale. The package has dist/ alone.
var source = path.join(__dirname, '..', 'src', 'cli.ts');
try {
  // The second start need not strip and compile again what has not changed.
  var cache = ownFolder();
  if (cache !== undefined) require('module').enableCompileCache(cache);
  require(fs.existsSync(source) ? source : path.join(__dirname, '..', 'dist', 'src', 'cli.js'));
} catch (error) {
  process.stderr.write((error instanceof Error ? error.stack : String(error)) + '\n');
  process.exit(70);
}

/**
 * A folder for compiled code that nobody else can write: what lies there is run. Node's own choice below the temporary folder
 * could be made beforehand by anybody on the machine. Undefined = there is none, and nothing is kept.
 */
function ownFolder() {
  try {
    var env = process.env;
    var caches = env.XDG_CACHE_HOME || env.LOCALAPPDATA || path.join(env.HOME || require('os').homedir(), '.cache');
    if (!path.isAbsolute(caches)) return undefined;
    var folder = path.join(caches, 'noctule');
    fs.mkdirSync(folder, { recursive: true, mode: 448 });
    var found = fs.lstatSync(folder);
    var isOwn = process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 63) === 0);
    return found.isDirectory() && isOwn ? folder : undefined;
  } catch (error) {
    if (error.code === undefined) throw error;
    return undefined;
  }
}
