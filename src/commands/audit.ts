import { ConfigError } from '../connector/index.ts';
import type { AuditLink } from '../audit/chain.ts';
import type { Format } from '../report/formats.ts';
import { renderRows } from '../report/rows.ts';
import { openReader } from '../store/read.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';

export interface AuditVerifyOptions extends CommonOptions {
  head?: string;
}

export interface AuditLogOptions extends CommonOptions {
  format: Format;
  limit: number;
}

/** Says whether the audit trail is what it was, as far as it can tell by itself or by a head that was kept elsewhere. */
export async function auditVerifyCommand(context: CommandContext, options: AuditVerifyOptions): Promise<number> {
  const kept = options.head?.toLowerCase();
  if (kept !== undefined && !/^[0-9a-f]{64}$/.test(kept))
    throw new ConfigError('--head is no head of an audit trail', {
      fix: 'Give the 64 hexadecimal digits that stand as audit.hash in the summary of a scan.',
    });
  const { database, tenant } = await locate(context, options);
  const reader = openReader(database);
  try {
    const { head, broken } = reader.auditVerified(tenant, kept);
    if (broken) {
      context.err(`The audit trail breaks at event ${broken.number}: ${broken.why}.\n`);
      return EXIT_CODES.storage;
    }
    const against = kept === undefined ? ', which only a head that was kept elsewhere can prove' : ', and holds the head that was kept';
    context.err(`The audit trail is whole: ${head.number} events${against}.\n`);
    context.out(`${head.hash}\n`);
    return EXIT_CODES.ok;
  } finally {
    reader.close();
  }
}

/** The last events of the audit trail. */
export async function auditLogCommand(context: CommandContext, options: AuditLogOptions): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const reader = openReader(database);
  try {
    context.out(renderRows(options.format, reader.auditTrail(tenant, options.limit).map(view), COLUMNS));
    return EXIT_CODES.ok;
  } finally {
    reader.close();
  }
}

type View = Omit<AuditLink, 'details'> & { details: unknown };

function view(link: AuditLink): View {
  return { ...link, details: jsonOr(link.details) };
}

/** What was tampered with may be no JSON any more, and is shown as it is. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const COLUMNS: readonly { title: string; of(row: View): string | number }[] = [
  { title: 'number', of: (row) => row.number },
  { title: 'at', of: (row) => row.at },
  { title: 'actor', of: (row) => row.actor },
  { title: 'action', of: (row) => row.action },
  { title: 'subject', of: (row) => row.subject },
  { title: 'hash', of: (row) => row.hash.slice(0, 12) },
];
