import type { Severity } from '../policy/judged.ts';

/** No configuration asks for more scans than that before a ticket is closed. */
export const MOST_READS = 10;

/** How tickets are kept, as the configuration says. */
export interface TicketSettings {
  sinks: readonly { name: string; minimumSeverity: Severity }[];
  /** What was open when a tracker was first planned for gets tickets too. */
  openExisting: boolean;
  /** Tickets opened after a scan; above that, one digest. */
  maxCreatePerRun: number;
  /** Scans that have to have read where something was, and not seen it. */
  resolveAfter: number;
  /** Days for which a ticket that somebody closed is left alone. */
  snoozeDays: number;
  /** Days after its closing in which a ticket is opened again; later, another is made that names it. */
  reopenWindowDays: number;
}
