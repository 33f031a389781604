import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { defineCollector, type Observation, type Signal, type Standing } from '../../src/connector/index.ts';
import { EMPTY_POLICY, type Policy } from '../../src/policy/policy.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { observationRow } from '../../src/scan/rows.ts';
import type { FindingJudge } from '../../src/store/judgement.ts';
import { openReader, type FoundFinding } from '../../src/store/read.ts';
import type { ObservationRow, StatementRow } from '../../src/store/rows.ts';
import { openStore } from '../../src/store/store.ts';
import { ACCOUNT, dateOf, said, scan, temporaryFolder, TENANT, type Told } from './facts.ts';
import { logicalDump } from './logical-dump.ts';

const APPS = ['ChatGPT', 'Fireflies.ai', 'Lanternworks Rota', 'Claude'] as const;
/** What tells by ids that an app is of its product; of the third, none does, and the last acts as a client of the first. */
const IDS: readonly (readonly Signal[])[] = [
  [
    { type: 'domain', value: 'chatgpt.com' },
    { type: 'test_client_id', value: 'client of ChatGPT' },
  ],
  [{ type: 'domain', value: 'fireflies.ai' }],
  [],
  [{ type: 'domain', value: 'claude.ai' }],
  [{ type: 'acts_as_client', value: 'client of ChatGPT' }],
];
const PEOPLE = ['ada', 'ben', 'cleo'] as const;
const DRIVE = 'https://www.googleapis.com/auth/drive';
const catalog = loadCatalog();
const google = await loadConnector('google-workspace');
const collector = defineCollector<object, object>({ ...google.collectors[0]!, id: 'grants', volatile: ['bytes'] });

/** One night of a small account: who granted what, who is listed as what, and what could be read. */
interface Night {
  grants: { app: number; person: number; reach: 'openid' | 'drive'; usedAt: number; sure?: boolean }[];
  /** What is in another account; absent = it is not read at all. */
  elsewhere?: { apps: { app: number; sure: boolean }[]; read: boolean } | null | undefined;
  people: (Standing | 'unlisted')[];
  /** In which unit the list has everybody. */
  unit: '/Sales' | '/Sales/North' | '/Support';
  /** The rows of the list pass on to other people. */
  shift: number;
  grantsRead: boolean;
  peopleRead: boolean;
}

const night: fc.Arbitrary<Night> = fc.record({
  grants: fc.uniqueArray(
    fc.record({
      app: fc.nat(APPS.length - 1),
      person: fc.nat(PEOPLE.length - 1),
      reach: fc.constantFrom('openid' as const, 'drive' as const),
      usedAt: fc.nat(3),
      sure: fc.boolean(),
    }),
    { selector: ({ app, person }) => `${app} ${person}`, maxLength: 8 },
  ),
  elsewhere: fc.option(
    fc.record({
      apps: fc.uniqueArray(fc.record({ app: fc.nat(IDS.length - 1), sure: fc.boolean() }), { selector: ({ app }) => app }),
      read: fc.boolean(),
    }),
  ),
  people: fc.tuple(...PEOPLE.map(() => fc.constantFrom('active' as const, 'suspended' as const, 'unlisted' as const))),
  unit: fc.constantFrom('/Sales', '/Sales/North', '/Support'),
  shift: fc.constantFrom(0, 0, 0, 1),
  grantsRead: fc.boolean(),
  peopleRead: fc.boolean(),
});

/** Approvals and exceptions end in the middle of the nights, so that verdicts turn though no fact does. */
const policy: Policy = {
  ...EMPTY_POLICY,
  approvals: [
    { apps: ['app/1'], owner: 'o', approver: 'a', reason: 'r', expires: '2026-11-03' },
    { apps: ['app/0'], owner: 'o', approver: 'a', reason: 'r', review: '2026-11-04' },
    { apps: ['app/0'], owner: 'o', approver: 'a', reason: 'r', reviewed: '2026-11-01', reviewEvery: 2 },
    { apps: ['app/2'], owner: 'o', approver: 'a', reason: 'r', stage: 'probation', expires: '2026-11-04' },
    { apps: ['app/3'], owner: 'o', approver: 'a', reason: 'r', population: { units: ['/Sales'] } },
  ],
  exceptions: [],
};

function judgeOf(at: number, judgedBy = policy): FindingJudge {
  return createJudge({ catalog, policy: judgedBy, connectors: [google], now: dateOf(at) });
}

/** That something that is known by ids comes to the other account, is known by its name alone for a night, and is known again. */
const SPREAD: Night[] = [true, true, false, true].map((sure, at) => ({
  grants: [{ app: 1, person: 0, reach: 'drive', usedAt: 3, sure }],
  elsewhere: { apps: at === 0 ? [] : [{ app: 1, sure: true }], read: true },
  people: ['active', 'active', 'active'],
  unit: '/Sales',
  shift: 0,
  grantsRead: true,
  peopleRead: true,
}));

