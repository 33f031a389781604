import { defineCollector, reading, type CollectContext, type Gap, type ScanEvent } from '../../src/connector/index.ts';
import { ACCESS_KEYS, accessKeyEvents, shortArn, type KnownUser } from './access-keys.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { judgedPrincipals, setAsideOf, SUSPECTS, suspectOf, type Suspect, type Suspects } from './judged-principals.ts';
import { DETAILS, listPrincipals } from './listed-principals.ts';

/** Users, roles, whom roles let in, and access keys: the whole identity of an account in a few requests. */
export const identities = defineCollector<Config, Client>({
  id: 'identities',
  title: 'Users, roles, trusts and access keys',
  version: 3,
  kinds: ['identity', 'service_account', 'trust', 'api_key'],
  mode: 'inventory',
  operations: ['iam.GetAccountAuthorizationDetails', 'iam.GenerateCredentialReport', 'iam.GetCredentialReport'],
  permissions: [
    { id: DETAILS, purpose: 'List users and roles with their policies and whom roles trust', required: true },
    { id: 'iam:GenerateCredentialReport', purpose: 'Have the report of all access keys written', required: true },
    { id: 'iam:GetCredentialReport', purpose: 'Read which access keys there are, how old, and when last used', required: true },
  ],
  limits: [
    'Permissions boundaries, organisation policies, resource policies and conditions are not weighed: a level is the most that it can be',
    "What AWS's own managed policies grant is known from a table of 2026, by service; they are not read action by action",
    'The credential report may be four hours old, and knows only the last use of a key, with its service',
    'A role without a last use was not used in the last 400 days; what was before is not kept',
  ],
  volatile: ['lastUsed', 'neverUsed', 'lastUsedService', 'lastUsedRegion', 'reportGeneratedAt'],
  requests: () => 2,
  shared: (sizes) => ({ [DETAILS]: sizes.pages('entities', 1000) }),

  async *collect(context) {
    const { account, cursor } = context;
    const users = (cursor as Position | undefined)?.users ?? (yield* walk(context));
    if (!users) return;
    yield* accessKeyEvents(context, new Map(users.map(([arn, id, aiLevel]) => [arn, { id, aiLevel }])));
    yield { type: 'covered', scope: account.scope };
  },
});

/**
 * ARN, id and level of every user: the report that comes after the list knows ARNs alone.
 * 5,000 users, which is the most that an account may have, are some 400 kB.
 */
type Position = { users: [arn: string, id: string, aiLevel: KnownUser['aiLevel']][] };

/** Reads the list of users and roles; answers undefined when it broke off. */
async function* walk(context: CollectContext<Config, Client>): AsyncGenerator<ScanEvent, Position['users'] | undefined> {
  const { account, client, interest } = context;
  const loss = { scope: account.scope, effect: 'Users, roles, whom they trust, and access keys are unknown', permission: DETAILS };
  const read = await reading(loss, () => listPrincipals(context));
  if (read.gap) {
    yield read.gap;
    return undefined;
  }
  const listed = read.value;
  yield* listed.gaps.users.flatMap((gap) => [gap, keysOf(account.scope, gap)]);
  yield* listed.gaps.roles;
  const users: Position['users'] = [];
  const suspects: Suspect[] = [];
  for await (const { events, user } of judgedPrincipals(context, listed)) {
    if (user) users.push([shortArn(user.detail.Arn), user.detail.UserId, user.has.aiLevel]);
    const suspect = suspectOf(events, interest);
    if (suspect) suspects.push(suspect);
    yield* events;
  }
  // Who is asked further about need not be looked for again.
  await client.once(SUSPECTS, async (): Promise<Suspects> => ({ list: suspects, setAside: setAsideOf(listed) }));
  yield { type: 'checkpoint', cursor: { users }, sizes: { entities: listed.entities } };
  return users;
}

/** Without its user, a row of the report cannot be told whose it is: the keys are as unknown as the user. */
function keysOf(account: string, gap: Gap): Gap {
  return { ...gap, scope: gap.scope.replace(`${account}/user/`, `${account}/${ACCESS_KEYS}/`) };
}
