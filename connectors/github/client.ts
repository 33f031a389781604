import type { z } from 'zod';
import { path, ProviderFault, Refusal, type Connection, type ConnectContext } from '../../src/connector/index.ts';
import { graphqlBase, isEnterpriseServer, type Config, type OrganizationConfig } from './config.ts';
import { asker, type Asker, type Parameters } from './asker.ts';
import { appCredential, tokenCredential, type Credential } from './credentials.ts';
import { answered, type Query, type QueryAnswer } from './graphql.ts';
import { closed, installed } from './installed.ts';
import { nextPage } from './link.ts';
import {
  credentialsFor,
  GRAPHQL,
  listNeeds,
  listPaths,
  OF_ENTERPRISE,
  parametersOf,
  type CredentialId,
  type List,
  type ListId,
} from './operations.ts';
import type { FetchReport } from './reports.ts';
import { enterpriseNamed, organization, rowsIn, type RowPage } from './schema.ts';
import { idOf } from './server.ts';
import type { Send } from './send.ts';
import { senders } from './senders.ts';

/** One page of a list. */
export interface Page extends RowPage {
  /** Where the page was read, and where the next one is. */
  url: string;
  next: string | null;
}

/** What the collectors ask GitHub. It answers what was asked for, checked, or throws a Refusal or a ProviderFault. */
export interface Client {
  page(list: ListId, next: string | null, parameters?: Parameters): Promise<Page>;
  /** An operation that answers one object. */
  one<Data>(id: ListId, schema: z.ZodType<Data>, parameters?: Parameters): Promise<Data>;
  /** Was it refused whatever the place, so that asking for another would be refused without being sent? */
  isClosed(list: ListId): boolean;
  /**
   * Is the App, which is asked first, let into some repositories alone? Then others are there, and it is not told of them.
   * With a list: is whatever credential answered that one?
   */
  isSelective(list?: ListId, parameters?: Parameters): boolean;
  query<Data>(query: Query<Data>, variables: Readonly<Record<string, string | number | boolean | null>>): Promise<QueryAnswer<Data>>;
  /** The ids of the organisations that the source reads beside the enterprise; absent or undefined = nobody knows. */
  readBeside?(): ReadonlySet<string> | undefined;
  /** One file of a report, from the signed address that GitHub named. */
  report: FetchReport;
}

export async function connect(context: ConnectContext<Config>): Promise<Connection<Client>> {
  const { organization, enterprise } = context.config;
  if (organization !== undefined) return open({ ...context, config: { ...context.config, organization } });
  const sent = senders(context);
  const all = context.config.organizations && installed(context, sent.send.app, open);
  if (enterprise === undefined) return all!;
  if (!all) return { ...(await openEnterprise(context, enterprise, sent)), members: async () => [] };
  try {
    const own = await openEnterprise(context, enterprise, sent);
    let ids: ReadonlySet<string> | undefined;
    const members: typeof all.members = async () => {
      const listed = await all.members!();
      ids = new Set(listed.map(({ account }) => account.id));
      return listed;
    };
    return { ...own, client: { ...own.client, readBeside: () => ids }, members };
  } catch (error) {
    // The organisations are read with another credential: an enterprise that is not shown costs none of them.
    if (!(error instanceof Refusal || error instanceof ProviderFault)) throw error;
    return { ...all, client: closed(error) };
  }
}

async function open(context: ConnectContext<OrganizationConfig>): Promise<Connection<Client>> {
  const { config } = context;
  const { organization: org } = config;
  const { send, report } = senders(context);
  const held = credentialsOf(context, send);
  const asking = asker(held);
  const found = await asking.ask({ route: 'GET /orgs/{org}', org }, organization, { can: ['app', 'token'] });
  const id = idOf(config, found.data.id);
  const account = { id, name: found.data.login, scope: path('organization', id) };
  const of = { names: { org }, ids: { organization_id: found.data.id }, plan: found.data.plan?.name };
  return { client: clientOf(context, { ...asking, held, report, of }), account };
}

/** What an enterprise says of itself. Its slug can be changed, its number cannot. */
const ENTERPRISE: Query<z.infer<typeof enterpriseNamed>> = {
  name: 'Enterprise',
  text: 'query Enterprise($slug: String!) { enterprise(slug: $slug) { databaseId slug } }',
  schema: enterpriseNamed,
};

