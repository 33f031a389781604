import { copyFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../src/store/read.ts';
import { temporaryFolder } from '../store/facts.ts';
import { inventory, night, sourceFor, stored } from './company-nights.ts';
import { runNight, TENANT } from './night.ts';

const file = temporaryFolder();

async function collectorsOf(id: string): Promise<string[]> {
  const { connector } = await sourceFor(id);
  return connector.collectors.map((collector) => collector.id).toSorted();
}

describe('sources', () => {
  test('that read one account are a mistake of the configuration: the first is read, the second is not', async () => {
    const path = file();
    const [first, second] = [await sourceFor('google-workspace', 'first'), await sourceFor('google-workspace', 'second')];
    const outcome = await runNight(path, await night(0, [first, second]));
    const account = outcome.sources[0]!.account!;
    expect(outcome.sources.map(({ requests: _requests, ...rest }) => rest)).toMatchObject([
      { source: 'first', state: 'read', refused: false, bugs: [] },
      {
        source: 'second',
        state: 'unread',
        message: `The sources "first" and "second" both read ${account.scope}`,
        fix: 'Remove one of them: an account is read by one source.',
        bugs: [],
      },
    ]);
    const alone = file();
    await runNight(alone, await night(0, [first]));
    expect(stored(path)).toEqual(stored(alone));
  });

  test('whose credential is missing are unread with a message; the others are read, and earlier facts are unverified', async () => {
    const path = file();
    const sources = [await sourceFor('google-workspace'), await sourceFor('github')];
    await runNight(path, await night(0, sources));
    const calm = file();
    copyFileSync(path, calm);
    await runNight(calm, await night(1, sources));
    const { GOOGLE_SERVICE_ACCOUNT: _missing, ...environment } = (await night(1, sources)).environment;
    const outcome = await runNight(path, await night(1, sources, { environment }));
    expect(outcome.sources).toMatchObject([
      {
        source: 'google-workspace',
        state: 'unread',
        message: 'There is no secret {"env":"GOOGLE_SERVICE_ACCOUNT"}',
        fix: 'Put it there.',
        refused: true,
        bugs: [],
      },
      { source: 'github', state: 'read' },
    ]);
    const facts = inventory(path);
    const ofGoogle = facts.filter(({ connector }) => connector === 'google-workspace');
    expect([...new Set(ofGoogle.map(({ state }) => state))]).toEqual(['unverified']);
    const others = (from: string) => inventory(from).filter(({ connector }) => connector === 'github');
    expect(others(path)).toEqual(others(calm));
    const reader = openReader(path);
    expect(reader.sources(outcome.scanId)).toMatchObject([
      { source: 'github', state: 'read', message: null },
      { source: 'google-workspace', state: 'unread', message: 'There is no secret {"env":"GOOGLE_SERVICE_ACCOUNT"}' },
    ]);
    const gaps = reader.gaps(outcome.scanId).filter(({ source }) => source === 'google-workspace');
    expect(gaps.map(({ collector, reason, effect }) => [collector, reason, effect])).toEqual(
      (await collectorsOf('google-workspace')).map((id) => [
        id,
        'permission_denied',
        'There is no secret {"env":"GOOGLE_SERVICE_ACCOUNT"}',
      ]),
    );
    reader.close();
  });

  test('that left the configuration leave their facts behind unverified, and the coverage says why', async () => {
    const path = file();
    const sources = [await sourceFor('google-workspace'), await sourceFor('github')];
    await runNight(path, await night(0, sources));
    const outcome = await runNight(path, await night(1, [sources[1]!]));
    const ofGoogle = inventory(path).filter(({ connector }) => connector === 'google-workspace');
    expect([...new Set(ofGoogle.map(({ state }) => state))]).toEqual(['unverified']);
    const reader = openReader(path);
    const account = ofGoogle[0]!.scope.split('/').slice(0, 2).join('/');
    const gaps = reader
      .gaps(outcome.scanId)
      .filter(({ byDesign, source }) => byDesign === 0 || source !== 'github')
      .map(({ source, collector, scope, reason, effect }) => [source, collector, scope, reason, effect]);
    expect(gaps).toEqual(
      (await collectorsOf('google-workspace')).map((id) => [
        'google-workspace',
        id,
        account,
        'stale',
        `No source of the configuration reads ${account} any more`,
      ]),
    );
    // Its findings stand, and are marked.
    const findings = reader.findings({ tenant: TENANT, connector: 'google-workspace', limit: -1 });
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter(({ unverifiedSince }) => unverifiedSince === null)).toEqual([]);
    reader.close();
  });

  test('that a partial scan does not name are left exactly as they are', async () => {
    const path = file();
    const sources = [await sourceFor('google-workspace'), await sourceFor('github')];
    await runNight(path, await night(0, sources));
    const before = stored(path).filter(({ connector }) => connector === 'google-workspace');
    const outcome = await runNight(path, await night(1, [sources[1]!], { partial: true }));
    expect(stored(path).filter(({ connector }) => connector === 'google-workspace')).toEqual(before);
    const reader = openReader(path);
    const gaps = reader.gaps(outcome.scanId);
    expect(gaps.filter(({ byDesign, source }) => byDesign === 0 || source !== 'github')).toEqual([]);
    expect(reader.diff(TENANT, outcome.scanId - 1, outcome.scanId).filter(({ connector }) => connector === 'google-workspace')).toEqual([]);
    reader.close();
  });

  test('of which a collector was switched off keep its facts unverified, and the coverage says so', async () => {
    const path = file();
    const source = await sourceFor('google-workspace');
    await runNight(path, await night(0, [source]));
    const outcome = await runNight(path, await night(0, [{ ...source, collectors: { ...source.collectors, grants: false } }]));
    const states = (id: string) => [
      ...new Set(
        inventory(path)
          .filter(({ collector }) => collector === id)
          .map(({ state }) => state),
      ),
    ];
    expect([states('grants'), states('users')]).toEqual([['unverified'], ['present']]);
    const reader = openReader(path);
    const gaps = reader.gaps(outcome.scanId).filter(({ byDesign }) => byDesign === 0);
    expect(gaps.map(({ collector, effect }) => [collector, effect])).toEqual([['grants', 'The collector grants is switched off']]);
    reader.close();
  });
});
