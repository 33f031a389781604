import { readdirSync, readFileSync } from 'node:fs';

/** One row of the labelled set; test/catalog/labelled/README.md says what the labels mean. */
export interface Row {
  type: string;
  value: string;
  expect: 'ai' | 'ai_feature' | 'not_ai' | 'suspected';
  /** Absent where the row has no AI vendor. */
  vendor: string | null;
  product: string | null;
}

const FOLDER = new URL('../../test/catalog/labelled/', import.meta.url);

/** The labelled set, in the order of its files. */
export function readLabelled(): Row[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .flatMap((file) => readFileSync(new URL(file, FOLDER), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Row);
}
