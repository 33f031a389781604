import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCompany } from '../../src/testing/company.ts';
import type { Fake, FakeProvider } from '../../src/testing/fake.ts';

// A fourth connector is one new folder and no edit elsewhere.
let copy: string;
let provider: FakeProvider;
const run = (...command: string[]) =>
  execFileSync(command[0]!, command.slice(1), {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, ...provider?.environment, NO_COLOR: '1', NOCTULE_FAILED_CHECKS: '0' },
  });
/** The simulated provider lives in this process, so the program must run beside it, not instead of it. */
async function noctule(...args: string[]): Promise<string> {
  const { promisify } = await import('node:util');
  const { execFile } = await import('node:child_process');
  const { stdout } = await promisify(execFile)(process.execPath, ['bin/noctule.cjs', ...args], {
    cwd: copy,
    env: { ...process.env, ...provider.environment },
  });
  return stdout;
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'noctule-new-connector-'));
  for (const entry of ['bin', 'connectors', 'src', 'test', 'tools', 'package.json', 'tsconfig.json', 'vitest.config.ts'])
    cpSync(resolve(entry), join(copy, entry), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, '.gitignore'), 'node_modules\n*.db*\nconfig.json\n');
  run('git', 'init', '-q');
  run('git', 'add', '-A');
  run('git', '-c', 'user.name=test', '-c', 'user.email=test@lanternworks.example', 'commit', '-qm', 'copy');
});
afterAll(async () => {
  await provider?.close();
  rmSync(copy, { recursive: true, force: true });
});

test('a connector made from the template keeps the contract, and its findings appear everywhere, with one folder added', async () => {
  run(process.execPath, 'tools/new-connector.ts', 'slack');
  const suite = run('vitest', 'run', 'test/connectors/contract.test.ts', '-t', 'kept by slack');
  expect(suite).toMatch(/\n1\d passed, 0 failed, \d+ skipped\n$/);

  const { fake } = (await import(join(copy, 'connectors/slack/fake/index.ts'))) as { fake: Fake };
  provider = await fake.start(createCompany({ people: 12 }));
  writeFileSync(join(copy, 'config.json'), JSON.stringify({ formatVersion: 1, sources: { chat: provider.config } }));
  await noctule('scan', '--quiet');
  const findings = JSON.parse(await noctule('findings', '--format', 'json')) as { id: string; rule: string; name: string }[];
  expect(findings.map(({ rule, name }) => ({ rule, name }))).toEqual([{ rule: 'unapproved-ai-tool', name: 'ChatGPT' }]);
  expect(await noctule('show', findings[0]!.id)).toContain('id A100');
  expect(await noctule('diff')).toMatch(/newly seen\s+oauth_grant\s+ChatGPT/);
  expect(run('git', 'status', '--porcelain', '--untracked-files=normal').trim()).toBe('?? connectors/slack/');
});
