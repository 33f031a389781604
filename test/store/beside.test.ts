import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kind, Observation, Trait } from '../../src/connector/index.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { observationRow } from '../../src/scan/rows.ts';
import { openReader, type FoundFinding } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { catalog } from '../policy/apps.ts';
import { begin, conclude, dateOf, said, temporaryFolder, TENANT } from './facts.ts';
import { logicalDump } from './logical-dump.ts';

// What is said of an app that rests on others: who else acts as its identity, and what the people of its account may do.

const connector = await loadConnector('aws');
/** Two AI vendors, and somebody whom the catalog does not know. */
const VENDORS = ['289469326074', '640174622193', '111122223333'] as const;
const ROLES = ['AROA1', 'AROA2'] as const;

interface Night {
  /** Which role lets which vendor in, and with what. */
  trusts: { vendor: number; role: number; strong: boolean; inactive: boolean }[];
  /** Users with a password, and what each of them may do. */
  people: readonly ('none' | 'reads' | 'writes' | 'unknown' | 'administers')[];
  /** A role that people take, and may do everything. */
  takesAll: boolean;
  trustsRead: boolean;
  peopleRead: boolean;
}

const trust = (vendor: number, role: number, strong = false, inactive = false) => ({ vendor, role, strong, inactive });

/** From a few worlds, so that from one night to the next often one thing alone is another. */
const night: fc.Arbitrary<Night> = fc.record({
  trusts: fc.constantFrom(
    [trust(0, 0, true)],
    [trust(0, 0, true), trust(1, 0)],
    [trust(0, 0, true), trust(1, 1), trust(2, 0)],
    [trust(0, 0, true), trust(1, 0, false, true)],
  ),
  people: fc.constantFrom(
    ['reads', 'reads', 'none'] as const,
    ['reads', 'writes', 'none'] as const,
    ['reads', 'unknown', 'administers'] as const,
  ),
  takesAll: fc.constantFrom(false, false, true),
  trustsRead: fc.constantFrom(true, true, false),
  peopleRead: fc.constantFrom(true, true, false),
});

const PERMISSIONS = {
  none: [],
  reads: ['policy:ReadOnlyAccess'],
  writes: ['policy:PowerUserAccess'],
  unknown: ['policy:of-ours'],
  administers: [],
} as const;

const row = (kind: Kind, id: string, app: string, more: Partial<Observation>) =>
  observationRow(
    {
      type: 'observation',
      thing: id,
      nativeId: id,
      kind,
      scope: `account/${kind}/${id}`,
      subject: { app, name: app },
      signals: [],
      permissions: [],
      attributes: {},
      evidence: { source: 'test' },
      ...more,
    },
    { volatile: [] },
  );

function rowsOf({ trusts, people, takesAll }: Night) {
  const person = (number: number, traits: readonly Trait[]) => ({ id: `AIDA${number}`, name: `user ${number}`, traits });
  return {
    trusts: trusts.map(({ vendor, role, strong, inactive }) =>
      row('trust', `trust/${ROLES[role]}/${VENDORS[vendor]}`, VENDORS[vendor]!, {
        signals: [{ type: 'aws_account_id', value: VENDORS[vendor]! }],
        principal: { id: ROLES[role]!, name: ROLES[role]!, traits: [] },
        permissions: [`policy:${strong ? 'PowerUserAccess' : 'ReadOnlyAccess'}`],
        attributes: { trusts: 'account', conditioned: true },
        ...(inactive && { use: 'inactive' }),
      }),
    ),
    people: [
      ...people.map((may, number) =>
        row('identity', `user/${number}`, `iam/${number}`, {
          principal: person(number, may === 'administers' ? ['interactive_login', 'administrator'] : ['interactive_login']),
          permissions: PERMISSIONS[may],
        }),
      ),
      ...(takesAll
        ? [
            row('service_account', 'role/people', 'iam/people', {
              principal: { id: 'AROA9', name: 'people', traits: ['interactive_login', 'federated', 'administrator'] },
            }),
          ]
        : []),
    ],
  };
}

const file = temporaryFolder();
const judgeOf = (at: number) => createJudge({ catalog, policy: EMPTY_POLICY, connectors: [connector], now: dateOf(at) });

