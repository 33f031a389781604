import { expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { defineCollector, type Observation } from '../../src/connector/index.ts';
import { EMPTY_POLICY } from '../../src/policy/policy.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { observationRow } from '../../src/scan/rows.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { ACCOUNT, dateOf, said, scan, temporaryFolder, TENANT } from './facts.ts';

const file = temporaryFolder();
const catalog = loadCatalog();
const connector = await loadConnector('google-workspace');
const collector = defineCollector<object, object>({ ...connector.collectors[0]!, volatile: [] });

const keyInUse: Observation = {
  type: 'observation',
  thing: 'key_use/ada',
  nativeId: 'key_use/ada',
  kind: 'api_key',
  scope: `${ACCOUNT}/use`,
  subject: { app: 'keys', name: 'ada' },
  principal: { id: 'ada', name: 'ada', traits: [] },
  signals: [],
  permissions: [],
  lastUsedAt: { at: dateOf(0).toISOString(), from: 'log' },
  attributes: { seenInUse: true },
  evidence: { source: 'test' },
};

test('a finding that rests on a trace ends when the trace is old, although nothing is new', async () => {
  const path = file();
  const store = openStore(path);
  const states: (string | undefined)[] = [];
  for (const night of [0, 1, 89, 91]) {
    const judge = createJudge({ catalog, policy: EMPTY_POLICY, connectors: [connector], now: dateOf(night) });
    const rows = night === 0 ? [observationRow(keyInUse, collector)] : [];
    await scan(store, night, { log: { mode: 'log', rows, statements: [said('covered', ACCOUNT)] } }, TENANT, judge);
    const reader = openReader(path);
    states.push(reader.findings({ tenant: TENANT, app: 'keys', states: ['open', 'resolved'], limit: -1 })[0]?.state);
    reader.close();
  }
  await store.close();
  expect(states).toEqual(['open', 'open', 'open', 'resolved']);
});
