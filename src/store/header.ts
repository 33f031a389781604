import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/** What the first page of a SQLite file says, without opening it as one. https://www.sqlite.org/fileformat2.html */
export interface DatabaseHeader {
  application: number;
  version: number;
  /** It holds at least one table, index or view. */
  tables: boolean;
}

const HEADER_BYTES = 108;
const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** A log is read by so much: a thousand frames one by one take as long as a question. */
const PIECE_BYTES = 1 << 18;

/** The header as a reader of the database would see it, with what still stands in its write-ahead log; undefined = nothing there. */
export function readHeader(file: string): DatabaseHeader | 'foreign' | undefined {
  if (file === ':memory:' || !existsSync(file)) return undefined;
  const page = firstBytes(file, HEADER_BYTES);
  if (page.length === 0) return undefined;
  if (page.length < HEADER_BYTES || page.toString('latin1', 0, 16) !== 'SQLite format 3\0') return 'foreign';
  const latest = latestFirstPage(`${file}-wal`) ?? page;
  // The b-tree of the schema starts behind the header: its cells are tables, indexes and views.
  return { application: latest.readUInt32BE(68), version: latest.readUInt32BE(60), tables: latest.readUInt16BE(103) > 0 };
}

/** The newest committed first page in a write-ahead log. Frames of an older generation carry other salts and end the log. */
function latestFirstPage(log: string): Buffer | undefined {
  if (!existsSync(log)) return undefined;
  const descriptor = openSync(log, 'r');
  try {
    const head = bytesAt(descriptor, 0, LOG_HEADER_BYTES);
    if (head.length < LOG_HEADER_BYTES) return undefined;
    const pageSize = head.readUInt32BE(8);
    const salts = [head.readUInt32BE(16), head.readUInt32BE(20)];
    const end = fstatSync(descriptor).size;
    const bytes = Buffer.allocUnsafe(Math.min(PIECE_BYTES, end));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let piece = { from: 0, length: 0 };
    let pending: Buffer | undefined;
    let committed: Buffer | undefined;
    for (let at = LOG_HEADER_BYTES; at + FRAME_HEADER_BYTES + pageSize <= end; at += FRAME_HEADER_BYTES + pageSize) {
      if (at + FRAME_HEADER_BYTES + HEADER_BYTES > piece.from + piece.length) {
        piece = { from: at, length: readSync(descriptor, bytes, 0, Math.min(bytes.length, end - at), at) };
        if (piece.length < FRAME_HEADER_BYTES + HEADER_BYTES) break;
      }
      const frame = at - piece.from;
      if (view.getUint32(frame + 8) !== salts[0] || view.getUint32(frame + 12) !== salts[1]) break;
      const page = frame + FRAME_HEADER_BYTES;
      if (view.getUint32(frame) === 1) pending = Buffer.from(bytes.subarray(page, page + HEADER_BYTES));
      // A frame that names the size of the database commits all that stand before it.
      if (view.getUint32(frame + 4) > 0) committed = pending ?? committed;
    }
    return committed;
  } finally {
    closeSync(descriptor);
  }
}

function firstBytes(file: string, length: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    return bytesAt(descriptor, 0, length);
  } finally {
    closeSync(descriptor);
  }
}

function bytesAt(descriptor: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
}
