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

/** The rows of a report, read one by one; undefined = a row that is not understood. Throws where it is no report. */
export function reportRows(text: string): Iterable<ReportRow | undefined> {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const columns = cellsOf(header ?? '');
  if (!columns.includes('arn') || !columns.includes('user')) throw new ProviderFault('The credential report has no header');
  return eachRow(lines, columns);
}

function* eachRow(lines: readonly string[], columns: readonly string[]): Generator<ReportRow | undefined> {
  for (const line of lines) {
    const cells = fitted(cellsOf(line), columns);
    const parsed = row.safeParse(Object.fromEntries(columns.map((column, index) => [column, cells?.[index]])));
    yield parsed.data;
  }
}

/**
 * One cell for each column; undefined = the row cannot be told. Names of users may hold commas, and so may the paths of their
 * ARNs; whether the report quotes them is not documented. No other column holds one, so what is too much belongs to those two:
 * a name has no colon, so the ARN begins with the first cell that begins like one, and it ends in the name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
 */
function fitted(cells: readonly string[], columns: readonly string[]): readonly string[] | undefined {
  if (cells.length === columns.length) return cells;
  const behind = cells.length - (columns.length - 2);
  if (columns[0] !== 'user' || columns[1] !== 'arn' || behind < 2) return undefined;
  const head = cells.slice(0, behind);
  const middle = head.findIndex((cell) => cell.startsWith('arn:'));
  const user = head.slice(0, middle).join(',');
  const arn = head.slice(middle).join(',');
  return middle > 0 && arn.endsWith(`/${user}`) ? [user, arn, ...cells.slice(behind)] : undefined;
}

function cellsOf(line: string): string[] {
  const cells = `,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"(?=,|$)|([^,]*))/g);
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
