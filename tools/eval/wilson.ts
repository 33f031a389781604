/** A share with its 95 % interval after Wilson, which stays within 0 and 1 and is honest about small numbers. */
export interface Share {
  hits: number;
  of: number;
  /** Absent where there is nothing to take a share of. */
  share: number | null;
  low: number | null;
  high: number | null;
}

/** The normal quantile of 97.5 %. */
const Z = 1.959964;

export function shareOf(hits: number, of: number): Share {
  if (of === 0) return { hits, of, share: null, low: null, high: null };
  const share = hits / of;
  const spread = Z * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of));
  const middle = share + (Z * Z) / (2 * of);
  const scale = 1 + (Z * Z) / of;
  return {
    hits,
    of,
    share: rounded(share),
    low: rounded(Math.max(0, (middle - spread) / scale)),
    high: rounded(Math.min(1, (middle + spread) / scale)),
  };
}

/** Four digits: more would change with nothing but the order of a sum. */
function rounded(number: number): number {
  return Math.round(number * 10_000) / 10_000;
}
