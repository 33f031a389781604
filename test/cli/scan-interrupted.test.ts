import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noctule } from './run.ts';
import { workspace } from './workspace.ts';

describe('an interrupted scan', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends in order at the first %s, and the next one goes on from there', async (signal, expected) => {
    const site = await workspace({ people: 40, latency: 100 });
    const summary = join(site.folder, 'summary.json');
    const run = await noctule(['scan', '-c', site.config, '--summary', summary], {
      env: site.provider.environment,
      whenItSpeaks: (child) => void setTimeout(() => child.kill(signal), 700),
    });
    expect(run.code).toBe(expected);
    expect(run.stderr).toContain('Interrupted. What was read is kept');
    expect(JSON.parse(readFileSync(summary, 'utf8'))).toMatchObject({ conditions: ['interrupted'] });
    const next = await site.scan();
    expect([next.code, next.summary.resumed]).toEqual([0, true]);
  });
});
