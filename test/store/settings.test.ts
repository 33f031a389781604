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

const catalog = loadCatalog();
const connector = await loadConnector('google-workspace');
const collector = defineCollector<object, object>({ ...connector.collectors[0]!, volatile: [] });
const file = temporaryFolder();

const PLACE = { region: 'eu-central-1' };
const common = { type: 'observation', permissions: [], evidence: { source: 'test' } } as const;
const calls: Observation = {
  ...common,
  thing: 'invocation/1',
  nativeId: 'invocation/1',
  kind: 'usage',
  scope: `${ACCOUNT}/calls/1`,
  subject: { app: 'caller', name: 'ChatGPT' },
  signals: [{ type: 'app_name', value: 'ChatGPT' }],
  lastUsedAt: { at: dateOf(-1).toISOString(), from: 'log' },
  attributes: PLACE,
};
const logging = (callsLogged: boolean): Observation => ({
  ...common,
  thing: 'invocation_logging/eu-central-1',
  nativeId: 'invocation_logging/eu-central-1',
  kind: 'control',
  scope: `${ACCOUNT}/settings/1`,
  subject: { app: 'invocation_logging/eu-central-1', name: 'logging' },
  signals: [],
  attributes: { ...PLACE, callsLogged },
});

test('a setting that alone has changed judges the AI of its account again; that it cannot be read closes nothing', async () => {
  const path = file();
  const store = openStore(path);
  const nights = [
    { settings: [logging(true)], read: true },
    { settings: [logging(false)], read: true },
    { settings: [], read: false },
    { settings: [logging(false)], read: true },
    { settings: [], read: true },
  ];
  const found: [string[], string[]][] = [];
  for (const [at, { settings, read }] of nights.entries()) {
    const judge = createJudge({ catalog, policy: EMPTY_POLICY, connectors: [connector], now: dateOf(at) });
    const rows = (...observations: Observation[]) => observations.map((one) => observationRow(one, collector));
    const told = {
      calls: { mode: 'log' as const, rows: rows(calls), statements: [said('covered', `${ACCOUNT}/calls`)] },
      settings: { rows: rows(...settings), statements: [said(read ? 'covered' : 'gap', `${ACCOUNT}/settings`)] },
    };
    const { scanId } = await scan(store, at, told, TENANT, judge);
    const reader = openReader(path);
    const rules = (findings: readonly { rule: string }[]) =>
      findings.map(({ rule }) => rule).filter((rule) => rule === 'model-calls-unlogged');
    found.push([rules(reader.findings({ tenant: TENANT, limit: -1 })), rules(reader.judgedAgain(TENANT, scanId, judge))]);
    reader.close();
  }
  await store.close();
  const [none, unlogged] = [[], ['model-calls-unlogged']];
  expect(found).toEqual([none, unlogged, unlogged, unlogged, none].map((rules) => [rules, rules]));
});
