import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';

const MODULE = pathToFileURL('src/store/time-limit.ts').href;

/** A process that limits its time and then does something, as one line of a module. */
async function limited(work: string, { path = process.env['PATH'], byShell = true } = {}) {
  const code = `import { limitTime } from '${MODULE}';
    const lift = limitTime({ seconds: 1, told: 'It is over: \\'"$HOME"\\' %s\\n', path: ${JSON.stringify(path)}, byShell: ${byShell} });
    ${work}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'pipe' });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => void (said.out += String(text)));
  child.stderr.on('data', (text) => void (said.err += String(text)));
  const begun = performance.now();
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { status, signal, ...said, seconds: (performance.now() - begun) / 1000 };
}

const BUSY = `process.stdout.write('busy'); for (;;);`;
const WAITS = `setTimeout(() => process.stdout.write('done'), 1500);`;

describe.each([true, false])('a limit of time (kept by a shell: %s)', (byShell) => {
  test('ends a process that hears nothing, and says what it was told as it is', async () => {
    const { out, err, signal, seconds } = await limited(BUSY, { byShell });
    expect([out, err, signal]).toEqual(['busy', 'It is over: \'"$HOME"\' %s\n', 'SIGKILL']);
    expect(seconds).toBeGreaterThan(0.9);
  });

  test('ends one that has time, too, and one of which it was lifted not', async () => {
    expect(await limited(WAITS, { byShell })).toMatchObject({ out: '', signal: 'SIGKILL' });
    expect(await limited(`lift(); lift(); ${WAITS}`, { byShell })).toMatchObject({ out: 'done', err: '', status: 0 });
  });

  test('keeps no process from its end', async () => {
    const { status, err, seconds } = await limited('', { byShell });
    expect([status, err]).toEqual([0, '']);
    expect(seconds).toBeLessThan(0.9);
  });
});

test('a limit of time that no clock can be found for is over at once', async () => {
  expect(await limited(WAITS, { path: '/nowhere' })).toMatchObject({ out: '', signal: 'SIGKILL' });
});
