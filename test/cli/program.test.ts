import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectorIds } from '../../src/scan/registry.ts';
import { actsOnTerminal, newFolder, noctule, PROGRAM, shell, writeConfig } from './run.ts';

const WORKSPACE = { connector: 'google-workspace', subject: 'admin@example.com', serviceAccount: { env: 'GOOGLE_KEY' } };

/** All commands, as the program itself lists them. */
async function commands(group: readonly string[] = []): Promise<string[][]> {
  const { stdout } = await noctule([...group, '--help']);
  const [, list = ''] = stdout.split('\nCommands:\n');
  const names = [...(list.split('\n\n')[0] ?? '').matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name!).filter((name) => name !== 'help');
  const found = await Promise.all(names.map(async (name) => [[...group, name], ...(await commands([...group, name]))]));
  return found.flat();
}

/** Addresses of all modules that a command loads, those of Node itself excepted. */
async function loadedBy(args: readonly string[]): Promise<string[]> {
  const spy = join(newFolder(), 'spy.mjs');
  writeFileSync(
    spy,
    `import { registerHooks } from 'node:module';
     import { writeSync } from 'node:fs';
     registerHooks({ load(url, context, next) { writeSync(2, url + '\\n'); return next(url, context); } });`,
  );
  const { code, stderr } = await noctule(args, { env: { NODE_OPTIONS: `--import ${spy}` }, fromSource: true });
  expect(code).toBe(0);
  return stderr.split('\n').filter((url) => url.startsWith('file:') && !url.endsWith('/noctule.cjs'));
}

