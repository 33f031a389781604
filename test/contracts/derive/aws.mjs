import { readFileSync } from 'node:fs';
import { packageFolder, sourceOf } from './package-folder.mjs';
import { reachable } from './reachable.mjs';

const supplement = JSON.parse(readFileSync(new URL('../aws/supplement.json', import.meta.url), 'utf8'));

/** Numbers by which the SDK's own schemas name simple types. */
const SIMPLE = {
  0: { type: 'string' },
  1: { type: 'number' },
  2: { type: 'boolean' },
  4: { type: 'string', format: 'date-time' },
  5: { type: 'string', format: 'date-time' },
  7: { type: 'number' },
  15: true,
  21: { type: 'string', format: 'base64' },
};
/** In JSON, a point in time that says nothing else is seconds. */
const SECONDS = { ...SIMPLE, 4: { type: 'number' } };
const LIST_OF = 64;
const MAP_OF = 128;

/** From the schema objects and declarations of the installed clients; limits of numbers, and common errors, from supplement.json. */
export async function describeAws(operations) {
  const named = [...new Set(operations.map((id) => id.slice(0, id.indexOf('.'))))];
  const services = {};
  for (const service of named) {
    const name = `@aws-sdk/client-${service}`;
    services[service] = read({ service, name, module: await import(name) });
  }
  const described = {};
  for (const id of operations) {
    const [service, action] = [id.slice(0, id.indexOf('.')), id.slice(id.indexOf('.') + 1)];
    const { module, protocol, schemaOf, errorsOf } = services[service];
    const [, , , traits, input, output] = module[`${action}$`];
    const asked = protocol.style === 'query' ? { query: NOTHING, form: schemaOf(input) } : services[service].requestOf(input);
    const [method, path] = traits.http ?? ['POST', '/'];
    described[id] = {
      method,
      path,
      service,
      action,
      ...asked,
      ...(asked.form && { form: withLimits(asked.form, supplement.parameters[id]) }),
      ...(asked.body && method === 'POST' && { body: withLimits(asked.body, supplement.parameters[id]) }),
      ...(method === 'GET' && { query: withLimits(asked.query, supplement.parameters[id]) }),
      result: schemaOf(output),
      errors: errorsOf(action),
    };
  }
  return {
    source: named.map((service) => sourceOf(`@aws-sdk/client-${service}`)),
    services: Object.fromEntries(Object.entries(services).map(([service, { protocol }]) => [service, protocol])),
    operations: described,
    errors: supplement.errors,
    serviceErrors: supplement.serviceErrors,
    $defs: reachable(described, (name) => services[name.slice(0, name.indexOf('.'))].define(name.slice(name.indexOf('.') + 1))),
  };
}

const NOTHING = { type: 'object', additionalProperties: false };

