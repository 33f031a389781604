import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectorIds } from '../src/scan/registry.ts';
import { brokenLinks } from './docs/links.ts';

const run = promisify(execFile);
const CHECKOUT = join(import.meta.dirname, '..');
const { version, dependencies } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
};

/** What lies about in a checkout that is worked in, and may never be published. */
const NEVER = ['config.json', 'policy.json', 'noctule.db', '.env', 'bin/.npmrc', 'connectors/github/app.pem', 'dist/src/removed.js'];
const CANARY = 'a-secret-that-nobody-may-publish';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'noctule-package-')));
const checkout = join(folder, 'checkout');
const modules = join(folder, 'home/node_modules');
const installed = join(modules, 'noctule');
/** Our Node and our compiler come first, as in the terminal of a contributor. */
const env = { ...process.env, PATH: `${join(CHECKOUT, 'node_modules/.bin')}${delimiter}${process.env['PATH']}` };

beforeAll(() => {
  copyCheckout();
  for (const file of NEVER) write(join(checkout, file), CANARY);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('is started with the same flags by its first line and by the scripts', () => {
  const [first] = readFileSync(join(CHECKOUT, 'bin/noctule.cjs'), 'utf8').split('\n');
  const [, variable, command] = /^#!\/usr\/bin\/env -S (\S+=\S+) (node .*)$/.exec(first!)!;
  const { scripts } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as { scripts: Record<'noctule' | 'demo', string> };
  // Scripts of npm run on systems, too, whose shell sets no variable for one command.
  expect(scripts.noctule).toBe(`${command} bin/noctule.cjs`);
  expect(variable).toBe('MALLOC_TRIM_THRESHOLD_=131072');
  expect(scripts.demo).toBe(`${scripts.noctule} demo`);
});

test('a checkout runs from source, whatever was built there before', async () => {
  write(join(checkout, 'dist/src/cli.js'), `console.log('stale')`);
  const { stdout } = await run(process.execPath, ['bin/noctule.cjs', '--version'], { cwd: checkout });
  expect(stdout).toBe(`${version}\n`);
});

describe('the package', () => {
  beforeAll(async () => {
    await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: checkout, env });
    mkdirSync(installed, { recursive: true });
    await run('tar', ['-xzf', `noctule-${version}.tgz`, '-C', installed, '--strip-components=1'], { cwd: folder });
    // What it declares and nothing else: an import of a tool of development would fail.
    for (const name of Object.keys(dependencies)) link(join(CHECKOUT, 'node_modules', name), join(modules, name));
    link(join(installed, 'bin/noctule.cjs'), join(modules, '.bin/noctule'));
  });

  test('holds the program, its licence and what a user reads, and nothing else', () => {
    const files = filesBelow(installed);
    const known = [
      /^(README|CHANGELOG|SECURITY)\.md$/,
      /^LICENSE$/,
      /^package\.json$/,
      /^(config\.example|(config|policy|catalog)\.schema)\.json$/,
      /^docs\/[a-z-]+\.(md|json)$/,
      /^deploy\/[a-z-]+\/[A-Za-z.-]+$/,
      /^bin\/noctule\.cjs$/,
      /^connectors\/[a-z-]+\/README\.md$/,
      /^dist\/(src|connectors)\/.+\.js$/,
      /^dist\/src\/store\/better-sqlite3\.cjs$/,
      /^dist\/src\/store\/migrations\/\d{4}-[a-z-]+\.sql$/,
      /^dist\/src\/store\/queries\/[a-z-]+\.sql$/,
      /^dist\/src\/catalog\/(compiled|confusables|negative|products\/[a-z0-9-]+)\.json$/,
    ];
    expect(files.filter((file) => !known.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(known.filter((pattern) => !files.some((file) => pattern.test(file)))).toEqual([]);
    expect(files.filter((file) => /_template|vitest|\.test\.|\.map$/.test(file))).toEqual([]);
    for (const id of connectorIds())
      expect(files).toEqual(expect.arrayContaining([`dist/connectors/${id}/index.js`, `connectors/${id}/README.md`]));
    expect(files.length).toBeGreaterThan(150);
  });

  test('is written in ASCII: of a single other letter, Node keeps a whole file in twice its bytes', () => {
    const code = filesBelow(join(installed, 'dist')).filter((file) => /\.c?js$/.test(file));
    expect(code.length).toBeGreaterThan(100);
    expect(code.filter((file) => /[\u0080-\uffff]/.test(readFileSync(join(installed, 'dist', file), 'utf8')))).toEqual([]);
  });

  test('holds no secret, and no file that is only on the machine that packed it', () => {
    const files = filesBelow(installed);
    expect(files.filter((file) => NEVER.includes(file))).toEqual([]);
    const text = files.map((file) => readFileSync(join(installed, file), 'utf8')).join('\n');
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain(folder);
    expect(text).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]/);
  });

  test('documents itself: every link leads to a file of the package', () => {
    const documents = filesBelow(installed).filter((file) => file.endsWith('.md'));
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/catalog-local.md', 'connectors/aws/README.md']));
    const links = documents.flatMap((file) => brokenLinks(installed, file));
    // How the labelled set was made matters to who changes it, in a checkout.
    expect(links).toEqual(['docs/catalog-quality.md: ../test/catalog/labelled/README.md']);
  });

  test('says its version and explains its commands in an empty folder', async () => {
    const empty = newFolder();
    expect((await noctule(['--version'], empty)).stdout).toBe(`${version}\n`);
    const help = await noctule(['doctor', '--help'], empty);
    expect(help.stdout).toContain('Usage: noctule doctor');
    expect(readdirSync(empty)).toEqual([]);
  });

  test('ends with a word where a part of it is gone, also the part that tells of failures', async () => {
    const chunks = join(installed, 'dist/src/chunks');
    const [gone] = readdirSync(chunks).filter((name) => name.startsWith('failure-'));
    renameSync(join(chunks, gone!), join(folder, gone!));
    const ended = noctule(['findings', '--db', 'none.db'], newFolder(), 20_000);
    await expect(ended).rejects.toMatchObject({ code: 70, stderr: expect.stringContaining(gone!) });
    renameSync(join(folder, gone!), join(chunks, gone!));
  });

  test('runs the demo, and the commands that it proposes', async () => {
    const place = newFolder();
    const { stdout } = await noctule(['demo', '--people', '30'], place);
    const [, next = ''] = stdout.split('\nTry next\n\n');
    const proposed = next
      .trim()
      .split('\n')
      .map((line) => line.trim().split(' '));
    expect(proposed.length).toBe(3);
    for (const [program, ...args] of proposed) {
      expect(program).toBe('noctule');
      expect((await noctule(args, place)).stdout).not.toBe('');
    }
    const question = 'SELECT count(*) AS findings FROM findings';
    const answer = await noctule(['query', question, '--format', 'json', '--config', '.noctule/demo/config.json'], place);
    expect((JSON.parse(answer.stdout) as [{ findings: number }])[0].findings).toBeGreaterThan(10);
    expect(await loadedFor(place, ['findings'])).toEqual(ASKED);
    expect(await loadedFor(place, ['findings', '--format', 'json'])).toEqual([...ASKED, 'chunks/export'].sort());
    expect(await loadedFor(place, ['show', String(proposed[0]![2])])).toEqual([...ASKED, 'chunks/explanation'].sort());
    expect(await loadedFor(place, ['query', question])).toEqual([...ASKED, 'chunks/sql'].sort());
    expect(await lateFor(place, ['findings'])).toEqual([]);
    expect(await lateFor(place, ['findings', '--format', 'json'])).toEqual([]);
    expect(await lateFor(place, ['query', question])).toEqual(['child_process']);
  });

  test('writes a configuration that is valid, and knows every connector', async () => {
    const place = newFolder();
    await noctule(['init'], place);
    expect(readdirSync(place)).toContain('catalog.schema.json');
    expect((await noctule(['config', 'validate'], place)).stdout).toContain('Valid: 3 sources');
    const schema = (await noctule(['config', 'schema'], place)).stdout;
    for (const id of connectorIds()) expect(schema).toContain(`"const": "${id}"`);
  });
});

