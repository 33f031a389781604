import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import type { Observation } from '../../src/connector/index.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { observationRow } from '../../src/scan/rows.ts';
import { readChanges, type ChangeQuery, type FoundChange } from '../../src/store/read-changes.ts';
import { openStore } from '../../src/store/store.ts';
import { finds, grantOf } from '../scan/invented.ts';
import { ACCOUNT, begin, conclude, dateOf, open, said, scan, temporaryFolder, TENANT, type Told } from './facts.ts';

const file = temporaryFolder();
const catalog = loadCatalog();
const google = await loadConnector('google-workspace');
const collector = finds('grants', []);
const row = (id: string, app: string, more: Partial<Observation> = {}) =>
  observationRow(grantOf(`${ACCOUNT}/user/${id}`, id, { subject: { app, name: `Name of ${id}` }, ...more }), collector);
const held = { principal: { id: 'ada', name: 'Ada', traits: ['interactive_login' as const] } };
const ai = (says = 'the usual', app = 'ai') =>
  row('ai', app, { kind: 'vendor_integration', signals: [{ type: 'domain', value: 'claude.ai' }], attributes: { says } });
const told = (...rows: ReturnType<typeof row>[]): Told => ({ rows, statements: [said('covered', ACCOUNT)] });

const path = file();
let database: Database.Database;
beforeAll(async () => {
  const store = openStore(path);
  const night = (at: number, nights: Record<string, Told>, tenant = TENANT) =>
    scan(store, at, nights, tenant, createJudge({ catalog, policy: EMPTY_POLICY, connectors: [google], now: dateOf(at) }));
  const grants = [row('1', 'app', held), row('2', 'app')];
  await night(0, { grants: told(...grants, ai()) });
  await night(0, { grants: told(row('other', 'app')) }, 'other');
  await night(1, {
    grants: told(grants[0]!, ai('otherwise'), row('3', 'third')),
    log: { ...told(row('event', 'app')), mode: 'log' },
    new: told(row('4', 'app'), row('5', 'app')),
  });
  await night(2, {
    grants: { rows: [], statements: [said('gap', ACCOUNT)] },
    new: { ...told(row('4', 'other'), row('6', 'app')), version: 2 },
  });
  await night(3, { grants: told(...grants, row('3', 'third')), new: { ...told(row('6', 'app'), row('4', 'other')), version: 2 } });
  const abandoned = await begin(store, 4);
  await open(store, abandoned, 4);
  await conclude(store, abandoned, 4, 'abandoned');
  await store.close();
  database = new Database(path, { readonly: true });
});
afterAll(() => void database.close());

const ask = (query: Partial<ChangeQuery> = {}) => [...readChanges(database, { tenant: TENANT, since: 0, until: 99, ...query })];
const short = ({ scan: at, about, change, kind, id, app }: FoundChange) =>
  `${at} ${about} ${change} ${kind} ${app}${about === 'fact' ? ` ${id}` : ''}`;

const LIST = [
  '5 finding resolved unapproved-ai-tool ai',
  '5 fact verified oauth_grant app g1',
  '5 fact returned oauth_grant app g2',
  '5 fact gone vendor_integration ai g3',
  '5 fact verified oauth_grant third g5',
  '4 finding unverified unapproved-ai-tool ai',
  '4 fact unverified oauth_grant app g1',
  '4 fact unverified vendor_integration ai g3',
  '4 fact unverified oauth_grant third g5',
  '3 fact gone oauth_grant app g2',
  '3 fact changed vendor_integration ai g3',
  '3 fact appeared oauth_grant third g5',
  '3 fact newly_seen oauth_grant other g7',
  '3 fact newly_seen oauth_grant app g8',
  '1 finding opened unapproved-ai-tool ai',
  '1 fact newly_seen oauth_grant app g1',
  '1 fact newly_seen oauth_grant app g2',
  '1 fact newly_seen vendor_integration ai g3',
];

