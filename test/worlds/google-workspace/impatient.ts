import { join } from 'node:path';
import { runScan } from '../../../src/scan/engine.ts';
import { openReader } from '../../../src/store/read.ts';
import { openStore } from '../../../src/store/store.ts';
import { newFolder } from '../../cli/run.ts';
import { scanOptions, sourceOf, TENANT } from '../../scan/night.ts';
import { rowsOf } from '../../store/logical-dump.ts';
import type { World } from '../world.ts';
import { before } from './plants.ts';

/** Nights of a scan that gives an answer so many milliseconds, on a database of its own. */
export function impatient(world: World, endpoint: string, milliseconds: number, collectors: readonly string[]) {
  const file = join(newFolder(), 'noctule.db');
  return async (night: number) => {
    const source = await sourceOf({ name: 'google-workspace', config: { ...world.provider.config, endpoint } });
    const chosen = source.connector.collectors.map(({ id }) => [id, collectors.includes(id)]);
    const store = openStore(file);
    const options = scanOptions(store, {
      sources: [{ ...source, collectors: Object.fromEntries(chosen) as Record<string, boolean> }],
      environment: world.provider.environment,
      from: before(0, night),
    });
    const outcome = await runScan({ ...options, wireLimits: { bytes: 1024 * 1024, milliseconds } });
    await store.close();
    const reader = openReader(file);
    try {
      return {
        outcome,
        gaps: reader.gaps(outcome.scanId),
        findings: reader.findings({ tenant: TENANT, states: ['open'], limit: -1 }),
        grants: rowsOf<{ native: string; state: string }>(
          file,
          `SELECT o.native_id AS native, o.state FROM observation o JOIN collector c ON c.id = o.collector_id WHERE c.collector = 'grants'`,
        ),
      };
    } finally {
      reader.close();
    }
  };
}