function read({ service, name, module }) {
  const folder = new URL('dist-es/', packageFolder(name));
  const declarations = new URL('dist-types/', packageFolder(name));
  const runtime = readFileSync(new URL('runtimeConfig.shared.js', folder), 'utf8');
  const models = ['models_0', 'models_1'].map((file) => readIfThere(new URL(`models/${file}.d.ts`, declarations))).join('\n');
  const style = runtime.includes('AwsQueryProtocol') ? 'query' : runtime.includes('AwsRestJsonProtocol') ? 'rest' : 'json';
  const types = style === 'query' ? SIMPLE : SECONDS;
  const structs = new Map();

  /** A structure gets a name, the rest stands where it is used. */
  function schemaOf(type) {
    const schema = typeof type === 'function' ? type() : type;
    if (isPair(schema)) return schemaOf(schema[0]);
    if (typeof schema === 'number') return simple(schema, types);
    // The SDK's mark for "nothing" is a word.
    if (typeof schema === 'string') return NOTHING;
    const [kind, , title, , detail, value] = schema;
    if (kind === 0) return simple(detail, types);
    if (kind === 1) return { type: 'array', items: schemaOf(detail) };
    if (kind === 2) return { type: 'object', additionalProperties: schemaOf(value) };
    if (kind !== STRUCTURE && kind !== UNION) return NOTHING;
    structs.set(title, schema);
    return { $ref: `#/$defs/${service}.${title}` };
  }

  /** Which members of a request stand in the query, and which in the body; those of the path are checked by the path. */
  function requestOf(input) {
    const schema = typeof input === 'function' ? input() : input;
    // The SDK's mark for "nothing" is a word.
    const [, , title, , names, schemas, required = 0] = typeof schema === 'string' ? [0, '', '', 0, [], []] : schema;
    const whole = { query: { ...NOTHING, properties: {} }, body: { ...NOTHING, properties: {} } };
    const enums = enumsOf(title);
    names.forEach((member, index) => {
      const schema = typeof schemas[index] === 'function' ? schemas[index]() : schemas[index];
      const traits = isPair(schema) ? schema[1] : 0;
      if (traits === IN_THE_PATH || traits?.httpLabel) return;
      const part = traits?.httpQuery ? whole.query : whole.body;
      part.properties[traits?.httpQuery ?? traits?.jsonName ?? member] = withEnum(schemaOf(schemas[index]), enums.get(member));
      if (index < required) part.required = [...(part.required ?? []), member];
    });
    return whole;
  }

  function define(title) {
    const [kind, , , , names, schemas, needed = 0] = structs.get(title);
    const absent = supplement.absent[`${service}.${title}`] ?? [];
    const required = (kind === UNION ? [] : names.slice(0, needed)).filter((name) => !absent.includes(name));
    const enums = enumsOf(title);
    const properties = Object.fromEntries(names.map((member, index) => [member, withEnum(schemaOf(schemas[index]), enums.get(member))]));
    return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
  }

  /** The schema objects know no enumerations; the declarations name them, and the module holds their values. */
  function enumsOf(title) {
    const body = new RegExp(`export interface ${title} (?:extends \\w+ )?\\{([\\s\\S]*?)\\n\\}`).exec(models)?.[1] ?? '';
    const found = new Map();
    for (const [, member, type] of body.replaceAll(/\/\*[\s\S]*?\*\//g, '').matchAll(/(\w+)\??: (\w+)(?:\[\])? \| undefined;/g)) {
      if (module[type] && typeof module[type] === 'object' && !Array.isArray(module[type])) found.set(member, Object.values(module[type]));
    }
    return found;
  }

  function errorsOf(action) {
    const documented = readFileSync(new URL(`commands/${action}Command.d.ts`, declarations), 'utf8');
    const codes = {};
    for (const [, title] of documented.matchAll(/@throws \{@link (\w+)\} \(/g)) {
      const [, , , traits] = module[`${title}$`];
      const plain = style === 'query' ? title.replace(/Exception$/, '') : title;
      const [code, status] = traits.awsQueryError ?? [plain, traits.httpError ?? 400];
      codes[code] = status;
    }
    return codes;
  }

  const protocol = {
    style,
    version: /apiVersion: "([\d-]+)"/.exec(runtime)[1],
    ...(style === 'query' && { namespace: /xmlNamespace: "([^"]+)"/.exec(runtime)[1] }),
    ...(style === 'json' && {
      target: /serviceTarget: "([^"]+)"/.exec(runtime)[1],
      type: `application/x-amz-json-${runtime.includes('AwsJson1_0Protocol') ? '1.0' : '1.1'}`,
    }),
    signs: /signingName[:=] ?"([\w-]+)"|defaultSigningName: "([\w-]+)"/.exec(readIfThere(new URL('auth/httpAuthSchemeProvider.js', folder)) + readIfThere(new URL('endpoint/EndpointParameters.js', folder)))?.slice(1).find(Boolean),
  };
  return { module, schemaOf, define, errorsOf, requestOf, protocol };
}

/** Kinds of schema objects, and the mark of a member that stands in the path. */
const STRUCTURE = 3;
const UNION = 4;
const IN_THE_PATH = 1;

/** A member with traits is a pair of both. A schema of its own begins with its kind and its namespace. */
function isPair(schema) {
  return Array.isArray(schema) && typeof schema[1] !== 'string';
}

function simple(code, types) {
  if (code >= MAP_OF && types[code - MAP_OF] !== undefined) return { type: 'object', additionalProperties: types[code - MAP_OF] };
  if (code >= LIST_OF && types[code - LIST_OF] !== undefined) return { type: 'array', items: types[code - LIST_OF] };
  if (types[code] === undefined) throw new Error(`The SDK's type ${code} is not understood`);
  return types[code];
}

function withEnum(schema, values) {
  if (!values) return schema;
  return schema.type === 'array' ? { ...schema, items: { ...schema.items, enum: values } } : { ...schema, enum: values };
}

function withLimits(schema, limits) {
  return limits ? { allOf: [schema], properties: limits } : schema;
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}
