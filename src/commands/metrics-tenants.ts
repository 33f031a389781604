import { rollUp, CLAIMS_READY, type RollUp, type TenantLine } from '../policy/roll-up.ts';
import { table } from '../report/table.ts';
import type { Reader } from '../store/read.ts';
import { jsonText } from '../text/json.ts';
import { percent, readTold } from './metrics-text.ts';
import { measure } from './metrics.ts';
import { lastMoment } from './moment.ts';
import { policyOfScan } from './policy-at.ts';

/** Every tenant of the database in a line of its own, by its last scan and the policy of that, and what is so of how many of them. */
export function tenantsTold(reader: Reader, format: 'text' | 'json'): string {
  const lines = reader.tenants().map((tenant) => lineOf(reader, tenant));
  const all = rollUp(lines);
  if (format === 'json') return `${jsonText({ ...all, tenants: lines }, 2)}\n`;
  return `${table(HEAD, lines.map(cells), 60)}\n${summary(all).join('\n')}\n`;
}

function lineOf(reader: Reader, tenant: string): TenantLine {
  const moment = lastMoment(reader, tenant);
  const told = measure(reader, tenant, moment, { policy: policyOfScan(reader, moment.scan.id), currentId: (id) => id });
  const { trustDebt, owned, unsanctioned, standing, integrations, persona, readiness, unread } = told;
  const { claimed, gap } = readiness;
  const own = { trustDebt, owned, unsanctioned, standing, integrations: integrations.length, persona: persona.is, claimed, gap, unread };
  return { tenant, scannedAt: moment.scan.startedAt, ...own };
}

const HEAD = ['tenant', 'scanned', 'unsanctioned', 'with an owner', 'trust debt', 'persona', 'declares', 'gap', 'unread'];

function cells(line: TenantLine): string[] {
  const points = (value: number | undefined) => (value === undefined ? 'not told' : `${value.toFixed(0)} points`);
  return [
    line.tenant,
    line.scannedAt.slice(0, 10),
    percent(line.unsanctioned),
    percent(line.owned),
    line.trustDebt.toFixed(1),
    line.persona,
    points(line.claimed),
    points(line.gap),
    readTold(line.unread),
  ];
}

function summary({ withUnsanctioned, unsanctionedUnknown, partlyUnread, claiming, ready, gap }: RollUp): string[] {
  return [
    `With unsanctioned AI: ${percent(withUnsanctioned)} of tenants; unknown: ${percent(unsanctionedUnknown)}. Partly unread: ${percent(partlyUnread)}.`,
    gap === undefined
      ? 'No tenant declares anything of its readiness, so no gap between claim and measure can be told.'
      : `Of the tenants that declare anything, ${percent(claiming)} claim to be ready (${CLAIMS_READY} points or more), ${percent(ready)} are: a gap of ${gap.toFixed(0)} points.`,
  ];
}
