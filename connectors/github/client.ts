import { Octokit } from '@octokit/rest';
import type { z } from 'zod';
import { path, Refusal, type Connection, type ConnectContext } from '../../src/connector/index.ts';
import { isEnterpriseServer, type Config } from './config.ts';
import { appCredential, tokenCredential, type Credential } from './credentials.ts';
import { fateOf } from './fate.ts';
import { nextPage } from './link.ts';
import { credentialsFor, listNeeds, listPaths, type CredentialId, type List, type ListId } from './operations.ts';
import { bareRows, installationRows, organization, seatRows, secretRows, type RowPage } from './schema.ts';
import { sender, type SdkAnswer, type SdkRequest, type Send } from './send.ts';

/** GitHub counts 900 points a minute, and advises few requests at once: this leaves room for the organisation's other tools. */
const PACE = { perSecond: 10, inFlight: 4 };
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** One page of a list. */
export interface Page extends RowPage {
  /** Where the page was read, and where the next one is. */
  url: string;
  next: string | null;
}

/** What the collectors ask GitHub. It answers one page, checked, or throws a Refusal or a ProviderFault. */
export interface Client {
  page(list: ListId, next: string | null): Promise<Page>;
}

export async function connect(context: ConnectContext<Config>): Promise<Connection<Client>> {
  const { config } = context;
  const { organization: org, baseUrl } = config;
  const wire = context.wire({ api: { url: baseUrl } });
  const fetch: typeof wire.fetch = (input, init) => wire.fetch(input, init);
  const octokit = new Octokit({ baseUrl, userAgent: 'noctule', request: { fetch }, log: SILENT });
  const send = sender(octokit, context.calls(PACE, fateOf), config.apiVersion);
  const ask = asker(credentialsOf(context, send), send);

  const found = await ask({ route: 'GET /orgs/{org}', org }, organization, { can: ['app', 'token'] });
  const account = { id: found.data.id, name: found.data.login, scope: path('organization', found.data.id) };
  const client: Client = {
    async page(list, next) {
      if (isEnterpriseServer(config) && listNeeds(list).cloudOnly)
        throw new Refusal('Enterprise Server does not have them', { reason: 'not_licensed' });
      const request = next === null ? { route: list, org, per_page: context.pageSize(100) } : { route: `GET ${next}` };
      const answer = await ask(request, PAGES[list], { can: credentialsFor(list), list });
      const { first, following } = listPaths(list);
      const paths = [first.replace('{org}', org), following.replace('{organization_id}', account.id)];
      return { ...answer.data, url: answer.url, next: nextPage(answer.link, { baseUrl, paths }) };
    },
  };
  return { client, account };
}

const PAGES: Readonly<Record<ListId, z.ZodType<RowPage>>> = {
  'GET /orgs/{org}/installations': installationRows,
  'GET /orgs/{org}/personal-access-tokens': bareRows,
  'GET /orgs/{org}/personal-access-token-requests': bareRows,
  'GET /orgs/{org}/actions/secrets': secretRows,
  'GET /orgs/{org}/dependabot/secrets': secretRows,
  'GET /orgs/{org}/agents/secrets': secretRows,
  'GET /orgs/{org}/codespaces/secrets': secretRows,
  'GET /orgs/{org}/copilot/billing/seats': seatRows,
  'GET /orgs/{org}/members': bareRows,
};

function credentialsOf(context: ConnectContext<Config>, send: Send): Credential[] {
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
}

/** Asks with the least powerful credential that can, and with the next one where GitHub refuses it. */
function asker(held: readonly Credential[], send: Send) {
  // What was refused once is not asked again in this scan: GitHub locks out clients that insist.
  const refused = new Map<string, Refusal>();
  return async <Data>(request: SdkRequest, schema: z.ZodType<Data>, asked: Asked): Promise<SdkAnswer<Data>> => {
    const able = asked.can.flatMap((id) => held.filter((credential) => credential.id === id));
    if (able.length === 0) throw unanswerable(asked);
    const refusals: { id: CredentialId; refusal: Refusal }[] = [];
    for (const credential of able) {
      const { id } = credential;
      const place = `${id} ${asked.list ?? request.route}`;
      let refusal = refused.get(id) ?? refused.get(place);
      if (!refusal) {
        try {
          return await askAs(credential, send, request, schema, asked.list && listNeeds(asked.list));
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          refusal = error;
          refused.set(error.whole ? id : place, error);
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
  const permission = needs?.app ?? needs?.token;
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
