import type { Format } from '../report/formats.ts';
import { renderRows } from '../report/rows.ts';
import { openReader, type RematchedApp } from '../store/read.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { lastMoment } from './moment.ts';
import { presentJudge } from './present-judge.ts';

/** Matches stored apps again, without a request: of which does the catalog of today say something else than that of the last scan? */
export async function catalogRematchCommand(context: CommandContext, options: CommonOptions & { format: Format }): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const reader = openReader(database);
  try {
    const { scan } = lastMoment(reader, tenant);
    const apps = reader.rematched(tenant, scan.id, await presentJudge(context, options));
    context.out(renderRows(options.format, apps, COLUMNS));
    if (options.format === 'table' && !context.quiet)
      context.err(`${apps.length} apps are called something else by the catalog of today.\n`);
    return 0;
  } finally {
    reader.close();
  }
}

const COLUMNS: readonly { title: string; of(app: RematchedApp): string }[] = [
  { title: 'app', of: (app) => app.name },
  { title: 'where', of: (app) => `${app.connector} ${app.account}` },
  { title: 'before', of: ({ before }) => said(before) },
  { title: 'now', of: ({ after }) => said(after) },
  { title: 'id', of: (app) => app.appId },
];

function said({ verdict, grade, product }: RematchedApp['before']): string {
  return [verdict, grade, ...(product === null ? [] : [product])].join(', ');
}
