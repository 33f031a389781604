// One measurement: `floor` writes the finished rows with plain upserts, `scan` runs the engine over a collector that costs nothing,
// `judge` judges what a scan stored against a thousand approvals.
import { defineCollector, defineConnector, type Observation } from '../../src/connector/index.ts';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { EMPTY_POLICY, type Policy } from '../../src/policy/policy.ts';
import { runScan } from '../../src/scan/engine.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { observationRow } from '../../src/scan/rows.ts';
import { openDatabase } from '../../src/store/database.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { z } from 'zod';

const [what, size, file] = [process.argv[2], Number(process.argv[3]), process.argv[4]!];
const BATCH = 250;

const APPS = 500;
const appId = (app: number) => `${100_000_000_000 + app}-${scattered(app)}abcdefghijklmnopqrstuv.apps.googleusercontent.com`;

/** Grants in no order of their keys, as providers give them. */
function observation(number: number): Observation {
  const user = `1${scattered(number >> 2)}${scattered((number >> 2) + 7)}`;
  const app = appId(number % APPS);
  return {
    type: 'observation',
    thing: `grant/${user}/${app}`,
    nativeId: `grant/${user}/${app}/${number}`,
    kind: 'oauth_grant',
    scope: `customer/C01/user/${user}`,
    subject: { app, name: `App number ${number % APPS}` },
    principal: {
      id: user,
      name: `person.${number >> 2}@lanternworks.example`,
      traits: ['interactive_login', 'directory_person'],
      standing: 'active',
    },
    signals: [
      { type: 'oauth_client_id', value: app },
      { type: 'app_name', value: `App number ${number % APPS}` },
    ],
    permissions: ['https://www.googleapis.com/auth/drive.readonly', 'openid', 'email'],
    attributes: {},
    evidence: { source: 'directory.tokens.list' },
  };
}

/** Ten digits in no order, at next to no cost: what is measured is the store. */
function scattered(number: number): string {
  return (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString().padStart(10, '0');
}

const collector = defineCollector<object, object>({
  id: 'grants',
  title: 'Grants',
  version: 1,
  kinds: ['oauth_grant'],
  mode: 'inventory',
  operations: [],
  permissions: [],
  limits: [],
  volatile: [],
  requests: () => 0,
  async *collect({ account }) {
    for (let number = 0; number < size; number++) {
      yield observation(number);
      if (number % BATCH === BATCH - 1) yield { type: 'checkpoint', cursor: number };
    }
    yield { type: 'covered', scope: account.scope };
  },
});

const connector = defineConnector<object, object>({
  id: 'bench',
  title: 'Bench',
  config: z.strictObject({}),
  credentials: [],
  operations: [],
  collectors: [collector],
  connect: async () => ({ client: {}, account: { id: 'C01', name: 'C01', scope: 'customer/C01' } }),
  meaning: (permission) => ({ dataClass: 'files', access: 'read', plain: permission, known: true }),
  remediation: {},
});

async function scan(): Promise<void> {
  const store = openStore(file);
  const catalog = loadCatalog();
  const document = { hash: 'bench', content: 'bench' };
  await runScan({
    store,
    tenant: 'default',
    sources: [{ name: 'bench', connector, config: {} }],
    partial: false,
    clock: { now: () => new Date(), sleep: async () => {} },
    signal: new AbortController().signal,
    secret: () => {
      throw new Error('The bench has no secrets');
    },
    interest: () => 'unknown',
    judge: (now) => createJudge({ catalog, policy: EMPTY_POLICY, connectors: [connector], now }),
    documents: { config: document, catalog: document, policy: null },
    programVersion: 'bench',
    readers: '',
    actor: 'nobody',
  });
  await store.close();
}

/** Half of the approvals are of apps that are there, each in force and with a ceiling. */
const APPROVALS: Policy['approvals'] = Array.from({ length: 1000 }, (_, number) => ({
  apps: [appId(2 * number)],
  ceiling: { data: { files: 'read' } },
  owner: 'somebody',
  approver: 'somebody',
  reason: 'measured',
  decided: '2026-01-01',
}));

function judge(): void {
  const reader = openReader(file);
  const [scan] = reader.scans('default', 1);
  const policy = { ...EMPTY_POLICY, approvals: APPROVALS };
  reader.judgedAgain('default', scan!.id, createJudge({ catalog: loadCatalog(), policy, connectors: [connector], now: new Date() }));
  reader.close();
}

/** The same rows, columns, indexes and size of transaction, and nothing else: no staging, no conclusion, no judgement. */
function floor(): void {
  const database = openDatabase(file);
  database.exec(
    `INSERT INTO collector (tenant, connector, account, account_scope, collector, mode) VALUES ('default', 'bench', 'C01', 'customer/C01', 'grants', 'inventory')`,
  );
  const upsert = database.prepare(
    `INSERT INTO observation (collector_id, native_id, thing, kind, scope, app_id, principal_id, state, first_scan, state_scan, body_scan, fingerprint, body, volatile)
     VALUES (1, @nativeId, @thing, @kind, @scope, @appId, @principalId, 'present', 1, 1, 1, @fingerprint, @body, @volatile)
     ON CONFLICT (collector_id, native_id) DO UPDATE SET fingerprint = excluded.fingerprint, body = excluded.body, volatile = excluded.volatile`,
  );
  const write = database.transaction((from: number) => {
    for (let number = from; number < Math.min(size, from + BATCH); number++) upsert.run(observationRow(observation(number), collector));
  });
  for (let from = 0; from < size; from += BATCH) write(from);
  database.close();
}

const before = process.cpuUsage();
const started = process.hrtime.bigint();
if (what === 'floor') floor();
else if (what === 'judge') judge();
else await scan();
const used = process.cpuUsage(before);
console.log(
  JSON.stringify({
    seconds: Number(process.hrtime.bigint() - started) / 1e9,
    cpuSeconds: (used.user + used.system) / 1e6,
    rssMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
);
