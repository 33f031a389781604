import { hash } from 'node:crypto';
import { grownBeyond, sightedIn, type Sighted } from '../../src/policy/acknowledgement.ts';
import type { FindingBody } from '../../src/policy/findings.ts';
import { findingKey, transition } from '../../src/policy/findings.ts';
import type { FindingRow, Severity } from '../../src/policy/judged.ts';
import { EMPTY_POLICY, policySchema, type Approval, type Policy } from '../../src/policy/policy.ts';
import type { FindingJudge } from '../../src/store/judgement.ts';
import type { Store } from '../../src/store/store.ts';
import type { Access } from '../../src/connector/index.ts';
import { createPlanner } from '../../src/tickets/plan.ts';
import type { TicketSettings } from '../../src/tickets/settings.ts';
import type { TicketPlanner } from '../../src/tickets/world.ts';
import { ACCOUNT, begin, conclude, fact, open, said } from '../store/facts.ts';

/** One app on one night. */
export interface AppTonight {
  /** Absent = it is not there. */
  holders?: number;
  /** Its place was read. */
  read: boolean;
  severity?: Severity;
  rule?: FindingRow['rule'];
  /** What it calls itself. */
  name?: string;
  /** The product that the catalog knows it as, from that night on. */
  product?: string;
  approved?: boolean;
  /** What stands in its approval besides. */
  approval?: Partial<Approval>;
  /** It is approved, and the rule says something all the same: without a rule, that it exceeds its approval. */
  beyond?: boolean;
  excepted?: boolean;
  administrators?: number;
  /** The most that it can do to each class of data; absent = it reads files. */
  data?: Readonly<Record<string, Access>>;
  /** Where it is; absent = in the one account that all are in. */
  at?: { connector: string; account: string };
  /** What else is listed in the account that night, by a collector of its own, whether its place was read, and whether it is the app's own. */
  listed?: { kind: 'control' | 'identity'; read: boolean; own?: boolean };
}

export const SETTINGS: TicketSettings = {
  sinks: [{ name: 'queue', minimumSeverity: 'low' }],
  openExisting: true,
  maxCreatePerRun: 25,
  resolveAfter: 2,
  snoozeDays: 14,
  reopenWindowDays: 90,
};

/** What the policy says on such a night. */
export function policyOf(apps: Readonly<Record<string, AppTonight>>): Policy {
  const approvals = Object.entries(apps).flatMap(([app, { approved, approval }]) =>
    approved ? [{ apps: [app], owner: `owner of ${app}`, approver: 'a', reason: 'r', ...approval }] : [],
  );
  return { ...EMPTY_POLICY, approvals };
}

export function plannerOf(apps: Readonly<Record<string, AppTonight>>, now: Date, settings: TicketSettings = SETTINGS): TicketPlanner {
  return createPlanner(settings, { current: policyOf(apps), earlier: (text) => policySchema.parse(JSON.parse(text)) }, now);
}

const HOLDER = 'user/ada';