describe('help', () => {
  test('of every command has examples, goes to stdout and ends with 0', async () => {
    const all = [[], ...(await commands())];
    expect(all.length).toBeGreaterThan(12);
    const runs = await Promise.all(all.map(async (command) => ({ command, ...(await noctule([...command, '--help'])) })));
    for (const { command, code, stdout, stderr } of runs) {
      expect([command, code, stderr]).toEqual([command, 0, '']);
      expect(stdout, command.join(' ')).toMatch(/\nExamples:\n {2}\$ .*noctule/);
    }
  });

  test('is quick: nothing is loaded for it but the words of the command line', async () => {
    expect((await loadedBy(['--help'])).length).toBeGreaterThan(3);
    const words =
      /\/(src\/cli|src\/cli\/(help|[a-z]+-verbs?|verbs|words)|src\/commands\/exit-codes|src\/policy\/judged|src\/identity\/words|src\/report\/(formats|names))\.c?[jt]s$/;
    for (const args of [['--help'], ['scan', '--help'], ['config', 'show', '-h']])
      expect((await loadedBy(args)).filter((url) => !words.test(url))).toEqual([]);
    const packages = (await loadedBy(['permissions', 'google-workspace', '--format=json'])).filter((url) => url.includes('/node_modules/'));
    expect(packages.some((url) => url.includes('/commander/'))).toBe(true);
  });

  test.each(connectorIds())('of what %s needs loads no SDK: that comes when a connector connects', async (id) => {
    const loaded = await loadedBy(['permissions', id, '--format', 'json']);
    expect(loaded.some((url) => url.endsWith(`/connectors/${id}/index.ts`))).toBe(true);
    const packages = loaded.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
    expect([...new Set(packages)].filter((name) => !['commander', 'zod', 'p-limit', 'yocto-queue'].includes(name))).toEqual([]);
  });

  test('is the same however it is asked for', async () => {
    for (const path of [[], ...(await commands())]) {
      const [plain, behindAnOption] = await Promise.all([noctule([...path, '--help']), noctule(['--quiet', ...path, '--help'])]);
      expect(behindAnOption).toEqual(plain);
    }
    expect(await noctule(['help', 'scan'])).toEqual(await noctule(['scan', '-h']));
    expect((await noctule(['scan', '--help'])).stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('without a command is a mistake of usage', async () => {
    expect((await noctule([])).code).toBe(2);
    expect((await noctule(['config'])).code).toBe(2);
  });
});

describe('the command line', () => {
  test('prints the version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(await noctule(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect((await noctule(['-q', '--version'])).stdout).toBe(`${version}\n`);
  });

  test.each([
    ['an unknown option', ['scan', '--everything']],
    ['an unknown command', ['skan']],
    ['an unknown choice', ['findings', '--format', 'yaml']],
    ['an unknown threshold', ['scan', '--fail-on', 'unapproved']],
    ['a number that is none', ['findings', '--limit', 'many']],
    ['a number that no database knows', ['findings', '--limit', '99999999999999999999']],
    ['a missing argument', ['show']],
    ['an argument too many', ['coverage', 'now']],
    ['an option that this command would ignore', ['scan', '--tenant', 'acme']],
    ['an unknown connector', ['permissions', '../config']],
  ])('%s ends with 2, says so on stderr, and nothing on stdout', async (_what, args) => {
    const { code, stdout, stderr } = await noctule(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toContain('    at ');
    expect(stderr.trim()).not.toBe('');
  });

  test('quotes itself without acting on the terminal', async () => {
    for (const args of [
      ['scan', '--\u001b[31mred'],
      ['findings', '--format', '\u202e\u001b]0;x\u0007'],
      ['show', '\u001b[2J'],
    ]) {
      const { code, stderr } = await noctule(args);
      expect(code).toBe(2);
      expect(actsOnTerminal(stderr)).toEqual([]);
    }
  });

  test.each(['scan', 'findings', 'diff', 'coverage', 'show 0123', 'config validate', 'config show'])(
    '%s without a configuration ends with 2 and says what to do',
    async (line) => {
      const folder = newFolder();
      const { code, stdout, stderr } = await noctule(line.split(' '), { cwd: folder });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`There is no configuration at ${join(folder, 'config.json')}`);
      expect(stderr).toContain('noctule init');
    },
  );

  test('takes the configuration from NOCTULE_CONFIG, and --config before it', async () => {
    const folder = newFolder();
    const config = writeConfig(folder, { workspace: WORKSPACE });
    expect((await noctule(['config', 'validate'], { env: { NOCTULE_CONFIG: config } })).code).toBe(0);
    expect((await noctule(['config', 'validate', '-c', config], { env: { NOCTULE_CONFIG: '/nowhere' } })).code).toBe(0);
  });

  test('a mistake in the configuration ends with 2, with the line and the closest key', async () => {
    const config = writeConfig(newFolder(), { workspace: { ...WORKSPACE, subjcet: 'x' } });
    const { code, stderr } = await noctule(['scan', '-c', config]);
    expect(code).toBe(2);
    expect(stderr).toBe(`${config}:10: unknown key "sources.workspace.subjcet"\n  Did you mean "subject"?\n`);
  });
});

describe('output', () => {
  test('of `| head -1` ends quietly, even where there is no end', async () => {
    const line = `yes '{"type":"app_name","value":"ChatGPT"}' 2>/dev/null | { noctule catalog match; echo "ended with $?" >&2; } | head -1`;
    const { stdout, stderr } = await shell(line);
    expect(JSON.parse(stdout)).toMatchObject({ value: 'ChatGPT', product: 'openai/chatgpt' });
    expect(stderr).toBe('ended with 0\n');
  });

  test('that nobody hears on stderr does not stop the work', async () => {
    const config = writeConfig(newFolder(), { workspace: WORKSPACE });
    const { stdout } = await shell(`exec 3>&1; { noctule scan -c ${config} 2>&1 >&3; echo "ended with $?" >&3; } | true`);
    expect(stdout).toBe('ended with 4\n');
  });

  test('to a full disk ends with 5 and says why', { skip: !existsSync('/dev/full') }, async () => {
    expect(await shell('noctule config schema > /dev/full')).toEqual({
      code: 5,
      stdout: '',
      stderr: 'The output cannot be written (ENOSPC)\n',
    });
  });

  test('is the same whether or not a build server, a terminal or a colour is announced', async () => {
    const config = writeConfig(newFolder(), { workspace: WORKSPACE });
    const environments: Record<string, string>[] = [
      {},
      { CI: 'true', GITHUB_ACTIONS: 'true' },
      { NO_COLOR: '1' },
      { NO_COLOR: '', TERM: 'dumb' },
      { FORCE_COLOR: '3', TERM: 'xterm-256color' },
      { LANG: 'C', LC_ALL: 'C', TZ: 'Pacific/Apia' },
    ];
    for (const args of [
      ['--help'],
      ['config', 'show', '-c', config],
      ['scan', '--plan', '-c', config],
      ['permissions', 'google-workspace'],
    ]) {
      const runs = await Promise.all(environments.map((env) => noctule(args, { env })));
      expect(new Set(runs.map((run) => JSON.stringify(run))).size, args.join(' ')).toBe(1);
      expect(actsOnTerminal(runs[0]!.stdout + runs[0]!.stderr)).toEqual([]);
    }
  });
});

describe('progress', () => {
  const hasTerminal = spawnSync('script', ['--version']).status === 0;
  /** Lines that are drawn anew end what stood there before. */
  const DRAWN = '\u001b[K';
  test.each([
    ['is drawn on a terminal', {}, true],
    ['is drawn where no colour is wanted: it has none', { NO_COLOR: '1' }, true],
    ['is not drawn where the terminal cannot', { TERM: 'dumb' }, false],
  ])('%s', { skip: !hasTerminal }, async (_what, env, drawn) => {
    const config = writeConfig(newFolder(), { workspace: WORKSPACE });
    const scan = `"${process.execPath}" "${PROGRAM}" scan -c ${config}`;
    const { stdout } = await shell(`script --quiet --return --command '${scan}' /dev/null`, { env: { TERM: 'xterm', ...env } });
    expect(stdout).toContain('The variable GOOGLE_KEY is not set');
    expect(stdout.includes(DRAWN)).toBe(drawn);
  });
});

describe('init', () => {
  test('writes files that are valid, for their owner alone, and names them', async () => {
    const folder = newFolder();
    const { code, stdout } = await noctule(['init'], { cwd: folder });
    expect(code).toBe(0);
    const files = ['config.json', 'policy.json', 'config.schema.json', 'policy.schema.json', 'catalog.schema.json'].map((name) =>
      join(folder, name),
    );
    expect(stdout).toBe(files.map((file) => `${file}\n`).join(''));
    for (const file of files) expect(statSync(file).mode & 0o777, file).toBe(0o600);
    expect((await noctule(['config', 'validate'], { cwd: folder })).stdout).toBe('Valid: 3 sources, 0 approvals, 0 denials.\n');
    for (const name of ['config', 'policy'])
      expect(readFileSync(join(folder, `${name}.json`), 'utf8')).toContain(`"$schema": "./${name}.schema.json"`);
  });

  test('overwrites nothing unless it is asked to', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'config.json'), 'mine');
    const refused = await noctule(['init'], { cwd: folder });
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('--force');
    expect(readdirSync(folder)).toEqual(['config.json']);
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe('mine');
    expect((await noctule(['init', '--force'], { cwd: folder })).code).toBe(0);
    expect((await noctule(['config', 'validate'], { cwd: folder })).code).toBe(0);
  });

  test.each(['{ "formatVersion": 1, "approvals": [], "denials": [{ "product": "otter/otter", "reason": "no" }] }', 'half a {'])(
    'never overwrites a policy, whatever it holds (%s), and writes what is missing beside it',
    async (decisions) => {
      const folder = newFolder();
      const policy = join(folder, 'policy.json');
      writeFileSync(policy, decisions);
      const runs = [await noctule(['init'], { cwd: folder }), await noctule(['init', '--force'], { cwd: folder })];
      for (const { code, stdout, stderr } of runs) {
        expect(code).toBe(0);
        expect(stdout).toContain(join(folder, 'config.json'));
        expect(stdout).not.toContain(policy);
        expect(stderr).toContain(`Kept as it is: ${policy}\n`);
      }
      expect(readFileSync(policy, 'utf8')).toBe(decisions);
    },
  );

  test('follows no link that somebody put in its way', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'precious'), 'mine');
    symlinkSync(join(folder, 'precious'), join(folder, 'config.json'));
    expect((await noctule(['init', '--force'], { cwd: folder })).code).toBe(0);
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('mine');
  });

  test('in a folder that is not there is a mistake of the user', async () => {
    const { code, stderr } = await noctule(['init', '-c', join(newFolder(), 'no', 'config.json')]);
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be written (ENOENT)');
  });
});

