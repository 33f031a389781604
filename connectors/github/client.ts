import { Octokit } from '@octokit/rest';
import type { z } from 'zod';
import { path, Refusal, USER_AGENT, type Connection, type ConnectContext } from '../../src/connector/index.ts';
import { graphqlBase, isEnterpriseServer, type Config, type OrganizationConfig } from './config.ts';
import { appCredential, tokenCredential, type Credential } from './credentials.ts';
import { fateOf, isEverywhere } from './fate.ts';
import { answered, type Query, type QueryAnswer } from './graphql.ts';
import { installed } from './installed.ts';
import { nextPage } from './link.ts';
import { credentialsFor, GRAPHQL, listNeeds, listPaths, parametersOf, type CredentialId, type List, type ListId } from './operations.ts';
import { reportFetcher, reportsOrigin, type FetchReport } from './reports.ts';
import { organization, rowsIn, type RowPage } from './schema.ts';
import { idOf } from './server.ts';
import { sender, type SdkAnswer, type SdkRequest, type Send } from './send.ts';

/**
 * GitHub counts 900 points a minute, and advises one request after the other: this leaves room for the organisation's other tools.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
 */
const PACE = { perSecond: 10, inFlight: 1, mostInFlight: 10 };
/** GitHub counts GraphQL by the work that a query makes, which no request tells beforehand: one a second, whatever REST is allowed. */
const QUERY_PACE = { perSecond: 1, mostPerSecond: 1, inFlight: 1, mostInFlight: 10 };
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** One page of a list. */
export interface Page extends RowPage {
  /** Where the page was read, and where the next one is. */
  url: string;
  next: string | null;
}

/** Values of the parameters in an operation's path, besides the organisation. `id` is that of the repository, for `Link`. */
export type Parameters = Readonly<Record<string, string>>;

/** What the collectors ask GitHub. It answers what was asked for, checked, or throws a Refusal or a ProviderFault. */
export interface Client {
  page(list: ListId, next: string | null, parameters?: Parameters): Promise<Page>;
  /** An operation that answers one object. */
  one<Data>(id: ListId, schema: z.ZodType<Data>, parameters?: Parameters): Promise<Data>;
  /** Was it refused whatever the place, so that asking for another would be refused without being sent? */
  isClosed(list: ListId): boolean;
  /** Is the App, which is asked first, let into some repositories alone? Then others are there, and it is not told of them. */
  isSelective(): boolean;
  query<Data>(query: Query<Data>, variables: Readonly<Record<string, string | number | boolean | null>>): Promise<QueryAnswer<Data>>;
  /** One file of a report, from the signed address that GitHub named. */
  report: FetchReport;
}

export async function connect(context: ConnectContext<Config>): Promise<Connection<Client>> {
  const { organization } = context.config;
  if (organization === undefined) return installed(context, sending(context).send, open);
  return open({ ...context, config: { ...context.config, organization } });
}

function sending(context: ConnectContext<Config>): { send: Send; report: FetchReport } {
  const { config } = context;
  const { baseUrl } = config;
  const reports = reportsOrigin(config);
  const wire = context.wire({ api: { url: baseUrl }, graphql: { url: graphqlBase(config) }, ...(reports && { reports }) });
  const fetch: typeof wire.fetch = (input, init) => wire.fetch(input, init);
  const octokit = new Octokit({ baseUrl, userAgent: USER_AGENT, request: { fetch }, log: SILENT });
  const calls = { query: context.calls(QUERY_PACE, fateOf), rest: context.calls(PACE, fateOf) };
  return { send: sender(octokit, calls, config.apiVersion), report: reportFetcher(reports, wire, calls.rest) };
}

