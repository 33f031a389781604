import { setFlagsFromString } from 'node:v8';

/**
 * From now on, an old generation that is collected when it has grown by a fifth, not doubled: a large scan takes a quarter less memory, and a large
 * Parquet file a third. It is no flag of the command line, since with it Node compiles its own modules anew at every start. docs/performance.md has
 * the figures.
 */
export function growSlowly(): void {
  setFlagsFromString('--heap-growing-percent=20');
}
