import {
  GenerateCredentialReportCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetAccountAuthorizationDetailsCommand,
  GetCredentialReportCommand,
  GetOpenIDConnectProviderCommand,
  GetOutboundWebIdentityFederationInfoCommand,
  GetServiceLastAccessedDetailsCommand,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
  ListServiceSpecificCredentialsCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { z } from 'zod';
import { path, ProviderFault, type Calls, type Connection, type ConnectContext, type ConnectTools } from '../../src/connector/index.ts';
import type { Config } from './config.ts';
import type { AwsOperation } from './operations.ts';
import { connectOrganization, type Organization } from './organization.ts';
import { AwsError, fateOf, isInDoubt, translated } from './refusals.ts';
import {
  callerIdentity,
  credentialReport,
  credentialsPage,
  detailsPage,
  lastAccessedPage,
  noReport,
  oidcProvider,
  oidcProviders,
  outboundFederation,
  reportState,
  samlProviders,
  startedJob,
  type OidcProvider,
  type OutboundFederation,
} from './schema.ts';
import { actionOf, serviceOf, type RegionalOperation } from './services.ts';
import { ownSessions, roleSessions, type Session, type Sessions } from './session.ts';

/** AWS publishes no limits of IAM; it keeps them per account and caller, and they cannot be raised. */
const PACE = { perSecond: 5, inFlight: 4 };
/** Regional services count apart from IAM, and by region; AWS publishes few of their limits. */
const REGIONAL_PACE = { perSecond: 10, inFlight: 6 };
/** Two a second for an account and region. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const LOOKUP_PACE = { perSecond: 2, inFlight: 1 };

/** What the collectors ask AWS. Every method answers one page, checked, or throws a Refusal or a ProviderFault. */
export interface Client {
  accountDetails(marker: string | null): Promise<DetailsPage>;
  /** Asks for a credential report, or how far it is. `limited` = no new one may be made now. */
  startReport(options: { repeat: boolean }): Promise<'complete' | 'limited' | 'pending'>;
  /** `absent` = there is none that AWS would still hand out, `pending` = it is being written. */
  report(options: { repeat: boolean }): Promise<Report | 'absent' | 'pending'>;
  serviceCredentials(marker: string | null): Promise<Page>;
  /** Has a report written of the services that a principal last accessed, and answers its id. */
  startLastAccessed(arn: string): Promise<string>;
  /** A page of that report; `pending` = it is being written. */
  lastAccessed(job: string, marker: string | null, options: { repeat: boolean }): Promise<Page | 'pending'>;
  oidcProviders(): Promise<readonly unknown[]>;
  oidcProvider(arn: string): Promise<OidcProvider>;
  samlProviders(): Promise<readonly unknown[]>;
  /** May the account vouch for its principals at outside services? */
  outboundFederation(): Promise<OutboundFederation>;
  /** What belongs to the same owner: trusts in it are internal. */
  own: {
    accounts: readonly string[];
    organizationId: string | undefined;
    /** Those that this source reads beside the one that is asked. */
    read: readonly string[];
  };
  /** The organisation, where the source reads one; absent = it reads one account. */
  organization?: Organization;
  /** What several collectors of the account need is asked for by the first of them; what failed is asked for again. */
  once<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer>;
  /** One answer of a service in a region. */
  ask<Answer>(operation: RegionalOperation, region: string, input: object, schema: z.ZodType<Answer>): Promise<Answer>;
}

export interface DetailsPage {
  users: readonly unknown[];
  roles: readonly unknown[];
  groups: readonly unknown[];
  /** The customer's own managed policies. */
  policies: readonly unknown[];
  next: string | null;
}

interface Page {
  items: readonly unknown[];
  next: string | null;
}

export interface Report {
  /** CSV. */
  text: string;
  generatedAt: string | undefined;
}

export async function connect(context: ConnectContext<Config>): Promise<Connection<Client>> {
  const { assumeRole, organization, ownAccounts: accounts, organizationId } = context.config;
  const own = await ownSessions(context);
  const role = assumeRole && { ...assumeRole, stepsOn: organization !== undefined };
  const sessions = role ? await roleSessions(context, role, own) : own;
  if (organization) return connectOrganization(context, sessions, organization);
  const { client, ask } = clientOver(context, sessions, { accounts, organizationId, read: [] });
  const { Account: id } = await ask('sts.GetCallerIdentity', callerIdentity, ({ sts }) => sts.send(new GetCallerIdentityCommand({})));
  return { client, account: accountOf(id) };
}

export function accountOf(id: string, name = id): Connection<Client>['account'] {
  return { id, name, scope: path('account', id) };
}

/** A client of one account. `ask` is for what no collector asks. */
export function clientOver(tools: ConnectTools, sessions: Sessions, own: Client['own']): { client: Client; ask: Ask } {
  const ask = asker(tools.calls(PACE, fateOf), sessions);
  const askRegion = asker(tools.calls(REGIONAL_PACE, fateOf), sessions);
  const askHistory = asker(tools.calls(LOOKUP_PACE, fateOf), sessions);
  const atHome = remembering();
  const client: Client = {
    ...clientOf(ask, tools.pageSize(1000)),
    own,
    once: remembering(),
    ask: (operation, region, input, schema) =>
      (operation === 'cloudtrail.LookupEvents' ? askHistory : askRegion)(operation, schema, async (session) => {
        const service = serviceOf(operation);
        const { client: sender, sdk } = await session.regional(service, region);
        return sender.send(sdk.command(actionOf(operation), input)).catch(async (error: unknown) => {
          const told = translated(error, operation);
          if (isInDoubt(told)) await atHome(`${service} ${region}`, () => answersAtHome(session));
          throw told;
        });
      }),
  };
  return { client, ask };
}

/** Throws what AWS has against the credential, or what keeps us from AWS: every valid credential is answered. */
async function answersAtHome({ sts }: Session): Promise<void> {
  await sts.send(new GetCallerIdentityCommand({})).catch((error: unknown) => {
    throw translated(error, 'sts.GetCallerIdentity');
  });
}

function remembering(): Client['once'] {
  const answers = new Map<string, Promise<unknown>>();
  return <Answer>(what: string, ask: () => Promise<Answer>) => {
    const answer = (answers.get(what) as Promise<Answer> | undefined) ?? ask();
    answers.set(what, answer);
    answer.catch(() => answers.delete(what));
    return answer;
  };
}

/** Opens nothing but the session: a role that cannot be assumed is told before anything is asked. */
export async function openSession(tools: ConnectTools, sessions: Sessions): Promise<void> {
  await tools.calls(PACE, fateOf).run(async () => void (await sessions.current()));
}

function clientOf(ask: Ask, MaxItems: number): Omit<Client, 'ask' | 'own' | 'once'> {
  return {
    async accountDetails(marker) {
      // Policies of AWS itself would add more than a thousand documents that are the same in every account.
      const query = { Filter: FILTER, MaxItems, ...(marker !== null && { Marker: marker }) };
      const answer = await ask('iam.GetAccountAuthorizationDetails', detailsPage, ({ iam }) =>
        iam.send(new GetAccountAuthorizationDetailsCommand(query)),
      );
      return {
        users: answer.UserDetailList ?? [],
        roles: answer.RoleDetailList ?? [],
        groups: answer.GroupDetailList ?? [],
        policies: answer.Policies ?? [],
        next: nextOf(answer),
      };
    },
    async startReport(options) {
      const answer = await ask(
        'iam.GenerateCredentialReport',
        reportState,
        ({ iam }) => iam.send(new GenerateCredentialReportCommand({})).catch(answeredBy('iam.GenerateCredentialReport', LIMITED)),
        options,
      );
      return answer.State === 'COMPLETE' ? 'complete' : answer.State === LIMITED.LimitExceeded.State ? 'limited' : 'pending';
    },
    async report(options) {
      const answer = await ask(
        'iam.GetCredentialReport',
        credentialReport.or(noReport),
        ({ iam }) => iam.send(new GetCredentialReportCommand({})).catch(answeredBy('iam.GetCredentialReport', NO_REPORT)),
        options,
      );
      if ('State' in answer) return answer.State;
      return { text: new TextDecoder().decode(answer.Content), generatedAt: answer.GeneratedTime?.toISOString() };
    },
    async serviceCredentials(marker) {
      // Without a service and a user: one listing finds the keys of all services, also of those that AWS adds.
      const query = { AllUsers: true, MaxItems, ...(marker !== null && { Marker: marker }) };
      const answer = await ask('iam.ListServiceSpecificCredentials', credentialsPage, ({ iam }) =>
        iam.send(new ListServiceSpecificCredentialsCommand(query)),
      );
      return { items: answer.ServiceSpecificCredentials ?? [], next: nextOf(answer) };
    },
    async startLastAccessed(Arn) {
      const answer = await ask('iam.GenerateServiceLastAccessedDetails', startedJob, ({ iam }) =>
        iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn, Granularity: 'SERVICE_LEVEL' })),
      );
      return answer.JobId;
    },
    async lastAccessed(JobId, marker, options) {
      const query = { JobId, MaxItems, ...(marker !== null && { Marker: marker }) };
      const answer = await ask(
        'iam.GetServiceLastAccessedDetails',
        lastAccessedPage,
        ({ iam }) => iam.send(new GetServiceLastAccessedDetailsCommand(query)),
        options,
      );
      if (answer.JobStatus === 'IN_PROGRESS') return 'pending';
      if (answer.JobStatus !== 'COMPLETED') throw new ProviderFault('AWS did not finish the report of what was last accessed');
      return { items: answer.ServicesLastAccessed ?? [], next: nextOf(answer) };
    },
    async oidcProviders() {
      const answer = await ask('iam.ListOpenIDConnectProviders', oidcProviders, ({ iam }) =>
        iam.send(new ListOpenIDConnectProvidersCommand({})),
      );
      return answer.OpenIDConnectProviderList ?? [];
    },
    oidcProvider: (arn) =>
      ask('iam.GetOpenIDConnectProvider', oidcProvider, ({ iam }) =>
        iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn })),
      ),
    async samlProviders() {
      const answer = await ask('iam.ListSAMLProviders', samlProviders, ({ iam }) => iam.send(new ListSAMLProvidersCommand({})));
      return answer.SAMLProviderList ?? [];
    },
    outboundFederation: () =>
      ask('iam.GetOutboundWebIdentityFederationInfo', outboundFederation, ({ iam }) =>
        iam.send(new GetOutboundWebIdentityFederationInfoCommand({})).catch(answeredBy('iam.GetOutboundWebIdentityFederationInfo', OFF)),
      ),
  };
}

