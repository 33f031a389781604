// One measurement: `floor` writes the finished rows with plain upserts, `scan` runs the engine over a collector that costs nothing,
// `judge` judges what a scan stored against a thousand approvals. With `company` as the world, every fifth app is an AI tool of the catalog,
// which comes to one of two accounts later than to the other, asks for more from the second night on, and is held by some who have left.
import { defineCollector, defineConnector, type Observation } from '../../src/connector/index.ts';
import { loadCatalog, readCompiled } from '../../src/catalog/catalog.ts';
import { EMPTY_POLICY, type Policy } from '../../src/policy/policy.ts';
import { runScan } from '../../src/scan/engine.ts';
import { createJudge } from '../../src/scan/judge.ts';
import { observationRow } from '../../src/scan/rows.ts';
import { openDatabase } from '../../src/store/database.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { existsSync } from 'node:fs';
import { z } from 'zod';

const [what, size, file] = [process.argv[2], Number(process.argv[3]), process.argv[4]!];
const isCompany = process.argv[5] === 'company';
/** Counted from 1. */
const night = existsSync(file) && what === 'scan' ? 2 : 1;
const BATCH = 250;

const APPS = 500;
const appId = (app: number) => `${100_000_000_000 + app}-${scattered(app)}abcdefghijklmnopqrstuv.apps.googleusercontent.com`;

/** Domains by which the catalog alone knows AI tools. */
const TOOLS = isCompany ? toolsOf(readCompiled()) : [];

function toolsOf({ claims, products }: ReturnType<typeof readCompiled>): string[] {
  return Object.entries(claims['domain'] ?? {}).flatMap(([domain, claim]) =>
    typeof claim === 'string' && products[claim]?.[3] === 'ai' ? [domain] : [],
  );
}

function toolOf(app: number): string | undefined {
  return app % 5 === 0 ? TOOLS[app / 5] : undefined;
}

const DRIVE = 'https://www.googleapis.com/auth/drive';

/** Grants in no order of their keys, as providers give them. */
function observation(number: number, account = 'C01'): Observation {
  const user = `1${scattered(number >> 2)}${scattered((number >> 2) + 7)}`;
  const app = appId(number % APPS);
  const domain = toolOf(number % APPS);
  const mayWrite = isCompany && night === 2 && number % 50 === 0;
  return {
    type: 'observation',
    thing: `grant/${user}/${app}`,
    nativeId: `grant/${user}/${app}/${number}`,
    kind: 'oauth_grant',
    scope: `customer/${account}/user/${user}`,
    subject: { app, name: `App number ${number % APPS}` },
    principal: {
      id: user,
      name: `person.${number >> 2}@lanternworks.example`,
      traits: ['interactive_login', 'directory_person'],
      standing: isCompany && (number >> 2) % 100 === 0 ? 'suspended' : 'active',
    },
    signals: [
      { type: 'oauth_client_id', value: app },
      { type: 'app_name', value: `App number ${number % APPS}` },
      ...(domain === undefined ? [] : [{ type: 'domain' as const, value: domain }]),
    ],
    permissions: [mayWrite ? DRIVE : `${DRIVE}.readonly`, 'openid', 'email'],
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
      if (number % BATCH === BATCH - 1) yield { type: 'checkpoint', cursor: number };
      if (isCompany && isOfSecond(number) !== (account.id === 'C02')) continue;
      // The tools of the second account came on the second night.
      if (isCompany && night === 1 && isOfSecond(number) && toolOf(number % APPS) !== undefined) continue;
      yield observation(number, account.id);
    }
    yield { type: 'covered', scope: account.scope };
  },
});

/** Every second person is of the second account. */
const isOfSecond = (number: number) => (number >> 2) % 2 === 1;

const connector = defineConnector<{ account: string }, object>({
  id: 'bench',
  title: 'Bench',
  config: z.strictObject({ account: z.string() }),
  credentials: [],
  operations: [],
  collectors: [collector],
  connect: async ({ config: { account: id } }) => ({ client: {}, account: { id, name: id, scope: `customer/${id}` } }),
  meaning: (permission) => ({ dataClass: 'files', access: permission === DRIVE ? 'write' : 'read', plain: permission, known: true }),
  remediation: {},
});

async function scan(): Promise<void> {
  const store = openStore(file);
  const catalog = loadCatalog();
  const document = { hash: 'bench', content: 'bench' };
  await runScan({
    store,
    tenant: 'default',
    sources: (isCompany ? ['C01', 'C02'] : ['C01']).map((account) => ({ name: account, connector, config: { account } })),
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

/** Half of the approvals are of apps that are there. In a company some of these have ended, are due, are exceeded, or say nothing of how much. */
const approvals = (): Policy['approvals'] =>
  Array.from({ length: 1000 }, (_, number) => ({
    apps: [appId(isCompany ? number : 2 * number)],
    ...(!isCompany || number % 20 !== 0 ? { ceiling: { data: { files: 'read' as const } } } : {}),
    ...(isCompany && number % 35 === 0 && { expires: '2026-01-31' }),
    ...(isCompany && number % 25 === 0 && { review: '2026-01-31' }),
    owner: 'somebody',
    approver: 'somebody',
    reason: 'measured',
    decided: '2026-01-01',
  }));

/** Answers how many findings there are, by rule. */
function judge(): Record<string, number> {
  const reader = openReader(file);
  const [scan] = reader.scans('default', 1);
  // A third of the tools of a company is undecided.
  const policy = { ...EMPTY_POLICY, approvals: isCompany ? approvals().filter((_, number) => number % 3 !== 0) : approvals() };
  const judged = reader.judgedAgain(
    'default',
    scan!.id,
    createJudge({ catalog: loadCatalog(), policy, connectors: [connector], now: new Date() }),
  );
  reader.close();
  const rules = Map.groupBy(judged, ({ rule }) => rule);
  return Object.fromEntries([...rules].map(([rule, { length }]) => [rule, length]));
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
let findings: Record<string, number> | undefined;
if (what === 'floor') floor();
else if (what === 'judge') findings = judge();
else await scan();
const used = process.cpuUsage(before);
console.log(
  JSON.stringify({
    seconds: Number(process.hrtime.bigint() - started) / 1e9,
    cpuSeconds: (used.user + used.system) / 1e6,
    rssMegabytes: process.resourceUsage().maxRSS / 1024,
    ...(findings && { findings }),
  }),
);
