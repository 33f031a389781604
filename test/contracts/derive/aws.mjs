import { readFileSync } from 'node:fs';
import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { packageFolder, sourceOf } from './package-folder.mjs';
import { reachable } from './reachable.mjs';

const CLIENTS = { iam: { name: '@aws-sdk/client-iam', module: iam }, sts: { name: '@aws-sdk/client-sts', module: sts } };
const supplement = JSON.parse(readFileSync(new URL('../aws/supplement.json', import.meta.url), 'utf8'));

/** Numbers by which the SDK's own schemas name simple types. */
const SIMPLE = {
  0: { type: 'string' },
  1: { type: 'number' },
  2: { type: 'boolean' },
  4: { type: 'string', format: 'date-time' },
  21: { type: 'string', format: 'base64' },
};
const LIST_OF = 64;

/** From the schema objects and declarations of the installed clients; limits of numbers, and common errors, from supplement.json. */
export async function describeAws(operations) {
  const services = Object.fromEntries(Object.entries(CLIENTS).map(([service, client]) => [service, read(client)]));
  const described = {};
  for (const id of operations) {
    const [service, action] = id.split('.');
    const [, , , , input, output] = services[service].module[`${action}$`];
    described[id] = {
      method: 'POST',
      path: '/',
      service,
      action,
      query: { type: 'object', additionalProperties: false },
      form: withLimits(services[service].schemaOf(input), supplement.parameters[id]),
      result: services[service].schemaOf(output),
      errors: services[service].errorsOf(action),
    };
  }
  return {
    source: Object.values(CLIENTS).map(({ name }) => sourceOf(name)),
    services: Object.fromEntries(Object.entries(services).map(([service, { protocol }]) => [service, protocol])),
    operations: described,
    errors: supplement.errors,
    $defs: reachable(described, (name) => services[name.slice(0, name.indexOf('.'))].define(name.slice(name.indexOf('.') + 1))),
  };
}

function read({ name, module }) {
  const folder = new URL('dist-es/', packageFolder(name));
  const types = new URL('dist-types/', packageFolder(name));
  const runtime = readFileSync(new URL('runtimeConfig.shared.js', folder), 'utf8');
  const models = ['models_0', 'models_1'].map((file) => readIfThere(new URL(`models/${file}.d.ts`, types))).join('\n');
  const prefix = name.slice(name.lastIndexOf('-') + 1);
  const structs = new Map();

  /** A structure gets a name, the rest stands where it is used. */
  function schemaOf(type) {
    const schema = typeof type === 'function' ? type() : type;
    // A member with traits is a pair. A structure begins with its kind, a number.
    if (Array.isArray(schema) && typeof schema[0] !== 'number') return schemaOf(schema[0]);
    if (typeof schema === 'number') return simple(schema);
    const [kind, , title, , detail] = schema;
    if (kind === 0) return simple(detail);
    if (kind === 1) return { type: 'array', items: schemaOf(detail) };
    // The SDK's mark for "nothing" has no members.
    if (kind !== 3) return { type: 'object', additionalProperties: false };
    structs.set(title, schema);
    return { $ref: `#/$defs/${prefix}.${title}` };
  }

  function define(title) {
    const [, , , , names, schemas, required = 0] = structs.get(title);
    const enums = enumsOf(title);
    const properties = Object.fromEntries(names.map((member, index) => [member, withEnum(schemaOf(schemas[index]), enums.get(member))]));
    return { type: 'object', properties, ...(required > 0 && { required: names.slice(0, required) }), additionalProperties: false };
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
    const documented = readFileSync(new URL(`commands/${action}Command.d.ts`, types), 'utf8');
    const codes = {};
    for (const [, title] of documented.matchAll(/@throws \{@link (\w+)\} \(/g)) {
      const [, , , traits] = module[`${title}$`];
      const [code, status] = traits.awsQueryError ?? [title.replace(/Exception$/, ''), traits.httpError];
      codes[code] = status;
    }
    return codes;
  }

  const protocol = {
    version: /apiVersion: "([\d-]+)"/.exec(runtime)[1],
    namespace: /xmlNamespace: "([^"]+)"/.exec(runtime)[1],
  };
  return { module, schemaOf, define, errorsOf, protocol };
}

function simple(code) {
  if (code >= LIST_OF && SIMPLE[code - LIST_OF]) return { type: 'array', items: SIMPLE[code - LIST_OF] };
  if (!SIMPLE[code]) throw new Error(`The SDK's type ${code} is not understood`);
  return SIMPLE[code];
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