function rowsOf(night: Night): { grants: ObservationRow[]; people: ObservationRow[]; elsewhere: ObservationRow[] } {
  const person = (index: number, standing?: Standing) => ({
    id: PEOPLE[index]!,
    name: `${PEOPLE[index]}@lanternworks.example`,
    traits: ['interactive_login' as const],
    ...(standing && { standing }),
  });
  const common = { signals: [], permissions: [], attributes: {}, evidence: { source: 'test' } };
  const grants = night.grants.map(({ app, person: who, reach, usedAt, sure }): Observation => ({
    ...common,
    type: 'observation',
    thing: `grant/${who}/${app}`,
    nativeId: `grant/${who}/${app}`,
    kind: 'oauth_grant',
    scope: `${ACCOUNT}/user/${PEOPLE[who]}`,
    subject: { app: `app/${app}`, name: APPS[app]! },
    principal: person(who),
    signals: [{ type: 'app_name', value: APPS[app]! }, ...(sure ? IDS[app]! : [])],
    permissions: reach === 'drive' ? [DRIVE, 'openid'] : ['openid'],
    // Some of it was used so long ago that it turns idle in the middle of the nights.
    lastUsedAt: { at: `2026-09-${16 + usedAt}T00:00:00.000Z`, from: 'report' },
  }));
  const elsewhere = (night.elsewhere?.apps ?? []).map(({ app, sure }): Observation => ({
    ...common,
    type: 'observation',
    thing: `elsewhere/${app}`,
    nativeId: `elsewhere/${app}`,
    kind: 'vendor_integration',
    scope: `customer/C02/app/${app}`,
    subject: { app: `app/${app}`, name: APPS[app] ?? 'Acting' },
    signals: [{ type: 'app_name', value: APPS[app] ?? 'Acting' }, ...(sure || app >= APPS.length ? IDS[app]! : [])],
    permissions: [DRIVE],
  }));
  const people = night.people.flatMap((standing, index): Observation[] =>
    standing === 'unlisted'
      ? []
      : [
          {
            ...common,
            type: 'observation',
            thing: `user/${PEOPLE[index]}`,
            nativeId: PEOPLE[index]!,
            kind: 'identity',
            scope: `${ACCOUNT}/directory/${PEOPLE[index]}`,
            subject: { app: `user/${PEOPLE[index]}`, name: PEOPLE[index]! },
            principal: person((index + night.shift) % PEOPLE.length, standing),
            attributes: { orgUnit: night.unit },
          },
        ],
  );
  const row = (observation: Observation) => observationRow(observation, collector);
  return { grants: grants.map(row), people: people.map(row), elsewhere: elsewhere.map(row) };
}

