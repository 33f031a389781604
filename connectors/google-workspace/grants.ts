import {
  concurrent,
  defineCollector,
  pageGuard,
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
import { SCOPES } from './operations.ts';
import { token, user, type Token, type User } from './schema.ts';
import { standingOf, userScope } from './users.ts';

/** Users whose grants are read between two checkpoints: as much as a killed scan reads again at most. */
const STRETCH = 50;

/** Live OAuth grants. Google lists them for one user at a time, so they cost one request a user. */
export const grants = defineCollector<Config, Client>({
  id: 'grants',
  title: 'OAuth grants of every user',
  version: 1,
  kinds: ['oauth_grant'],
  mode: 'inventory',
  operations: ['directory.users.list', 'directory.tokens.list'],
  permissions: [
    { id: SCOPES.users, purpose: 'Know whose grants to ask for', required: true },
    { id: SCOPES.grants, purpose: 'List the apps that each user has given access to', required: true },
  ],
  limits: [
    'A listed grant carries no date: dates come from the audit log, which reaches 180 days back',
    'Sign-ups with a password leave no grant',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('users', 500) + sizes.of('users'),

  async *collect(context) {
    const { account, client, cursor } = context;
    const position = (cursor ?? { pageToken: null, pending: [], users: 0, last: false }) as Position;
    const loss = { scope: account.scope, effect: 'Whose grants there are to read is unknown', permission: SCOPES.users };
    const guard = pageGuard();
    for (;;) {
      if (position.pending.length === 0) {
        if (position.last) break;
        const page = await reading(loss, async () => {
          const answer = await client.users({ deleted: false, pageToken: position.pageToken ?? undefined });
          if (answer.next !== null) guard(answer.next);
          return { ...parseItems(answer.items, user, { what: 'user', scope: () => account.scope }), next: answer.next };
        });
        if (page.gap) return yield page.gap;
        yield* page.value.gaps;
        position.pageToken = page.value.next;
        position.last = page.value.next === null;
        position.pending = page.value.items.map(holderOf);
        position.users += position.pending.length;
        continue;
      }
      const stretch = position.pending.slice(0, STRETCH);
      const refused = yield* readStretch(context, stretch);
      if (refused) return;
      position.pending = position.pending.slice(STRETCH);
      yield { type: 'checkpoint', cursor: { ...position }, sizes: { users: position.users } };
    }
    // The list of users was complete: whoever is not in it any more holds nothing any more.
    yield { type: 'covered', scope: account.scope };
  },
});

type Holder = { id: string; name: string; standing: 'active' | 'suspended' | 'archived'; administrator: boolean };
type Position = { pageToken: string | null; pending: Holder[]; users: number; last: boolean };

function holderOf(item: User): Holder {
  const standing = standingOf(item, false);
  return {
    id: item.id,
    name: item.primaryEmail,
    standing: standing === 'deleted' ? 'suspended' : standing,
    administrator: item.isAdmin === true,
  };
}

/** What was learnt about refusals while a stretch was read. */
interface Refusals {
  /** The credential was refused as a whole: nobody else needs to be asked. */
  whole?: Gap;
  single: Gap[];
}

/** So many refusals in a row, and no answer among them, mean that the privilege is missing for everybody. */
const ALL_REFUSED = 10;

/** Reads the grants of some users. Answers true when nobody else need be asked. */
async function* readStretch(context: CollectContext<Config, Client>, holders: readonly Holder[]): AsyncGenerator<ScanEvent, boolean> {
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
    principal: {
      id: holder.id,
      name: holder.name,
      standing: holder.standing,
      traits: ['interactive_login', 'directory_person', ...(holder.administrator ? (['administrator'] as const) : [])],
    },
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
