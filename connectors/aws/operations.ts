import type { Operation } from '../../src/connector/index.ts';

/** Everything that this connector may ever send. AWS's query protocol posts a form to `/`; `Action` names the operation. */
export const operations = [
  // Answers every valid credential, whatever its policies say.
  { id: 'sts.GetCallerIdentity', ...toSts('GetCallerIdentity'), class: 'read', permission: 'sts:GetCallerIdentity' },
  { id: 'sts.AssumeRole', ...toSts('AssumeRole'), class: 'auth', permission: 'sts:AssumeRole' },
  iam('GetAccountAuthorizationDetails'),
  // Starts a report that AWS keeps for four hours; IAM classes it as a read.
  iam('GenerateCredentialReport'),
  iam('GetCredentialReport'),
  iam('ListServiceSpecificCredentials'),
  iam('ListOpenIDConnectProviders'),
  iam('GetOpenIDConnectProvider'),
  iam('ListSAMLProviders'),
] as const satisfies readonly Operation[];

export type AwsOperation = (typeof operations)[number]['id'];

function iam<const Action extends string>(action: Action) {
  const id = `iam.${action}` as const;
  const permission = `iam:${action}` as const;
  return { id, method: 'POST', origin: 'iam', path: '/', action, class: 'read', permission } as const;
}

function toSts<const Action extends string>(action: Action) {
  return { method: 'POST', origin: 'sts', path: '/', action } as const;
}
