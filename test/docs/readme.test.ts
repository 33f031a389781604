import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES } from '../../src/commands/exit-codes.ts';
import { RULES } from '../../src/policy/rules.ts';
import { loadConnector, connectorIds } from '../../src/scan/registry.ts';
import { brokenLinks } from './links.ts';

const readme = readFileSync('README.md', 'utf8');
const run = promisify(execFile);

describe('the README', () => {
  test('shows what the demo really prints', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'noctule-readme-'));
    try {
      const { stdout } = await run(process.execPath, ['bin/noctule.cjs', 'demo', '--folder', join(folder, 'demo')]);
      const shown = /<!-- demo -->\s+```text\n([\s\S]*?)\n```/.exec(readme)?.[1] ?? '';
      // Which user's grants are refused depends on the order of arrival; paths and dates depend on where and when it runs.
      const stable = (text: string) =>
        text
          .trim()
          .split('\n')
          .map((line) => line.replaceAll(/\d{4}-\d\d-\d\d(T[\d:.Z]+)?/g, 'DATE').trimEnd())
          .filter((line) => !/customer\/|^unverified|^persisting|--config/.test(line));
      expect(stable(shown)).toEqual(stable(stdout));
      expect(stable(shown).length).toBeGreaterThan(40);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('lists the exit codes that the program has', () => {
    const listed = [...readme.matchAll(/^\| (\d+) +\|/gm)].map((match) => Number(match[1]));
    expect(listed.toSorted((a, b) => a - b)).toEqual([...new Set([...Object.values(EXIT_CODES), 78, 137])].toSorted((a, b) => a - b));
  });

  test('lists the rules that there are', () => {
    const listed = [...readme.matchAll(/^\| `([a-z-]+)` +\|/gm)].map((match) => match[1]);
    expect(listed).toEqual(Object.keys(RULES));
  });

  test('names commands that exist', async () => {
    const { stdout } = await run(process.execPath, ['bin/noctule.cjs', '--help']);
    const named = new Set([...readme.matchAll(/noctule(?: --)? ([a-z]+)/g)].map((match) => match[1]!));
    expect([...named].filter((command) => !new RegExp(`^  ${command}\\b`, 'm').test(stdout))).toEqual([]);
  });
});

test('every link within the documentation leads somewhere', () => {
  const pages = ['*.md', 'docs/**/*.md', 'connectors/*/README.md'].flatMap((pattern) => globSync(pattern));
  expect(pages.length).toBeGreaterThan(10);
  const broken = pages.flatMap((page) => brokenLinks('.', page));
  expect(broken).toEqual([]);
});

test('the README of each connector names every permission, and has the same shape as the others', async () => {
  for (const id of connectorIds()) {
    const text = readFileSync(`connectors/${id}/README.md`, 'utf8');
    const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    expect(headings, id).toEqual([
      'Set-up',
      'Required permissions',
      'Optional permissions',
      'Requests',
      'What it cannot see',
      'Troubleshooting',
    ]);
    const connector = await loadConnector(id);
    const unnamed = connector.collectors
      .flatMap((collector) => collector.permissions)
      .map((permission) => permission.id.replace(/^(?:app|token):/, '').replace(/:read$/, ''))
      .filter((permission) => !text.includes(permission.replace('https://www.googleapis.com/auth/', '')));
    expect(unnamed, id).toEqual([]);
  }
});
