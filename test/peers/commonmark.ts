import { spawnSync } from 'node:child_process';

/** What a text means: a kind of node, its text or address, and what is within. */
export type MarkdownNode = readonly [type: string, text: string | null, within: readonly MarkdownNode[]];

/** Version of Debian's CommonMarker, which is GitHub's own parser (cmark-gfm); undefined = there is none. */
export function installedCommonMark(): string | undefined {
  const probe = spawnSync('ruby', ['-e', 'require "commonmarker"; puts CommonMarker::VERSION'], { encoding: 'utf8' });
  return probe.status === 0 ? probe.stdout.trim() : undefined;
}

/** The trees that it makes of these texts. */
export function readByCommonMark(texts: readonly string[]): MarkdownNode[] {
  const run = spawnSync('ruby', ['-W0', 'test/peers/commonmark.rb'], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`CommonMarker ended with ${run.status}: ${run.stderr}`);
  return JSON.parse(run.stdout) as MarkdownNode[];
}
