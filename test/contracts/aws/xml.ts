export interface XmlElement {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlElement[];
  /** Its own text, without that of its children. */
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const TOKEN = /<\?[^>]*\?>|<(\/?)([\w.-]+)((?:\s+[\w:.-]+="[^"]*")*)\s*(\/?)>|([^<]+)/gy;

/** Reads the XML that AWS writes: elements, attributes and text, nothing else. Throws at the first thing that is not well-formed. */
export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match) throw new Error(`The XML cannot be read at character ${at}`);
    const [, closing, name, attributes, empty, text] = match;
    const parent = open.at(-1)!;
    if (text !== undefined) parent.text += unescaped(text);
    else if (closing) close(name!);
    else if (name !== undefined) {
      const element: XmlElement = { name, attributes: attributesOf(attributes ?? ''), children: [], text: '' };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  const [only] = root.children;
  if (open.length !== 1 || root.children.length !== 1 || root.text.trim() !== '') throw new Error('The XML is not one closed element');
  return only!;

  function close(name: string): void {
    const closed = open.length > 1 ? open.pop()! : undefined;
    if (closed?.name !== name) throw new Error(`</${name}> closes <${closed?.name ?? ''}>`);
  }
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/([\w:.-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, unescaped(value!)]));
}

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));|&/g, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    const character = ENTITIES[name ?? ''];
    if (character === undefined) throw new Error(`${whole} is no entity of XML`);
    return character;
  });
}
