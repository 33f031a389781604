// A database as two nights of a large organisation leave it, written straight into the tables: 1,000,000 observations, 50,000 findings.
import { observationRow } from '../../src/scan/rows.ts';
import { RULES } from '../../src/policy/rules.ts';
import { openDatabase } from '../../src/store/database.ts';

export interface World {
  observations: number;
  findings: number;
}

/** One finding in two apps; each app has as many grants as fit. */
export const appsOf = ({ findings }: World) => findings / 2;
export const appId = (number: number) =>
  `${100_000_000_000 + number}-${scattered(number)}abcdefghijklmnopqrstuv.apps.googleusercontent.com`;
export const holderId = (number: number) => `1${scattered(number)}${scattered(number + 7)}`;
export const VENDORS = 400;
export const productOf = (app: number) => `vendor${app % VENDORS}/product${app % 1_600}`;
const VERDICTS = ['ai', 'ai', 'suspected', 'unknown'];
const SEVERITIES = ['low', 'medium', 'high', 'critical'];

/** Ten digits in no order, at next to no cost. */
function scattered(number: number): string {
  return (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString().padStart(10, '0');
}

export function writeWorld(file: string, world: World): void {
  const database = openDatabase(file);
  database.pragma('synchronous = OFF');
  const apps = appsOf(world);
  database.exec(`
    INSERT INTO scan (id, tenant, state, started_at, ended_at, config_hash, catalog_hash, program_version, judged, judged_at) VALUES
      (1, 'default', 'concluded', '2026-11-01T02:00:00.000Z', '2026-11-01T03:00:00.000Z', 'c', 'k', '0', 1, '2026-11-01T03:00:00.000Z'),
      (2, 'default', 'concluded', '2026-11-02T02:00:00.000Z', '2026-11-02T03:00:00.000Z', 'c', 'k', '0', 1, '2026-11-02T03:00:00.000Z');
    INSERT INTO collector (id, tenant, connector, account, account_scope, collector, mode) VALUES
      (1, 'default', 'google-workspace', 'C01', 'customer/C01', 'grants', 'inventory');
    INSERT INTO reading (scan_id, collector_id, source, version, state, started_at, first) VALUES
      (1, 1, 'workspace', 1, 'ended', '2026-11-01T02:00:00.000Z', 1), (2, 1, 'workspace', 1, 'ended', '2026-11-02T02:00:00.000Z', 0);`);
  const observe = database.prepare(
    `INSERT INTO observation (collector_id, native_id, thing, kind, scope, app_id, principal_id, state, first_scan, state_scan, body_scan, fingerprint, body, volatile)
     VALUES (1, @nativeId, @thing, @kind, @scope, @appId, @principalId, 'present', @scan, @scan, @scan, @fingerprint, @body, @volatile)`,
  );
  const integrate = database.prepare(
    `INSERT INTO integration (tenant, connector, account, app_id, name, product, verdict, grade, state, first_scan, body_scan, body)
     VALUES ('default', 'google-workspace', 'C01', @app, @name, @product, @verdict, 'exact', 'present', @scan, @scan, @body)`,
  );
  const find = database.prepare(
    `INSERT INTO finding (key, tenant, connector, account, rule, app_id, product, severity, rank, state, first_scan, state_scan, body_scan, title, body)
     VALUES (@key, 'default', 'google-workspace', 'C01', @rule, @app, @product, @severity, @rank, @state, @scan, @scan, @scan, @title, @body)`,
  );
  const happen = database.prepare(`INSERT INTO finding_event (scan_id, key, event) VALUES (@scan, @key, 'opened')`);
  const inBatches = (count: number, write: (number: number) => void) => {
    const batch = database.transaction((from: number) => {
      for (let number = from; number < Math.min(count, from + 10_000); number++) write(number);
    });
    for (let from = 0; from < count; from += 10_000) batch(from);
  };
  // One in a hundred came on the second night.
  inBatches(world.observations, (number) =>
    observe.run({ ...observationRow(observation(number, apps), { volatile: [] }), scan: number >= world.observations * 0.99 ? 2 : 1 }),
  );
  inBatches(apps, (number) =>
    integrate.run({
      app: appId(number),
      name: `App number ${number}`,
      product: number % 4 === 3 ? null : productOf(number),
      verdict: VERDICTS[number % 4]!,
      scan: number >= apps * 0.99 ? 2 : 1,
      body: JSON.stringify(integrationBody(number)),
    }),
  );
  const rules = Object.keys(RULES);
  inBatches(world.findings, (number) => {
    const app = number >> 1;
    const key = `${scattered(number)}${scattered(number + 3)}`
      .replaceAll(/\d/g, (digit) => (Number(digit) + 5).toString(16))
      .padEnd(32, 'a');
    const rule = rules[(number * 7) % rules.length]!;
    const scan = number >= world.findings * 0.99 ? 2 : 1;
    const severity = SEVERITIES[number % 4]!;
    find.run({
      key,
      rule,
      app: appId(app),
      product: app % 4 === 3 ? null : productOf(app),
      severity,
      rank: (1 + (number % 4)) * 1_000_000 + ((number * 13) % 40) * 1_000 + (number % 300),
      state: number % 10 === 9 ? 'resolved' : 'open',
      scan,
      title: `AI tool that nobody approved: App number ${app}`,
      body: JSON.stringify(findingBody(app)),
    });
    happen.run({ scan, key });
  });
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

/** What a finding says: as long as those of the demo. */
function findingBody(app: number) {
  const holders = {
    count: 40,
    some: [0, 1, 2, 3, 4].map((one) => `person.${app + one}@lanternworks.example`),
    leavers: 0,
    administrators: 0,
  };
  return {
    why: 'It has access, and no approval, owner or review stands behind it.',
    details: [`Matched (exact): oauth_client_id ${appId(app)}`, `Matched (likely): calls itself "app number ${app}"`],
    product: productOf(app),
    productName: `Product ${app % 1_600}`,
    match: { grade: 'exact', reasons: [`oauth_client_id ${appId(app)}`], flags: [] },
    can: ['Read files in Drive (restricted by Google)', 'Read mail (restricted by Google)', 'Read name and address of the user'],
    holders,
    things: { count: 40, unverified: 0 },
    since: { at: '2026-06-01T00:00:00.000Z', from: 'log' },
    lastUsed: 'unknown',
    risk: [{ points: 12, why: 'It can read files in Drive' }],
    taken: '0',
    remedy: 'Remove the access in the admin console, under Security, API controls, App access control.',
    approve: {
      product: productOf(app),
      apps: [appId(app)],
      connectors: ['google-workspace'],
      accounts: ['C01'],
      ceiling: { data: { files: 'read' } },
    },
    deny: { product: productOf(app), apps: [appId(app)], connectors: ['google-workspace'], accounts: ['C01'], reason: 'WHY' },
  };
}

function integrationBody(app: number) {
  return {
    match: {
      verdict: 'ai',
      grade: 'exact',
      product: productOf(app),
      productName: `Product ${app % 1_600}`,
      vendor: `Vendor ${app % VENDORS}`,
      reasons: [],
    },
    kinds: ['oauth_grant'],
    reach: [
      {
        dataClass: 'files',
        access: 'read',
        plain: 'Read files in Drive (restricted by Google)',
        permissions: ['drive.readonly'],
        known: true,
      },
      { dataClass: 'profile', access: 'read', plain: 'Read name and address of the user', permissions: ['openid'], known: true },
    ],
    holders: { count: 40, some: [`person.${app}@lanternworks.example`], leavers: 0, administrators: 0 },
    since: 'unknown',
    lastUsed: 'unknown',
  };
}

function observation(number: number, apps: number) {
  const person = number >> 3;
  const user = holderId(person);
  const app = appId((number * 7) % apps);
  return {
    type: 'observation',
    thing: `grant/${user}/${app}`,
    nativeId: `grant/${user}/${app}/${number}`,
    kind: 'oauth_grant',
    scope: `customer/C01/user/${user}`,
    subject: { app, name: `App number ${(number * 7) % apps}` },
    principal: {
      id: user,
      name: `person.${person}@lanternworks.example`,
      traits: ['interactive_login', 'directory_person'],
      standing: person % 200 === 0 ? 'suspended' : 'active',
    },
    signals: [{ type: 'oauth_client_id', value: app }],
    permissions: ['https://www.googleapis.com/auth/drive.readonly', 'openid', 'email'],
    attributes: {},
    evidence: { source: 'directory.tokens.list' },
  } as const;
}
