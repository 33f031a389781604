import { badParameter } from './refusals.ts';

/** The fields that a resource can have. `true` = whatever lies below is not looked at. */
export interface Shape {
  readonly [field: string]: Shape | true;
}

/** Leaves of a body only what `fields` asks for, and refuses a mask that names what does not exist. */
export function masked(body: Record<string, unknown>, fields: string | undefined, shape: Shape): Record<string, unknown> {
  if (fields === undefined) return body;
  return picked(body, parsed(fields, shape));
}

/** The shape of a resource of which only the names of the fields matter. */
export function shapeOf(names: string): Shape {
  return Object.fromEntries(names.split(' ').map((name) => [name, true]));
}

type Mask = Map<string, Mask | true>;

function only(value: unknown, mask: Mask | true): unknown {
  if (mask === true || typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map((item) => only(item, mask)) : picked(value, mask);
}

function picked(value: object, mask: Mask): Record<string, unknown> {
  const kept = Object.entries(value).filter(([name]) => mask.has('*') || mask.has(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, only(inner, mask.get(name) ?? true)]));
}

/** Reads `a,b/c,d(e,f)`. */
function parsed(text: string, shape: Shape): Mask {
  const words = text.match(/[\w*]+|[^\s\w*]/g) ?? [];
  let next = 0;

  function list(shape: Shape | true): Mask {
    const mask: Mask = new Map();
    do {
      const [name, inner] = entry(shape);
      const before = mask.get(name);
      mask.set(name, before === undefined ? inner : merged(before, inner));
    } while (words[next] === ',' && next++ >= 0);
    return mask;
  }

  function entry(shape: Shape | true): [string, Mask | true] {
    const name = words[next++] ?? '';
    const inner = shape === true || name === '*' ? true : shape[name];
    if (!/^[\w*]+$/.test(name) || inner === undefined) throw badParameter('fields', `Invalid field selection ${name}`);
    if (words[next] === '/') {
      next++;
      return [name, new Map([entry(inner)])];
    }
    if (words[next] !== '(') return [name, true];
    next++;
    const mask = list(inner);
    if (words[next++] !== ')') throw badParameter('fields', `Invalid field selection ${text}`);
    return [name, mask];
  }

  const mask = list(shape);
  if (next !== words.length) throw badParameter('fields', `Invalid field selection ${text}`);
  return mask;
}

function merged(one: Mask | true, other: Mask | true): Mask | true {
  return one === true || other === true ? true : new Map([...one, ...other]);
}
