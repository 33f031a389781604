// `npm test`: every check, one after the other; the last line counts the tests. Nothing is skipped silently.
// `--thorough`: test/thorough.ts says what that adds.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The program as it is published, for tests that start it. */
const built = mkdtempSync(join(tmpdir(), 'noctule-built-'));
for (const part of ['bin', 'package.json', 'config.example.json', 'config.schema.json', 'policy.schema.json', 'catalog.schema.json'])
  cpSync(part, join(built, part), { recursive: true });
symlinkSync(resolve('node_modules'), join(built, 'node_modules'), 'junction');

const CHECKS = [
  ['types', 'tsc', ['-p', '.']],
  ['lint', 'oxlint', ['--type-aware']],
  ['format', 'oxfmt', ['--check', '.']],
  ['dead code', 'knip', []],
  ['catalog', process.execPath, ['tools/compile-catalog.ts', '--check']],
  ['build', process.execPath, ['tools/build.ts', built]],
] as const;

let failed = 0;
for (const [name, program, args] of CHECKS) {
  const started = Date.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  const good = status === 0 && !error;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!good) {
    failed++;
    console.log(`${stdout ?? ''}${stderr ?? ''}${error ? String(error) : ''}`);
  }
}
const THOROUGH = '--thorough';
const given = process.argv.slice(2);
const tests = spawnSync('vitest', ['run', '--config', 'vitest.config.ts', ...given.filter((word) => word !== THOROUGH)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    NOCTULE_FAILED_CHECKS: String(failed),
    NOCTULE_BUILT: join(built, 'bin/noctule.cjs'),
    ...(given.includes(THOROUGH) && { NOCTULE_THOROUGH: '1' }),
  },
});
rmSync(built, { recursive: true, force: true });
process.exitCode = failed > 0 || tests.status !== 0 ? 1 : 0;
