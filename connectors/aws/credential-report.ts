import { z } from 'zod';
import { ProviderFault, type CollectContext } from '../../src/connector/index.ts';
import type { Client, Report } from './client.ts';

/**
 * Three unknowns that mean different things: there is no such credential or it was never used, AWS has no record,
 * and the account's root user has no such field. None of them is a date.
 */
const UNKNOWN = ['N/A', 'no_information', 'not_supported'] as const;
type Unknown = (typeof UNKNOWN)[number];

const when = z.union([z.enum(UNKNOWN), z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString())]);
const whether = z.union([z.enum(['true', 'false']).transform((text) => text === 'true'), z.enum(UNKNOWN)]);

/** Only the columns that we read; AWS adds columns now and then. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html */
const row = z.object({
  user: z.string().min(1),
  arn: z.string().min(1),
  password_enabled: whether,
  mfa_active: whether,
  access_key_1_active: whether,
  access_key_1_last_rotated: when,
  access_key_1_last_used_date: when,
  access_key_1_last_used_region: z.string(),
  access_key_1_last_used_service: z.string(),
  access_key_2_active: whether,
  access_key_2_last_rotated: when,
  access_key_2_last_used_date: when,
  access_key_2_last_used_region: z.string(),
  access_key_2_last_used_service: z.string(),
});
export type ReportRow = z.infer<typeof row>;

export function isUnknown(value: string): value is Unknown {
  return (UNKNOWN as readonly string[]).includes(value);
}

/** The rows of a report; `malformed` counts those that were set aside. */
export function parseReport(text: string): { rows: ReportRow[]; malformed: number } {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const columns = cellsOf(header ?? '');
  if (!columns.includes('arn') || !columns.includes('user')) throw new ProviderFault('The credential report has no header');
  const rows: ReportRow[] = [];
  for (const line of lines) {
    const cells = cellsOf(line);
    const parsed = row.safeParse(Object.fromEntries(columns.map((column, index) => [column, cells[index]])));
    // A comma in a name that is not quoted would move every value to the next column.
    if (parsed.success && cells.length === columns.length) rows.push(parsed.data);
  }
  return { rows, malformed: lines.length - rows.length };
}

function cellsOf(line: string): string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}

const MOST_POLLS = 60;
const BETWEEN_POLLS = 2000;

/** Has AWS write the report and reads it. A report younger than four hours is handed out again. */
export async function readReport({ client, sleep }: Pick<CollectContext<unknown, Client>, 'client' | 'sleep'>): Promise<Report> {
  let asked = false;
  for (let poll = 0; poll < MOST_POLLS; poll++) {
    if (poll > 0) await sleep(BETWEEN_POLLS);
    const state = await client.startReport({ repeat: poll > 0 });
    // Where no new report may be made, an older one may still be there.
    if (state === 'pending') continue;
    const report = await client.report({ repeat: asked });
    asked = true;
    if (typeof report === 'object') return report;
  }
  throw new ProviderFault(`The credential report is not ready after ${MOST_POLLS} polls`, { reason: 'over_budget' });
}
