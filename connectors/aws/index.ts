import { defineConnector } from '../../src/connector/index.ts';
import { accounts } from './accounts.ts';
import type { Client } from './client.ts';
import { agreements } from './agreements.ts';
import { agents } from './agents.ts';
import { assistants } from './assistants.ts';
import { config, type Config } from './config.ts';
import { environmentNames } from './environment-names.ts';
import { identityCenter } from './identity-center.ts';
import { identityStore, personBehind } from './identity-store.ts';
import { identities } from './identities.ts';
import { invocations } from './invocations.ts';
import { lastAccessed } from './last-accessed.ts';
import { machineLearning } from './machine-learning.ts';
import { meaning } from './meaning.ts';
import { modelMetrics } from './model-metrics.ts';
import { models } from './models.ts';
import { operations } from './operations.ts';
import { outboundCalls } from './outbound-calls.ts';
import { people } from './people.ts';
import { documents } from './policy.ts';
import { providers } from './providers.ts';
import { remediation } from './remediation.ts';
import { secretNames } from './secret-names.ts';
import { serviceCredentials } from './service-credentials.ts';
import { sortOf } from './sort-of.ts';

export const connector = defineConnector<Config, Client>({
  id: 'aws',
  title: 'Amazon Web Services',
  config,
  credentials: [
    { id: 'role', title: 'Role in the account that is read, assumed with an external id', keys: ['assumeRole'] },
    { id: 'chain', title: 'What the SDK finds on this machine: variables, profile, SSO, workload identity', keys: ['profile'] },
    { id: 'access_key', title: 'Access key of a user', keys: ['accessKey'] },
  ],
  // Of the default chain of the AWS SDK, https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
  implicitVariables: ({ accessKey }) =>
    accessKey
      ? []
      : [
          'AWS_SECRET_ACCESS_KEY',
          'AWS_SESSION_TOKEN',
          'AWS_ACCESS_KEY_ID',
          'AWS_CONTAINER_AUTHORIZATION_TOKEN',
          'AWS_BEARER_TOKEN_BEDROCK',
        ],
  operations,
  collectors: [
    accounts,
    identities,
    serviceCredentials,
    lastAccessed,
    providers,
    agents,
    models,
    assistants,
    machineLearning,
    secretNames,
    environmentNames,
    outboundCalls,
    identityStore,
    identityCenter,
    agreements,
    modelMetrics,
    invocations,
  ],
  connect: async (context) => (await import('./client.ts')).connect(context),
  readsMany: ({ organization }) => organization !== undefined,
  meaning,
  personBehind,
  sortOf,
  people,
  remediation,
  documents,
});
