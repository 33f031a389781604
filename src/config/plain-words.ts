/**
 * What stands at the top of a plain file of the organisation, for whoever wants a few words of it and nothing else; the parser that explains
 * mistakes takes longer to load than a question to answer. Plain = JSON where its comments and trailing commas are gone, without a
 * backslash, and with none of these keys twice. Undefined = it is not plain, or wrong: then it is read in earnest. What else is wrong with a
 * configuration, as another key that stands twice, is for whoever reads it whole.
 */
export function plainWords(text: string, keys: readonly string[]): Record<string, unknown> | undefined {
  // With a backslash, a key may be spelled in several ways; a carriage return by itself ends a line, too.
  if (text.includes('\\') || /\r(?!\n)/.test(text) || text.includes('__proto__') || keys.some((key) => text.split(`"${key}"`).length > 2))
    return undefined;
  const bare = text
    .replaceAll(/("[^"\n]*")|\/\/[^\n]*|\/\*[^]*?\*\//g, (all, quoted?: string) => quoted ?? (all.includes('\n') ? '\n' : ' '))
    .replaceAll(/("[^"\n]*")|(?<=[\w"\]}]\s*),(?=\s*[\]}])/g, (_all, quoted?: string) => quoted ?? '');
  try {
    const value: unknown = JSON.parse(bare);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
