/** What an account may ask at once. */
const BURST = 5;

/** A bucket of tokens for each account, as AWS keeps them: full at first, and filled up again in real time. */
export function createLimiter(perSecond: number | undefined): (account: string) => boolean {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (account) => {
    if (perSecond === undefined) return false;
    const now = performance.now();
    const { tokens, at } = buckets.get(account) ?? { tokens: BURST, at: now };
    const filled = Math.min(BURST, tokens + ((now - at) / 1000) * perSecond);
    buckets.set(account, { tokens: filled < 1 ? filled : filled - 1, at: now });
    return filled < 1;
  };
}
