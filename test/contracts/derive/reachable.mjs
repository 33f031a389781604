/** The definitions that a schema needs, directly or through others, by name in order. */
export function reachable(schema, define) {
  const found = new Map();
  walk(schema);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));

  function walk(node) {
    if (node === null || typeof node !== 'object') return;
    const name = typeof node.$ref === 'string' ? node.$ref.slice('#/$defs/'.length) : undefined;
    if (name !== undefined && !found.has(name)) {
      found.set(name, undefined);
      found.set(name, define(name));
      walk(found.get(name));
    }
    for (const child of Object.values(node)) walk(child);
  }
}
