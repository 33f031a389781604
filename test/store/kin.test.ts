import { expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { defineCollector, type Observation, type Signal } from '../../src/connector/index.ts';
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
const CLIENT = 'client-of-the-app';

const fact = (app: string, signals: readonly Signal[]): Observation => ({
  type: 'observation',
  thing: `grant/${app}`,
  nativeId: `grant/${app}`,
  kind: 'vendor_integration',
  scope: `${ACCOUNT}/${app}`,
  subject: { app, name: app },
  signals,
  permissions: [],
  attributes: {},
  evidence: { source: 'test' },
});
// The one that acts comes first by its id, and is judged last.
const acting = fact('a-provider', [{ type: 'acts_as_client', value: CLIENT }]);
const known = fact('the-app', [
  { type: 'github_client_id', value: CLIENT },
  { type: 'domain', value: 'claude.ai' },
]);
const unsure = fact('the-app', [
  { type: 'github_client_id', value: CLIENT },
  { type: 'app_name', value: 'Claude' },
]);

const CLAUDE = `anthropic/claude: Matched (likely): acts as ${CLIENT}, the client of the-app at google-workspace, account C01`;

/** What the one that acts is taken for, on each night, and the events of its findings. */
async function live(...nights: readonly (readonly Observation[])[]) {
  const path = file();
  const store = openStore(path);
  const taken: (string | null)[] = [];
  for (const [at, facts] of nights.entries()) {
    const judge = createJudge({ catalog, policy: EMPTY_POLICY, connectors: [connector], now: dateOf(at) });
    const rows = facts.map((one) => observationRow(one, collector));
    await scan(store, at, { grants: { rows, statements: [said('covered', ACCOUNT)] } }, TENANT, judge);
    const reader = openReader(path);
    const found = reader.findings({ tenant: TENANT, app: 'a-provider', limit: -1 });
    const told = found[0] && (JSON.parse(found[0].body) as { details: string[] });
    taken.push(told ? `${found[0]!.product}: ${told.details.join()}` : null);
    reader.close();
  }
  await store.close();
  return taken;
}

test('what acts under the client id of an app is of its product, whichever of them was judged first', async () => {
  expect(await live([acting, known])).toEqual([CLAUDE]);
});

test('it follows what becomes of the app, although nothing is new of itself', async () => {
  expect(await live([acting], [acting, known], [acting], [acting, known])).toEqual([null, CLAUDE, null, CLAUDE]);
});

test('an app that is known by its name alone vouches for nothing', async () => {
  expect(await live([acting, unsure])).toEqual([null]);
});
