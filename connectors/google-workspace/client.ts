import type { JWT } from 'google-auth-library';
import { path, type Connection, type ConnectContext } from '../../src/connector/index.ts';
import { asker, type Sender } from './ask.ts';
import { cloudClient, type CloudClient } from './cloud-client.ts';
import type { Config } from './config.ts';
import { consoleClient, type ConsoleClient } from './console-client.ts';
import { directoryClient, type DirectoryClient } from './directory-client.ts';
import { fateOf, TOKEN_ENDPOINT } from './fate.ts';
import type { Imported } from './imports.ts';
import { ORIGINS, QUOTAS } from './operations.ts';
import { projectClient, type ProjectClient } from './project-client.ts';

/**
 * Google's default quota is 2,400 requests a minute for each user and project, and can be raised: the pace begins below it, and finds it.
 * https://developers.google.com/workspace/admin/directory/v1/limits
 */
const PACE = { perSecond: 30, inFlight: 12, most: 100, quotas: QUOTAS };

/** What the collectors ask Google. Every method answers one page, checked, or throws a Refusal or a ProviderFault. */
export type Client = DirectoryClient & ConsoleClient & CloudClient & ProjectClient & { imported(kind?: Imported['kind']): Imported[] };

export async function connect(context: ConnectContext<Config>): Promise<Connection<Client>> {
  const { endpoint } = context.config;
  const hosts = { ...ORIGINS, token: TOKEN_ENDPOINT };
  // The token call has a constant host in the SDK: only the transport can lead it to a simulated server.
  const origins = Object.entries(hosts).map(([name, url]) => [name, { url, ...(endpoint && { sendTo: endpoint }) }]);
  const wire = context.wire(Object.fromEntries(origins));
  const sender: Sender = {
    ask: asker(context.calls(PACE, fateOf), context, wire),
    sent: (auth: JWT) => ({ auth, fetchImplementation: wire.fetch, retry: false, timeout: 0 }),
    pageSize: (largest) => context.pageSize(largest),
  };
  const { account, ...directory } = await directoryClient(sender);
  const imported = (kind?: Imported['kind']) => importedFiles(context, kind);
  const client = { ...directory, ...consoleClient(sender, account.id), ...cloudClient(sender), ...projectClient(sender), imported };
  return { client, account: { id: account.id, name: account.customerDomain ?? account.id, scope: path('customer', account.id) } };
}

/** The files of a kind; of every kind where none is named. */
function importedFiles({ config, secret }: ConnectContext<Config>, kind: Imported['kind'] | undefined): Imported[] {
  const wanted = (config.imports ?? []).filter((file) => kind === undefined || file.kind === kind);
  return wanted.map(({ file, ...rest }) => ({ ...rest, text: secret(file).reveal() }));
}
