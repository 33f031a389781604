/** How far what was found agrees with what was planted. */
export interface Agreement {
  planted: number;
  found: number;
  /** Share of what was planted that was found. */
  recall: number;
  /** Share of what was found that was planted. */
  precision: number;
  missing: readonly string[];
  invented: readonly string[];
}

/** Compares two lists of facts; a fact that is found twice and was planted once is invented once. */
export function agreement(planted: readonly string[], found: readonly string[]): Agreement {
  const missing = without(planted, found);
  const invented = without(found, planted);
  return {
    planted: planted.length,
    found: found.length,
    recall: share(planted.length - missing.length, planted.length),
    precision: share(found.length - invented.length, found.length),
    missing,
    invented,
  };
}

/** Nothing less and nothing more. */
export function complete(planted: number): Agreement {
  return { planted, found: planted, recall: 1, precision: 1, missing: [], invented: [] };
}

function without(facts: readonly string[], others: readonly string[]): string[] {
  const left = Map.groupBy(others, (other) => other);
  return facts.filter((fact) => left.get(fact)?.pop() === undefined);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}
