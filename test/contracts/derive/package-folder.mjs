import { readFileSync } from 'node:fs';

/** Not by `import.meta.resolve`: most packages do not export the files that are read here. */
export function packageFolder(name) {
  return new URL(`../../../node_modules/${name}/`, import.meta.url);
}

export function sourceOf(name) {
  const { version, license } = JSON.parse(readFileSync(new URL('package.json', packageFolder(name)), 'utf8'));
  return { package: name, version, licence: license };
}
