import { beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { WORLD } from '../policy/planted.ts';
import { temporaryFolder, TENANT } from './facts.ts';
import { judgeOf, readNight } from './planted-world.ts';

/** Of four nights the third is the one that the table tells of, and on the fourth nothing can be read. */
const NIGHTS = [0, 1, 2, 3] as const;

/** Last use is kept for the present alone. */
const BY_LAST_USE: ReadonlySet<string> = new Set(['unused-ai-access', 'model-calls-unlogged']);

describe('what is planted on three planes, over three nights', () => {
  const path = temporaryFolder()();
  type ByApp = Record<string, string[]>;
  const [found, again]: [ByApp[], ByApp[]] = [[], []];
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
      scans.push((await readNight(store, night, { isRead: () => night < 3 })).scanId);
      const reader = openReader(path);
      const rows = reader.findings({ tenant: TENANT, states: ['open', 'acknowledged', 'excepted'], limit: -1 });
      reader.close();
      found.push(byApp(rows));
      unverified.push(rows.filter(({ unverifiedSince }) => unverifiedSince !== null).length);
    }
    await store.close();
    const reader = openReader(path);
    for (const [night, scanId] of scans.entries()) again.push(byApp(reader.judgedAgain(TENANT, scanId, judgeOf(night))));
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

  test.each(NIGHTS)('judged again from what is stored, night %s comes to the same', (night) => {
    const kept = (rows: ByApp) =>
      Object.fromEntries(
        Object.entries(rows)
          .map(([app, rules]) => [app, rules.filter((rule) => !BY_LAST_USE.has(rule))] as const)
          .filter(([, rules]) => rules.length > 0),
      );
    expect(kept(again[night]!)).toEqual(kept(found[night]!));
  });
});
