import { expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { defineCollector, type Connector, type Observation } from '../../src/connector/index.ts';
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

/** Lists keys, and reads a log of their use, as the judge knows it. */
const reader: Connector = {
  ...connector,
  collectors: [
    { ...collector, id: 'keys', mode: 'inventory', kinds: ['api_key'] },
    { ...collector, id: 'log', mode: 'log', kinds: ['api_key'], heldAgainst: ['keys'] },
  ],
};

/** States of the finding on some nights; the log is refused on those from a night on, and the list of keys always or never. */
async function states(nights: readonly number[], { logRefusedFrom = Infinity, listReadFrom = 0 } = {}) {
  const path = file();
  const store = openStore(path);
  const found: (string | undefined)[] = [];
  for (const night of nights) {
    const judge = createJudge({ catalog, policy: EMPTY_POLICY, connectors: [reader], now: dateOf(night) });
    const rows = night === 0 ? [observationRow(keyInUse, collector)] : [];
    const word = (refused: boolean) => [said(refused ? 'gap' : 'covered', ACCOUNT, dateOf(night), refused ? 'permission_denied' : '')];
    const log = { mode: 'log', rows, statements: word(night >= logRefusedFrom) } as const;
    await scan(store, night, { keys: { rows: [], statements: word(night < listReadFrom) }, log }, TENANT, judge);
    const reading = openReader(path);
    found.push(reading.findings({ tenant: TENANT, app: 'keys', states: ['open', 'resolved'], limit: -1 })[0]?.state);
    reading.close();
  }
  await store.close();
  return found;
}

test('a finding that rests on a trace ends when the trace is old and the log was read since, although nothing is new', async () => {
  expect(await states([0, 1, 89, 91])).toEqual(['open', 'open', 'open', 'resolved']);
});

test('it does not end by time alone: the log that is refused may hold more', async () => {
  expect(await states([0, 1, 89, 91, 200], { logRefusedFrom: 80 })).toEqual(['open', 'open', 'open', 'open', 'open']);
});

test('there is none where the list that would hold the key was refused', async () => {
  expect(await states([0, 1], { listReadFrom: 2 })).toEqual([undefined, undefined]);
});

test('there is one as soon as that list is read, although nothing is new of the app', async () => {
  expect(await states([0, 1, 2], { listReadFrom: 1 })).toEqual([undefined, 'open', 'open']);
});
