/** Every text within a value of JSON, with whether it is one of our own words. What is no JSON, as a file with comments, is one text. */
export function withinJson(json: string, replace: (text: string, isWord: boolean) => string): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return replace(json, false);
  }
  const before = JSON.stringify(value);
  const after = JSON.stringify(mapped(value, replace, false));
  return after === before ? json : after;
}

/** Fields that hold words of ours, or of the catalog: somebody whose login is `active` must not take that word along. */
const WORDS = new Set(
  'access at can candidates connectors data dataClass flags from grade is kind kinds permissions plain product productName remedy speaksFor standing statement steps traits type use vendor verdict why'.split(
    ' ',
  ),
);

function mapped(value: unknown, replace: (text: string, isWord: boolean) => string, isWord: boolean): unknown {
  if (typeof value === 'string') return replace(value, isWord);
  if (Array.isArray(value)) return value.map((one) => mapped(one, replace, isWord));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [replace(name, true), mapped(one, replace, isWord || WORDS.has(name))]),
  );
}
