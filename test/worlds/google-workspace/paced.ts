import { join } from 'node:path';
import { runScan } from '../../../src/scan/engine.ts';
import { openStore } from '../../../src/store/store.ts';
import { newFolder } from '../../cli/run.ts';
import { scanOptions, sourceOf } from '../../scan/night.ts';
import type { World } from '../world.ts';
import { before } from './plants.ts';

/** Scans at the connector's own pace, on a clock that runs so many times faster. */
export async function scanAtUsualPace(world: World, speed: number, collectors: readonly string[]): Promise<void> {
  const { pace: _, ...source } = await sourceOf({ name: 'google-workspace', config: world.provider.config });
  const chosen = source.connector.collectors.map(({ id }) => [id, collectors.includes(id)]);
  const store = openStore(join(newFolder(), 'noctule.db'));
  const sources = [{ ...source, collectors: Object.fromEntries(chosen) as Record<string, boolean> }];
  try {
    await runScan(scanOptions(store, { sources, environment: world.provider.environment, from: before(0), speed }));
  } finally {
    await store.close();
  }
}

/** The most requests within any window of so many seconds of the scan's clock. */
export function peak(requests: World['asked'], speed: number, seconds: number): number {
  const times = requests.map(({ at }) => (at * speed) / 1000).toSorted((one, other) => one - other);
  return Math.max(0, ...times.map((end, index) => index + 1 - times.findIndex((time) => time > end - seconds)));
}
