import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Violation } from './exchange.ts';

/** A JSON Schema, draft 2020-12; its references point into the `$defs` of the description that it stands in. */
export type Schema = boolean | SchemaObject;
export interface SchemaObject {
  $ref?: string;
  type?: string | readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: Schema;
  allOf?: readonly Schema[];
  [keyword: string]: unknown;
}

export interface Definitions {
  $defs: Readonly<Record<string, Schema>>;
}

export interface Validator {
  /** What is wrong with a value. */
  check(schema: Schema, value: unknown, rule: Violation['rule'], where?: string): Violation[];
  /** The same for fields of a query or a form, which are all text: numbers and booleans are read from it. */
  checkText(schema: Schema, fields: Readonly<Record<string, unknown>>, rule: Violation['rule'], where: string): Violation[];
  /** Follows references. */
  resolve(schema: Schema): Schema;
}

export function createValidator({ $defs }: Definitions): Validator {
  const body = createAjv(false);
  const text = createAjv('array');
  return {
    check: (schema, value, rule, where = '') => run(body, schema, value, rule, where),
    checkText: (schema, fields, rule, where) => run(text, schema, structuredClone(fields), rule, where),
    resolve,
  };

  function run(ajv: ReturnType<typeof createAjv>, schema: Schema, value: unknown, rule: Violation['rule'], where: string): Violation[] {
    const validate = ajv.of(schema, () => (typeof schema === 'boolean' ? schema : { ...schema, $defs }));
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => ({
      rule,
      where: `${where}${instancePath}${'additionalProperty' in params ? `/${params.additionalProperty}` : ''}`,
      message: `${message} ${JSON.stringify(params)}`,
    }));
  }

  function resolve(schema: Schema): Schema {
    if (typeof schema === 'boolean' || schema.$ref === undefined) return schema;
    const target = $defs[schema.$ref.slice('#/$defs/'.length)];
    if (target === undefined) throw new Error(`${schema.$ref} is not defined`);
    return resolve(target);
  }
}

function createAjv(coerceTypes: false | 'array') {
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, coerceTypes });
  formats.default(ajv);
  ajv.addFormat('base64', /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
  // Compiling takes longer than all checks together.
  const compiled = new Map<Schema, ReturnType<typeof ajv.compile>>();
  return {
    of(schema: Schema, whole: () => Schema) {
      const known = compiled.get(schema) ?? ajv.compile(whole());
      compiled.set(schema, known);
      return known;
    },
  };
}
