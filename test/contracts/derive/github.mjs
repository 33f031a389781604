import { readFileSync } from 'node:fs';
import { reachable } from './reachable.mjs';

const supplement = JSON.parse(readFileSync(new URL('../github/supplement.json', import.meta.url), 'utf8'));
const KEPT = ['type', 'format', 'enum', 'required', 'minimum', 'maximum', 'maxItems', 'pattern'];

/** From the OpenAPI description of GitHub Enterprise Cloud, the plan that has everything. */
export function describeGithub(operations, openapi) {
  inlineJoined(openapi.components.schemas, openapi.components.schemas);
  const described = {};
  for (const id of operations) {
    // The connector also declares the addresses that GitHub names in `Link`; the description has the one that the id names.
    const [method, path] = id.split(' ');
    if (supplement.operations[id]) {
      described[id] = supplement.operations[id];
      continue;
    }
    const operation = openapi.paths[path]?.[method.toLowerCase()];
    if (!operation) throw new Error(`GitHub describes no ${id}`);
    described[id] = {
      method,
      path,
      query: queryOf(operation),
      ...(operation.requestBody && { body: schemaOf(operation.requestBody.content['application/json'].schema) }),
      responses: Object.fromEntries(Object.entries(operation.responses).map(([status, response]) => [status, bodyOf(response)])),
    };
  }
  const errors = { $ref: '#/$defs/basic-error' };
  const define = (name) => schemaOf(openapi.components.schemas[name]);
  return {
    source: { package: '@octokit/openapi', version: openapi.info.version, licence: openapi.info.license.name, file: 'generated/ghec.json' },
    apiVersion: '2022-11-28',
    operations: described,
    errors,
    $defs: reachable([described, errors], define),
  };

  function queryOf(operation) {
    const parameters = (operation.parameters ?? []).map((parameter) => resolve(parameter)).filter((parameter) => parameter.in === 'query');
    const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
    return {
      type: 'object',
      properties: Object.fromEntries(
        parameters.map((parameter) => [parameter.name, { ...schemaOf(parameter.schema), ...largest(parameter) }]),
      ),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
  }

  function bodyOf(response) {
    const schema = resolve(response).content?.['application/json']?.schema;
    return schema ? schemaOf(schema) : false;
  }

  function resolve(node) {
    if (!node.$ref) return node;
    const [, , kind, name] = node.$ref.split('/');
    return openapi.components[kind][name];
  }
}

/** What `allOf` joins is joined by its text: a reference would keep its own closed object. */
function inlineJoined(node, schemas) {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node.allOf)) node.allOf = node.allOf.map((child) => (child.$ref ? schemas[child.$ref.split('/').at(-1)] : child));
  for (const child of Object.values(node)) inlineJoined(child, schemas);
}

/** GitHub states the bound of a page in prose alone: "The number of results per page (max 100)." */
function largest({ name, description }) {
  const bound = name === 'per_page' && /\(max (\d+)\)/.exec(description ?? '');
  return bound ? { minimum: 1, maximum: Number(bound[1]) } : {};
}

/** OpenAPI 3.0 to JSON Schema. Objects are closed where GitHub does not open them: an invented field must be found. */
function schemaOf(node) {
  if (node.$ref) return { $ref: `#/$defs/${node.$ref.split('/').at(-1)}` };
  if (node.allOf) return node.nullable ? nullable(joined(node.allOf.map(schemaOf))) : joined(node.allOf.map(schemaOf));
  const schema = Object.fromEntries(KEPT.filter((key) => node[key] !== undefined).map((key) => [key, node[key]]));
  if (node.items) schema.items = schemaOf(node.items);
  for (const key of ['oneOf', 'anyOf']) if (node[key]) schema[key] = node[key].map(schemaOf);
  if (node.properties)
    schema.properties = Object.fromEntries(Object.entries(node.properties).map(([name, child]) => [name, schemaOf(child)]));
  if (node.type === 'object') {
    const open = node.additionalProperties ?? supplement.open[node.title];
    schema.additionalProperties = open === undefined ? node.properties === undefined : typeof open === 'object' ? schemaOf(open) : open;
  }
  return node.nullable ? nullable(schema) : schema;
}

/** Closed objects cannot be joined by `allOf`, because each would forbid the other's fields. */
function joined(schemas) {
  const [first, ...rest] = schemas;
  const properties = { ...first.properties };
  for (const schema of rest) {
    if (schema.type !== 'object' || first.type !== 'object') throw new Error('An allOf of anything but objects is not understood');
    for (const [name, child] of Object.entries(schema.properties)) {
      const same = !properties[name] || JSON.stringify(properties[name]) === JSON.stringify(child);
      properties[name] = same ? child : { allOf: [properties[name], child] };
    }
  }
  const required = [...new Set(schemas.flatMap((schema) => schema.required ?? []))];
  return { ...first, required, properties };
}

function nullable(schema) {
  if (schema.enum) schema.enum = [...new Set([...schema.enum, null])];
  if (typeof schema.type === 'string') return { ...schema, type: [schema.type, 'null'] };
  return { anyOf: [schema, { type: 'null' }] };
}
