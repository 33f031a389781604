import type { Column } from '../report/column.ts';
import type { ListFormat } from '../report/formats.ts';
import { NAMES, namesKept } from '../report/names.ts';
import type { FoundGrant, GrantQuery } from '../store/read.ts';
import { openLists } from '../store/read-lists.ts';
import type { ObservationBody, VolatileBody } from '../scan/rows.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { tellExport } from './export.ts';
import { momentOf, type MomentOptions } from './moment.ts';
import { deliverList, type OutputOptions } from './output.ts';
import { pageOf, tellMore, tellUnknown, tellUnread, toRead, type PageOptions } from './page.ts';
import { cursorIn } from './pasted-id.ts';

export interface GrantsOptions extends CommonOptions, MomentOptions, OutputOptions, PageOptions {
  format: ListFormat;
  kind?: string;
  state?: string[];
  connector?: string[];
  account?: string;
  app?: string;
  holder?: string;
  standing?: string;
  product?: string;
  vendor?: string[];
  verdict?: string;
  permission?: string;
  neverExpires?: boolean;
  /** Also what logs tell of what is listed. */
  events?: boolean;
  sort: GrantQuery['sort'];
}

const STATES = ['present', 'unverified'];

/** Lists who and what holds, may or uses what, statement by statement. */
export async function grantsCommand(context: CommandContext, options: GrantsOptions): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const reader = openLists(database);
  try {
    const { asOf, scan } = momentOf(reader, tenant, options, context.clock);
    const { format, limit, output, state, neverExpires, events, after: cursor, ...filters } = options;
    const after = cursorIn(cursor, 'g', (number) => reader.grant(tenant, number, asOf) !== undefined);
    const query = {
      ...filters,
      ...(events !== true && { stands: true as const }),
      ...(neverExpires && { never: true as const }),
      tenant,
      asOf,
      after,
      states: state ?? STATES,
      limit: toRead(limit),
    };
    const page = pageOf(views(reader.grants(query)), limit, ({ id }) => id);
    const names = namesKept(NAMES.grants, reader.personsCheck(tenant) !== undefined);
    const delivered = await deliverList(context, { format, ...(output !== undefined && { output }) }, page, COLUMNS, {
      names,
      numbers: [],
    });
    tellMore(context, limit, page.next());
    tellUnread(context, reader, scan);
    await tellUnknown(context, { database, tenant }, options, page.taken());
    return await tellExport(
      context,
      { database, tenant },
      { verb: 'grants', options: { ...options }, rows: page.taken(), names },
      delivered,
    );
  } finally {
    reader.close();
  }
}

/** A grant as machines get it: every field, with what the provider said spelled out. */
export interface GrantView extends Omit<FoundGrant, 'body' | 'volatile' | 'id' | 'integration'> {
  /** For `show`. */
  id: string;
  integration: string | null;
  body: ObservationBody;
  volatile: VolatileBody | null;
}

export function grantView(row: FoundGrant): GrantView {
  return {
    ...row,
    id: `g${row.id}`,
    integration: row.integration === null ? null : `i${row.integration}`,
    body: JSON.parse(row.body) as ObservationBody,
    volatile: row.volatile === null ? null : (JSON.parse(row.volatile) as VolatileBody),
  };
}

function* views(rows: Iterable<FoundGrant>): Generator<GrantView> {
  for (const row of rows) yield grantView(row);
}

const COLUMNS: readonly Column<GrantView>[] = [
  { title: 'id', of: ({ id }) => id },
  { title: 'kind', of: ({ kind }) => kind },
  { title: 'app', of: ({ body }) => body.subject.name },
  { title: 'product', of: ({ product }) => product },
  { title: 'verdict', of: ({ verdict }) => verdict },
  { title: 'holder', of: ({ body }) => body.principal?.name ?? null },
  { title: 'standing', of: ({ body }) => body.principal?.standing ?? null },
  { title: 'where', of: ({ connector, account }) => `${connector} ${account}` },
  { title: 'permissions', of: ({ body }) => body.permissions.join(' ') },
  { title: 'granted', of: ({ body }) => body.grantedAt?.at.slice(0, 10) ?? null },
  { title: 'last used', of: ({ volatile }) => volatile?.lastUsedAt?.at.slice(0, 10) ?? null },
  { title: 'expires', of: ({ body }) => (typeof body.expiresAt === 'object' ? body.expiresAt.at.slice(0, 10) : (body.expiresAt ?? null)) },
  { title: 'state', of: ({ state }) => state },
];
