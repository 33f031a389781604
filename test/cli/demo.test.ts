import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { actsOnTerminal, newFolder, noctule, shell } from './run.ts';

describe('the demo', () => {
  test('tells its three nights, and the commands that it ends with work', async () => {
    const cwd = newFolder();
    const { code, stdout, stderr } = await noctule(['demo', '--people', '40', '--folder', "it's here"], { cwd, fromSource: true });
    expect(code).toBe(0);
    for (const night of ['Night 1 of 3', 'Night 2 of 3', 'Night 3 of 3']) expect(stderr).toContain(night);
    for (const part of ['What was read', 'What needs a decision', 'What changed since the first night', 'Requests of the last night'])
      expect(stdout).toContain(part);
    expect(actsOnTerminal(stdout + stderr)).toEqual([]);

    const next = [...stdout.matchAll(/^ {2}npm run -s (noctule) -- (.*)$/gm)].map(([, program, args]) => `${program} ${args}`);
    expect(next).toHaveLength(3);
    for (const line of next) {
      const run = await shell(line, { cwd });
      expect([line, run.code]).toEqual([line, 0]);
      expect(run.stdout.split('\n').length, line).toBeGreaterThan(3);
    }
  });

  test('can be told again in the same folder', async () => {
    const cwd = newFolder();
    for (let time = 0; time < 2; time++) expect((await noctule(['demo', '--people', '12', '--folder', 'demo'], { cwd })).code).toBe(0);
  });

  test('never empties a folder in which somebody works', async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'thesis.txt'), 'years of work');
    for (const folder of ['.', cwd, 'thesis.txt']) {
      const { code, stderr } = await noctule(['demo', '--folder', folder], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain('holds files that no demo has written');
    }
    expect(readdirSync(cwd)).toEqual(['thesis.txt']);
    expect(readFileSync(join(cwd, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  test('of a company of one person has little to tell, and tells it', async () => {
    const { code, stdout } = await noctule(['demo', '--people', '1', '--folder', 'demo'], { cwd: newFolder() });
    expect(code).toBe(0);
    expect(stdout).not.toContain('undefined');
  });
});
