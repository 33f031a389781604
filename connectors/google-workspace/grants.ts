import { defineCollector, pageGuard, parseItems, reading, within, type CollectContext, type ScanEvent } from '../../src/connector/index.ts';
import { LOG_DAYS } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { GRANT_EVENTS, readByLog } from './grants-by-log.ts';
import { holderOf, type Holder } from './holders.ts';
import { readStretch, STRETCH } from './listed-grants.ts';
import { SCOPES } from './operations.ts';
import { user } from './schema.ts';

/** Live OAuth grants. Google lists them for one user at a time, so a full reading costs one request a user. */
export const grants = defineCollector<Config, Client>({
  id: 'grants',
  title: 'OAuth grants of every user',
  version: 2,
  kinds: ['oauth_grant'],
  mode: 'inventory',
  operations: ['directory.users.list', 'directory.tokens.list', 'reports.activities.list'],
  permissions: [
    { id: SCOPES.users, purpose: 'Know whose grants to ask for', required: true },
    { id: SCOPES.grants, purpose: 'List the apps that each user has given access to', required: true },
  ],
  limits: [
    'A listed grant carries no date: dates come from the audit log, which reaches 180 days back',
    'Sign-ups with a password leave no grant',
    'On nights by the log, the new name of an app is noticed where a grant of it is read, and a grant that ended without an event in the next full reading',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('users', 500) + sizes.of('users'),
  // Events arrive with "a couple of hours" of delay. https://support.google.com/a/answer/7061566
  changeLog: { complete: GRANT_EVENTS, lagHours: 6, windowDays: LOG_DAYS },

  async *collect(context) {
    const { config, account, delta } = context;
    if (config.mode === 'log-only') yield* lostByLogOnly(account.scope);
    else if (delta && config.mode === 'delta') yield* readByLog(context, delta);
    else yield* readEverybody(context);
  },
});

type Position = {
  pageToken: string | null;
  pending: Holder[];
  users: number;
  last: boolean;
};

async function* readEverybody(context: CollectContext<Config, Client>): AsyncGenerator<ScanEvent> {
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
    const refused = yield* readStretch(context, position.pending.slice(0, STRETCH));
    if (refused) return;
    position.pending = position.pending.slice(STRETCH);
    yield { type: 'checkpoint', cursor: { ...position }, sizes: { users: position.users } };
  }
  // The list of users was complete: whoever is not in it any more holds nothing any more.
  yield { type: 'covered', scope: account.scope };
}

/** What an organisation goes without that does not hand out the scope by which grants are listed, and could also be revoked. */
function* lostByLogOnly(account: string): Generator<ScanEvent> {
  const losses: readonly (readonly [place: string, effect: string])[] = [
    [account, 'Which grants are live is unknown (log-only): what ended without an event looks as if it stood'],
    [within(account, 'log_only', 'older'), `Grants given more than ${LOG_DAYS} days before the first scan are unknown (log-only)`],
    [within(account, 'log_only', 'client'), 'Whether a client is registered with Google is unknown (log-only)'],
    [within(account, 'log_only', 'recheck'), 'Whether a grant of a finding was taken back cannot be asked for (log-only)'],
  ];
  for (const [scope, effect] of losses) yield { type: 'gap', scope, reason: 'permission_denied', permission: SCOPES.grants, effect };
}