async function open(context: ConnectContext<OrganizationConfig>): Promise<Connection<Client>> {
  const { config } = context;
  const { organization: org, baseUrl } = config;
  const { send, report } = sending(context);
  const held = credentialsOf(context, send);
  const { ask, isRefused } = asker(held, send);

  const found = await ask({ route: 'GET /orgs/{org}', org }, organization, { can: ['app', 'token'] });
  const id = idOf(config, found.data.id);
  const account = { id, name: found.data.login, scope: path('organization', id) };
  const asks = (list: ListId, parameters: Parameters) => {
    const lacks = lacking(config, list, found.data.plan?.name);
    if (lacks !== undefined) throw new Refusal(lacks, { reason: 'not_licensed' });
    const values: Parameters = { ...parameters, org };
    // What stands in no place of the path would go into the query.
    const named = parametersOf(list).flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]] as const]));
    return { route: list, ...listNeeds(list).query, ...Object.fromEntries(named) };
  };
  const client: Client = {
    report,
    async page(list, next, parameters = {}) {
      const first = { ...asks(list, parameters), per_page: context.pageSize(listNeeds(list).largest ?? 100) };
      const request = next === null ? first : { route: `GET ${next}` };
      const answer = await ask(request, rowsIn(ROWS[list]), { can: credentialsFor(list), list, parameters });
      const known = { ...parameters, org, organization_id: found.data.id };
      const paths = Object.values(listPaths(list)).map((template) => filled(template, known));
      return { ...answer.data, url: answer.url, next: nextPage(answer.link, { baseUrl, paths }) };
    },
    async one(list, schema, parameters = {}) {
      return (await ask(asks(list, parameters), schema, { can: credentialsFor(list), list, parameters })).data;
    },
    isClosed: (list) => lacking(config, list, found.data.plan?.name) !== undefined || isRefused(list),
    isSelective: () => held[0]?.isSelective() === true,
    async query(query, variables) {
      const request = { route: `POST ${graphqlBase(config)}/graphql`, query: query.text, variables: { org, ...variables } };
      const can = query.can ?? credentialsFor(GRAPHQL);
      const asked = (part: string) => ({ can, list: GRAPHQL, parameters: { query: query.name, part } }) as const;
      // What GitHub forbids the App in a part of the answer, it may show whole to the token.
      if (held.length > 1)
        try {
          return (await ask(request, answered(query, 'whole'), asked('whole'))).data;
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      return (await ask(request, answered(query, 'any'), asked('any'))).data;
    },
  };
  return { client, account };
}

/** Where the rows stand in the answer of a list, and what counts them; a list that is not named here is bare and uncounted. */
const ROWS: Readonly<Partial<Record<ListId, readonly [rows: string, total?: string]>>> = {
  'GET /orgs/{org}/installations': ['installations', 'total_count'],
  'GET /orgs/{org}/actions/secrets': ['secrets', 'total_count'],
  'GET /orgs/{org}/dependabot/secrets': ['secrets', 'total_count'],
  'GET /orgs/{org}/agents/secrets': ['secrets', 'total_count'],
  'GET /orgs/{org}/codespaces/secrets': ['secrets', 'total_count'],
  'GET /orgs/{org}/actions/variables': ['variables', 'total_count'],
  'GET /orgs/{org}/agents/variables': ['variables', 'total_count'],
  'GET /repos/{owner}/{repo}/actions/secrets': ['secrets', 'total_count'],
  'GET /repos/{owner}/{repo}/dependabot/secrets': ['secrets', 'total_count'],
  'GET /repos/{owner}/{repo}/codespaces/secrets': ['secrets', 'total_count'],
  'GET /repos/{owner}/{repo}/agents/secrets': ['secrets', 'total_count'],
  'GET /repos/{owner}/{repo}/actions/variables': ['variables', 'total_count'],
  'GET /repos/{owner}/{repo}/agents/variables': ['variables', 'total_count'],
  'GET /orgs/{org}/actions/runners': ['runners', 'total_count'],
  'GET /repos/{owner}/{repo}/actions/runners': ['runners', 'total_count'],
  'GET /repos/{owner}/{repo}/environments': ['environments', 'total_count'],
  'GET /repos/{owner}/{repo}/environments/{environment_name}/secrets': ['secrets', 'total_count'],
  'GET /repos/{owner}/{repo}/environments/{environment_name}/variables': ['variables', 'total_count'],
  'GET /orgs/{org}/copilot/billing/seats': ['seats', 'total_seats'],
  'GET /orgs/{org}/copilot-spaces': ['spaces'],
};

function filled(template: string, values: Parameters): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (values[name] === undefined ? whole : encodeURIComponent(values[name])));
}

/** Where the plan is known not to have something, nothing is asked. GitHub tells the plan to owners and to Apps that may see it. */
function lacking(config: Config, list: ListId, plan: string | undefined): string | undefined {
  const { cloudOnly, enterpriseOnly } = listNeeds(list);
  if (cloudOnly && isEnterpriseServer(config)) return 'Enterprise Server does not have them';
  if (!enterpriseOnly || plan === undefined || plan === 'enterprise') return undefined;
  return `not observable on the plan "${plan}": only ${cloudOnly ? 'Enterprise Cloud' : 'GitHub Enterprise'} has them`;
}

