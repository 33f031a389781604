import { IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { ConfigError, isSafeAddress, ProviderFault, type ConnectTools, type Wire } from '../../src/connector/index.ts';
import type { Config } from './config.ts';
import { translated } from './refusals.ts';
import { READS_AND_STEPS_ON, READS_ONLY } from './session-policy.ts';
import { assumedRole } from './schema.ts';
import { sdkOf, type Sdk, type SdkClient, type Service } from './services.ts';
import { transport } from './transport.ts';

/** Clients that sign with one credential. */
export interface Session {
  credentials: Credentials;
  iam: IAMClient;
  sts: STSClient;
  /** The client of a service in a region: one for as long as the session lasts. */
  regional(service: Service, region: string): Promise<Regional>;
}

export interface Regional {
  client: SdkClient;
  sdk: Sdk;
}

export interface Sessions {
  /** The clients to use now; a role is assumed anew before its session ends. */
  current(): Promise<Session>;
  /** Drops a session that AWS no longer accepts. Answers false where there is no other to be had. */
  renew(): boolean;
}

/** A role to step into. */
export type Role = NonNullable<Config['assumeRole']> & {
  /** From it the roles of other accounts are assumed. */
  stepsOn?: boolean;
};

/** What clients are made of: tools of one account, and the part of the configuration that says where AWS is. */
export type Surroundings = ConnectTools & { config: Pick<Config, 'region' | 'endpoint' | 'accessKey' | 'profile'> };

/** A session is left this long before it ends, so that no request is signed with the last second of it. */
const SPARE = 5 * 60_000;

/** Sessions of the credential that is configured. */
export async function ownSessions(context: Surroundings): Promise<Sessions> {
  const own = (await opener(context))(ownCredentials(context));
  return { current: async () => own, renew: () => false };
}

/** Sessions of a role that those of another credential may assume. */
export async function roleSessions(context: Surroundings, role: Role, through: Sessions): Promise<Sessions> {
  const open = await opener(context);
  // The request is sent with our own tools, whoever signs it: it is counted where the role is read.
  return assumed(context, async () => {
    const { sts } = open((await through.current()).credentials);
    const { until, ...keys } = await assume(context, role, sts);
    return { until, session: open({ ...keys, expiration: until }) };
  });
}

async function opener(context: Surroundings): Promise<(credentials: Credentials) => Session> {
  const { region, endpoint } = context.config;
  const options = { region, ...(endpoint && { endpoint }) };
  const wire = context.wire({
    iam: { url: await addressOf(new IAMClient(options)) },
    sts: { url: await addressOf(new STSClient(options)) },
  });
  // Repeats are ours (`calls`): the SDK's would pass our pace and our count.
  const shared = { ...options, maxAttempts: 1, customUserAgent: 'noctule' };
  const requestHandler = transport(wire, 'query');
  return (credentials) => ({
    credentials,
    iam: new IAMClient({ ...shared, requestHandler, credentials }),
    sts: new STSClient({ ...shared, requestHandler, credentials }),
    regional: once(async (service: Service, at: string) => {
      const sdk = await sdkOf(service);
      // The client says where it will send, and the wire that it sends through is pinned to that.
      let pinned: Wire | undefined;
      const requestHandler = transport({ fetch: (input, init) => pinned!.fetch(input, init) }, 'json');
      const client = sdk.client({ ...shared, region: at, credentials, requestHandler });
      pinned = context.wire({ [service]: { url: await addressOf(client) } });
      return { sdk, client };
    }),
  });
}

/** The same answer for the same service and region. */
function once(make: Session['regional']): Session['regional'] {
  const made = new Map<string, Promise<Regional>>();
  return (service, region) => {
    const key = `${service} ${region}`;
    const there = made.get(key) ?? make(service, region);
    made.set(key, there);
    return there;
  };
}

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** Absent = they do not end. */
  expiration?: Date;
}
type Credentials = Keys | ReturnType<typeof fromNodeProviderChain>;

function ownCredentials({ config, secret }: Surroundings): Credentials {
  const { accessKey, profile, region } = config;
  if (!accessKey) {
    const chain = fromNodeProviderChain({ clientConfig: { region }, ...(profile && { profile }) });
    // Called without the client: what the chain itself asks (SSO, workload identity) is the SDK's, as the README says,
    // and is no operation of ours.
    return () => chain();
  }
  return {
    accessKeyId: secret(accessKey.id).reveal().trim(),
    secretAccessKey: secret(accessKey.secret).reveal().trim(),
    ...(accessKey.session && { sessionToken: secret(accessKey.session).reveal().trim() }),
  };
}

/** Where the SDK will send: its own configuration and AWS_ENDPOINT_URL decide, so they are asked, and the answer is pinned. */
async function addressOf(client: IAMClient | STSClient | SdkClient): Promise<string> {
  const { config } = client as SdkClient;
  const given = config.isCustomEndpoint ? await config.endpoint?.() : undefined;
  if (given) return `${given.protocol}//${given.hostname}${given.port === undefined ? '' : `:${given.port}`}${given.path}`;
  const configured = await config.serviceConfiguredEndpoint?.();
  if (configured) {
    if (!isSafeAddress(configured))
      throw new ConfigError(`AWS_ENDPOINT_URL names ${configured}, which would receive credentials in clear`, {
        fix: 'Use https, or an address of this machine.',
      });
    return configured;
  }
  const parameters = {
    Region: await config.region(),
    UseFIPS: await config.useFipsEndpoint(),
    UseDualStack: await config.useDualstackEndpoint(),
  };
  return config.endpointProvider(parameters).url.href;
}

async function assume({ secret }: Surroundings, { roleArn, externalId, stepsOn }: Role, sts: STSClient): Promise<Keys & { until: Date }> {
  const answer = await sts
    .send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        // Stands in the CloudTrail of the account that is read.
        RoleSessionName: `noctule-${roleArn.slice(roleArn.lastIndexOf('/') + 1)}`.slice(0, 64),
        Policy: stepsOn ? READS_AND_STEPS_ON : READS_ONLY,
        ...(externalId !== undefined && { ExternalId: typeof externalId === 'string' ? externalId : secret(externalId).reveal().trim() }),
      }),
    )
    .catch((error: unknown) => {
      throw translated(error, 'sts.AssumeRole');
    });
  const parsed = assumedRole.safeParse(answer);
  if (!parsed.success) throw new ProviderFault('sts.AssumeRole answers without credentials', { retry: true });
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = parsed.data.Credentials;
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, until: Expiration };
}

/** Sessions of a role, one at a time, however many requests wait for it. */
function assumed({ now }: Surroundings, start: () => Promise<{ session: Session; until: Date }>): Sessions {
  let held: ReturnType<typeof start> | undefined;
  const begin = () => {
    const opening = start();
    held = opening;
    opening.catch(() => {
      if (held === opening) held = undefined;
    });
    return opening;
  };
  return {
    async current() {
      const opening = held ?? begin();
      const { session, until } = await opening;
      if (now().getTime() < until.getTime() - SPARE) return session;
      return (await (held === opening || !held ? begin() : held)).session;
    },
    renew() {
      held = undefined;
      return true;
    },
  };
}
