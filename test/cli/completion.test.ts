import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { newFolder, noctule } from './run.ts';

const folder = newFolder();
const file = (shell: string) => join(folder, `noctule.${shell}`);
const isThere = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await noctule(['completion', shell]);
    if (code !== 0) throw new Error(stderr);
    writeFileSync(file(shell), stdout);
  }
});

/** What each shell offers after a command line, of which the last word is being typed. */
const OFFERS: Readonly<Record<string, (line: readonly string[]) => string[]>> = {
  bash: (line) => {
    const words = line.map((word) => `'${word}'`).join(' ');
    const program = `source '${file('bash')}'; COMP_WORDS=(${words}); COMP_CWORD=${line.length - 1}; _noctule; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines(execFileSync('bash', ['--norc', '-c', program], { encoding: 'utf8' }));
  },
  fish: (line) => {
    const program = `source '${file('fish')}'; complete -C '${line.join(' ')}'`;
    return lines(execFileSync('fish', ['--no-config', '-c', program], { encoding: 'utf8' })).map((offer) => offer.split('\t')[0]!);
  },
  zsh: (line) => {
    // The offers are caught where zsh would draw them.
    const program = `compdef() {}; source '${file('zsh')}'
      _describe() { local array=\${@[-1]}; print -l -- "\${(@)\${(P)array}%%:*}" }; _files() { print -- FILES }
      words=(${line.map((word) => `'${word}'`).join(' ')}); CURRENT=${line.length}; _noctule`;
    return lines(execFileSync('zsh', ['-f', '-c', program], { encoding: 'utf8' }));
  },
};

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

describe.each(['bash', 'zsh', 'fish'])('%s', (shell) => {
  test('completes verbs, verbs below them, options, their values and names of questions', ({ skip }) => {
    if (!isThere(shell)) return skip(`${shell} is not installed`);
    const offers = OFFERS[shell]!;
    expect(offers(['noctule', 'int'])).toContain('integrations');
    expect(offers(['noctule', ''])).toEqual(expect.arrayContaining(['scan', 'findings', 'grants', 'changes', 'completion']));
    expect(offers(['noctule', 'policy', ''])).toEqual(expect.arrayContaining(['check', 'test', 'seed']));
    expect(offers(['noctule', 'findings', '--sev'])).toContain('--severity');
    expect(offers(['noctule', 'findings', '--severity', ''])).toEqual(['low', 'medium', 'high', 'critical'].toSorted(orderOf(shell)));
    expect(offers(['noctule', 'findings', '--format', 'sa'])).toContain('sarif');
    expect(offers(['noctule', 'findings', '-f', 'oc'])).toContain('ocsf');
    expect(offers(['noctule', 'integrations', '--verdict', 'ai', 'susp'])).toContain('suspected');
    expect(offers(['noctule', 'query', 'vendor-b'])).toContain('vendor-breach');
    expect(offers(['noctule', 'completion', ''])).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
    expect(offers(['noctule', 'findings', '--severity', 'high', '--st'])).toContain('--state');
  });

  test('reads what is printed without a complaint', ({ skip }) => {
    if (!isThere(shell)) return skip(`${shell} is not installed`);
    const { status, stderr } = spawnSync(shell, ['-n', file(shell)], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('where the shell itself is missing', () => {
  test('what zsh reads is whole to bash: every quote and every block that is opened is closed', () => {
    // Both have this syntax; what stands within braces is for zsh alone to judge.
    const check = (text: string) => spawnSync('bash', ['--norc', '-n'], { input: text, encoding: 'utf8' });
    const text = readFileSync(file('zsh'), 'utf8');
    expect(check(text)).toMatchObject({ status: 0, stderr: '' });
    for (const broken of [text.replace("'noctule init'", "'noctule init"), text.replace(/^ {2}esac$/m, ''), text.replace(/^ {2}fi$/m, '')])
      expect(check(broken).status).not.toBe(0);
  });

  test('what fish reads is whole: every quote and every block that is opened is closed', () => {
    const text = readFileSync(file('fish'), 'utf8');
    expect(openInFish(text)).toEqual([]);
    expect(openInFish(text.replace(/^ {2}end$/m, ''))).not.toEqual([]);
    expect(openInFish(text.replace(/'$/m, ''))).not.toEqual([]);
  });
});

/** What is still open at the end of a text of fish: quotes, in which a backslash takes the next character as it is, and blocks. */
function openInFish(text: string): string[] {
  const open: string[] = [];
  const bare = text
    .replaceAll(/^#.*$/gm, '')
    .replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, 'quoted')
    .split('\n');
  for (const line of bare) {
    if (/['"]/.test(line)) open.push(line);
    const [word] = line.trim().split(/\s+/);
    if (['function', 'for', 'switch', 'if', 'while', 'begin'].includes(word!)) open.push(word!);
    if (word === 'end') open.splice(-1, 1);
  }
  return open;
}

/** fish sorts what it offers; the others keep the order of the declarations. */
function orderOf(shell: string): (a: string, b: string) => number {
  return shell === 'fish' ? (a, b) => (a < b ? -1 : 1) : () => 0;
}

test('no other shell is known', async () => {
  const { code, stdout, stderr } = await noctule(['completion', 'tcsh']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('bash, zsh and fish');
});
