import { readCompiled } from '../catalog/catalog.ts';
import { statsOf } from '../catalog/stats.ts';
import { table } from '../report/table.ts';
import { jsonText } from '../text/json.ts';
import type { CommandContext } from './context.ts';

/** Says how large the catalog is, and by what its products can be recognised. */
export function catalogStatsCommand(context: CommandContext, options: { format: 'table' | 'json' }): Promise<number> {
  const stats = statsOf(readCompiled());
  if (options.format === 'json') context.out(`${jsonText(stats, 2)}\n`);
  else
    context.out(
      [
        table(
          ['what', 'number'],
          [
            ['vendors', stats.vendors],
            ['products', stats.products],
            ['  with a signal other than a display name', stats.identified],
            ['  of so many vendors', stats.vendorsIdentified],
            ['  with two types of signal beside the name', stats.twoTypes],
            ['  known by name only', stats.nameOnly],
            ['negative entries', stats.negative],
          ],
        ),
        table(
          ['type of signal', 'identifiers'],
          Object.entries(stats.identifiers).sort(([, a], [, b]) => b - a),
        ),
        `Content hash ${stats.hash}\n`,
      ].join('\n'),
    );
  return Promise.resolve(0);
}
