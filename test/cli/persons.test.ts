import { beforeAll, describe, expect, test } from 'vitest';
import { fake } from '../../connectors/google-workspace/fake/index.ts';
import type { Verb } from '../../src/cli/verb.ts';
import { PROGRAM } from '../../src/cli/verbs.ts';
import { dawn, runNight, smallCompany, sourceOf } from '../scan/night.ts';
import { temporaryFolder } from '../store/facts.ts';
import { noctule } from './run.ts';

function all(verb: Verb, path: readonly string[] = []): [string, Verb][] {
  return (verb.verbs ?? []).flatMap((below) => [[[...path, below.name].join(' '), below], ...all(below, [...path, below.name])]);
}

const verbs = new Map(all(PROGRAM));

test('every command that prints what was read or kept says whom that names', () => {
  const has = (word: string, { options = [] }: Verb) => options.some(({ flags }) => flags.startsWith(word) || flags.includes(` ${word}`));
  const prints = (verb: Verb) =>
    has('--format', verb) || verb.arguments?.includes('<finding>') || (has('--db', verb) && has('--owner', verb));
  const printing = [...verbs].filter(([, verb]) => prints(verb));
  expect(printing.map(([path]) => path)).toEqual(
    expect.arrayContaining(['approve', 'deny', 'except', 'policy check', 'policy test', 'policy seed']),
  );
  expect(printing.filter(([, verb]) => verb.names === undefined).map(([path]) => path)).toEqual([]);
});

describe('what is printed', () => {
  const database = temporaryFolder()();
  const company = smallCompany();
  const printed = async (line: string) => (await noctule([...line.split(' '), '--db', database])).stdout;

  beforeAll(async () => {
    const provider = await fake.start(company);
    const sources = [await sourceOf({ name: 'workspace', config: provider.config })];
    provider.faults.add({
      operation: 'directory.tokens.list',
      fault: 403,
      where: provider.expected().find(({ kind }) => kind === 'identity')!.ids[0]!,
    });
    await runNight(database, { sources, environment: provider.environment, from: dawn(company, 0) });
    await provider.close();
  });

  test.each(['findings', 'ioc 110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com', 'identities', 'diff'])(
    '%s names people, and says so',
    async (line) => {
      expect(await printed(`${line} --format json`)).toContain(`@${company.domain}`);
      expect(verbs.get(line.split(' ')[0]!)!.names).not.toBe('nobody');
    },
  );

  test.each(['coverage', 'audit log', 'catalog propose'])('%s names no address', async (line) => {
    const text = await printed(line === 'catalog propose' ? line : `${line} --format json`);
    expect(text.length).toBeGreaterThan(50);
    expect(text).not.toContain(`@${company.domain}`);
  });

  test('coverage names people by their id, and says so', async () => {
    expect(await printed('coverage --format json')).toMatch(/customer\/\w+\/user\/\d+/);
    expect(verbs.get('coverage')!.names).toContain('ids of people');
  });
});
