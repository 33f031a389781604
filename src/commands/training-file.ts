import { resolve } from 'node:path';
import { readText } from '../config/file.ts';
import { ConfigError } from '../connector/index.ts';
import { trainingOf, type Training, type TrainingRecord } from '../policy/training.ts';
import type { Reader } from '../store/read.ts';
import { csvRows } from '../text/csv-rows.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext, CommonOptions } from './context.ts';
import { identitiesOf } from './identities.ts';
import { isDay } from './day.ts';
import type { Moment } from './moment.ts';
import { tenantsKey } from './persons-key.ts';

const COLUMNS = ['person', 'course', 'date'] as const;

/** What training records say of the people who hold AI tools. The file is read for this answer, and nothing of it is kept. */
export interface TrainingTold extends Training {
  /** Lines that were left out: without a person or a day, or with one after the moment that is asked about. */
  leftOut: number;
}

export async function trainingTold(
  context: CommandContext,
  { training: path, ...options }: Pick<CommonOptions, 'config'> & { training: string },
  reader: Reader,
  tenant: string,
  { scan, asOf, until }: Moment,
): Promise<TrainingTold> {
  const today = asOf === undefined ? context.clock.now().toISOString() : scan.startedAt;
  const key = tenantsKey(context, options, { reader, tenant, what: 'to hold training records against it' });
  const { records, leftOut } = recordsOf(resolve(context.directory, path), today.slice(0, 10));
  const keyOf = ({ connector, account, id }: { connector: string; account: string; id: string }) =>
    JSON.stringify([connector, account, id]);
  const human = new Set((await identitiesOf(reader, tenant, asOf, until)).filter((one) => one.class === 'human').map(keyOf));
  const holders = new Map(reader.holders(tenant, asOf).map((holder) => [keyOf(holder), holder]));
  const people = [...holders].flatMap(([key, holder]) => (human.has(key) ? [holder] : []));
  const told = key ? records.map((record) => ({ ...record, person: key.pseudonymOf(record.person) })) : records;
  return { ...trainingOf(people, told), leftOut };
}

function recordsOf(file: string, today: string): { records: TrainingRecord[]; leftOut: number } {
  const rows = csvRows(readText(file));
  const refused = (what: string) =>
    new ConfigError(`${terminalText(file, 400)} ${what}`, {
      fix: `Give a CSV file whose first line names the columns ${COLUMNS.join(', ')}.`,
    });
  if (!rows) throw refused('is no CSV');
  const lacking = rows[0] ? COLUMNS.find((name) => !rows[0]!.has(name)) : undefined;
  if (lacking !== undefined) throw refused(`has no column "${lacking}"`);
  const told = rows.map((row) => ({ person: row.get('person')!, course: row.get('course')!, date: row.get('date')!.slice(0, 10) }));
  const records = told.filter(({ person, date }) => person !== '' && isDay(date) && date <= today);
  return { records, leftOut: told.length - records.length };
}