/** GitHub shows enterprises to their owners' tokens, and to no App that is installed in organisations. */
async function openEnterprise(
  context: ConnectContext<Config>,
  slug: string,
  { send, report }: ReturnType<typeof senders>,
): Promise<Connection<Client>> {
  const { config } = context;
  const held = config.token ? [tokenCredential(context.secret(config.token), send.token)] : [];
  const asking = asker(held);
  const request = { route: `POST ${graphqlBase(config)}/graphql`, query: ENTERPRISE.text, variables: { slug } };
  const { data } = await asking.ask(request, answered(ENTERPRISE, 'any'), { can: ['token'] }).catch((error: unknown) => {
    const message = `the enterprise ${slug} is not shown: ${error instanceof Error ? error.message : ''}`;
    if (error instanceof ProviderFault) throw new ProviderFault(message, { reason: error.reason, cause: error });
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(message, { reason: error.reason, whole: true, cause: error, permission: OF_ENTERPRISE.token });
  });
  const id = String(data.data.enterprise.databaseId);
  // Enterprises and organisations are counted apart.
  const account = { id: `enterprise/${idOf(config, id)}`, name: data.data.enterprise.slug, scope: path('enterprise', idOf(config, id)) };
  const of = { names: { enterprise: slug }, ids: { enterprise_id: id }, plan: 'enterprise' };
  return { client: clientOf(context, { ...asking, held, report, of }), account };
}

interface Opened extends Asker {
  held: readonly Credential[];
  report: FetchReport;
  /** What is read: as paths name it, as the addresses in `Link` name it, and what its plan has. */
  of: { names: Parameters; ids: Parameters; plan: string | undefined };
}

function clientOf(context: ConnectContext<Config>, { ask, isRefused, answering, held, report, of }: Opened): Client {
  const { config } = context;
  const { baseUrl } = config;
  const asks = (list: ListId, parameters: Parameters) => {
    const lacks = lacking(config, listNeeds(list), of.plan);
    if (lacks !== undefined) throw new Refusal(lacks, { reason: 'not_licensed' });
    const values: Parameters = { ...parameters, ...of.names };
    // What stands in no place of the path would go into the query.
    const named = parametersOf(list).flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]] as const]));
    return { route: list, ...listNeeds(list).query, ...Object.fromEntries(named) };
  };
  return {
    report,
    async page(list, next, parameters = {}) {
      const first = { ...asks(list, parameters), per_page: context.pageSize(listNeeds(list).largest ?? 100) };
      const request = next === null ? first : { route: `GET ${next}` };
      const answer = await ask(request, rowsIn(ROWS[list], listNeeds(list).noneIsNull), { can: credentialsFor(list), list, parameters });
      const known = { ...parameters, ...of.names, ...of.ids };
      const paths = Object.values(listPaths(list)).map((template) => filled(template, known));
      return { ...answer.data, url: answer.url, next: nextPage(answer.link, { baseUrl, paths }) };
    },
    async one(list, schema, parameters = {}) {
      return (await ask(asks(list, parameters), schema, { can: credentialsFor(list), list, parameters })).data;
    },
    isClosed: (list) => lacking(config, listNeeds(list), of.plan) !== undefined || isRefused(list),
    isSelective: (list, parameters) => (list === undefined ? held[0] : answering(list, parameters))?.isSelective() === true,
    async query(query, variables) {
      const lacks = lacking(config, query.only ?? {}, of.plan);
      if (lacks !== undefined) throw new Refusal(lacks, { reason: 'not_licensed' });
      const request = { route: `POST ${graphqlBase(config)}/graphql`, query: query.text, variables: { ...of.names, ...variables } };
      const can = query.can ?? credentialsFor(GRAPHQL);
      const { needs } = query;
      const asked = (part: string) => ({ can, list: GRAPHQL, ...(needs && { needs }), parameters: { query: query.name, part } }) as const;
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
  // A seat a line for each organisation or team that gives it, and a total that counts each person once.
  'GET /enterprises/{enterprise}/copilot/billing/seats': ['seats', 'total_seats'],
  'GET /enterprises/{enterprise}/copilot/custom-agents': ['custom_agents'],
};

function filled(template: string, values: Parameters): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (values[name] === undefined ? whole : encodeURIComponent(values[name])));
}

/** Where the plan is known not to have something, nothing is asked. GitHub tells the plan to owners and to Apps that may see it. */
function lacking(
  config: Config,
  { cloudOnly, enterpriseOnly }: Pick<List, 'cloudOnly' | 'enterpriseOnly'>,
  plan: string | undefined,
): string | undefined {
  if (cloudOnly && isEnterpriseServer(config)) return 'Enterprise Server does not have them';
  if (!enterpriseOnly || plan === undefined || plan === 'enterprise') return undefined;
  return `not observable on the plan "${plan}": only ${cloudOnly ? 'Enterprise Cloud' : 'GitHub Enterprise'} has them`;
}

function credentialsOf(context: ConnectContext<OrganizationConfig>, send: Record<CredentialId, Send>): Credential[] {
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
        send: send.app,
        now: () => context.now(),
      }),
    );
  if (token) held.push(tokenCredential(context.secret(token), send.token));
  return held;
}
