import { join } from 'node:path';
import { bytesBelow, newFolder, noctule, writeConfig, type Ended } from '../../cli/run.ts';
import { sourceOf } from '../../scan/night.ts';
import type { World } from '../world.ts';

/** Runs Noctule as a user does, with members of the source's configuration that the connector itself does not see. */
export async function byProgram(
  world: World,
  more: Readonly<Record<string, unknown>>,
  verb: 'scan' | 'doctor' = 'scan',
): Promise<Ended & { written: string }> {
  const folder = newFolder();
  const file = writeConfig(folder, { github: { ...world.provider.config, ...more } });
  const summary = verb === 'scan' ? ['--summary', join(folder, 'summary.json')] : [];
  const ended = await noctule([verb, '--config', file, ...summary], { cwd: folder, env: world.provider.environment });
  return { ...ended, written: bytesBelow(folder) };
}

/** Which collectors are on, in the words of the configuration. */
export async function only(world: World, ...chosen: string[]): Promise<Record<string, boolean>> {
  const { connector } = await sourceOf({ name: 'github', config: world.provider.config });
  return Object.fromEntries(connector.collectors.map(({ id }) => [id, chosen.includes(id)]));
}
