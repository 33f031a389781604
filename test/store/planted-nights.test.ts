import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../src/store/read.ts';
import type { FoundFinding } from '../../src/store/read-findings.ts';
import { openStore } from '../../src/store/store.ts';
import { WORLD } from '../policy/planted.ts';
import { temporaryFolder, TENANT } from './facts.ts';
import { judgeOf, readNight } from './planted-world.ts';

/** Of five nights the third is the one that the table tells of; on the fourth nothing can be read, and on the fifth everything was used. */
const NIGHTS = [0, 1, 2, 3, 4] as const;

type Words = Record<string, unknown>;

/** All that a finding says. */
function wordsOf(rows: readonly FoundFinding[]): Words {
  return Object.fromEntries(rows.map(({ key, rule, severity, title, body }) => [key, { rule, severity, title, body }]));
}

describe('what is planted on three planes, over three nights', () => {
  const path = temporaryFolder()();
  type ByApp = Record<string, string[]>;
  const [found, again]: [ByApp[], ByApp[]] = [[], []];
  const [words, wordsAgain]: [Words[], Words[]] = [[], []];
  const unverified: number[] = [];
  const byApp = (rows: readonly { connector: string; account: string; appId: string; rule: string }[]): ByApp =>
    Object.fromEntries(
      [...Map.groupBy(rows, (one) => `${one.connector} ${one.account} ${one.appId}`)].map(([app, own]) => [
        app,
        own.map(({ rule }) => rule).toSorted(),
      ]),
    );

  beforeAll(async () => {
    const store = openStore(path);
    const scans: number[] = [];
    for (const night of NIGHTS) {
      scans.push((await readNight(store, night, { isRead: () => night !== 3, used: night === 4 })).scanId);
      const reader = openReader(path);
      const rows = reader.findings({ tenant: TENANT, states: ['open', 'acknowledged', 'excepted'], limit: -1 });
      reader.close();
      found.push(byApp(rows));
      words.push(wordsOf(rows));
      unverified.push(rows.filter(({ unverifiedSince }) => unverifiedSince !== null).length);
    }
    await store.close();
    const reader = openReader(path);
    for (const [night, scanId] of scans.entries()) {
      const rows = reader.judgedAgain(TENANT, scanId, judgeOf(night));
      again.push(byApp(rows));
      wordsAgain.push(wordsOf(rows));
    }
    reader.close();
  });

  const planted = (night: number): ByApp =>
    Object.fromEntries(
      WORLD.flatMap((one) => {
        const rules = (night < 2 ? one.around.nights?.[night as 0 | 1] : undefined) ?? one.rules;
        return rules.length === 0 ? [] : [[`${one.plane} ${one.account} ${one.app}`, [...rules].toSorted()] as const];
      }),
    );

  test.each([0, 1, 2])('on night %s every rule fires where it is planted, and nowhere else', (night) => {
    expect(found[night]).toEqual(planted(night));
  });

  test('nothing of it goes away on a night on which nothing can be read', () => {
    expect(found[3]).toEqual(found[2]);
    // What a log alone can tell of, nobody ever confirms.
    const told = WORLD.flatMap(({ rules, integration }) => (integration.state === 'unverified' ? rules : [])).length;
    expect([unverified[2], told > 0, unverified[3]! > 50]).toEqual([told, true, true]);
  });

  test('what was used meanwhile is no longer unused on the last night', () => {
    const rulesOf = (rows: ByApp) => new Set(Object.values(rows).flat());
    expect([...rulesOf(found[2]!)].filter((rule) => !rulesOf(found[4]!).has(rule))).toEqual(['unused-ai-access']);
  });

  test.each(NIGHTS)('judged again from what is stored, night %s comes to the same', (night) => {
    expect(again[night]).toEqual(found[night]);
    expect(wordsAgain[night]).toEqual(words[night]);
  });
});
