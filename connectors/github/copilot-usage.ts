import { defineCollector, path, ProviderFault, Refusal, within, type Observation, type Scope } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, type Config } from './config.ts';
import { said } from './control.ts';
import { readingTold } from './inventory.ts';
import { LISTS, REPORT } from './operations.ts';
import { usageLine, usageReport, type UsageDay, type UsageReport } from './schema.ts';
import { PRODUCT } from './seats.ts';

const LATEST = 'GET /orgs/{org}/copilot/metrics/reports/organization-28-day/latest';
const EFFECT = 'How much Copilot is used is unknown';
const DAY = 86_400_000;
/** Names of editors, features and models come from what people run: no more of each are kept. */
const MOST_NAMES = 50;

/** How much GitHub's own assistant is used, of the organisation as a whole: the reports of single persons are not fetched. */
export const copilotUsage = defineCollector<Config, Client>({
  id: 'copilot_usage',
  title: 'Use of Copilot, as GitHub reports it',
  version: 1,
  kinds: ['usage'],
  mode: 'inventory',
  operations: [LATEST, REPORT],
  permissions: [{ id: LISTS[LATEST].app, purpose: 'Read how much Copilot is used', required: false, orElse: [LISTS[LATEST].token] }],
  limits: [
    'The report is a day or more old, and GitHub corrects its last days later',
    'It counts what editors and the command line report: somebody without telemetry is not in it',
    'Who used Copilot is left where it is: the reports of single persons are not fetched',
    'Prompts and answers are in no report',
  ],
  volatile: ['from', 'until', 'inDay', 'inWeek', 'inMonth', 'interactions', 'editors', 'features', 'models'],
  optional: true,
  requests: (sizes) => 1 + sizes.of('usage_report_files'),

  async *collect(context) {
    if (context.cursor === true) return;
    const scope = within(context.account.scope, 'usage', PRODUCT);
    const read = await readingTold(LATEST, { scope, effect: EFFECT }, async () => {
      const report = await context.client.one(LATEST, usageReport);
      // No report is no word about use: what was known of it stands.
      if (!report || report.download_links.length === 0) throw new Refusal('GitHub has made no report', { reason: 'not_observable' });
      const days: UsageDay[] = [];
      for (const link of report.download_links) days.push(...daysIn(await context.client.report(link)));
      return { report, days: inOrder(days) };
    });
    if (read.gap) return void (yield read.gap);
    const { report, days } = read.value;
    if (days.some(isUsed)) yield usage(days, scope, settingsPage(context, 'copilot'));
    const lacks = lacking(report, days);
    if (lacks > 0) {
      const effect = `${EFFECT} in whole: of the days from ${report.report_start_day} to ${report.report_end_day} the files leave out ${lacks}`;
      yield { type: 'gap', scope, reason: 'truncated', effect };
    } else yield { type: 'covered', scope };
    yield { type: 'checkpoint', cursor: true, sizes: { usage_report_files: report.download_links.length } };
  },
});

/** A file is a JSON object a line, each with the days that it tells of. Whatever else it holds is dropped line by line. */
function* daysIn(text: string): Generator<UsageDay> {
  for (const line of text.split('\n')) if (line.trim() !== '') yield* parsed(line);
}

function parsed(line: string): UsageDay[] {
  let object: unknown;
  try {
    object = JSON.parse(line);
  } catch {
    // The parser's message would show what it could not read.
    throw new ProviderFault('A line of the report is no JSON');
  }
  const { data } = usageLine.safeParse(object);
  if (!data) throw new ProviderFault('A line of the report has another shape than documented');
  return data.day_totals;
}

/** Counts of different people cannot be added, so that no day may be told twice. */
function inOrder(days: readonly UsageDay[]): UsageDay[] {
  if (new Set(days.map(({ day }) => day)).size < days.length) throw new ProviderFault('The report tells of one day twice');
  return days.toSorted((a, b) => (a.day < b.day ? -1 : 1));
}

/** How many of the days that a report is about its files do not tell of: a file may be empty, or end too early. */
function lacking({ report_start_day: start, report_end_day: end }: UsageReport, days: readonly UsageDay[]): number {
  const promised = (Date.parse(end) - Date.parse(start)) / DAY + 1;
  return promised - days.filter(({ day }) => start <= day && day <= end).length;
}

function isUsed({ daily_active_users: people }: UsageDay): boolean {
  return people > 0;
}

function usage(days: readonly UsageDay[], scope: Scope, url: string): Observation {
  const last = days.at(-1)!;
  return {
    type: 'observation',
    thing: path('usage', PRODUCT),
    nativeId: path('usage', PRODUCT),
    kind: 'usage',
    scope,
    subject: { app: PRODUCT, name: 'Copilot' },
    signals: [{ type: 'github_product', value: PRODUCT }],
    permissions: [],
    lastUsedAt: { at: `${days.findLast(isUsed)!.day}T00:00:00.000Z`, from: 'report' },
    attributes: {
      from: days[0]!.day,
      until: last.day,
      inDay: said({
        people: last.daily_active_users,
        commandLine: last.daily_active_cli_users,
        cloudAgent: last.daily_active_copilot_cloud_agent_users,
      }),
      inWeek: said({ people: last.weekly_active_users, cloudAgent: last.weekly_active_copilot_cloud_agent_users }),
      inMonth: said({
        people: last.monthly_active_users,
        chat: last.monthly_active_chat_users,
        agentMode: last.monthly_active_agent_users,
        cloudAgent: last.monthly_active_copilot_cloud_agent_users,
      }),
      interactions: days.reduce((sum, day) => sum + interactionsOf(day), 0),
      editors: byName(days.flatMap(({ totals_by_ide: rows }) => (rows ?? []).map(({ ide, ...row }) => ({ name: ide, row })))),
      features: byName(days.flatMap(({ totals_by_feature: rows }) => (rows ?? []).map(({ feature, ...row }) => ({ name: feature, row })))),
      models: byName(days.flatMap(({ totals_by_model_feature: rows }) => (rows ?? []).map(({ model, ...row }) => ({ name: model, row })))),
    },
    evidence: { source: LATEST, url },
  };
}

interface Counted {
  user_initiated_interaction_count?: number | null | undefined;
  code_generation_activity_count?: number | null | undefined;
}

/** What people asked for, and what was offered to them unasked. */
function interactionsOf(row: Counted): number {
  return (row.user_initiated_interaction_count ?? 0) + (row.code_generation_activity_count ?? 0);
}

/** The most used first. */
function byName(rows: readonly { name: string; row: Counted }[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { name, row } of rows) sums.set(name, (sums.get(name) ?? 0) + interactionsOf(row));
  const sorted = [...sums].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return Object.fromEntries(sorted.slice(0, MOST_NAMES));
}
