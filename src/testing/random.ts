import { hash } from 'node:crypto';

/**
 * A number in [0, 1) that depends on nothing but its labels: the same seed makes the same world, in any order of asking,
 * and a company of 100,000 people need not be stored.
 */
export function chance(...labels: readonly (string | number)[]): number {
  return Number.parseInt(digest(labels).slice(0, 8), 16) / 2 ** 32;
}

/** One of the items, by the same rule. */
export function pick<Item>(items: readonly Item[], ...labels: readonly (string | number)[]): Item {
  return items[Math.floor(chance(...labels) * items.length)]!;
}

/** Decimal digits that look like a provider's id. */
export function digits(count: number, ...labels: readonly (string | number)[]): string {
  const number = BigInt(`0x${digest(labels)}`)
    .toString()
    .slice(0, count);
  return number.startsWith('0') ? `1${number.slice(1)}` : number;
}

/** Letters and digits that look like a provider's id. */
export function letters(count: number, alphabet: string, ...labels: readonly (string | number)[]): string {
  let text = '';
  for (let index = 0; index < count; index++) text += alphabet[Math.floor(chance(...labels, index) * alphabet.length)]!;
  return text;
}

function digest(labels: readonly (string | number)[]): string {
  return hash('sha256', labels.join('\u0000'), 'hex');
}

/** Numbers in [0, 1) one after the other, the same for the same seed. */
export function seededRandom(seed: string): () => number {
  let drawn = 0;
  return () => chance(seed, drawn++);
}
