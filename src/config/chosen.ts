import { ConfigError } from '../connector/index.ts';
import type { Source } from '../scan/engine.ts';
import type { Config } from './config.ts';

/** The sources that were asked for by name, or all. */
export function chosen(config: Pick<Config, 'sources'>, names: readonly string[] | undefined): readonly Source[] {
  const known = config.sources.map((source) => source.name);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new ConfigError(`There is no source "${unknown}"`, { fix: `The configuration has: ${known.join(', ')}.` });
  const sources = config.sources.filter((source) => names?.includes(source.name) ?? true);
  if (sources.length === 0)
    throw new ConfigError('The configuration has no sources', { key: 'sources', fix: 'Add one; `noctule init` shows how.' });
  return sources;
}