describe('judgement', () => {
  const file = temporaryFolder();
  const statement = (read: boolean): StatementRow[] => [said(read ? 'covered' : 'gap', ACCOUNT)];

  /** Lives through the nights; `after` is called when each has been judged. */
  async function live(
    nights: readonly Night[],
    options: { everything: boolean; after?: (scanId: number, findings: FoundFinding[]) => void },
  ): Promise<string> {
    const path = file();
    const store = openStore(path);
    for (const [at, each] of nights.entries()) {
      const { grants, people, elsewhere } = rowsOf(each);
      const judge = judgeOf(at);
      const told: Record<string, Told> = {
        grants: { rows: grants, statements: statement(each.grantsRead) },
        people: { rows: people, statements: statement(each.peopleRead) },
        ...(each.elsewhere && {
          apps: { account: 'C02', rows: elsewhere, statements: [said(each.elsewhere.read ? 'covered' : 'gap', 'customer/C02')] },
        }),
      };
      const { scanId } = await scan(store, at, told, TENANT, options.everything ? { ...judge, turnedSince: () => true } : judge);
      if (!options.after) continue;
      const reader = openReader(path);
      options.after(scanId, reader.findings({ tenant: TENANT, states: ['open', 'acknowledged', 'excepted', 'resolved'], limit: -1 }));
      reader.close();
    }
    await store.close();
    return path;
  }

  test('of apps with news alone comes to the same as judgement of every app on every night', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(night, { minLength: 1, maxLength: 5 }), async (nights) => {
        const [some, every] = [await live(nights, { everything: false }), await live(nights, { everything: true })];
        expect(logicalDump(some)).toBe(logicalDump(every));
      }),
      { numRuns: 100, examples: [[SPREAD]] },
    );
  });

  test('finds what has grown, what came back and what turned idle, on the night on which it did', async () => {
    const of = (...grants: Night['grants']): Night => ({
      grants,
      people: ['active', 'active', 'active'],
      unit: '/Sales',
      shift: 0,
      grantsRead: true,
      peopleRead: true,
    });
    const [little, much] = (['openid', 'drive'] as const).map((reach) => ({ app: 1, person: 0, reach, usedAt: 3 }));
    const nights: string[][] = [];
    const after = (_scan: number, findings: FoundFinding[]) =>
      void nights.push(
        findings.flatMap(({ rule, severity, state, body }) =>
          ['entitlement-drift', 'revoked-and-returned', 'unused-ai-access'].includes(rule) && state === 'open'
            ? [`${rule} ${severity}: ${(JSON.parse(body) as { details: string[] }).details.join()}`]
            : [],
        ),
      );
    await live([of(little!), of(much!), of(), of(much!)], { everything: false, after });
    const grown = 'entitlement-drift high: files: nothing → write';
    const idle = 'unused-ai-access low: Fireflies.ai of ada@lanternworks.example was last used on 2026-09-19';
    const back = 'revoked-and-returned high: ada@lanternworks.example: gone before, back on 2026-11-05';
    expect(nights).toEqual([[], [grown, idle], [], [grown, back, idle]]);
  });

  test('finds what has spread, for as long as it was known by ids before, although nothing is new of itself', async () => {
    const nights: string[][] = [];
    const after = (_scan: number, findings: FoundFinding[]) =>
      void nights.push(
        findings.flatMap(({ rule, state, severity, account, body }) =>
          rule === 'spread-of-ai-tool' && account === 'C02'
            ? [`${state} ${severity}: ${(JSON.parse(body) as { details: string[] }).details.join('; ')}`]
            : [],
        ),
      );
    await live(SPREAD, { everything: false, after });
    const spread =
      'low: It is in another account: google-workspace/C02, since 2026-11-03; Known before: google-workspace/C01, since 2026-11-02';
    expect(nights).toEqual([[], [`open ${spread}`], [`resolved ${spread}`], [`open ${spread}`]]);
  });

  test('looks at nothing when nothing is new', async () => {
    const quiet: Night = {
      grants: [{ app: 0, person: 0, reach: 'drive', usedAt: 0 }],
      people: ['active', 'active', 'active'],
      unit: '/Sales',
      shift: 0,
      grantsRead: true,
      peopleRead: true,
    };
    const path = file();
    const store = openStore(path);
    const judged: string[][] = [];
    for (const at of [0, 1]) {
      const { grants, people } = rowsOf(quiet);
      const judge = judgeOf(at, EMPTY_POLICY);
      const seen: string[] = [];
      judged.push(seen);
      const told = { grants: { rows: grants, statements: statement(true) }, people: { rows: people, statements: statement(true) } };
      await scan(store, at, told, TENANT, { ...judge, judge: (app, ...rest) => (seen.push(app.appId), judge.judge(app, ...rest)) });
    }
    await store.close();
    expect(judged).toEqual([['app/0'], []]);
  });

  test('asked for as of a night, it is what was shown on that night, but for dates of last use', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(night, { minLength: 2, maxLength: 5 }), async (nights) => {
        const then = new Map<number, FoundFinding[]>();
        const path = await live(nights, { everything: false, after: (scanId, findings) => then.set(scanId, findings) });
        const reader = openReader(path);
        for (const [scanId, findings] of then) {
          const asOf = reader.findings({
            tenant: TENANT,
            states: ['open', 'acknowledged', 'excepted', 'resolved'],
            limit: -1,
            asOf: scanId,
          });
          expect(asOf).toEqual(findings.map((finding) => withoutLastUse(finding)));
        }
        reader.close();
      }),
      { numRuns: 10, examples: [[SPREAD]] },
    );
  });

  test('again, by the files of a night, comes to what was judged on it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(night, { minLength: 1, maxLength: 4 }), async (nights) => {
        const then = new Map<number, FoundFinding[]>();
        const path = await live(nights, { everything: false, after: (scanId, findings) => then.set(scanId, findings) });
        const reader = openReader(path);
        const essence = (finding: FoundFinding) => {
          const { unverifiedSince, state: _state, firstScan: _scan, firstSeen: _seen, ...rest } = withoutLastUse(finding);
          return { ...rest, unverified: unverifiedSince !== null };
        };
        for (const [index, [scanId, findings]] of [...then].entries()) {
          const again = reader.judgedAgain(TENANT, scanId, judgeOf(index)).map((finding) => essence(finding));
          const shown = findings.filter(({ state }) => state !== 'resolved').map((finding) => essence(finding));
          // Dates of last use are kept for the present alone, and with them what was idle.
          const kept = (rows: typeof again) => rows.filter(({ rule }) => rule !== 'unused-ai-access');
          expect(kept(again)).toEqual(kept(shown));
        }
        reader.close();
      }),
      { numRuns: 10, examples: [[SPREAD]] },
    );
  });
});

function withoutLastUse(finding: FoundFinding): FoundFinding {
  return { ...finding, body: JSON.stringify({ ...(JSON.parse(finding.body) as object), lastUsed: 'unknown', taken: 'unknown' }) };
}