/** Lives through the nights; `after` gets what stands after each. */
async function live(nights: readonly Night[], everything: boolean, after: (scan: number, findings: FoundFinding[]) => void = () => {}) {
  const path = file();
  const store = openStore(path);
  for (const [at, each] of nights.entries()) {
    const scanId = await begin(store, at);
    const { trusts, people } = rowsOf(each);
    // People are read before or after what they are compared with.
    const readings = [
      { collector: 'trusts', rows: trusts, isRead: each.trustsRead },
      { collector: 'identities', rows: people, isRead: each.peopleRead },
    ];
    for (const { collector, rows, isRead } of at % 2 === 0 ? readings : readings.toReversed()) {
      const start = { source: 'aws', connector: 'aws', account: 'A1', accountScope: 'account', mode: 'inventory', version: 1 } as const;
      const reading = await store.openReading({ scanId, collector, startedAt: dateOf(at), ...start });
      await store.commitBatch(reading, { rows: isRead ? rows : [], statements: [said(isRead ? 'covered' : 'gap', 'account', dateOf(at))] });
      await store.endReading(reading, 'ended', dateOf(at));
    }
    const judge = judgeOf(at);
    await conclude(store, scanId, at, 'concluded', everything ? { ...judge, turnedSince: () => true } : judge);
    const reader = openReader(path);
    after(scanId, reader.findings({ tenant: TENANT, states: ['open'], limit: -1 }));
    reader.close();
  }
  await store.close();
  return path;
}

const told = (findings: readonly FoundFinding[]) =>
  findings
    .filter(({ rule }) => rule === 'shared-ai-identity' || rule === 'ai-above-people')
    .map(({ rule, appId, body }) => `${rule} ${appId}: ${(JSON.parse(body) as { details: string[] }).details.join('; ')}`)
    .toSorted();

const quiet = (more: Partial<Night>): Night => ({
  trusts: [],
  people: ['reads', 'reads', 'reads', 'none'],
  takesAll: false,
  trustsRead: true,
  peopleRead: true,
  ...more,
});

describe('of an app that is held against others', () => {
  test('what is said follows these, although nothing is new of itself', async () => {
    const nights: string[][] = [];
    const both = [trust(0, 0, true), trust(1, 0)];
    await live(
      [
        quiet({ trusts: both.slice(0, 1) }),
        quiet({ trusts: both }),
        quiet({ trusts: both.slice(0, 1) }),
        quiet({ trusts: both, takesAll: true }),
        quiet({ trusts: [both[0]!, trust(1, 1)], people: ['reads', 'writes', 'reads'] }),
        quiet({ trusts: [both[0]!, trust(1, 1)] }),
      ],
      false,
      (_scan, findings) => nights.push(told(findings)),
    );
    const above =
      'ai-above-people 289469326074: Do everything in the account except administering users and roles: none of the people whom its lists name may do as much';
    const shared = ['289469326074', '640174622193'].map((app) => `shared-ai-identity ${app}: AROA1 is used by Cursor, LangSmith`);
    expect(nights).toEqual([[above], [above, ...shared], [above], shared, [], [above]]);
  });

  test('a night on which others could not be read says the same of it', async () => {
    const nights: string[][] = [];
    const trusts = [trust(0, 0, true), trust(1, 0)];
    await live([quiet({ trusts }), quiet({ peopleRead: false, trustsRead: false })], false, (_scan, findings) =>
      nights.push(told(findings)),
    );
    expect(nights[0]).toHaveLength(3);
    expect(nights[1]).toEqual(nights[0]);
  });

  test('judgement of apps with news alone comes to the same as judgement of every app', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(night, { minLength: 1, maxLength: 4 }), async (nights) => {
        const [some, every] = [await live(nights, false), await live(nights, true)];
        expect(logicalDump(some)).toBe(logicalDump(every));
      }),
      { numRuns: 40 },
    );
  });

  test('judged again from what is stored, every night comes to the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(night, { minLength: 1, maxLength: 4 }), async (nights) => {
        const then: [number, string[]][] = [];
        const path = await live(nights, false, (scan, findings) => then.push([scan, told(findings)]));
        const reader = openReader(path);
        for (const [at, [scan, findings]] of then.entries()) expect(told(reader.judgedAgain(TENANT, scan, judgeOf(at)))).toEqual(findings);
        reader.close();
      }),
      { numRuns: 20 },
    );
  });
});
