import { path, ProviderFault, Refusal, type Connection, type ConnectContext, type Member } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config, OrganizationConfig } from './config.ts';
import { installationsOf } from './credentials.ts';
import { ownInstallation, type OwnInstallation } from './schema.ts';
import type { Send } from './send.ts';
import { idOf } from './server.ts';

type Open = (context: ConnectContext<OrganizationConfig>) => Promise<Connection<Client>>;

/** All organisations in which the App is installed. Each is opened with its own installation, and is the account that it would be by itself. */
export function installed(context: ConnectContext<Config>, send: Send, open: Open): Connection<Client> {
  const { app } = context.config;
  // `doctor` tries each credential by itself.
  if (!app) throw new Refusal('only the GitHub App tells where it is installed', { reason: 'not_observable' });
  const id = idOf(context.config, String(app.id));
  return {
    client: NOTHING,
    account: { id: `app/${id}`, name: `GitHub App ${app.id}`, scope: path('app', id) },
    async members() {
      const options = { appId: app.id, privateKey: context.secret(app.privateKey), baseUrl: context.config.baseUrl };
      // GitHub cuts this list by position too: a row may stand on two pages.
      const members = new Map<string, Member<Client>>();
      for await (const row of installationsOf({ ...options, pageSize: context.pageSize(100), send, now: () => context.now() })) {
        const parsed = ownInstallation.safeParse(row);
        // An organisation that was left out would look as if nobody had asked for it.
        if (!parsed.success) throw new ProviderFault('An installation of the App has another shape than documented');
        const member = memberOf(context.config, parsed.data, open);
        if (member) members.set(member.account.id, member);
      }
      if (members.size === 0) throw new Refusal('the App is installed in no organisation', { reason: 'permission_denied' });
      return [...members.values()];
    },
  };
}

/** undefined = it is installed with a person or with an enterprise, which are read by no collector. */
function memberOf(
  config: Config,
  { id: installation, account, suspended_at: suspended }: OwnInstallation,
  open: Open,
): Member<Client> | undefined {
  if (account.type !== 'Organization') return undefined;
  const { login } = account;
  const id = idOf(config, account.id);
  return {
    account: { id, name: login, scope: path('organization', id) },
    ...(suspended && {
      unread: { reason: 'permission_denied', effect: 'Nothing of this organisation is read: the App is suspended there' },
    }),
    async connect(tools) {
      const { organizations: _all, app, ...shared } = config;
      const connection = await open({ ...tools, config: { ...shared, app: { ...app!, installation }, organization: login } });
      // Between the list and this answer another organisation may have taken the name.
      if (connection.account.id !== id) throw new ProviderFault(`${login} is another organisation by now`);
      return connection;
    },
  };
}

/** What holds the organisations is read by no collector. */
const NOTHING = closed(new Error('No collector reads what holds the organisations'));

/** In the place of a client: whoever asks is told why there is none. */
export function closed(why: Error): Client {
  const refuse = () => Promise.reject(why);
  return { page: refuse, one: refuse, query: refuse, report: refuse, isClosed: () => true, isSelective: () => false };
}
