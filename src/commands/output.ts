import { resolve } from 'node:path';
import { ConfigError } from '../connector/errors.ts';
import type { Column } from '../report/column.ts';
import type { ListFormat } from '../report/formats.ts';
import { listed } from '../report/rows.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';

export interface OutputOptions {
  /** A file, instead of standard output. */
  output?: string;
}

/** What was written in order to be taken elsewhere. */
export interface Delivered {
  form: string;
  /** A file that was named, or standard output. */
  to: 'file' | 'output';
  bytes: number;
  /**
   * Of all that was written, in hexadecimal, where it is a file: one that is found can be told from others. Another program took the rest. A backup
   * is named by the heads of its trails instead.
   */
  sha256?: string;
}

/** Forms for the eye. What is asked for in another, or into a file, is an export. */
const LOOKED_AT: ReadonlySet<string> = new Set(['table', 'text']);

/** Forms that have no place for whom they name. */
const WITHOUT_PLACE: ReadonlySet<string> = new Set(['json', 'ndjson', 'csv']);

/** Says beside a list on standard output whom it names, where the list itself cannot. */
export function tellNames(context: CommandContext, format: string, names: string): void {
  if (WITHOUT_PLACE.has(format) && !context.quiet) context.err(`Names of persons in it: ${names}.\n`);
}

/** Characters that are written at once. */
const PIECE = 1 << 16;

/** Rows of a list, wherever they were asked to go. `names` = whom they name. Undefined = it was only looked at. */
export async function deliverList<Row extends object>(
  context: CommandContext,
  { format, output }: OutputOptions & { format: ListFormat },
  rows: Iterable<Row>,
  columns: readonly Column<Row>[],
  { names, numbers }: { names: string; numbers: readonly string[] },
): Promise<Delivered | undefined> {
  if (format !== 'parquet') return deliver(context, listed(format, rows, columns, names), { format, output, names });
  if (output === undefined)
    throw new ConfigError('Parquet is no text', { fix: 'Name a file for it with --output, as in `--output grants.parquet`.' });
  const [{ parquet }, { VERSION }, { growSlowly }] = await Promise.all([
    import('../report/parquet.ts'),
    import('./version.ts'),
    import('./grow-slowly.ts'),
  ]);
  // A group of rows is held whole, and a question lets the heap double.
  growSlowly();
  const tally = tallyOf(context, format, output);
  await toFile(context, output, names, (write) =>
    parquet(unhurried(context, rows, 1_000), columns, { names, version: VERSION, numbers: new Set(numbers) }, tally.counted(write)),
  );
  return tally.told();
}

/** Text that comes piece by piece, wherever it was asked to go. Undefined = it was only looked at. */
export async function deliver(
  context: CommandContext,
  pieces: Iterable<string>,
  { format, output, names }: { format: string; output: string | undefined; names: string },
): Promise<Delivered | undefined> {
  const writeTo = async (write: (text: string) => void) => {
    for await (const text of unhurried(context, gathered(pieces), 1)) write(text);
  };
  if (output === undefined && LOOKED_AT.has(format)) {
    await writeTo((text) => context.out(text));
    return undefined;
  }
  const tally = tallyOf(context, format, output);
  if (output === undefined) {
    await writeTo(tally.counted((text) => context.out(text)));
    tellNames(context, format, names);
  } else await toFile(context, output, names, (write) => writeTo(tally.counted(write)));
  return tally.told();
}

interface Tally {
  /** The same, and what passes is counted. */
  counted<Piece extends string | Uint8Array>(write: (piece: Piece) => void): (piece: Piece) => void;
  told(): Delivered;
}

/** Counts what is written. Cryptography takes a fifth of the start of Node to load, and is not loaded for what is no file. */
function tallyOf(context: CommandContext, form: string, output: string | undefined): Tally {
  const hash = output !== undefined || context.isFile ? process.getBuiltinModule('node:crypto').createHash('sha256') : undefined;
  let bytes = 0;
  return {
    counted: (write) => (piece) => {
      write(piece);
      hash?.update(piece);
      bytes += Buffer.byteLength(piece);
    },
    told: () => ({ form, to: output === undefined ? 'output' : 'file', bytes, ...(hash && { sha256: hash.digest('hex') }) }),
  };
}

async function toFile(
  context: CommandContext,
  output: string,
  names: string,
  work: (write: (piece: string | Uint8Array) => void) => Promise<void>,
): Promise<void> {
  const file = resolve(context.directory, output);
  const { openResult } = await import('./write-result.ts');
  const result = openResult(file);
  try {
    await work((piece) => result.write(piece));
    result.done();
  } catch (error) {
    result.discard();
    throw error;
  }
  if (!context.quiet) context.err(`Written: ${terminalText(file, 1_000)}. Names of persons in it: ${names}.\n`);
}

/** Small pieces, joined: a row is less than what is worth a system call. */
function* gathered(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** The same, with a turn of the event loop after every so many: signals are heard, and a reader that has gone away is noticed. */
async function* unhurried<Item>(context: CommandContext, items: Iterable<Item>, every: number): AsyncGenerator<Item> {
  let count = 0;
  for (const item of items) {
    yield item;
    if (++count % every > 0) continue;
    // Node's module for waiting loads fourteen more, which each export would.
    await new Promise((next) => setImmediate(next));
    context.signal.throwIfAborted();
  }
}
