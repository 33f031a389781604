import { BedrockAgentCoreControlClient, CreateAgentRuntimeCommand, CreateGatewayCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { CreateApiDestinationCommand, CreateConnectionCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
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
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateNotebookInstanceCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { ACCOUNT, type Estate, type PlantedRole, type PlantedThing, type PlantedUser } from './estate.ts';

// Writes go to the peer alone, by a client that has nothing to do with the connector's.

/** Console password of every planted person. */
const PASSWORD = 'Planted-Password-4-Tests!';
/** 40 hexadecimal digits: a certificate that nobody has. */
const THUMBPRINT = '0123456789'.repeat(4);
/** Role of everything that runs. */
const ROLE = `arn:aws:iam::${ACCOUNT}:role/function-or-machine`;

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
  for (const thing of estate.regional) secrets.push(...(await plantThing(place, thing)));
  return secrets;
}

/** Answers the value that was planted with it. */
async function plantThing({ url }: Place, thing: PlantedThing): Promise<string[]> {
  const { region, name } = thing;
  const at = { ...reaching(url), region, credentials: { accessKeyId: 'planter', secretAccessKey: 'planter' } };
  const value = `value-of-${thing.what}-${region}-${name.replaceAll(/\W/g, '-')}`;
  const variables = 'variables' in thing ? [...thing.variables, ...thing.others] : [];
  const withValues = Object.fromEntries(variables.map((variable) => [variable, value]));
  switch (thing.what) {
    case 'secret':
      await new SecretsManagerClient(at).send(new CreateSecretCommand({ Name: name, SecretString: value }));
      return [value];
    case 'parameter':
      await new SSMClient(at).send(new PutParameterCommand({ Name: name, Type: thing.type, Value: value }));
      return [value];
    case 'function':
      await new LambdaClient(at).send(
        new CreateFunctionCommand({
          FunctionName: name,
          Role: ROLE,
          PackageType: 'Image',
          Code: { ImageUri: `${ACCOUNT}.dkr.ecr.${region}.amazonaws.com/planted:1` },
          ...(variables.length > 0 && { Environment: { Variables: withValues } }),
        }),
      );
      return variables.length > 0 ? [value] : [];
    case 'task':
      await new ECSClient(at).send(
        new RegisterTaskDefinitionCommand({
          family: name,
          taskRoleArn: ROLE,
          containerDefinitions: [
            { name: 'main', image: 'planted:1', memory: 128, environment: variables.map((variable) => ({ name: variable, value })) },
          ],
        }),
      );
      return [value];
    case 'agent_runtime':
      await new BedrockAgentCoreControlClient(at).send(
        new CreateAgentRuntimeCommand({
          agentRuntimeName: name,
          agentRuntimeArtifact: {
            containerConfiguration: { containerUri: `${ACCOUNT}.dkr.ecr.${region}.amazonaws.com/planted:1` },
          },
          roleArn: ROLE,
          networkConfiguration: { networkMode: 'PUBLIC' },
          environmentVariables: withValues,
        }),
      );
      return [value];
    case 'gateway':
      await new BedrockAgentCoreControlClient(at).send(
        new CreateGatewayCommand({ name, roleArn: ROLE, protocolType: 'MCP', authorizerType: thing.open ? 'NONE' : 'AWS_IAM' }),
      );
      return [];
    case 'notebook':
      await new SageMakerClient(at).send(
        new CreateNotebookInstanceCommand({ NotebookInstanceName: name, InstanceType: 'ml.t3.medium', RoleArn: ROLE }),
      );
      return [];
    case 'api_destination': {
      const events = new EventBridgeClient(at);
      const { ConnectionArn } = await events.send(
        new CreateConnectionCommand({
          Name: name,
          AuthorizationType: 'API_KEY',
          AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'authorization', ApiKeyValue: value } },
        }),
      );
      await events.send(
        new CreateApiDestinationCommand({ Name: name, ConnectionArn, InvocationEndpoint: thing.address, HttpMethod: 'POST' }),
      );
      return [value];
    }
  }
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
