import {
  concurrent,
  defineCollector,
  parseItems,
  path,
  reading,
  within,
  type CollectContext,
  type Observation,
  type ScanEvent,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import { listPages } from './pages.ts';
import { appPassword, user, type AppPassword, type User } from './schema.ts';
import { standingOf, traitsOf, userScope } from './users.ts';

/**
 * App passwords: they sign in past the second factor, and no grant tells of them. Google lists them for one user at a time,
 * so they cost as much as the grants. https://support.google.com/accounts/answer/185833
 */
export const appPasswords = defineCollector<Config, Client>({
  id: 'app_passwords',
  title: 'App passwords of every user',
  version: 2,
  kinds: ['api_key'],
  mode: 'inventory',
  optional: true,
  operations: ['directory.users.list', 'directory.asps.list'],
  permissions: [
    { id: SCOPES.users, purpose: 'Know whose app passwords to ask for', required: true },
    { id: SCOPES.grants, purpose: 'List names and dates of app passwords', required: true },
  ],
  limits: ['What an app password is used with is known by the name alone that its user gave it'],
  volatile: [],
  requests: (sizes) => sizes.pages('users', 500) + sizes.of('users'),

  async *collect(context) {
    const { account, client, cursor } = context;
    const position = (cursor ?? { from: null, users: 0, ended: false }) as { from: string | null; users: number; ended: boolean };
    const loss = { scope: account.scope, effect: 'Whose app passwords there are to read is unknown', permission: SCOPES.users };
    const ask = (pageToken: string | undefined) => client.users({ deleted: false, pageToken });
    for await (const page of position.ended ? [] : listPages({ loss, what: 'user', schema: user, from: position.from, ask })) {
      if (page.gap) return yield page.gap;
      yield* page.gaps;
      const refused = yield* readPage(context, page.items);
      if (refused) return;
      position.users += page.items.length;
      yield {
        type: 'checkpoint',
        cursor: { from: page.next, users: position.users, ended: page.next === null },
        sizes: { users: position.users },
      };
    }
    yield { type: 'covered', scope: account.scope };
  },
});

/** Answers true when the credential was refused as a whole: nobody else need be asked. */
async function* readPage(context: CollectContext<Config, Client>, holders: readonly User[]): AsyncGenerator<ScanEvent, boolean> {
  let refused = false;
  for await (const result of concurrent(holders, context.inFlight, async (holder) =>
    refused ? undefined : passwordsOf(context, holder),
  )) {
    if (!result) continue;
    yield* result.events;
    if (!result.whole || refused) continue;
    refused = true;
    yield { ...result.whole, scope: context.account.scope, effect: 'Which app passwords users have made is unknown' };
  }
  return refused;
}

async function passwordsOf({ account, client }: CollectContext<Config, Client>, holder: User) {
  const scope = userScope(account.scope, holder.id);
  const result = await reading({ scope, effect: 'The app passwords of this user are unknown', permission: SCOPES.grants }, async () => {
    const { items } = await client.appPasswords(holder.id);
    return parseItems(items, appPassword, { what: 'app password', scope: () => scope });
  });
  if (result.gap) return { events: [result.gap], whole: result.whole ? result.gap : undefined };
  const { items, gaps } = result.value;
  const events: ScanEvent[] = [...items.map((item) => observationOf(scope, holder, item)), ...gaps, { type: 'covered', scope }];
  return { events };
}

function observationOf(scope: string, holder: User, item: AppPassword): Observation {
  const id = path('app_password', holder.id, String(item.codeId));
  const name = item.name ?? `App password ${item.codeId}`;
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'api_key',
    scope: within(scope, 'app_password', String(item.codeId)),
    // Each is an app of its own: nothing but the name that its user gave it ties two of them together.
    subject: { app: id, credential: id, name },
    principal: {
      id: holder.id,
      name: holder.primaryEmail,
      standing: standingOf(holder, false),
      traits: [...traitsOf(holder), 'standing_credential'],
    },
    signals: item.name === undefined ? [] : [{ type: 'app_name', value: item.name }],
    permissions: [],
    grantedAt: { at: new Date(item.creationTime).toISOString(), from: 'listed' },
    ...(item.lastTimeUsed && { lastUsedAt: { at: new Date(item.lastTimeUsed).toISOString(), from: 'listed' } as const }),
    attributes: { bypassesSecondFactor: true },
    evidence: { source: 'directory.asps.list', url: 'https://admin.google.com/ac/users' },
  };
}
