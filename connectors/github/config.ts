import { z } from 'zod';
import { isLoopbackAddress, isSafeAddress, type Account } from '../../src/connector/index.ts';
import { secretReference } from '../../src/secret/secret.ts';

/**
 * The version of the API that github.com, Enterprise Cloud and Enterprise Server all know: a newer one is known to a release of
 * Enterprise Server only once that release has it. https://docs.github.com/en/rest/about-the-rest-api/api-versions
 */
const API_VERSION = '2022-11-28';

/** Where Enterprise Server has its API. */
const SERVER_PATH = '/api/v3';

/** How one GitHub organisation is reached. */
export const config = z
  .strictObject({
    organization: z
      .string()
      .regex(/^[\w.-]+$/, 'the name in the address of the organisation, without https://github.com/')
      .optional()
      .describe('Login of the organisation, as in https://github.com/LOGIN'),
    organizations: z
      .literal('installed')
      .optional()
      .describe('Instead of one organisation: "installed", all in which the GitHub App is installed, each as an account of its own'),
    enterprise: z
      .string()
      .regex(/^[\w-]+$/, 'the name in the address of the enterprise, without https://github.com/enterprises/')
      .optional()
      .describe(
        'Slug of the enterprise, as in https://github.com/enterprises/SLUG: what it holds itself is read with the token of one of its owners. Stands alone, or beside "organizations"',
      ),
    app: z
      .strictObject({
        id: z.int().positive().describe('App ID, on the settings page of the GitHub App'),
        privateKey: secretReference.describe('Where the private key (PEM) of the GitHub App is found'),
        installation: z.int().positive().optional().describe('Installation ID; found by itself where it is left out'),
      })
      .optional()
      .describe('The GitHub App that reads. It can see most, with read permissions alone'),
    token: secretReference
      .optional()
      .describe('Where a classic token of an organisation owner is found. It reads what no App may: Codespaces secrets'),
    profile: z
      .enum(['organisation', 'deep'])
      .default('organisation')
      .describe(
        'How much is read: "organisation" what GitHub shows for all repositories at once; "deep" also what each repository has to be asked for',
      ),
    deep: z
      .strictObject({
        maxRequests: z
          .int()
          .min(100)
          .describe('Most requests that each collector of the profile "deep" sends in a night; what is left over comes first on the next'),
      })
      .optional()
      .describe('Limits of the profile "deep". Without it, 15,000 requests a night'),
    baseUrl: z
      .url()
      .refine(isSafeAddress, 'https, or a loopback address: any other would send the credentials in the clear')
      .transform((url) => url.replace(/\/+$/, ''))
      .refine(isApiAddress, 'no address of the API: https://api.github.com, or https://HOST/api/v3 for Enterprise Server')
      .default('https://api.github.com')
      .describe('Address of the API. Enterprise Server: https://HOST/api/v3'),
    apiVersion: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, 'a version of the API is a date, as in 2022-11-28')
      .default(API_VERSION)
      .describe('Version of the API that every request names'),
  })
  .refine(({ app, token }) => app !== undefined || token !== undefined, {
    path: ['app'],
    message: 'a source needs a GitHub App ("app"), a token ("token"), or both',
  })
  .refine((read) => formsOf(read) === 1, {
    path: ['organization'],
    message:
      'a source reads one organisation ("organization"), all in which its App is installed ("organizations": "installed"), or an enterprise ("enterprise"), which may stand beside "organizations"',
  })
  .refine(({ enterprise, token }) => enterprise === undefined || token !== undefined, {
    path: ['token'],
    message: 'an enterprise is shown to the token of one of its owners ("token") alone',
  })
  .refine(({ organizations, app }) => organizations === undefined || (app !== undefined && app.installation === undefined), {
    path: ['organizations'],
    message: 'the organisations are found by the GitHub App ("app"), and "app.installation" would name one of them',
  });
export type Config = z.infer<typeof config>;

/** That of a source, or of one of the organisations that it reads. */
export type OrganizationConfig = Config & { organization: string };

/** How many of the things are named of which a source reads one. An enterprise may stand beside all organisations of an App. */
function formsOf(read: { organization?: unknown; organizations?: unknown; enterprise?: unknown }): number {
  const forms = [read.organization, read.organizations ?? read.enterprise];
  return forms.filter((form) => form !== undefined).length;
}

/** Where people see what the API at `baseUrl` shows: api.github.com belongs to github.com, Enterprise Server is one host. */
export function webPage(config: Config, path: string): string {
  return `${new URL(config.baseUrl).protocol}//${webHost(config)}${path}`;
}

/** A page of an organisation's settings. Its account has the login: a source may read many organisations. */
export function settingsPage({ config, account }: { config: Config; account: Account }, page: string): string {
  return webPage(config, `/organizations/${account.name}/settings/${page}`);
}

/** The host that people see, with the folder below which Enterprise Server lies there, if it does. */
export function webHost(config: Config): string {
  const { host, pathname } = new URL(config.baseUrl);
  if (isEnterpriseServer(config)) return `${host}${pathname.slice(0, -SERVER_PATH.length)}`;
  return host.replace(/^api\./, '');
}

/** GraphQL lies beside the REST API. https://docs.github.com/en/enterprise-server/graphql/guides/managing-enterprise-accounts */
export function graphqlBase({ baseUrl }: Config): string {
  return baseUrl.replace(/\/api\/v3$/, '/api');
}

/** Enterprise Server has no cloud-only features, whatever it is granted. */
export function isEnterpriseServer(config: Config): boolean {
  return isBelowServer(new URL(config.baseUrl));
}

/** Below any other address are pages for people, which answer requests for data with "not found". */
function isApiAddress(baseUrl: string): boolean {
  const url = new URL(baseUrl);
  return isLoopbackAddress(baseUrl) || isBelowServer(url) || (url.hostname.startsWith('api.') && url.pathname === '/');
}

/** https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api */
function isBelowServer({ pathname }: URL): boolean {
  return pathname.endsWith(SERVER_PATH);
}
