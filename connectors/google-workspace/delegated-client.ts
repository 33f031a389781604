import { path, within, type Observation, type Scope } from '../../src/connector/index.ts';

/** Where what is said of one delegated client is looked for. */
export function delegationScope(account: Scope, clientId: string): Scope {
  return within(account, 'delegation', clientId);
}

/** A client that may act as every user, whoever says so: one thing, however it is known. */
export function delegationOf(account: Scope, clientId: string, { name, scopes }: { name: string; scopes: readonly string[] }) {
  return {
    thing: path('delegation', clientId),
    kind: 'delegation',
    scope: delegationScope(account, clientId),
    subject: { app: clientId, name },
    principal: { id: clientId, name: clientId, traits: ['workload', 'standing_credential'] },
    signals: [{ type: 'oauth_client_id', value: clientId }],
    permissions: scopes,
    attributes: { actsAs: 'every user of the customer' },
  } satisfies Partial<Observation>;
}