/** What a list loads. */
const ASKED = ['chunks/command-line', 'chunks/questions', 'cli', 'store/better-sqlite3'];

/** Files of ours that a question loads besides those of bin/, as V8 tells of them. Each takes a third of a millisecond, a hundredth of a start. */
async function loadedFor(place: string, args: readonly string[]): Promise<string[]> {
  const told = newFolder();
  const env = { PATH: process.env['PATH'], HOME: folder, NODE_V8_COVERAGE: told };
  await run(process.execPath, [join(modules, '.bin/noctule'), ...args, '--config', '.noctule/demo/config.json'], { cwd: place, env });
  const texts = readdirSync(told).map((name) => readFileSync(join(told, name), 'utf8'));
  const urls = texts.flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url));
  const files = urls.flatMap((url) => /\/dist\/src\/(.+?)(?:-[\w-]{8})?\.c?js$/.exec(url)?.[1] ?? []);
  return [...new Set(files)].sort();
}

/** Which of Node's modules that load many others it loads: most questions need none. */
async function lateFor(place: string, args: readonly string[]): Promise<string[]> {
  const [code, told] = [join(newFolder(), 'tell.cjs'), join(newFolder(), 'told')];
  const list = `process.moduleLoadList.map((one) => one.replace('NativeModule ', ''))`;
  writeFileSync(code, `process.on('exit', () => require('node:fs').writeFileSync(process.env.TOLD, JSON.stringify(${list})))`);
  const env = { PATH: process.env['PATH'], HOME: folder, TOLD: told, NODE_OPTIONS: `--require=${code}` };
  await run(process.execPath, [join(modules, '.bin/noctule'), ...args, '--config', '.noctule/demo/config.json'], { cwd: place, env });
  const loaded = JSON.parse(readFileSync(told, 'utf8')) as string[];
  return ['child_process', 'crypto'].filter((name) => loaded.includes(name));
}

function copyCheckout(): void {
  const left = new Set(['node_modules', '.git', 'dist', '.noctule', 'coverage', ...NEVER]);
  cpSync(CHECKOUT, checkout, { recursive: true, filter: (file) => !left.has(relative(CHECKOUT, file)) });
  link(join(CHECKOUT, 'node_modules'), join(checkout, 'node_modules'));
}

/** Runs what npm puts on the path. Node follows the link and strips no types below node_modules. */
function noctule(args: readonly string[], cwd: string, timeout = 0): Promise<{ stdout: string; stderr: string }> {
  const env = { PATH: process.env['PATH'], HOME: folder };
  return run(process.execPath, [join(modules, '.bin/noctule'), ...args], { cwd, env, timeout, killSignal: 'SIGKILL' });
}

function newFolder(): string {
  return mkdtempSync(join(folder, 'empty-'));
}

function link(target: string, at: string): void {
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(realpathSync(target), at);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function filesBelow(place: string): string[] {
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(place, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}
