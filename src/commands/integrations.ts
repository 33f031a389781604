import type { Column } from '../report/column.ts';
import type { IntegrationFormat } from '../report/formats.ts';
import type { IntegrationBody, IntegrationView } from '../report/integration-view.ts';
import { NAMES, namesKept } from '../report/names.ts';
import type { FoundIntegration, IntegrationQuery } from '../store/read.ts';
import { openLists } from '../store/read-lists.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { tellExport } from './export.ts';
import { momentOf, type MomentOptions } from './moment.ts';
import { deliver, deliverList, type Delivered, type OutputOptions } from './output.ts';
import { pageOf, tellMore, tellUnknown, tellUnread, toRead, withLimit, type SomePageOptions } from './page.ts';
import { cursorIn } from './pasted-id.ts';

export interface IntegrationsOptions extends CommonOptions, MomentOptions, OutputOptions, SomePageOptions {
  format: IntegrationFormat;
  verdict?: string[];
  state?: string[];
  connector?: string[];
  account?: string;
  app?: string;
  product?: string;
  vendor?: string[];
  data?: string;
  access?: string;
  sort: IntegrationQuery['sort'];
}

/** What is there, or was when it was last read. */
const STATES = ['present', 'unverified'];
/** An inventory of AI services holds nothing else, unless it is asked for. */
const AI = ['ai', 'ai_feature', 'suspected'];

/** Lists the apps that have access, AI or not, by account. */
export async function integrationsCommand(context: CommandContext, given: IntegrationsOptions): Promise<number> {
  const options = withLimit(given);
  const { database, tenant } = await locate(context, options);
  const reader = openLists(database);
  try {
    const { asOf, scan } = momentOf(reader, tenant, options, context.clock);
    const { format, limit, output, verdict, state, after: cursor, ...filters } = options;
    const after = cursorIn(cursor, 'i', (number) => reader.integration(tenant, number, asOf) !== undefined);
    const verdicts = verdict ?? (format === 'cyclonedx' ? AI : undefined);
    const query = { ...filters, tenant, asOf, after, verdicts, states: state ?? STATES, limit: toRead(limit) };
    const page = pageOf(views(reader.integrations(query)), limit, ({ id }) => id);
    const names = namesKept(NAMES.integrations, reader.personsCheck(tenant) !== undefined);
    let delivered: Delivered | undefined;
    if (format === 'cyclonedx') {
      const [{ cyclonedx }, { VERSION }, { unreadSourcesOf }] = await Promise.all([
        import('../report/cyclonedx.ts'),
        import('./version.ts'),
        import('../store/read-unread.ts'),
      ]);
      const about = { version: VERSION, tenant, scan, serial: crypto.randomUUID(), names, unread: unreadSourcesOf(database, scan.id) };
      delivered = await deliver(context, cyclonedx(page, about), { format, output, names });
    } else {
      const list = { format, ...(output !== undefined && { output }) };
      delivered = await deliverList(context, list, page, COLUMNS, { names, numbers: ['holders'] });
    }
    tellMore(context, limit, page.next());
    tellUnread(context, reader, scan);
    await tellUnknown(context, { database, tenant }, options, page.taken());
    return await tellExport(
      context,
      { database, tenant },
      { verb: 'integrations', options: { ...options }, rows: page.taken(), names },
      delivered,
    );
  } finally {
    reader.close();
  }
}

function* views(rows: Iterable<FoundIntegration>): Generator<IntegrationView> {
  for (const row of rows) yield integrationView(row);
}

export function integrationView(row: FoundIntegration): IntegrationView {
  return { ...row, id: `i${row.id}`, body: JSON.parse(row.body) as IntegrationBody };
}

const COLUMNS: readonly Column<IntegrationView>[] = [
  { title: 'id', of: ({ id }) => id },
  { title: 'verdict', of: ({ verdict }) => verdict },
  { title: 'grade', of: ({ grade }) => grade },
  { title: 'name', of: ({ name }) => name },
  { title: 'product', of: ({ product }) => product },
  { title: 'where', of: ({ connector, account }) => `${connector} ${account}` },
  { title: 'holders', of: ({ body }) => body.holders.count },
  { title: 'can', of: ({ body }) => body.reach[0]?.plain ?? null },
  { title: 'first seen', of: ({ firstSeen }) => firstSeen.slice(0, 10) },
  { title: 'state', of: ({ state }) => state },
  { title: 'app', of: ({ appId }) => appId },
];
