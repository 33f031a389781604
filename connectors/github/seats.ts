import { defineCollector, path, type Observation, type Scope } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { settingsPage, type Config } from './config.ts';
import { readLists } from './inventory.ts';
import { traitsOf } from './members.ts';
import { LISTS } from './operations.ts';
import { seat, type Seat } from './schema.ts';

const LIST = 'GET /orgs/{org}/copilot/billing/seats';
/** The name that GitHub's own operations give to the product. */
export const PRODUCT = 'copilot';

/** Paid seats of GitHub's own assistant. */
export const copilotSeats = defineCollector<Config, Client>({
  id: 'copilot_seats',
  title: 'Copilot seats',
  version: 1,
  kinds: ['seat'],
  mode: 'inventory',
  operations: [LIST],
  permissions: [{ id: LISTS[LIST].app, purpose: 'List who holds a Copilot seat', required: false, orElse: [LISTS[LIST].token] }],
  limits: [
    'Copilot plans that people pay for themselves are not listed',
    'The last activity is what editors report: somebody without telemetry looks idle',
    'A seat whose account no longer exists is counted by GitHub, but names nobody',
    'Seats that an enterprise gives itself stand in the list of the enterprise alone',
  ],
  volatile: ['editor'],
  requests: (sizes) => sizes.pages('seats', 100),

  collect: (context) =>
    readLists(context, [
      {
        list: LIST,
        place: ['seats', PRODUCT],
        what: 'seat',
        effect: 'Who holds a Copilot seat is unknown',
        size: 'seats',
        schema: seat,
        key: ['assignee', 'id'],
        observe: (row, scope) =>
          seatOf(row, scope, {
            ids: (holder) => ({ thing: path('seat', PRODUCT, holder), nativeId: holder }),
            evidence: { source: LIST, url: settingsPage(context, 'copilot/seat_management') },
          }),
      },
    ]),
});

/** undefined = the account of its holder no longer exists. */
export function seatOf(
  { assignee, assigning_team: team, ...row }: Seat,
  scope: Scope,
  of: { ids(holder: string): Pick<Observation, 'thing' | 'nativeId'>; evidence: Observation['evidence'] },
): Observation | undefined {
  if (!assignee) return undefined;
  return {
    type: 'observation',
    ...of.ids(assignee.id),
    kind: 'seat',
    scope,
    subject: { app: PRODUCT, name: 'Copilot' },
    principal: { id: assignee.id, name: assignee.login, traits: traitsOf(assignee) },
    signals: [{ type: 'github_product', value: PRODUCT }],
    permissions: [],
    grantedAt: { at: row.created_at, from: 'listed' },
    ...(row.last_activity_at && { lastUsedAt: { at: row.last_activity_at, from: 'listed' } }),
    attributes: {
      ...(row.plan_type && { plan: row.plan_type }),
      ...(row.last_activity_editor && { editor: row.last_activity_editor }),
      ...(row.pending_cancellation_date && { pendingCancellation: row.pending_cancellation_date }),
      ...((team?.slug ?? team?.name) && { team: team?.slug ?? team?.name ?? null }),
      ...(row.organization && { organization: row.organization.login }),
    },
    evidence: of.evidence,
  };
}
