import { readFileSync } from 'node:fs';
import { packageFolder, sourceOf } from './package-folder.mjs';
import { reachable } from './reachable.mjs';
import { interfaces } from './declarations.mjs';

/** By the first word of an operation's id. The two of the Admin SDK share their definitions; each other API has its own. */
const FILES = {
  agentidentity: 'agentidentity/v1',
  agentregistry: 'agentregistry/v1',
  apikeys: 'apikeys/v2',
  directory: 'admin/directory_v1',
  reports: 'admin/reports_v1',
  chromemanagement: 'chromemanagement/v1',
  cloudasset: 'cloudasset/v1',
  cloudidentity: 'cloudidentity/v1',
  cloudresourcemanager: 'cloudresourcemanager/v3',
  iam: 'iam/v1',
  licensing: 'licensing/v1',
  policyanalyzer: 'policyanalyzer/v1',
  serviceusage: 'serviceusage/v1',
};
const SHARED = new Set(['directory', 'reports']);
/** A credential in an address ends up in logs, and `callback` turns the answer into a script: nothing of ours may send them. */
const NEVER = new Set(['auth', 'access_token', 'oauth_token', 'key', 'callback']);
const supplement = JSON.parse(readFileSync(new URL('../google/supplement.json', import.meta.url), 'utf8'));

/** From the declarations and the code of the installed client; what neither says comes from supplement.json. */
export function describeGoogle(operations) {
  const apis = Object.fromEntries(Object.entries(FILES).map(([prefix, file]) => [prefix, readApi(file, SHARED.has(prefix) ? '' : `${prefix}.`)]));
  const described = {};
  for (const id of operations) {
    const [prefix, ...rest] = id.split('.');
    described[id] = apis[prefix] ? methodOf(apis[prefix], rest, supplement.parameters[id] ?? {}) : supplement.operations[id];
    if (!described[id]) throw new Error(`Google describes no ${id}`);
  }
  const define = (name) => {
    const api = Object.values(apis).find(({ types, own }) => name.startsWith(own) && types.has(`Schema$${name.slice(own.length)}`));
    return withSupplement(name, api.types.get(`Schema$${name.slice(api.own.length)}`));
  };
  return {
    source: sourceOf('googleapis'),
    operations: described,
    errors: supplement.errors,
    $defs: reachable(described, define),
  };
}

/** `own` stands before the names of definitions that another API may have too. */
function readApi(file, own) {
  const read = (extension) => readFileSync(new URL(`build/src/apis/${file}${extension}`, packageFolder('googleapis')), 'utf8');
  const declarations = read('.d.ts');
  const types = [...interfaces(declarations)].map(([name, schema]) => [name, named(schema, own)]);
  return { declarations, types: new Map(types), code: read('.js'), own };
}

function named(schema, own) {
  return own === '' ? schema : JSON.parse(JSON.stringify(schema).replaceAll('#/$defs/', `#/$defs/${own}`));
}

function methodOf({ declarations, types, code, own }, path, added) {
  const method = path.at(-1);
  const resource = path.slice(0, -1).map(capitalised).join('$');
  const body = part(part(code, `class Resource$${resource} {`, '\n    }\n'), `\n        ${method}(`, 'createAPIRequest');
  const parameters = types.get(`Params$Resource$${resource}$${capitalised(method)}`).properties;
  const inPath = JSON.parse(/pathParams: (\[.*?\])/.exec(body)[1].replaceAll("'", '"'));
  const required = JSON.parse(/requiredParams: (\[.*?\])/.exec(body)[1].replaceAll("'", '"')).filter((name) => !inPath.includes(name));
  const standard = types.get('StandardParameters').properties;
  const properties = {};
  for (const [name, schema] of Object.entries({ ...standard, ...parameters })) {
    if (!NEVER.has(name) && !inPath.includes(name)) properties[name] = { ...schema, ...added[name] };
  }
  const signature = part(declarations, `${method}(params?: Params$Resource$${resource}$${capitalised(method)},`, ';');
  return {
    method: /method: '(\w+)'/.exec(body)[1],
    // `{+parent}` holds a path of its own, whose form the discovery document states as a pattern.
    path: /rootUrl \+\s*'([^']+)'/.exec(body)[1].replaceAll(/\{\+(\w+)\}/g, (_, name) => added.$path[name]),
    query: {
      type: 'object',
      properties,
      ...(required.length > 0 && { required }),
      ...(added.$oneOf && { anyOf: added.$oneOf.map((name) => ({ required: [name] })) }),
      additionalProperties: false,
    },
    responses: { 200: { $ref: `#/$defs/${own}${/Schema\$(\w+)>>/.exec(signature)[1]}` } },
  };
}

/** Formats, and the fields without which an answer says nothing. */
function withSupplement(name, schema) {
  const { formats = {}, required } = supplement.schemas[name] ?? {};
  const properties = { ...schema.properties };
  for (const [field, added] of Object.entries(formats)) {
    const [first, second] = field.split('.');
    const inner = properties[first];
    if (!inner) throw new Error(`supplement.json: ${name} has no ${field}`);
    properties[first] = second
      ? { ...inner, properties: { ...inner.properties, [second]: { ...inner.properties[second], ...added } } }
      : { ...inner, ...added };
  }
  return { ...schema, ...(schema.properties && { properties }), ...(required && { required }) };
}

function part(text, from, to) {
  const start = text.indexOf(from);
  if (start < 0) throw new Error(`The client has no ${from.trim()}`);
  return text.slice(start, text.indexOf(to, start + from.length));
}

/** As the generator of the client writes the names of classes: `roleAssignments` becomes `Roleassignments`. */
function capitalised(word) {
  return word[0].toUpperCase() + word.slice(1).toLowerCase();
}
