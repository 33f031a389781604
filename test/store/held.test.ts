import { createHash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import type { FindingBody } from '../../src/policy/findings.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { openReader } from '../../src/store/read.ts';
import type { ObservationRow, ReadingStart, StatementRow } from '../../src/store/rows.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { ACCOUNT, begin, conclude, dateOf, open, said, temporaryFolder, TENANT } from './facts.ts';

const file = temporaryFolder();
const [catalog, connectors] = [loadCatalog(), [await loadConnector('google-workspace')]];
const judgeOn = (night: number) => createJudge({ catalog, policy: EMPTY_POLICY, connectors, now: dateOf(night) });

function grant(person: number): ObservationRow {
  const [scope, thing, subject] = [`${ACCOUNT}/user/${person}`, `grant/${person}`, { app: 'chat', name: 'ChatGPT' }];
  const body = JSON.stringify({
    attributes: {},
    evidence: { source: 'list' },
    kind: 'oauth_grant',
    permissions: ['openid'],
    scope,
    subject,
    thing,
    principal: { id: `p${person}`, name: `p${person}@corp.example`, standing: 'active', traits: ['interactive_login'] },
    signals: [{ type: 'app_name', value: 'ChatGPT' }],
  });
  const fingerprint = createHash('sha256').update(body).digest().subarray(0, 16);
  return {
    nativeId: thing,
    thing,
    kind: 'oauth_grant',
    scope,
    appId: 'chat',
    principalId: `p${person}`,
    fingerprint,
    body,
    volatile: null,
  };
}

/** What the list of grants had on a night: so many holders, and whether all was read. */
interface Night {
  holders: number;
  says?: StatementRow['statement'];
  /** A place that could not be read, or was not by design. */
  lost?: 'gap' | 'by design' | undefined;
  version?: number;
  delta?: ReadingStart['delta'];
}

async function had(store: Store, night: number, { holders, says = 'covered', lost, version = 1, delta }: Night): Promise<number> {
  const scanId = await begin(store, night);
  const reading = await open(store, scanId, night, 'grants', { version, ...(delta && { delta }) });
  const elsewhere = { ...said('gap', `${ACCOUNT}/elsewhere`, dateOf(night)), byDesign: lost === 'by design' };
  const statements = [said(says, ACCOUNT, dateOf(night)), ...(lost ? [elsewhere] : [])];
  await store.commitBatch(reading, { rows: Array.from({ length: holders }, (_, person) => grant(person)), statements });
  await store.endReading(reading, 'ended', dateOf(night));
  await conclude(store, scanId, night, 'concluded', judgeOn(night));
  return scanId;
}

const grown = (found: readonly { rule: string; body: string; state: string }[]) =>
  found.flatMap(({ rule, body, state }) =>
    rule === 'entitlement-drift' && state !== 'resolved' ? (JSON.parse(body) as FindingBody).details : [],
  );

/** What was told of growth on each night, and what is told of it when the night is judged again. */
async function tell(nights: readonly Night[], path = file()): Promise<{ told: string[][]; again: string[][] }> {
  const store = openStore(path);
  const [scans, told]: [number[], string[][]] = [[], []];
  for (const [night, one] of nights.entries()) {
    scans.push(await had(store, night, one));
    const reader = openReader(path);
    told.push(grown(reader.findings({ tenant: TENANT, limit: -1 })));
    reader.close();
  }
  await store.close();
  return { told, again: judgedAgain(path, scans) };
}

function judgedAgain(path: string, scans: readonly number[]): string[][] {
  const reader = openReader(path);
  const again = scans.map((scan) => grown(reader.judgedAgain(TENANT, scan, judgeOn(scan - 1))));
  reader.close();
  return again;
}

const [FEW, MANY] = [{ holders: 2 }, { holders: 40 }];
const GROWN = ['Holders: 2 → 40'];

describe('how many hold a tool', () => {
  test.each<[string, Night[], string[][]]>([
    ['on the first night is no growth, and on the next is', [FEW, MANY, MANY], [[], GROWN, GROWN]],
    ['is no growth where it was counted first on a night with a gap', [{ ...FEW, lost: 'gap' }, MANY, MANY], [[], [], []]],
    ['nor where a place was left out by design', [{ ...FEW, lost: 'by design' }, MANY], [[], []]],
    ['nor where another version of the list counts', [FEW, { ...MANY, version: 2 }, { ...MANY, version: 2 }], [[], [], []]],
    ['is told on the first night on which all is read, though nothing is new', [FEW, { ...MANY, lost: 'gap' }, MANY], [[], [], GROWN]],
    [
      'and stays told where nothing can be read',
      [FEW, MANY, { holders: 0, says: 'gap' }, { ...MANY, lost: 'gap' }],
      [[], GROWN, GROWN, GROWN],
    ],
    ['and is over where they are gone', [FEW, MANY, FEW], [[], GROWN, []]],
  ])('%s', async (_title, nights, told) => {
    expect(await tell(nights)).toEqual({ told, again: told });
  });

  test('is counted on nights on which everything is read, and on none that goes by a log', async () => {
    const delta = (sweep: boolean): Pick<Night, 'delta'> => ({ delta: { since: dateOf(0), sweep } });
    const nights = [{ ...FEW, lost: 'gap' as const }, { ...FEW, ...delta(false) }, { ...MANY, ...delta(true) }, MANY];
    expect((await tell(nights)).told).toEqual([[], [], [], []]);
    const swept = [
      { ...FEW, ...delta(true) },
      { ...MANY, ...delta(false) },
      { ...MANY, ...delta(true) },
    ];
    const told = [[], [], GROWN];
    expect(await tell(swept)).toEqual({ told, again: told });
  });

  test('is told of every night as it was told then, also after history was pruned', async () => {
    const night = fc.record({
      holders: fc.constantFrom(1, 2, 25, 40),
      says: fc.constantFrom<StatementRow['statement']>('covered', 'covered', 'covered', 'gap'),
      lost: fc.constantFrom(undefined, undefined, undefined, 'gap' as const),
    });
    let some = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(night, { minLength: 3, maxLength: 7 }), fc.nat(6), async (nights, where) => {
        const [path, copy] = [file(), file()];
        const { told, again } = await tell(nights, path);
        expect(again).toEqual(told);
        some += told.flat().length;
        copyFileSync(path, copy);
        const store = openStore(copy);
        const { firstKept } = await store.prune(TENANT, {
          before: dateOf(where),
          keepDays: 31,
          actor: 'ada@host (claimed)',
          at: dateOf(10_000).toISOString(),
          plan: false,
        });
        await store.close();
        const kept = nights.map((_one, index) => index + 1).filter((scan) => scan >= firstKept!);
        expect(judgedAgain(copy, kept)).toEqual(told.slice(firstKept! - 1));
      }),
      { numRuns: 25, endOnFailure: true },
    );
    expect(some).toBeGreaterThan(0);
  });
});
