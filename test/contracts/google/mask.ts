import type { Schema, Validator } from '../schema.ts';

/** What a `fields` parameter asks for. An empty mask below a name = all of it. */
export type Mask = Map<string, Mask>;

/** Reads `a,b/c,d(e,f)`. https://developers.google.com/workspace/admin/directory/v1/guides/performance#partial-response */
export function parseMask(text: string): Mask {
  const tokens = text.match(/[^,/()]+|[,/()]/g) ?? [];
  let next = 0;
  const mask = list();
  if (next !== tokens.length) throw new Error(`"${text}" goes on where it should end`);
  return mask;

  function list(): Mask {
    const mask: Mask = new Map();
    do entry(mask);
    while (tokens[next] === ',' && ++next);
    return mask;
  }

  function entry(mask: Mask): void {
    const name = tokens[next++] ?? '';
    if (!/^(\w+|\*)$/.test(name)) throw new Error(`"${text}" has no field name where one should be`);
    const inner: Mask = mask.get(name) ?? new Map();
    mask.set(name, inner);
    const sign = tokens[next];
    if (sign === '/') {
      next++;
      entry(inner);
    }
    if (sign !== '(') return;
    next++;
    for (const [key, value] of list()) inner.set(key, value);
    if (tokens[next++] !== ')') throw new Error(`"${text}" has an open bracket`);
  }
}

/** What is left of a schema under a mask. Throws for a field that the schema does not have. */
export function maskedSchema(schema: Schema, mask: Mask, validator: Validator): Schema {
  const whole = validator.resolve(schema);
  if (mask.size === 0 || mask.has('*') || typeof whole === 'boolean') return whole;
  if (whole.items !== undefined) return { ...whole, items: maskedSchema(whole.items, mask, validator) };
  const properties: Record<string, Schema> = {};
  for (const [name, inner] of mask) {
    const property = whole.properties?.[name];
    if (property === undefined) throw new Error(`there is no field ${name}`);
    properties[name] = maskedSchema(property, inner, validator);
  }
  return { ...whole, properties, required: (whole.required ?? []).filter((name) => mask.has(name)) };
}
