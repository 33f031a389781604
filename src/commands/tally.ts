import { createHash } from 'node:crypto';
import type { Delivered } from './output.ts';

export interface Tally {
  /** The same, and what passes is counted. */
  counted<Piece extends string | Uint8Array>(write: (piece: Piece) => void): (piece: Piece) => void;
  told(): Delivered;
}

/** Counts what is written. Cryptography takes a fifth of the start of Node to load: this is a file of its own, loaded where something is exported. */
export function tallyOf(form: string, output: string | undefined): Tally {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    counted: (write) => (piece) => {
      write(piece);
      hash.update(piece);
      bytes += Buffer.byteLength(piece);
    },
    told: () => ({ form, to: output === undefined ? 'output' : 'file', bytes, sha256: hash.digest('hex') }),
  };
}
