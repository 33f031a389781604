import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../src/catalog/catalog.ts';
import type { Observation } from '../../src/connector/index.ts';
import { defineCollector } from '../../src/connector/index.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { observationRow } from '../../src/scan/rows.ts';
import { openReader, type Lately } from '../../src/store/read.ts';
import type { ObservationRow } from '../../src/store/rows.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { ACCOUNT, begin, conclude, dateOf, open, said, temporaryFolder, TENANT } from './facts.ts';

const file = temporaryFolder();
const google = await loadConnector('google-workspace');
const collector = defineCollector<object, object>({ ...google.collectors[0]!, id: 'grants', volatile: [] });
const catalog = createCatalog({
  hash: 'h',
  products: { 'acme/brain': ['Brain', 'Acme', 'assistants', 'ai'] },
  claims: { oauth_client_id: { 'app-1': 'acme/brain' } },
});

function row(app: string): ObservationRow {
  const observation: Observation = {
    type: 'observation',
    thing: `grant/${app}`,
    nativeId: `grant/${app}`,
    kind: 'oauth_grant',
    scope: `${ACCOUNT}/user/1`,
    subject: { app, name: app },
    signals: [{ type: 'oauth_client_id', value: app }],
    permissions: [],
    attributes: {},
    evidence: { source: 'test' },
  };
  return observationRow(observation, collector);
}

interface Night {
  apps: readonly string[];
  read?: 'covered' | 'gap';
  partial?: boolean;
  policy?: string;
}

async function live(nights: readonly Night[]): Promise<Lately | undefined> {
  const path = file();
  const store: Store = openStore(path);
  for (const [at, { apps, read = 'covered', partial = false, policy }] of nights.entries()) {
    if (policy !== undefined) await store.keepDocument('policy', policy, `{"text": "${policy}"}`);
    const scanId = await begin(store, at, TENANT, { partial, policyHash: policy ?? null });
    const reading = await open(store, scanId, at);
    await store.commitBatch(reading, { rows: apps.map(row), statements: [said(read, ACCOUNT, dateOf(at))] });
    await store.endReading(reading, 'ended', dateOf(at));
    await conclude(store, scanId, at, 'concluded', createJudge({ catalog, policy: EMPTY_POLICY, connectors: [google], now: dateOf(at) }));
  }
  await store.close();
  const reader = openReader(path);
  try {
    return reader.lately(TENANT, 3);
  } finally {
    reader.close();
  }
}

const ids = (lately: Lately | undefined) => lately?.apps.map(({ appId }) => appId);

describe('what was seen lately', () => {
  test('is nothing before the first scan', async () => {
    expect(await live([])).toBeUndefined();
  });

  test('is every app of the last three scans, and no app that went before them', async () => {
    const nights = [{ apps: ['app-0', 'app-1', 'app-2'] }, { apps: ['app-1', 'app-2'] }, { apps: ['app-1'] }, { apps: ['app-1'] }];
    const lately = await live(nights);
    expect([lately!.scans, ids(lately)]).toEqual([3, ['app-1', 'app-2']]);
    expect(lately!.apps[0]).toEqual({
      connector: 'google-workspace',
      account: 'C01',
      appId: 'app-1',
      product: 'acme/brain',
      grade: 'exact',
    });
  });

  test('says of an account that it was read whole only where it was each time', async () => {
    const whole = async (...reads: ('covered' | 'gap')[]) => (await live(reads.map((read) => ({ apps: ['app-1'], read }))))!.accounts;
    const account = { connector: 'google-workspace', account: 'C01' };
    expect(await whole('gap', 'covered', 'covered', 'covered')).toEqual([{ ...account, whole: true }]);
    expect(await whole('covered', 'gap', 'covered')).toEqual([{ ...account, whole: false }]);
    expect((await live([{ apps: [] }]))!.scans).toBe(1);
  });

  test('leaves out scans of some sources, and tells the policy of the first that counts', async () => {
    const lately = await live([
      { apps: ['app-1'], policy: 'p0' },
      { apps: ['app-1'], policy: 'p1' },
      { apps: ['app-1'], partial: true, read: 'gap', policy: 'p2' },
      { apps: ['app-1'] },
      { apps: ['app-1'], policy: 'p3' },
    ]);
    expect([lately!.scans, lately!.accounts[0]!.whole, lately!.policy]).toEqual([3, true, '{"text": "p1"}']);
  });
});
