import type { AwsOperation } from './operations.ts';

/** Services of regions, each read by the client that AWS makes for it. A client is loaded when the service is first asked. */
const CLIENTS = {
  account: () => import('@aws-sdk/client-account'),
  bedrock: () => import('@aws-sdk/client-bedrock'),
  'bedrock-agent': () => import('@aws-sdk/client-bedrock-agent'),
  'bedrock-agentcore-control': () => import('@aws-sdk/client-bedrock-agentcore-control'),
  cloudtrail: () => import('@aws-sdk/client-cloudtrail'),
  cloudwatch: () => import('@aws-sdk/client-cloudwatch'),
  ecs: () => import('@aws-sdk/client-ecs'),
  eventbridge: () => import('@aws-sdk/client-eventbridge'),
  identitystore: () => import('@aws-sdk/client-identitystore'),
  lambda: () => import('@aws-sdk/client-lambda'),
  'marketplace-agreement': () => import('@aws-sdk/client-marketplace-agreement'),
  organizations: () => import('@aws-sdk/client-organizations'),
  qbusiness: () => import('@aws-sdk/client-qbusiness'),
  sagemaker: () => import('@aws-sdk/client-sagemaker'),
  'secrets-manager': () => import('@aws-sdk/client-secrets-manager'),
  'sso-admin': () => import('@aws-sdk/client-sso-admin'),
  ssm: () => import('@aws-sdk/client-ssm'),
} as const satisfies Readonly<Record<string, () => Promise<object>>>;

export type Service = keyof typeof CLIENTS;
export type RegionalOperation = Extract<AwsOperation, `${Service}.${string}`>;

/** What all clients of AWS have in common, as far as we use them: they are generated from one mould. */
export interface SdkClient {
  send(command: object): Promise<unknown>;
  config: {
    isCustomEndpoint?: boolean;
    endpoint?: () => Promise<{ protocol: string; hostname: string; port?: number; path: string }>;
    serviceConfiguredEndpoint?: () => Promise<string | undefined>;
    region: () => Promise<string>;
    useFipsEndpoint: () => Promise<boolean>;
    useDualstackEndpoint: () => Promise<boolean>;
    endpointProvider: (parameters: object) => { url: URL };
  };
}

export interface Sdk {
  client(options: object): SdkClient;
  command(action: string, input: object): object;
}

export function serviceOf(operation: RegionalOperation): Service {
  return operation.slice(0, operation.indexOf('.')) as Service;
}

export function actionOf(operation: RegionalOperation): string {
  return operation.slice(operation.indexOf('.') + 1);
}

/** The SDK's classes of a service; every package has one client, which is told by its name. */
export async function sdkOf(service: Service): Promise<Sdk> {
  const module: Readonly<Record<string, unknown>> = { ...(await CLIENTS[service]()) };
  const name = Object.keys(module).find((key) => /^[A-Z]\w*Client$/.test(key) && key !== '__Client');
  const classOf = (key: string) => module[key] as new (input: object) => object;
  return {
    client: (options) => new (classOf(name!))(options) as SdkClient,
    command: (action, input) => new (classOf(`${action}Command`))(input),
  };
}
