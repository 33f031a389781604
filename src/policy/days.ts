const A_DAY_MS = 86_400_000;

export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / A_DAY_MS;
}

/** Of half of the values at most so much; undefined = there is none. A value that was there, so that it can be looked up. */
export function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1];
}