describe('what changed', () => {
  test('is told of lists, the last scan first: findings, what became of what was known, and what is new', () => {
    expect(ask().map(short)).toEqual(LIST);
    expect(ask({ tenant: 'other' }).map(short)).toEqual(['2 fact newly_seen oauth_grant app g4']);
    expect(ask({ tenant: 'nobody' })).toEqual([]);
  });

  test('is told with the time, the place and the names', () => {
    const place = { connector: 'google-workspace', account: 'C01' };
    const [opened, first, second] = ask({ until: 1 });
    const finding = { scan: 1, at: dateOf(0).toISOString(), about: 'finding', change: 'opened', kind: 'unapproved-ai-tool', app: 'ai' };
    const name = 'AI tool that nobody approved: Claude (Name of ai)';
    expect(opened).toEqual({ ...finding, ...place, id: expect.stringMatching(/^[0-9a-f]{32}$/), name, holder: null });
    const fact = { scan: 1, at: dateOf(0).toISOString(), about: 'fact', change: 'newly_seen', kind: 'oauth_grant', app: 'app', ...place };
    expect(first).toEqual({ ...fact, id: 'g1', name: 'Name of 1', holder: 'Ada' });
    expect(second).toEqual({ ...fact, id: 'g2', name: 'Name of 2', holder: null });
  });

  test.each<[Partial<ChangeQuery>, (line: string) => boolean]>([
    [{ since: 3 }, (line) => line >= '4'],
    [{ until: 3 }, (line) => line < '4'],
    [{ about: 'finding' }, (line) => line.includes(' finding ')],
    [{ about: 'fact' }, (line) => line.includes(' fact ')],
    [{ changes: ['gone', 'newly_seen', 'opened'] }, (line) => / (?:gone|newly_seen|opened) /.test(line)],
    [{ changes: ['appeared'] }, (line) => line.includes(' appeared ')],
    [{ changes: [] }, () => false],
    [{ kind: 'vendor_integration' }, (line) => line.includes(' vendor_integration ')],
    [{ kind: 'unapproved-ai-tool' }, (line) => line.includes(' unapproved-ai-tool ')],
    [{ app: 'ai' }, (line) => / ai(?: |$)/.test(line)],
    [{ connector: 'google-workspace' }, () => true],
    [{ connector: 'github' }, () => false],
    [{ connector: ['github', 'google-workspace'] }, () => true],
    [{ connector: ['github', 'aws'] }, () => false],
    [{ account: 'C01' }, () => true],
    [{ account: 'C02' }, () => false],
    [{ product: 'anthropic/claude' }, (line) => / ai(?: |$)/.test(line)],
    [{ product: 'anthropic/claude', about: 'fact' }, (line) => line.includes(' fact ') && line.includes(' ai ')],
    [{ vendor: 'anthropic' }, (line) => / ai(?: |$)/.test(line)],
    [{ vendor: ['openai', 'anthropic'] }, (line) => / ai(?: |$)/.test(line)],
    [{ vendor: ['openai', 'anthro'] }, () => false],
    [{ app: 'third', changes: ['verified'], since: 4 }, (line) => line === LIST[4]],
  ])('is told where it fits %j', (query, fits) => {
    expect(ask(query).map(short)).toEqual(LIST.filter(fits));
  });

  test('goes on after any of it, without loss and without repetition', () => {
    const all = ask();
    for (const [index, { scan: at, id, change }] of all.entries())
      expect(ask({ after: { scan: at, id, change } }).map(short), LIST[index]).toEqual(LIST.slice(index + 1));
    const third = all[11]!;
    const after = { scan: third.scan, id: third.id, change: third.change };
    expect(ask({ after, about: 'fact', kind: 'oauth_grant' }).map(short)).toEqual(
      LIST.slice(12).filter((line) => line.includes(' oauth_grant ')),
    );
  });
});
