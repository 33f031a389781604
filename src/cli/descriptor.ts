import { writeSync } from 'node:fs';

/**
 * Writes text to standard output (1) or error (2) at once, without Node's streams, which take a tenth of its start to load. They are asked
 * for where a descriptor cannot take more now, and on Windows, whose consoles take UTF-8 from them alone. After a fault, which is told
 * when what runs has ended, nothing more is written.
 */
export function writerTo(descriptor: 1 | 2, stream: () => NodeJS.WritableStream, failed: (error: NodeJS.ErrnoException) => void) {
  let streamed = process.platform === 'win32' ? stream() : undefined;
  let isOver = false;
  return (text: string): void => {
    if (isOver) return;
    let rest = Buffer.from(text);
    try {
      while (streamed === undefined && rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      if (error.code === 'EAGAIN') streamed = stream();
      else {
        isOver = true;
        process.nextTick(failed, error);
      }
    }
    if (streamed !== undefined && rest.length > 0) streamed.write(rest);
  };
}
