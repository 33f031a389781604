import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/**
 * What the connector's queries touch of GitHub's published schema: types, fields, their arguments and types.
 * `folder` holds `graphql` and `@octokit/graphql-schema` below node_modules; a query that the whole schema refuses is an error.
 */
export async function describeQueries(connector, folder) {
  const require = createRequire(join(resolve(folder), 'index.js'));
  const { buildSchema, isAbstractType, getNamedType, parse, TypeInfo, validate, visit, visitWithTypeInfo } = require('graphql');
  const package_ = join(resolve(folder), 'node_modules/@octokit/graphql-schema');
  const { version, license } = JSON.parse(readFileSync(join(package_, 'package.json'), 'utf8'));
  const schema = buildSchema(readFileSync(join(package_, 'schema.graphql'), 'utf8'), { assumeValidSDL: true });
  const types = { Query: { fields: {} } };
  const typeOf = (name) => (types[name] ??= { fields: {} });
  for (const text of await queriesOf(connector)) {
    const document = parse(text);
    const errors = validate(schema, document).map(({ message }) => message);
    if (errors.length > 0) throw new Error(`GitHub's schema refuses a query: ${errors.join('; ')}`);
    const info = new TypeInfo(schema);
    const enter = {
      Field(node) {
        const field = info.getFieldDef();
        const parent = info.getParentType();
        if (node.name.value.startsWith('__')) return;
        typeOf(parent.name).fields[node.name.value] = {
          type: String(field.type),
          args: Object.fromEntries(field.args.map((arg) => [arg.name, String(arg.type)])),
        };
        const named = getNamedType(field.type);
        if (isAbstractType(named)) typeOf(named.name).possible = schema.getPossibleTypes(named).map(({ name }) => name);
      },
    };
    visit(document, visitWithTypeInfo(info, enter));
  }
  return { source: { package: '@octokit/graphql-schema', version, licence: license, file: 'schema.graphql' }, types: sorted(types) };
}

/** Queries of repositories are one text around the fields that a collector names: `repositoryQuery('Name', FIELDS, …)`. Others stand whole in a line. */
async function queriesOf(connector) {
  const folder = new URL(`../../../connectors/${connector}/`, import.meta.url);
  const { repositoryQuery } = await import(new URL('repositories.ts', folder).href);
  const queries = [];
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.ts'))) {
    const source = readFileSync(new URL(name, folder), 'utf8');
    const query = /repositoryQuery\('(\w+)', FIELDS\b/.exec(source)?.[1];
    const fields = /const FIELDS = `([\s\S]*?)`;/.exec(source)?.[1];
    for (const [, text] of source.matchAll(/^ {2}text:\s+'(query [^']+)',$/gm)) queries.push(text);
    if (query !== undefined && fields !== undefined) queries.push(repositoryQuery(query, fields, z.unknown()).text);
  }
  if (queries.length === 0) throw new Error('No query was found: is it written in another way than this reads?');
  return queries;
}

function sorted(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}
