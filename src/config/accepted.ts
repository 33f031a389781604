import type { Config } from './config.ts';

/** An accepted gap is still shown and still resolves nothing; it only raises the exit code no more. */
export function isAccepted(
  gap: { source: string; collector: string; scope: string },
  config: Pick<Config, 'acceptedGaps'>,
  now: Date,
): boolean {
  const today = now.toISOString().slice(0, 10);
  return config.acceptedGaps.some(
    (accepted) =>
      accepted.source === gap.source &&
      (accepted.collector === undefined || accepted.collector === gap.collector) &&
      (accepted.scope === undefined || gap.scope === accepted.scope || gap.scope.startsWith(`${accepted.scope}/`)) &&
      today <= accepted.until,
  );
}
