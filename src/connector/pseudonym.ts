/** Where a tenant keeps pseudonyms, these stand for people: `person-` and 16 letters or digits, and of an address its domain behind them. */
const PSEUDONYM = 'person-[a-z2-7]{16}(?:@[^\\s@/"\']+)?';
const WHOLE = new RegExp(`^${PSEUDONYM}$`);

/** Is it what stands for somebody, and nothing else? */
export function isPseudonym(text: string): boolean {
  return WHOLE.test(text);
}

/** All pseudonyms within a text, or a path. */
export function pseudonymsIn(text: string): string[] {
  return text.match(new RegExp(`(?<![\\p{L}\\p{N}])${PSEUDONYM}`, 'gu')) ?? [];
}
