/** Reads the interfaces of a generated declaration file as JSON Schemas, closed. Generated files use few of TypeScript's forms. */
export function interfaces(text) {
  const found = new Map();
  const bare = text.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  for (const match of bare.matchAll(/interface ([\w$]+)(?: extends [\w$]+)? (?=\{)/g)) {
    found.set(match[1], readType(createReader(bare, match.index + match[0].length)));
  }
  return found;
}

function createReader(text, position) {
  return {
    /** The next token, not consumed: a word, a quoted name or a sign. */
    peek() {
      position += /^\s*/.exec(text.slice(position, position + 200))[0].length;
      return /^(?:[\w$]+|'[^']*'|\[\]|.)/.exec(text.slice(position, position + 200))[0];
    },
    take(expected) {
      const token = this.peek();
      if (expected !== undefined && token !== expected) throw new Error(`Expected ${expected}, found ${token}`);
      position += token.length;
      return token;
    },
  };
}

/** `T`, `T[]`, `T | null`: the JSON never holds the null, it stands for "leave it out" in requests. */
function readType(reader) {
  let schema = readSingle(reader);
  while (reader.peek() === '[]') {
    reader.take();
    schema = { type: 'array', items: schema };
  }
  while (reader.peek() === '|') {
    reader.take();
    readSingle(reader);
  }
  return schema;
}

const PLAIN = { string: { type: 'string' }, number: { type: 'number' }, boolean: { type: 'boolean' }, any: true, null: { type: 'null' } };

function readSingle(reader) {
  const token = reader.take();
  if (token === '{') return readObject(reader);
  if (token === 'Array') {
    reader.take('<');
    const items = readType(reader);
    reader.take('>');
    return { type: 'array', items };
  }
  if (token.startsWith('Schema$')) return { $ref: `#/$defs/${token.slice('Schema$'.length)}` };
  if (reader.peek() === '<') while (reader.take() !== '>');
  // The rest are classes of the client, which no answer holds.
  return PLAIN[token] ?? true;
}

function readObject(reader) {
  const properties = {};
  let rest = false;
  while (reader.peek() !== '}') {
    let name = reader.take();
    if (name === '[') {
      while (reader.take() !== ']');
      name = undefined;
    }
    if (reader.peek() === '?') reader.take();
    reader.take(':');
    const schema = readType(reader);
    reader.take(';');
    if (name === undefined) rest = schema;
    else properties[name.replaceAll("'", '')] = schema;
  }
  reader.take('}');
  const empty = Object.keys(properties).length === 0;
  return { type: 'object', ...(!empty && { properties }), additionalProperties: empty && rest === false ? true : rest };
}
