import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { type Kind, type Observation } from '../../src/connector/index.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { observationRow } from '../../src/scan/rows.ts';
import type { FindingJudge } from '../../src/store/judgement.ts';
import { openStore } from '../../src/store/store.ts';
import { finds, grantOf } from '../scan/invented.ts';
import { ACCOUNT, dateOf, said, scan, temporaryFolder, TENANT } from './facts.ts';

const file = temporaryFolder();
const catalog = loadCatalog();
const google = await loadConnector('google-workspace');
const collector = finds('grants', [], { volatile: ['bytes'] });

const fact = (id: string, kind: Kind, app: string, more: Partial<Observation> = {}): Observation =>
  grantOf(`${ACCOUNT}/${kind}/${id}`, id, { kind, subject: { app, name: app }, ...more });
const held = (by: string) => ({ principal: { id: by, name: by, traits: ['interactive_login' as const] } });
const AI = { signals: [{ type: 'domain', value: 'claude.ai' }] };

/** Two apps that Ada holds, one of Ben's, one that is known as AI, and what stands around them. */
const GRANTS = [
  fact('1', 'oauth_grant', 'first', held('ada')),
  fact('2', 'oauth_grant', 'second', held('ada')),
  fact('3', 'oauth_grant', 'third', held('ben')),
  fact('4', 'vendor_integration', 'ai', AI),
];
const AROUND = [fact('ada', 'identity', 'directory/ada', held('ada')), fact('setting', 'control', 'settings')];
const KEYS = [fact('key', 'api_key', 'keys', held('robot')), fact('trust', 'trust', 'trusts', held('robot'))];
const ALL = [...GRANTS, ...AROUND, ...KEYS];

/** Which apps are judged on the last of these nights. `refused` = what was there could not be read on that night. */
async function judged(nights: readonly (readonly Observation[])[], last: 'read' | 'refused' = 'read'): Promise<string[]> {
  const store = openStore(file());
  let apps: string[] = [];
  for (const [at, facts] of nights.entries()) {
    apps = [];
    const judge = createJudge({ catalog, policy: EMPTY_POLICY, connectors: [google], now: dateOf(at) });
    const watched: FindingJudge = {
      ...judge,
      judge(app, observations, around) {
        apps.push(app.appId);
        return judge.judge(app, observations, around);
      },
    };
    const isRefused = at === nights.length - 1 && last === 'refused';
    const rows = facts.map((one) => observationRow(one, collector));
    await scan(store, at, { grants: { rows, statements: [said(isRefused ? 'gap' : 'covered', ACCOUNT, dateOf(at))] } }, TENANT, watched);
  }
  await store.close();
  return apps.toSorted();
}

const but = (id: string, more?: Partial<Observation>) =>
  ALL.flatMap((one) => (one.nativeId !== id ? [one] : more ? [{ ...one, ...more }] : []));
const OTHERWISE = { attributes: { says: 'otherwise' } };

describe('of the apps that are stored, a night judges', () => {
  test('all on the first night', async () => {
    expect(await judged([ALL])).toEqual(['ai', 'first', 'keys', 'second', 'third', 'trusts']);
  });

  test.each<[string, readonly Observation[], readonly string[]]>([
    ['none, where all is as it was', ALL, []],
    ['the one that is new', [...ALL, fact('5', 'oauth_grant', 'fifth')], ['fifth']],
    ['the one that is gone', but('1'), ['first']],
    ['the one of which something is otherwise', but('1', OTHERWISE), ['first']],
    ['the one of which something moves every night', but('1', { attributes: { bytes: 7 } }), ['first']],
    ['both, where something passed from one to another', but('1', { subject: { app: 'other', name: 'other' } }), ['first', 'other']],
    ['those of a person who is listed otherwise, and what is known as AI', but('ada', OTHERWISE), ['ai', 'first', 'second']],
    ['those of a person who is listed no more, and what is known as AI', but('ada'), ['ai', 'first', 'second']],
    ['those of both, where a place in the list passed on to another', but('ada', held('ben')), ['ai', 'first', 'second', 'third']],
    ['what is known as AI, where a setting is otherwise', but('setting', OTHERWISE), ['ai']],
    ['what is known as AI, where a setting is gone', but('setting'), ['ai']],
    ['what acts as the same identity, where one of them is otherwise', but('key', OTHERWISE), ['keys', 'trusts']],
    ['what acts as the same identity, where one of them is gone', but('key'), ['keys', 'trusts']],
    ['what acts as either identity, where a key passed on', but('key', held('other')), ['keys', 'trusts']],
    ['one that people hold, and not the others of that person', but('2'), ['second']],
  ])('%s', async (_title, tonight, apps) => {
    expect(await judged([ALL, tonight])).toEqual(apps);
  });

  test('all of which it could not read what they had, once, and again when it can', async () => {
    const all = ['ai', 'first', 'keys', 'second', 'third', 'trusts'];
    expect(await judged([ALL, []], 'refused')).toEqual(all);
    expect(await judged([ALL, ALL, ALL], 'refused')).toEqual([]);
    expect(await judged([ALL, [], ALL])).toEqual(all);
  });
});