const FILTER: ('User' | 'Role' | 'Group' | 'LocalManagedPolicy')[] = ['User', 'Role', 'Group', 'LocalManagedPolicy'];

/** Errors that are answers: a report may be limited, missing, too old, or not finished. */
const LIMITED = { LimitExceeded: { State: 'limited' } };
/** An account that never switched it on answers with an error. */
const OFF = { FeatureDisabled: { JwtVendingEnabled: false } };
const NO_REPORT = { ReportNotPresent: { State: 'absent' }, ReportExpired: { State: 'absent' }, ReportInProgress: { State: 'pending' } };

function answeredBy<Answer>(operation: AwsOperation, answers: Readonly<Record<string, Answer>>): (error: unknown) => Answer {
  return (error) => {
    const told = translated(error, operation);
    const answer = told instanceof AwsError ? answers[told.code] : undefined;
    // A plain limit on requests is repeated like any other; 409 is the one on new reports.
    if (answer === undefined || (told instanceof AwsError && told.code === 'LimitExceeded' && told.status !== 409)) throw told;
    return answer;
  };
}

type Ask = <Answer>(
  operation: AwsOperation,
  schema: z.ZodType<Answer>,
  send: (session: Session) => Promise<unknown>,
  options?: { repeat: boolean },
) => Promise<Answer>;

function asker(calls: Calls, sessions: Sessions): Ask {
  return (operation, schema, send, options) => {
    let renewed = false;
    return calls.run(async () => {
      for (;;) {
        try {
          return checked(operation, schema, await send(await sessions.current()));
        } catch (error) {
          const told = translated(error, operation);
          // A session may end before its time, when somebody revokes it.
          if (renewed || !(told instanceof AwsError) || told.code !== 'ExpiredToken' || !sessions.renew()) throw told;
          renewed = true;
        }
      }
    }, options);
  };
}

function checked<Answer>(operation: AwsOperation, schema: z.ZodType<Answer>, data: unknown): Answer {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') || '(whole)';
  throw new ProviderFault(`${operation} answers in another shape than documented: ${where}`, { retry: true });
}

/** IAM may return fewer items than asked for: only `IsTruncated` tells whether there are more. */
function nextOf(page: { IsTruncated?: boolean | undefined; Marker?: string | undefined }): string | null {
  if (!page.IsTruncated) return null;
  if (!page.Marker) throw new ProviderFault('A list is cut short and does not say where it goes on', { reason: 'truncated' });
  return page.Marker;
}
