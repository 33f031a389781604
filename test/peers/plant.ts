import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateSAMLProviderCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { ACCOUNT, type Estate, type PlantedRole, type PlantedUser } from './estate.ts';

// Writes go to the peer alone, by a client that has nothing to do with the connector's.

/** Console password of every planted person. */
const PASSWORD = 'Planted-Password-4-Tests!';
/** 40 hexadecimal digits: a certificate that nobody has. */
const THUMBPRINT = '0123456789'.repeat(4);

interface Place {
  url: string;
  iam: IAMClient;
}

export function placeAt(url: string): Place {
  return { url, iam: new IAMClient({ ...reaching(url), credentials: { accessKeyId: 'planter', secretAccessKey: 'planter' } }) };
}

function reaching(url: string) {
  return { endpoint: url, region: 'us-east-1', maxAttempts: 1 };
}

/** Makes an estate; answers what must stand nowhere afterwards: passwords and secret halves of keys. */
export async function plant(place: Place, estate: Estate): Promise<string[]> {
  const { iam } = place;
  const secrets = [PASSWORD];
  for (const [name, actions] of Object.entries(estate.policies))
    await iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: allowing(actions) }));
  for (const group of new Set(estate.users.flatMap((user) => user.group ?? [])))
    await iam.send(new CreateGroupCommand({ GroupName: group }));
  for (const user of estate.users) secrets.push(...(await plantUser(place, user)));
  for (const issuer of estate.oidc)
    await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: `https://${issuer}`,
        ClientIDList: ['sts.amazonaws.com'],
        ThumbprintList: [THUMBPRINT],
      }),
    );
  for (const name of estate.saml)
    await iam.send(new CreateSAMLProviderCommand({ Name: name, SAMLMetadataDocument: '<x/>'.padEnd(1000, ' ') }));
  for (const role of estate.roles) await plantRole(place, role);
  return secrets;
}

async function plantUser({ url, iam }: Place, user: PlantedUser): Promise<string[]> {
  const UserName = user.name;
  const secrets: string[] = [];
  await iam.send(
    new CreateUserCommand({
      UserName,
      ...(user.path !== undefined && { Path: user.path }),
      ...(user.owner !== undefined && { Tags: [{ Key: 'owner', Value: user.owner }] }),
    }),
  );
  if (user.password) await iam.send(new CreateLoginProfileCommand({ UserName, Password: PASSWORD }));
  if (user.actions) await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'inline', PolicyDocument: allowing(user.actions) }));
  if (user.policy !== undefined)
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/${user.policy}` }));
  if (user.group !== undefined) await iam.send(new AddUserToGroupCommand({ UserName, GroupName: user.group }));
  for (const state of user.keys) {
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey!;
    secrets.push(secretAccessKey!);
    if (state === 'inactive') await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: accessKeyId, Status: 'Inactive' }));
    if (state !== 'used') continue;
    const its = new STSClient({ ...reaching(url), credentials: { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! } });
    await its.send(new GetCallerIdentityCommand({}));
  }
  return secrets;
}

async function plantRole({ iam }: Place, role: PlantedRole): Promise<void> {
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: role.trust });
  await iam.send(
    new CreateRoleCommand({ RoleName: role.name, AssumeRolePolicyDocument, ...(role.path !== undefined && { Path: role.path }) }),
  );
  if (role.actions)
    await iam.send(new PutRolePolicyCommand({ RoleName: role.name, PolicyName: 'inline', PolicyDocument: allowing(role.actions) }));
}

function allowing(actions: readonly string[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });
}

/** Takes away a user with its keys, a role and an issuer. */
export async function uproot({ iam }: Place, gone: { user: string; role: string; issuer: string }): Promise<void> {
  const UserName = gone.user;
  const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName }));
  for (const { AccessKeyId } of AccessKeyMetadata ?? []) await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  await iam.send(new DeleteLoginProfileCommand({ UserName }));
  await iam.send(new DeleteUserCommand({ UserName }));
  await iam.send(new DeleteRolePolicyCommand({ RoleName: gone.role, PolicyName: 'inline' }));
  await iam.send(new DeleteRoleCommand({ RoleName: gone.role }));
  await iam.send(
    new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: `arn:aws:iam::${ACCOUNT}:oidc-provider/${gone.issuer}` }),
  );
}
