import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';

const MODULE = pathToFileURL('src/commands/time-limit.ts').href;

/** A process that limits its time and then does something, as lines of a module. `reader` = what reads its standard error, instead of the test. */
async function limited(work: string, { path = process.env['PATH'], byShell = true, seconds: most = 1, reader = '' } = {}) {
  const code = `import { limitTime } from '${MODULE}';
    const lift = limitTime({ seconds: ${most}, told: 'It is over: \\'"$HOME"\\' %s\\n', path: ${JSON.stringify(path)}, byShell: ${byShell} });
    ${work}`;
  const line = [process.execPath, '--input-type=module', '-e', code];
  const [command, ...args] = reader === '' ? line : ['bash', '-c', `"$@" 2> >(${reader})`, 'bash', ...line];
  const child = spawn(command!, args, { stdio: 'pipe' });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => void (said.out += String(text)));
  child.stderr.on('data', (text) => void (said.err += String(text)));
  const [closed, begun] = [once(child, 'close'), performance.now()];
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  const seconds = (performance.now() - begun) / 1000;
  await closed;
  return { status, signal, ...said, seconds };
}

const BUSY = `process.stdout.write('busy'); for (;;);`;
const WAITS = (milliseconds: number) => `setTimeout(() => process.stdout.write('done'), ${milliseconds});`;
/** As much as a pipe holds. */
const FULL = `process.getBuiltinModule('node:fs').writeSync(2, 'x'.repeat(65536));`;

describe.each([true, false])('a limit of time (kept by a shell: %s)', (byShell) => {
  test('ends a process that hears nothing, and says what it was told as it is', async () => {
    const { out, err, signal, seconds } = await limited(BUSY, { byShell });
    expect([out, err, signal]).toEqual(['busy', 'It is over: \'"$HOME"\' %s\n', 'SIGKILL']);
    expect(seconds).toBeGreaterThan(0.9);
  });

  test('ends one that has time, too, and one of which it was lifted not', async () => {
    expect(await limited(WAITS(60_000), { byShell })).toMatchObject({ out: '', signal: 'SIGKILL' });
    expect(await limited(`lift(); lift(); ${WAITS(1500)}`, { byShell })).toMatchObject({ out: 'done', err: '', status: 0 });
  });

  // Its words are lost, and the process is not.
  test.each([
    ['has gone', 'exec >/dev/null', ''],
    ['reads nothing', 'exec sleep 4 >/dev/null', FULL],
  ])('ends a process of which whoever reads its standard error %s', async (_who, reader, first) => {
    const { status, out, seconds } = await limited(first + BUSY, { byShell, reader });
    expect([status, out]).toEqual([137, 'busy']);
    expect(seconds).toBeLessThan(3.5);
  });

  test('keeps no process from its end', async () => {
    const { status, err, seconds } = await limited('', { byShell, seconds: 20 });
    expect([status, err]).toEqual([0, '']);
    expect(seconds).toBeLessThan(15);
  });
});

test('a limit of time that no clock can be found for is over at once', async () => {
  expect(await limited(WAITS(60_000), { path: '/nowhere' })).toMatchObject({ out: '', signal: 'SIGKILL' });
});
