import { ByteWriter, parquetWriteRows } from 'hyparquet-writer';
import type { Column } from './column.ts';

/** Rows that are held at once: a group of rows is written whole. */
const GROUP = 10_000;
const CHUNK = 1 << 20;

export interface ParquetAbout {
  /** Whom the file names. */
  names: string;
  version: string;
  /** Titles of the columns that hold numbers; all others hold texts. */
  numbers: ReadonlySet<string>;
}

/** Apache Parquet, group by group. Texts stand in it as they are: what shows them has to make them safe. */
export async function parquet<Row>(
  rows: AsyncIterable<Row>,
  columns: readonly Column<Row>[],
  about: ParquetAbout,
  emit: (bytes: Uint8Array) => void,
): Promise<void> {
  await parquetWriteRows({
    writer: emitting(emit),
    rows: recordsOf(rows, columns),
    columns: columns.map(({ title }) => ({ name: title, type: about.numbers.has(title) ? ('DOUBLE' as const) : ('STRING' as const) })),
    rowGroupSize: GROUP,
    createdBy: `noctule ${about.version}`,
    kvMetadata: [{ key: 'noctule.names_of_persons', value: about.names }],
  });
}

async function* recordsOf<Row>(rows: AsyncIterable<Row>, columns: readonly Column<Row>[]) {
  // A column may be called __proto__, where somebody asks for it so.
  for await (const row of rows) yield Object.fromEntries(columns.map((column) => [column.title, wellFormed(column.of(row))]));
}

function wellFormed(value: string | number | null): string | number | null {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

/** Hands on what was written whenever there is enough of it, as the writer of files of the library does. */
function emitting(emit: (bytes: Uint8Array) => void): ByteWriter {
  const writer = new ByteWriter();
  const grow = writer.ensure.bind(writer);
  const handOn = () => {
    if (writer.index > 0) emit(new Uint8Array(writer.buffer, 0, writer.index).slice());
    writer.index = 0;
  };
  writer.ensure = (size) => {
    if (writer.index > CHUNK) handOn();
    grow(size);
  };
  writer.finish = handOn;
  return writer;
}
