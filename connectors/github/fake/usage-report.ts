import type { Company } from '../../../src/testing/company.ts';
import { chance } from '../../../src/testing/random.ts';
import type { Account } from './accounts.ts';

/** Planted where it must not be kept: whoever has the signature has the report. */
export const SIGNATURE_CANARY = 'canary-signature-71d0c5e2';
/** Where GitHub keeps reports. What is sent there arrives here, at a loopback address. */
const HOST = 'https://copilot-reports.github.com';
export const REPORT_PATH = '/organization-28-day-report/{+file}';

const DAYS = 28;
const SHARDS = 2;
/** The last day that was counted lies so long before the night. */
const BEHIND = 2;

/** The addresses of the files, as GitHub hands them out. Where nobody uses Copilot, the days are there and count nobody. */
export function usageLinks(company: Company, organization: Account, night: number) {
  const files = Array.from({ length: SHARDS }, (_, shard) => `v1/etl_id=green/entity=${organization.id}/part-0000${shard}.json`);
  return {
    download_links: files.map((file) => `${HOST}/organization-28-day-report/${file}?se=2026-11-22T03%3A00%3A00Z&sig=${SIGNATURE_CANARY}`),
    report_start_day: dayOf(company, night, 0),
    report_end_day: dayOf(company, night, DAYS - 1),
  };
}

export const USAGE_FILES = SHARDS;

/** One file: a line with its share of the days; undefined = there is none of that name. */
export function usageFile(path: string, company: Company, organization: Account, seats: number, night: number): string | undefined {
  const shard = Number(/\/part-0000(\d)\.json$/.exec(path)?.[1] ?? SHARDS);
  if (shard >= SHARDS) return undefined;
  const days = Array.from({ length: DAYS }, (_, day) => day).filter((day) => day % SHARDS === shard);
  const line = {
    day_totals: days.map((day) => dayTotals(company, organization, seats, dayOf(company, night, day))),
    organization_id: String(organization.id),
    enterprise_id: '4021',
    report_start_day: dayOf(company, night, 0),
    report_end_day: dayOf(company, night, DAYS - 1),
  };
  return `${JSON.stringify(line)}\n`;
}

function dayOf(company: Company, night: number, day: number): string {
  return company
    .ago(BEHIND + DAYS - 1 - day, 0, night)
    .toISOString()
    .slice(0, 10);
}

function dayTotals(company: Company, organization: Account, seats: number, day: string) {
  const weekend = [0, 6].includes(new Date(day).getUTCDay());
  const people = weekend ? 0 : Math.ceil(seats * (0.5 + chance(company.seed, 'usage', day) / 2));
  const asked = people * 12;
  const offered = people * 40;
  const lines = { loc_added_sum: offered, loc_deleted_sum: 0, loc_suggested_to_add_sum: 2 * offered, loc_suggested_to_delete_sum: 0 };
  const counts = {
    user_initiated_interaction_count: asked,
    code_generation_activity_count: offered,
    code_acceptance_activity_count: people,
  };
  return {
    day,
    organization_id: String(organization.id),
    enterprise_id: '4021',
    daily_active_users: people,
    weekly_active_users: seats,
    monthly_active_users: seats,
    monthly_active_chat_users: Math.ceil(seats / 2),
    monthly_active_agent_users: Math.ceil(seats / 4),
    // Where there is nothing to tell, the field may be null or absent.
    daily_active_copilot_cloud_agent_users: people === 0 ? null : 1,
    ...counts,
    ...lines,
    totals_by_ide: people === 0 ? [] : [{ ide: 'vscode', ...counts, ...lines }],
    totals_by_feature: people === 0 ? [] : [{ feature: 'chat_panel_agent_mode', ...counts, ...lines }],
    totals_by_model_feature: people === 0 ? [] : [{ model: 'claude-opus-4.6', feature: 'chat_panel_agent_mode', ...counts, ...lines }],
    totals_by_language_feature: [],
    totals_by_language_model: [],
    pull_requests: { total_created: people, total_created_by_copilot: 1, total_reviewed: people, total_reviewed_by_copilot: 1 },
  };
}
