import type { FakeRequest } from '../../../src/testing/server.ts';
import { type Access, type Caller } from './access.ts';
import { assumeRole } from './assume-role.ts';
import { authorizationDetails } from './authorization-details.ts';
import { AwsError, validationError } from './aws-error.ts';
import type { AccessDesk } from './last-accessed.ts';
import type { ReportDesk } from './credential-report.ts';
import type { ServiceCredential, World } from './model.ts';
import { pageOf } from './paging.ts';
import type { Fields } from './xml.ts';

/** What an operation is answered from. */
interface Call {
  world: World;
  /** The account whose roles may be assumed; undefined = there is none, or it lets nobody in. */
  roleHolders(account: string): World | undefined;
  access: Access;
  desk: ReportDesk;
  accessDesk: AccessDesk;
  caller: Caller;
  request: FakeRequest;
  parameters: URLSearchParams;
}

/** Every operation that this account answers, by the service's signing name and the official action. */
export const OPERATIONS: Readonly<Record<string, (call: Call) => Fields>> = {
  'sts.GetCallerIdentity': ({ world, caller }) => ({ Arn: caller.arn, UserId: caller.userId, Account: world.account }),
  'sts.AssumeRole': ({ roleHolders, access, caller, request }) => assumeRole(roleHolders, access, caller, request),
  'iam.ListAccountAliases': listAccountAliases,
  'iam.GetAccountSummary': ({ world }) => ({ SummaryMap: summaryOf(world) }),
  'iam.GetAccountAuthorizationDetails': ({ world, parameters }) => authorizationDetails(world, parameters),
  'iam.GenerateCredentialReport': ({ world, desk }) => desk.generate(world),
  'iam.GetCredentialReport': ({ world, desk }) => desk.read(world),
  'iam.GenerateServiceLastAccessedDetails': ({ world, accessDesk, parameters }) => accessDesk.generate(world, parameters),
  'iam.GetServiceLastAccessedDetails': ({ world, accessDesk, parameters }) => accessDesk.read(world, parameters),
  'iam.ListServiceSpecificCredentials': listServiceSpecificCredentials,
  'iam.ListOpenIDConnectProviders': ({ world }) => ({
    OpenIDConnectProviderList: world.oidcProviders.map(({ arn }) => ({ Arn: arn })),
  }),
  'iam.GetOpenIDConnectProvider': getOpenIdConnectProvider,
  'iam.ListSAMLProviders': ({ world }) => ({
    SAMLProviderList: world.samlProviders.map(({ arn, created, validUntil }) => ({
      Arn: arn,
      ValidUntil: validUntil,
      CreateDate: created,
    })),
  }),
  'iam.GetOutboundWebIdentityFederationInfo': ({ world: { outboundIssuer: IssuerIdentifier } }) => {
    if (IssuerIdentifier === undefined)
      throw new AwsError(404, 'FeatureDisabled', 'Outbound web identity federation is not enabled for this account.');
    return { IssuerIdentifier, JwtVendingEnabled: true };
  },
};

function listAccountAliases({ world, parameters }: Call): Fields {
  const { items, ...rest } = pageOf(world.alias === undefined ? [] : [world.alias], parameters);
  return { ...rest, AccountAliases: items };
}

function summaryOf(world: World): ReadonlyMap<string, number> {
  return new Map(
    Object.entries({
      Users: world.users.length,
      UsersQuota: 5000,
      Groups: world.groups.length,
      GroupsQuota: 300,
      Roles: world.roles.length,
      RolesQuota: 1000,
      Policies: world.policies.length,
      PoliciesQuota: 1500,
      InstanceProfiles: world.roles.filter((role) => role.instanceProfile).length,
      Providers: world.oidcProviders.length + world.samlProviders.length,
      MFADevices: world.users.filter((user) => user.mfa).length,
      MFADevicesInUse: world.users.filter((user) => user.mfa).length,
      AccountMFAEnabled: Number(world.root.mfa),
      AccountAccessKeysPresent: Number(world.root.keys.length > 0),
      AccountPasswordPresent: 1,
      AccessKeysPerUserQuota: 2,
      GlobalEndpointTokenVersion: 2,
    }),
  );
}

/** Of all users, of one, or of whoever asks. */
function listServiceSpecificCredentials({ world, caller, parameters }: Call): Fields {
  const all = parameters.get('AllUsers') === 'true';
  const userName = parameters.get('UserName');
  const service = parameters.get('ServiceName');
  if (all && userName !== null) throw validationError('AllUsers cannot be specified together with UserName.');
  if (userName !== null && !world.users.some((user) => user.name === userName)) {
    throw new AwsError(404, 'NoSuchEntity', `The user with name ${userName} cannot be found.`);
  }
  const owner = userName ?? caller.arn.split('/').at(-1);
  const found = world.credentials.filter((item) => (all || item.userName === owner) && (service === null || item.service === service));
  const { items, ...rest } = pageOf(found, parameters);
  return { ...rest, ServiceSpecificCredentials: items.map(credentialDetail) };
}

function credentialDetail(credential: ServiceCredential): Fields {
  const { label } = credential;
  return {
    UserName: credential.userName,
    Status: credential.status,
    ServiceUserName: 'userName' in label ? label.userName : undefined,
    ServiceCredentialAlias: 'alias' in label ? label.alias : undefined,
    CreateDate: credential.created,
    ExpirationDate: credential.expires,
    ServiceSpecificCredentialId: credential.id,
    ServiceName: credential.service,
  };
}

function getOpenIdConnectProvider({ world, parameters }: Call): Fields {
  const arn = parameters.get('OpenIDConnectProviderArn') ?? '';
  const provider = world.oidcProviders.find((candidate) => candidate.arn === arn);
  if (!provider) throw new AwsError(404, 'NoSuchEntity', `OpenIDConnect Provider not found for arn ${arn}`);
  return {
    // Without the scheme, unlike the address that the provider was made with.
    Url: provider.issuer,
    ClientIDList: provider.audiences,
    ThumbprintList: provider.thumbprints,
    CreateDate: provider.created,
    Tags: [],
  };
}
