import { z } from 'zod';
import {
  pageGuard,
  parseItems,
  path,
  Refusal,
  type Connection,
  type ConnectContext,
  type Gap,
  type Member,
  type Scope,
} from '../../src/connector/index.ts';
import { accountOf, clientOver, openSession, type Client } from './client.ts';
import type { Config } from './config.ts';
import { roleSessions, type Sessions } from './session.ts';

/** Where accounts come from that one source reads. */
export interface Organization {
  /** What it says of itself; asked for when it was opened. */
  itself: Described;
  /** All accounts, asked for until they are known. Throws where the list breaks off: half of it would call our own accounts strangers. */
  accounts(): Promise<ListedAccounts>;
  /** Why an account of the list is not read; undefined = it is. */
  unread(account: ListedAccount): Member<Client>['unread'];
}

export interface ListedAccounts {
  items: readonly ListedAccount[];
  /** Accounts of the list that were not understood. */
  gaps: readonly Gap[];
}

const listedAccount = z.object({
  Id: z.string().regex(/^\d{12}$/),
  Name: z.string().optional(),
  // `Status`, which AWS has announced to drop, is not read: an account without a state is not known to be active.
  State: z.string().optional(),
  JoinedTimestamp: z.date().optional(),
});
export type ListedAccount = z.infer<typeof listedAccount>;

const description = z
  .object({ Organization: z.object({ Id: z.string().min(1), MasterAccountId: z.string().optional(), FeatureSet: z.string().optional() }) })
  .transform((answer) => answer.Organization);
export type Described = z.infer<typeof description>;
const page = z.object({ Accounts: z.array(z.unknown()).optional(), NextToken: z.string().optional() });

type Settings = NonNullable<Config['organization']>;

/** Opens the organisation that the credential belongs to; its accounts are opened one by one, each with a role of its own. */
export async function connectOrganization(
  context: ConnectContext<Config>,
  sessions: Sessions,
  settings: Settings,
): Promise<Connection<Client>> {
  const { region, ownAccounts } = context.config;
  const { client } = clientOver(context, sessions, { accounts: ownAccounts, organizationId: undefined, read: [] });
  const itself = await client.ask('organizations.DescribeOrganization', region, {}, description);
  const { Id: id } = itself;
  const scope = path('organization', id);
  let listing: Promise<ListedAccounts> | undefined;
  const organization: Organization = {
    itself,
    accounts: () =>
      (listing ??= listAccounts(client, scope, { region, size: context.pageSize(20) }).catch((error: unknown) => {
        listing = undefined;
        throw error;
      })),
    unread: (account) => whyUnread(account, settings),
  };
  return {
    client: { ...client, organization },
    account: { id, name: `organisation ${id}`, scope },
    members: () => membersOf(context, sessions, { id, settings, organization }),
  };
}

async function listAccounts(client: Client, scope: Scope, { region, size }: { region: string; size: number }): Promise<ListedAccounts> {
  const items: ListedAccount[] = [];
  const gaps: Gap[] = [];
  const guard = pageGuard();
  let token: string | undefined;
  do {
    const input = { MaxResults: size, ...(token !== undefined && { NextToken: token }) };
    const answer: z.infer<typeof page> = await client.ask('organizations.ListAccounts', region, input, page);
    const parsed = parseItems(answer.Accounts ?? [], listedAccount, { what: 'account', scope: () => scope });
    items.push(...parsed.items);
    gaps.push(...parsed.gaps);
    // A page may be empty and not be the last.
    token = answer.NextToken || undefined;
    if (token !== undefined) guard(token);
  } while (token !== undefined);
  return { items, gaps };
}

async function membersOf(
  { config }: ConnectContext<Config>,
  sessions: Sessions,
  { id, settings, organization }: { id: string; settings: Settings; organization: Organization },
): Promise<Member<Client>[]> {
  const { include } = settings.accounts ?? {};
  const items = await organization.accounts().then(
    (listed) => listed.items,
    (error: unknown) => {
      // From an account that may not list the others, those that the configuration names can be read all the same.
      if (error instanceof Refusal && include) return include.map((Id): ListedAccount => ({ Id }));
      throw error;
    },
  );
  const own = {
    accounts: [...config.ownAccounts, ...items.map(({ Id }) => Id)],
    organizationId: config.organizationId ?? id,
    read: items.filter((item) => !organization.unread(item)).map(({ Id }) => Id),
  };
  return items.map((item) => {
    const account = accountOf(item.Id, item.Name ?? item.Id);
    const unread = organization.unread(item);
    return {
      account,
      ...(unread && { unread }),
      async connect(tools) {
        const roleArn = `arn:${partitionOf(config.region)}:iam::${item.Id}:role/${settings.roleName}`;
        const { externalId } = settings;
        const role = { roleArn, ...(externalId !== undefined && { externalId }) };
        const session = await roleSessions({ ...tools, config }, role, sessions);
        await openSession(tools, session);
        return { client: clientOver(tools, session, own).client, account };
      },
    };
  });
}

/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html */
function whyUnread({ Id, State }: ListedAccount, { accounts }: Settings): Member<Client>['unread'] {
  const { include, exclude = [] } = accounts ?? {};
  if ((include && !include.includes(Id)) || exclude.includes(Id))
    return { reason: 'not_of_interest', effect: 'Nothing of this account is read: the configuration leaves it out', byDesign: true };
  // What is asked for by name is tried; of the rest, only what is said to be active.
  if (State === 'ACTIVE' || (State === undefined && include)) return undefined;
  const why = State === undefined ? 'AWS does not say that it is active' : `its state is ${State}`;
  return { reason: 'not_observable', effect: `Nothing of this account is read: ${why}`, byDesign: State !== undefined };
}

/** Where the region lies. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
