const WIDTH = 140;

/** JSON in which what fits on a line stands on one: the files are read in reviews. */
export function print(value) {
  return `${layout(value, '')}\n`;
}

function layout(value, indent) {
  const short = JSON.stringify(value);
  if (value === null || typeof value !== 'object' || short.length + indent.length <= WIDTH) return spaced(value);
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => inner + layout(item, inner))
    : Object.entries(value).map(([key, child]) => `${inner}${JSON.stringify(key)}: ${layout(child, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

function spaced(value) {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, child]) => `${JSON.stringify(key)}: ${spaced(child)}`)
    .join(', ')} }`.replace('{  }', '{}');
}