describe('config', () => {
  test('show prints what is in force, with references and without values', async () => {
    const config = writeConfig(newFolder(), { workspace: { ...WORKSPACE, collectors: { token_log: false }, pace: { perSecond: 3 } } });
    const { code, stdout, stderr } = await noctule(['config', 'show', '-c', config], { env: { GOOGLE_KEY: 'CANARY' } });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('CANARY');
    expect(JSON.parse(stdout)).toMatchObject({
      tenant: 'default',
      sources: [
        { name: 'workspace', connector: 'google-workspace', config: { serviceAccount: { env: 'GOOGLE_KEY' } }, pace: { perSecond: 3 } },
      ],
    });
    expect((JSON.parse(stdout) as { sources: { collectors: string[] }[] }).sources[0]!.collectors).not.toContain('token_log');
  });

  test('schema prints the schemas that are published', async () => {
    for (const [args, name] of [
      [[], 'config.schema.json'],
      [['--policy'], 'policy.schema.json'],
    ] as const) {
      const { code, stdout } = await noctule(['config', 'schema', ...args]);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')));
    }
  });

  test('that everybody may write is refused with 2', { skip: process.platform === 'win32' }, async () => {
    const config = writeConfig(newFolder(), { workspace: WORKSPACE });
    chmodSync(config, 0o666);
    const { code, stderr } = await noctule(['scan', '-c', config]);
    expect([code, stderr]).toEqual([2, `${config} can be written by everybody\n  Run \`chmod o-w ${config}\`.\n`]);
  });
});

