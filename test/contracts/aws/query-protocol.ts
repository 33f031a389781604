import type { Schema, Validator } from '../schema.ts';
import type { XmlElement } from './xml.ts';

type Tree = { [name: string]: string | Tree };

/** The parameters of a form, as the query protocol flattens them: `Filter.member.1=User` is the first item of the list `Filter`. */
export function parametersOf(form: URLSearchParams): Record<string, unknown> {
  const tree: Tree = {};
  for (const [key, value] of form) {
    const names = key.split('.');
    let node = tree;
    for (const name of names.slice(0, -1)) node = node[name] = typeof node[name] === 'object' ? node[name] : {};
    node[names.at(-1)!] = value;
  }
  return unfolded(tree) as Record<string, unknown>;
}

function unfolded(node: string | Tree): unknown {
  if (typeof node === 'string') return node;
  const { member } = node;
  // A gap in the numbers stays a hole, which no schema of an item accepts.
  if (typeof member === 'object')
    return Object.entries(member).map(([, item], index) => (member[index + 1] === undefined ? null : unfolded(item)));
  return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, unfolded(child)]));
}

/** The value of an element by its schema. What does not fit is handed on as it is: the schema's verdict is not anticipated. */
export function valueOf(element: XmlElement, schema: Schema | undefined, validator: Validator): unknown {
  const known = schema === undefined ? true : validator.resolve(schema);
  const text = element.text.trim();
  if (typeof known === 'boolean') return element.children.length > 0 ? element.children.map(({ name }) => name) : element.text;
  if ((known.type === 'object' || known.type === 'array') && text !== '') return text;
  if (known.type === 'array') {
    const stranger = element.children.find(({ name }) => name !== 'member');
    return stranger ? stranger.name : element.children.map((child) => valueOf(child, known.items, validator));
  }
  if (known.type === 'object') return fieldsOf(element, known.properties ?? {}, validator);
  if (element.children.length > 0) return element.children.map(({ name }) => name);
  if (known.type === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (known.type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return element.text;
}

function fieldsOf(element: XmlElement, properties: Readonly<Record<string, Schema>>, validator: Validator): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const child of element.children) {
    // Given twice, a member is no value of its type any more.
    fields[child.name] = child.name in fields ? { twice: child.name } : valueOf(child, properties[child.name], validator);
  }
  return fields;
}
