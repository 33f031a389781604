import { uniqueId } from './ids.ts';
import type { Role, Setting } from './model.ts';
import type { PolicyDocument, Principals, Statement } from './policy-document.ts';

/** A role that was used yesterday, with what its caller says of it. */
export function role(setting: Setting, name: string, details: Partial<Role> & { trust: PolicyDocument }): Role {
  const { company, account, night } = setting;
  return {
    name,
    path: '/',
    id: uniqueId('AROA', company.seed, 'role', name),
    arn: `arn:aws:iam::${account}:role${details.path ?? '/'}${name}`,
    created: company.ago(365),
    trustedBy: [],
    mintsFor: [],
    attached: [],
    inline: [],
    tags: {},
    instanceProfile: false,
    lastUsed: { at: company.ago(1, 2, night), region: 'us-east-1' },
    ...details,
  };
}

export function allow(
  principal: Principals,
  condition?: NonNullable<Statement['Condition']>,
  action: NonNullable<Statement['Action']> = 'sts:AssumeRole',
): Statement {
  return { Effect: 'Allow', Principal: principal, Action: action, ...(condition && { Condition: condition }) };
}
