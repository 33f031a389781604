import { describe, expect, test } from 'vitest';
import { Refusal, type ConfigError, type ScanEvent } from '../../src/connector/index.ts';
import { personKey } from '../../src/persons/key.ts';
import { Secret } from '../../src/secret/secret.ts';
import { temporaryFolder, TENANT } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { finds, gapsOf, grantOf, inventedSource, says, scanOn } from './invented.ts';

const file = temporaryFolder();
const source = () => inventedSource('one', [finds('grants', ['a'])]);
const persons = (key: string) => ({ key: personKey(new Secret(key.padEnd(32, '.')), TENANT), verdictOn: () => '' });

async function mistake(run: Promise<unknown>) {
  const { message, key, fix } = (await run.catch((error: unknown) => error)) as ConfigError;
  return { message, key, fix };
}

describe('how people are kept', () => {
  test('is settled with the first scan: neither another key nor names come after pseudonyms', async () => {
    const path = file();
    await scanOn(path, 0, [source()], { persons: persons('one') });
    await scanOn(path, 1, [source()], { persons: persons('one') });
    expect(await mistake(scanOn(path, 2, [source()], { persons: persons('two') }))).toEqual({
      message: 'The pseudonyms of the tenant "default" were made with another key',
      key: 'persons.key',
      fix: 'Give the key that they were made with, or name a new database with "database": with another one everybody would be somebody else.',
    });
    expect(await mistake(scanOn(path, 2, [source()]))).toEqual({
      message: 'The tenant "default" keeps pseudonyms in this database, and the configuration asks for names',
      key: 'persons.mode',
      fix: 'Write "persons": {"mode": "pseudonymous", "key": …} with its key, or name a new database with "database".',
    });
    expect(rowsOf(path, 'SELECT count(*) AS scans FROM scan')).toEqual([{ scans: 2 }]);
  });

  test('is settled with the first scan: no pseudonyms come after names', async () => {
    const path = file();
    await scanOn(path, 0, [source()]);
    expect(await mistake(scanOn(path, 1, [source()], { persons: persons('one') }))).toEqual({
      message: 'The tenant "default" keeps names in this database: they would stay beside the pseudonyms',
      key: 'persons.mode',
      fix: 'Leave "persons" out, or name a new database with "database". The policy holds there too; what was acknowledged and assigned does not.',
    });
  });

  test('holds for the text of the configuration and for what a source says of itself, and not for the policy', async () => {
    const path = file();
    const content = 'read by ada@company.example and by bot@company.example';
    const documents = { config: { hash: 'c', content }, catalog: { hash: 'k', content }, policy: { hash: 'p', content } };
    const refuses = inventedSource('one', [finds('grants', ['a'])], {
      people: { isPerson: () => undefined, isProgram: (name) => name === 'bot@company.example' },
      connect: async () =>
        Promise.reject(new Refusal('ada@company.example may not, bot@company.example may', { reason: 'permission_denied' })),
    });
    const { sources } = await scanOn(path, 0, [refuses], { persons: persons('one'), documents });
    const ada = persons('one').key.pseudonymOf('ada@company.example');
    expect(sources.map(({ message }) => message)).toEqual([`${ada} may not, bot@company.example may`]);
    expect(rowsOf(path, 'SELECT kind, content FROM document ORDER BY kind')).toEqual([
      { kind: 'catalog', content },
      { kind: 'config', content: `read by ${ada} and by bot@company.example` },
      { kind: 'policy', content },
    ]);
  });

  test('holds for places, cursors and refusals, and a collector sees people as their provider names them', async () => {
    const path = file();
    const seen: unknown[] = [];
    const place = 'account/A/user/ada@company.example';
    const grants = says('grants', async function* ({ known, cursor, readAt }): AsyncGenerator<ScanEvent> {
      seen.push(await known('account/A'), cursor, [...(await readAt([place])).keys()]);
      yield grantOf(place, 'a');
      yield { type: 'checkpoint', cursor: { after: 'ada@company.example' } };
      yield { type: 'covered', scope: 'account/A' };
    });
    const fails = says('fails', async function* (): AsyncGenerator<ScanEvent> {
      yield* [];
      throw new Refusal('ada@company.example may not', { reason: 'not_licensed' });
    });
    const people = { isPerson: (_segment: string, before: readonly string[]) => before.at(-1) === 'user' };
    const read = inventedSource('one', [grants, fails], { people });
    for (const night of [0, 1]) await scanOn(path, night, [read], { persons: persons('one') });
    const ada = persons('one').key.pseudonymOf('ada@company.example');
    expect(seen).toEqual([[], undefined, [], [place], undefined, [place]]);
    expect(rowsOf(path, 'SELECT scope FROM observation')).toEqual([{ scope: `account/A/user/${ada}` }]);
    expect(gapsOf(path, 2)).toEqual([['fails', 'account/A', 'not_licensed', `All of "All fails" is unread: ${ada} may not`]]);
    expect(JSON.stringify(rowsOf(path, 'SELECT cursor FROM reading'))).not.toContain('company');
  });
});