describe('catalog match', () => {
  const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const answers = (stdout: string) =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { value?: string; verdict: string; product: string | null; grade: string; reason: string });

  test('answers one line for each line, in the same order', async () => {
    const input = [
      { type: 'app_name', value: 'ChatGPT' },
      { type: 'app_name', value: 'Skillman Payroll' },
      { signals: [{ type: 'oauth_client_id', value: '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com' }] },
    ];
    const { code, stdout, stderr } = await noctule(['catalog', 'match'], { input: lines(input) });
    expect([code, stderr]).toEqual([0, '']);
    expect(answers(stdout).map(({ verdict, product, grade }) => [verdict, product, grade])).toEqual([
      ['ai', 'openai/chatgpt', 'likely'],
      ['unknown', null, 'no'],
      ['ai', expect.stringContaining('context'), 'exact'],
    ]);
  });

  test('reads lines with carriage returns, without an end, and empty ones', async () => {
    const one = JSON.stringify({ type: 'app_name', value: 'ChatGPT' });
    const { code, stdout } = await noctule(['catalog', 'match'], { input: `${one}\r\n\r\n\n${one}` });
    expect([code, answers(stdout).length]).toEqual([0, 2]);
    expect(await noctule(['catalog', 'match'], { input: '' })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('is not led astray by the names of built-in properties', async () => {
    const input = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'].flatMap((name) => [
      { type: name, value: name },
      { type: 'app_name', value: name },
      { type: 'domain', value: name },
      { type: 'action', value: name },
    ]);
    const { code, stdout } = await noctule(['catalog', 'match'], { input: lines(input) });
    expect(code).toBe(0);
    expect(answers(stdout).map(({ verdict }) => verdict)).toEqual(input.map(() => 'unknown'));
  });

  test('shows hostile values without acting on the terminal, and gives them back as they were', async () => {
    const values = ['\u001b[2J\u009b1m', '\u202eTPGtahC', 'Cla\u200bude', '\u{E0001}x', '\ud800'];
    const { stdout } = await noctule(['catalog', 'match'], { input: lines(values.map((value) => ({ type: 'app_name', value }))) });
    expect(actsOnTerminal(stdout)).toEqual([]);
    expect(answers(stdout).map(({ value }) => value)).toEqual(values);
  });

  test.each([
    ['no JSON', 'ChatGPT', 'Line 2 is no JSON'],
    ['no type', '{"value":"x"}', 'Line 2 names no type and value'],
    ['a number', '7', 'Line 2 names no type and value'],
    ['a wrong signal among others', '{"signals":[{"type":"app_name","value":7}]}', 'Line 2 names no type and value'],
  ])('of %s ends with 2 and the number of the line', async (_what, line, message) => {
    const { code, stderr } = await noctule(['catalog', 'match'], { input: `{"type":"app_name","value":"x"}\n${line}\n` });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('that waits for input ends at the first %s', async (signal, code) => {
    const run = await noctule(['catalog', 'match'], {
      input: '{"type":"app_name","value":"x"}\n',
      whenItSpeaks: (child) => void child.kill(signal),
    });
    expect([run.code, run.stderr]).toEqual([code, '']);
  });
});

describe('an old Node', () => {
  test('is told what is missing and ends with 78', async ({ skip }) => {
    const all = spawnSync('which', ['-a', 'node'], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
    const old = all.find(
      (node) => Number(spawnSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }).stdout) < 22,
    );
    if (old === undefined) return skip('there is no Node older than 22 on the path');
    const { code, stdout, stderr } = await noctule(['scan'], { node: old });
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toMatch(/^Noctule needs Node 22\.18 or newer; this is Node \d+\.\d+\.\d+ at .*\.\n/);
    expect(stderr).toContain('npm run -s noctule');
  });
});