function credentialsOf(context: ConnectContext<OrganizationConfig>, send: Send): Credential[] {
  const { app, token, organization, baseUrl } = context.config;
  const held: Credential[] = [];
  if (app)
    held.push(
      appCredential({
        appId: app.id,
        privateKey: context.secret(app.privateKey),
        installation: app.installation,
        organization,
        baseUrl,
        pageSize: context.pageSize(100),
        send,
        now: () => context.now(),
      }),
    );
  if (token) held.push(tokenCredential(context.secret(token)));
  return held;
}

interface Asked {
  /** Kinds of credential that are answered here, the least powerful first. */
  can: readonly CredentialId[];
  list?: ListId;
  parameters?: Parameters;
}

/** Asks with the least powerful credential that can, and with the next one where GitHub refuses it. */
function asker(held: readonly Credential[], send: Send) {
  // What was refused once is not asked again in this scan: GitHub locks out clients that insist.
  const refused = new Map<string, Refusal>();
  const able = ({ can, list }: Pick<Asked, 'can' | 'list'>) => {
    const all = can.flatMap((id) => held.filter((credential) => credential.id === id));
    return list && listNeeds(list).alike ? all.slice(0, 1) : all;
  };
  const isRefused = (list: ListId) =>
    able({ can: credentialsFor(list), list }).every(({ id }) => refused.has(id) || refused.has(`${id} ${list}`));
  const ask = async <Data>(request: SdkRequest, schema: z.ZodType<Data>, asked: Asked): Promise<SdkAnswer<Data>> => {
    const asking = able(asked);
    if (asking.length === 0) throw unanswerable(asked);
    const refusals: { id: CredentialId; refusal: Refusal }[] = [];
    for (const credential of asking) {
      const { id } = credential;
      const list = `${id} ${asked.list ?? request.route}`;
      const place = `${list} ${JSON.stringify(asked.parameters ?? {})}`;
      let refusal = refused.get(id) ?? refused.get(list) ?? refused.get(place);
      if (!refusal) {
        try {
          return await askAs(credential, send, request, schema, asked.list && listNeeds(asked.list));
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          refusal = error;
          refused.set(error.whole ? id : isEverywhere(error) ? list : place, error);
        }
      }
      refusals.push({ id, refusal });
    }
    throw joined(
      refusals,
      asked,
      held.every(({ id }) => refused.has(id)),
    );
  };
  return { ask, isRefused };
}

async function askAs<Data>(
  credential: Credential,
  send: Send,
  request: SdkRequest,
  schema: z.ZodType<Data>,
  needs: List | undefined,
): Promise<SdkAnswer<Data>> {
  const isWhole = (scopes: string | undefined) => !needs?.publicPart || credential.seesAll(needs, scopes);
  const header = await credential.authorization();
  try {
    return await send(async () => header, request, schema, { isWhole });
  } catch (error) {
    // A token can be revoked, or run out during a long wait: another one is fetched, once.
    if (!(error instanceof Refusal) || !error.whole || !credential.renew(header)) throw error;
  }
  const fresh = await credential.authorization();
  return send(async () => fresh, request, schema, { repeat: true, isWhole });
}

const NAMES: Readonly<Record<CredentialId, string>> = { app: 'the GitHub App', token: 'the token' };

function unanswerable({ can, list }: Asked): Refusal {
  const needs = list && listNeeds(list);
  const permission = (can.includes('app') ? needs?.app : undefined) ?? needs?.token;
  const only = can.includes('app') ? 'a GitHub App' : 'a classic token of an organisation owner';
  return new Refusal(`only ${only} can list them`, { reason: 'not_observable', ...(permission && { permission }) });
}

/** One refusal for all credentials that were tried; it names the permission that the first of them lacks. */
function joined(refusals: readonly { id: CredentialId; refusal: Refusal }[], { list }: Asked, whole: boolean): Refusal {
  const needs = list && listNeeds(list);
  const permission = needs?.[refusals[0]!.id];
  const said = refusals.map(({ id, refusal }) => `${NAMES[id]}: ${refusal.message}`).join('. ');
  return new Refusal(said, { reason: 'permission_denied', cause: refusals[0]!.refusal, whole, ...(permission && { permission }) });
}
