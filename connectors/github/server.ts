import { isLoopbackAddress, path, type Principal, type Signal } from '../../src/connector/index.ts';
import { isEnterpriseServer, webHost, type Config } from './config.ts';

/**
 * github.com, each Enterprise Server and each subdomain of ghe.com count their organisations, apps and users for themselves: the
 * App 29110 of one is another on each other. What github.com gave stays as it is; what another gave carries the host's name, so
 * that no approval of github.com's app and no other organisation of that number is met by it.
 */
export function idOf(config: Config, id: string): string {
  const server = serverOf(config);
  return server === undefined ? id : `${id}@${server}`;
}

/** The host of another GitHub than github.com; undefined = it is github.com. A loopback address stands for it, for tests and the demo. */
export function serverOf(config: Config): string | undefined {
  if (!isEnterpriseServer(config) && (webHost(config) === 'github.com' || isLoopbackAddress(config.baseUrl))) return undefined;
  return webHost(config);
}

/**
 * GitHub counts its users for a whole server: user 31 of one organisation is user 31 of each other there, and of the enterprise that holds them.
 * Whatever is no user has the word for what it is before its number.
 */
export function userEverywhere({ account, id }: { account: string; id: string }): string | undefined {
  return id.includes('/') ? undefined : path('user', id, account.split('@')[1] ?? 'github.com');
}

/** An app acts as itself. Apps and users are counted apart: App 31 is not user 31. */
export function appHolder({ app_id: id, app_slug: name }: { app_id: string; app_slug: string }): Principal {
  return { id: path('app', id), name, traits: ['bot_account', 'workload'] };
}

/** What a catalog of github.com's apps may be asked about an app: of another server's, whose ids and slugs mean nothing there, the name alone. */
export function appSignals(config: Config, app: { id?: string; slug?: string; clientId?: string | undefined }): Signal[] {
  if (serverOf(config) !== undefined) return app.slug === undefined ? [] : [{ type: 'app_name', value: app.slug }];
  return [
    ...(app.id === undefined ? [] : [{ type: 'github_app_id', value: app.id }]),
    ...(app.slug === undefined ? [] : [{ type: 'github_app', value: app.slug }]),
    ...(app.clientId ? [{ type: 'github_client_id', value: app.clientId }] : []),
  ];
}

/** The same of the account under which an app acts; `login` as REST writes it, with `[bot]`. */
export function botSignals(config: Config, login: string, id: string | undefined): Signal[] {
  if (serverOf(config) !== undefined) return [{ type: 'app_name', value: login.replace(/\[bot\]$/, '') }];
  return [{ type: 'bot_login', value: login }, ...(id === undefined ? [] : [{ type: 'bot_user_id', value: id }])];
}
