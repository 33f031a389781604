import type { GapRow, LeftOut, Reader, SourceRow } from '../store/read.ts';
import type { Moment } from './moment.ts';

/** What the scan that is asked about could not see. */
export interface Unseen {
  scannedAt: string;
  gaps: GapRow[];
  byDesign: number;
  sources: SourceRow[];
  leftOut: LeftOut[];
}

export function unseenIn(reader: Reader, tenant: string, { scan }: Moment): Unseen {
  const gaps = reader.gaps(scan.id);
  const open = gaps.filter(({ byDesign }) => byDesign === 0);
  return {
    scannedAt: scan.startedAt,
    gaps: open,
    byDesign: gaps.length - open.length,
    sources: reader.sources(scan.id).filter(({ state }) => state !== 'read'),
    leftOut: reader.leftOut(tenant, scan.id),
  };
}

export function isWhole({ gaps, sources, leftOut }: Unseen): boolean {
  return gaps.length === 0 && sources.length === 0 && leftOut.length === 0;
}
