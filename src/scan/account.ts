import type { Collector, Connection } from '../connector/index.ts';
import { readCollector } from './collector.ts';
import type { ReadingOptions, Source } from './engine.ts';
import type { Meter } from './meter.ts';

/** What is the same for all accounts of a source. */
export interface SourceReading {
  options: ReadingOptions;
  scanId: number;
  source: Source;
  bugs: unknown[];
}

/**
 * Lets the collectors of one level read one account: those of one lane one after the other, and lanes side by side. What one of them throws is
 * none of the provider's, and fails the scan.
 */
export async function readAccount(
  { options, scanId, source, bugs }: SourceReading,
  { connection, inFlight, meter }: { connection: Connection<unknown>; inFlight(): number; meter: Meter },
  level: Collector['level'],
): Promise<void> {
  const on = new Set(collectorsOf(source).map(({ id }) => id));
  const readLane = async (lane: readonly Collector[]) => {
    try {
      for (const collector of lane) {
        const result = await readCollector(options, { on, scanId, source, collector, connection, inFlight: inFlight(), meter });
        if (result.bug !== undefined) bugs.push(result.bug);
        if (options.signal.aborted) return;
      }
    } catch (error) {
      options.fail(error);
    }
  };
  const lanes = Map.groupBy(collectorsAt(level, source), ({ lane }) => lane);
  await Promise.all([...lanes.values()].map(readLane));
}

/** The collectors that the configuration leaves switched on; those of what holds many accounts only where the source reads many. */
export function collectorsOf({ connector, config, collectors }: Pick<Source, 'connector' | 'config' | 'collectors'>): Collector[] {
  const many = connector.readsMany?.(config) ?? false;
  const isRead = ({ level }: Collector) => (level === undefined ? many !== 'none' : many !== false);
  const isOn = (collector: Collector) => collector.optional !== true || collector.isAskedFor?.(config) === true;
  return connector.collectors.filter((collector) => isRead(collector) && (collectors?.[collector.id] ?? isOn(collector)));
}

/** Those of them that read single accounts, or what holds them. */
export function collectorsAt(level: Collector['level'], source: Pick<Source, 'connector' | 'config' | 'collectors'>): Collector[] {
  return collectorsOf(source).filter((collector) => collector.level === level);
}
