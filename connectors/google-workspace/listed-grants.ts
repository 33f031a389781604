import {
  concurrent,
  parseItems,
  path,
  reading,
  type CollectContext,
  type Gap,
  type Observation,
  type ScanEvent,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { principalOf, type Holder } from './holders.ts';
import { SCOPES } from './operations.ts';
import { token, type Token } from './schema.ts';
import { userScope } from './users.ts';

/** Users whose grants are read between two checkpoints: as much as a killed scan reads again at most. */
export const STRETCH = 50;

/** So many refusals in a row, and no answer among them, mean that the privilege is missing for everybody. */
const ALL_REFUSED = 10;

/** What was learnt about refusals while a stretch was read. */
interface Refusals {
  /** The credential was refused as a whole: nobody else needs to be asked. */
  whole?: Gap;
  single: Gap[];
}

/** Reads the grants of some users, one request each. Answers true when nobody else need be asked. */
export async function* readStretch(
  context: CollectContext<Config, Client>,
  holders: readonly Holder[],
): AsyncGenerator<ScanEvent, boolean> {
  const { account, inFlight } = context;
  const refusals: Refusals = { single: [] };
  for await (const events of concurrent(holders, inFlight, (holder) => grantsOf(context, holder, refusals))) yield* events;
  const refused =
    refusals.whole ?? (refusals.single.length === holders.length && holders.length >= ALL_REFUSED ? refusals.single[0] : undefined);
  if (!refused) return false;
  yield { ...refused, scope: account.scope, effect: 'Which apps users have given access to is unknown' };
  return true;
}

async function grantsOf({ account, client }: CollectContext<Config, Client>, holder: Holder, refusals: Refusals): Promise<ScanEvent[]> {
  if (refusals.whole) return [];
  const scope = userScope(account.scope, holder.id);
  const result = await reading({ scope, effect: 'The grants of this user are unknown', permission: SCOPES.grants }, async () => {
    const answer = await client.tokens(holder.id);
    return parseItems(answer.items, token, { what: 'grant', scope: () => scope });
  });
  if (result.gap) {
    if (result.whole) refusals.whole ??= result.gap;
    if (result.gap.reason === 'permission_denied') refusals.single.push(result.gap);
    return [result.gap];
  }
  const { items, gaps } = result.value;
  return [...items.map((item) => grantOf(scope, holder, item)), ...gaps, { type: 'covered', scope }];
}

function grantOf(scope: string, holder: Holder, item: Token): Observation {
  return {
    type: 'observation',
    thing: grantId(holder.id, item.clientId),
    nativeId: grantId(holder.id, item.clientId),
    kind: 'oauth_grant',
    scope,
    subject: { app: item.clientId, name: item.displayText ?? item.clientId },
    principal: principalOf(holder),
    signals: grantSignals(item.clientId, item.displayText),
    permissions: item.scopes ?? [],
    attributes: { ...(item.nativeApp && { nativeApp: true }), ...(item.anonymous && { unregisteredClient: true }) },
    evidence: { source: 'directory.tokens.list', url: 'https://admin.google.com/ac/owl/list?tab=apps' },
  };
}

/** A grant is one thing, wherever it is read. */
export function grantId(userId: string, clientId: string): string {
  return path('grant', userId, clientId);
}

/** What the catalog can go by. The digits before the dash are the number of the Google project that the client belongs to. */
export function grantSignals(clientId: string, name: string | undefined): { type: string; value: string }[] {
  const project = /^(\d+)-/.exec(clientId)?.[1];
  return [
    { type: 'oauth_client_id', value: clientId },
    ...(project ? [{ type: 'oauth_project_number', value: project }] : []),
    ...(name ? [{ type: 'app_name', value: name }] : []),
  ];
}