/** A whole scan, judged by rules as simple as can be: what is there and not approved is a finding. */
export async function scanNight(
  store: Store,
  tenant: string,
  night: number,
  apps: Readonly<Record<string, AppTonight>>,
  options: { settings?: TicketSettings; now?: Date; planner?: TicketPlanner | 'none' } = {},
): Promise<number> {
  const now = options.now ?? new Date(Date.parse('2026-11-02T02:00:00Z') + night * 86_400_000);
  const policy = JSON.stringify(policyOf(apps));
  const policyHash = hash('sha256', policy);
  await store.keepDocument('policy', policyHash, policy);
  const scanId = await begin(store, night, tenant, { policyHash });
  const reading = await open(store, scanId, night, 'grants');
  const place = (app: string) => `${ACCOUNT}/user/${app}`;
  const there = Object.entries(apps).filter(([, { holders, read, at }]) => holders !== undefined && read && !at);
  await store.commitBatch(reading, {
    rows: there.map(([app, { name, holders }]) => ({
      ...fact(`grant of ${app}`, { app, scope: place(app), says: `${name ?? app} ${holders}` }),
      principalId: HOLDER,
    })),
    statements: [said('covered', ACCOUNT), ...Object.entries(apps).flatMap(([app, { read }]) => (read ? [] : [said('gap', place(app))]))],
  });
  await store.endReading(reading, 'ended', now);
  for (const [app, { at }] of Object.entries(apps)) {
    if (!at) continue;
    const elsewhere = await open(store, scanId, night, 'grants', at);
    const scope = `customer/${at.account}`;
    const row = { ...fact(`grant of ${app} elsewhere`, { app, scope: `${scope}/user/${app}` }), principalId: HOLDER };
    await store.commitBatch(elsewhere, { rows: [row], statements: [said('covered', scope)] });
    await store.endReading(elsewhere, 'ended', now);
  }
  for (const [app, { listed }] of Object.entries(apps)) {
    if (!listed) continue;
    const lister = await open(store, scanId, night, `lists for ${app}`);
    const scope = `${ACCOUNT}/listed/${app}`;
    const row = { ...fact(`listed for ${app}`, { kind: listed.kind, scope, ...(listed.own && { app }) }), principalId: HOLDER };
    await store.commitBatch(lister, { rows: listed.read ? [row] : [], statements: [said(listed.read ? 'covered' : 'gap', scope)] });
    await store.endReading(lister, 'ended', now);
  }
  const planner = options.planner === 'none' ? undefined : (options.planner ?? plannerOf(apps, now, options.settings));
  // An app of which nothing is new is judged as well: what is said of it may be another by now.
  const judge = judgeOf(tenant, apps, now);
  await conclude(store, scanId, night, 'concluded', judge, planner);
  return scanId;
}

function judgeOf(tenant: string, apps: Readonly<Record<string, AppTonight>>, now: Date): FindingJudge {
  return {
    now,
    judge({ connector, account, appId }, observations) {
      const states = [...observations].map(({ state }) => state);
      if (states.length === 0) return undefined;
      const state = states.includes('present') ? 'present' : states.includes('unverified') ? 'unverified' : 'gone';
      const app = apps[appId] ?? { read: false };
      const product = app.product ?? null;
      const name = app.name ?? appId;
      const common = { connector, account, appId, product };
      const integration = { ...common, name, verdict: 'ai', grade: 'strong', state, body: '{}' } as const;
      if (state === 'gone' || (app.approved && !app.beyond)) return { integration, findings: [], actsForOthers: false, isNewcomer: false };
      const rule = app.rule ?? (app.beyond ? 'approval-exceeded' : 'unapproved-ai-tool');
      const finding: FindingRow = {
        ...common,
        key: findingKey(tenant, connector, account, rule as Parameters<typeof findingKey>[3], appId),
        rule,
        credentialId: null,
        severity: app.severity ?? 'high',
        rank: 1000 + (app.holders ?? 1),
        title: `Somebody uses ${name}`,
        body: JSON.stringify(bodyOf(appId, product, app)),
        excepted: app.excepted ?? false,
        unverified: state === 'unverified',
      };
      return { integration, findings: [finding], actsForOthers: false, isNewcomer: false };
    },
    transition,
    newSince: '',
    eachTime: [{ connector: 'google-workspace', collector: 'grants' }],
    turnedSince: () => false,
    grown: (seen, now) => grownBeyond(JSON.parse(seen) as Sighted, sightedIn(now)),
    same: (before, after) => before === after,
  };
}

function bodyOf(
  appId: string,
  product: string | null,
  { holders = 1, administrators = 0, data = { files: 'read' } }: AppTonight,
): FindingBody {
  const target = { ...(product !== null && { product }), apps: [appId], connectors: ['google-workspace'], accounts: ['C01'] };
  return {
    why: 'It has access.',
    details: [],
    ...(product !== null && { product, productName: product }),
    match: { grade: 'strong', reasons: ['Its id is known'], flags: [] },
    can: ['Read files'],
    holders: { count: holders, some: ['ada@corp.example'], leavers: 0, administrators },
    things: { count: 1, unverified: 0 },
    since: 'unknown',
    lastUsed: 'unknown',
    risk: [],
    taken: 'unknown',
    remedy: 'Take it away.',
    approve: { ...target, ceiling: { data }, owner: 'WHO', approver: 'WHO', reason: 'WHY', expires: 'YYYY-MM-DD' },
    deny: { ...target, reason: 'WHY' },
  };
}
