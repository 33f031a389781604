// A test that shows a bug: it fails today. Move it into kill.test.ts when it is mended.
import { spawn } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../store/facts.ts';
import { logicalDump } from '../store/logical-dump.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake } from './night.ts';
import type { ProcessNight } from './scan-process.ts';

const file = temporaryFolder();
const company = smallCompany();

async function runProcess(
  path: string,
  night: Omit<ProcessNight, 'database' | 'from' | 'largestPage'>,
  attempt: number,
  kill?: string,
): Promise<NodeJS.Signals | null> {
  const spec = file(`night-${attempt}`);
  const from = new Date(dawn(company, 1).getTime() + attempt * 60_000).toISOString();
  writeFileSync(spec, JSON.stringify({ database: path, from, largestPage: 10, ...night } satisfies ProcessNight));
  const env = { ...process.env, ...(kill && { NOCTULE_TEST_KILL: kill }) };
  const child = spawn(process.execPath, [new URL('scan-process.ts', import.meta.url).pathname, spec], { env, stdio: 'ignore' });
  return new Promise((resolve) => child.on('close', (_code, by) => resolve(by)));
}
test('a scan that is killed while it marks what no source reads any more still says so when it goes on', async () => {
  const providers = await Promise.all(['google-workspace', 'github'].map((id) => startFake(id, company)));
  const sources = providers.map(({ config }) => ({ name: config['connector'] as string, config }));
  const environment = Object.assign({}, ...providers.map((provider) => provider.environment)) as Record<string, string>;
  const first = file();
  const all = await Promise.all(sources.map((source) => sourceOf(source)));
  await runNight(first, { sources: all, environment, from: dawn(company, 0), largestPage: 10 });
  const [calm, path] = [file(), file()];
  copyFileSync(first, calm);
  copyFileSync(first, path);
  const left = { sources: [sources[0]!], environment };
  expect(await runProcess(calm, left, 0)).toBeNull();
  // Four readings of Google Workspace are opened to be read; the fifth is the first of GitHub, which nobody reads any more.
  expect(await runProcess(path, left, 0, 'openReading:after:5')).toBe('SIGKILL');
  expect(await runProcess(path, left, 1)).toBeNull();
  for (const provider of providers) await provider.close();
  expect(logicalDump(path)).toBe(logicalDump(calm));
});
