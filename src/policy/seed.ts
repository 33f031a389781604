import { POWER } from './integration.ts';
import type { Approval } from './policy.ts';

/** An app about which nothing was decided. */
export interface Seedling {
  connector: string;
  account: string;
  appId: string;
  name: string;
  /** How sure it is that it is of its product. */
  grade: string;
  product?: string;
  holders: number;
  data: Data;
  /** Units in which administrators let it in; absent = nobody said so of units, or of all. */
  units?: readonly string[];
  /** Who let it in and when, where that is known. */
  evidence?: readonly string[];
}

/** What administrators decided about an app in a console of the provider's, for a unit and those below it. */
export interface Configured {
  connector: string;
  account: string;
  appId: string;
  state: string;
  /** `/` = everywhere. */
  unit: string;
  /** When it was decided, or listed as decided; ISO 8601. */
  at: string;
  /** The address of who decided; null or absent = not told. */
  by?: string | null;
}

/** Words of consoles by which an app is let in, wholly or in part. */
const LETS_IN: ReadonlySet<string> = new Set(['trusted', 'limited', 'trusted for some scopes']);

/**
 * Apps that administrators let in, where they did; the last word about each unit counts. What they only block is left out, and so is a
 * unit below which they block the app: an entry holds for a unit with all below it, and would let in what they do not.
 */
export function configuredOf(apps: readonly Seedling[], decisions: readonly Configured[]): Seedling[] {
  const keyOf = ({ connector, account, appId }: Pick<Configured, 'connector' | 'account' | 'appId'>) =>
    JSON.stringify([connector, account, appId]);
  const byApp = Map.groupBy(decisions, keyOf);
  return apps.flatMap((app): Seedling[] => {
    const last = new Map<string, Configured>();
    for (const one of (byApp.get(keyOf(app)) ?? []).toSorted((a, b) => (a.at < b.at ? -1 : 1))) last.set(one.unit, one);
    const words = [...last.values()].sort((a, b) => (a.unit < b.unit ? -1 : 1));
    const blocks = words.filter(({ state }) => !LETS_IN.has(state));
    const allows = words.filter(({ state }) => LETS_IN.has(state));
    const letIn = allows.filter(({ unit }) => !blocks.some((block) => isBelow(unit, block.unit)));
    if (letIn.length === 0) return [];
    const units = letIn.map(({ unit }) => unit);
    // Where a unit is left out, the blocks say why.
    const told = letIn.length < allows.length ? [...letIn, ...blocks] : letIn;
    const evidence = told.map(
      ({ state, unit, at, by }) => `Administrators: ${state} for ${unit}, as of ${at.slice(0, 10)}${by ? `, by ${by}` : ''}`,
    );
    return [{ ...app, evidence, ...(!units.includes('/') && { units }) }];
  });
}

function isBelow(unit: string, other: string): boolean {
  return other !== unit && other.startsWith(unit === '/' ? '/' : `${unit}/`);
}

type Data = NonNullable<NonNullable<Approval['ceiling']>['data']>;

/** Rules that say that nothing was decided about an app. What was denied, has ended or bears another's name is for a person to look at. */
export const UNDECIDED_RULES: ReadonlySet<string> = new Set(['unapproved-ai-tool', 'suspected-ai-tool', 'ai-feature-of-general-tool']);

/**
 * What is there, as approvals on trial for somebody to review: an entry for each product in each account, bound to the ids that were seen
 * and limited to what they can do and to the units that let them in; `everywhere` = for each product on each plane, in all accounts. An app that is likely of its product at most has an entry of its own: a name must not bring it in with the others.
 */
export function seedOf(
  apps: readonly Seedling[],
  signed: Pick<Approval, 'owner' | 'approver'>,
  days: { today: string; expires: string },
  everywhere = false,
): Approval[] {
  const groups = Map.groupBy(apps, ({ connector, account, product, grade, appId, units }) =>
    JSON.stringify([
      connector,
      everywhere ? '' : account,
      product !== undefined && (grade === 'exact' || grade === 'strong') ? `product ${product}` : `app ${appId}`,
      units ?? [],
    ]),
  );
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => entryOf(group, signed, days, everywhere));
}

function entryOf(
  group: readonly Seedling[],
  signed: Pick<Approval, 'owner' | 'approver'>,
  { today, expires }: { today: string; expires: string },
  everywhere: boolean,
): Approval {
  const [{ connector, account, product, units = [] }] = group as [Seedling];
  const names = [...new Set(group.map(({ name }) => name))].sort();
  const holders = group.reduce((sum, app) => sum + app.holders, 0);
  const evidence = [...new Set(group.flatMap((app) => app.evidence ?? []))];
  return {
    ...(product !== undefined && { product }),
    apps: [...new Set(group.map(({ appId }) => appId))].sort(),
    connectors: [connector],
    ...(!everywhere && { accounts: [account] }),
    ceiling: { data: group.map(({ data }) => data).reduce(widest, {}) },
    ...(units.length > 0 && { population: { units: [...units] } }),
    stage: 'probation',
    ...signed,
    reason: `To be reviewed. Was there on ${today}: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}; held ${holders} times`,
    ...(evidence.length > 0 && { evidence }),
    decided: today,
    expires,
  };
}

function widest(one: Data, other: Data): Data {
  const both = { ...one };
  for (const [key, access] of Object.entries(other) as [keyof Data, NonNullable<Data[keyof Data]>][])
    if (!both[key] || POWER[access] > POWER[both[key]]) both[key] = access;
  return both;
}
