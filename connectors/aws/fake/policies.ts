import { awsManaged, uniqueId } from './ids.ts';
import type { Group, InlinePolicy, ManagedPolicy, Setting } from './model.ts';
import { policy, type PolicyDocument } from './policy-document.ts';

export function groups(setting: Setting): readonly Group[] {
  return [
    group(setting, 'administrators', { attached: [awsManaged('AdministratorAccess')] }),
    group(setting, 'ai-lab', { attached: [awsManaged('AmazonBedrockFullAccess'), `arn:aws:iam::${setting.account}:policy/team-ai`] }),
    group(setting, 'developers', {
      attached: [awsManaged('AmazonBedrockLimitedAccess')],
      inline: [
        {
          name: 'read-exports',
          // A percent sign that is meant: whoever decodes the document twice breaks on it.
          document: policy({ Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:aws:s3:::exports/100%/*' }),
        },
      ],
    }),
  ];
}

export function customerPolicies(setting: Setting): readonly ManagedPolicy[] {
  const { company } = setting;
  const artifacts = policy([{ Effect: 'Allow', Action: ['s3:PutObject'], Resource: ['arn:aws:s3:::artifacts/*'] }]);
  const boundary = policy([
    { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
    { Effect: 'Deny', Action: 'bedrock:*', Resource: '*', Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } } },
  ]);
  const scanner = policy({
    Effect: 'Allow',
    Action: ['iam:Get*', 'iam:List*', 'iam:GenerateCredentialReport', 'sts:AssumeRole'],
    Resource: '*',
  });
  return [
    managed(setting, 'deploy-artifacts', '/ci/', [artifacts]),
    managed(setting, 'developer-boundary', '/', [boundary]),
    managed(setting, 'NoctuleReadOnly', '/', [scanner]),
    {
      ...managed(setting, 'team-ai', '/', []),
      versions: [
        { created: company.ago(80), document: policy({ Effect: 'Allow', Action: ['sagemaker:*', 'Bedrock:invokemodel*'], Resource: '*' }) },
        { created: company.ago(400), document: policy([{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }]) },
      ],
    },
  ];
}

/** AWS's own policies come only to those who do not filter them out; what they say is shortened here. */
export function awsManagedPolicies(setting: Setting, arns: Iterable<string>): readonly ManagedPolicy[] {
  const names = [...new Set(arns)].filter((arn) => arn.startsWith('arn:aws:iam::aws:policy/')).map((arn) => arn.split('/').slice(1));
  return names
    .map((parts) => {
      const name = parts.at(-1)!;
      const path = parts.length > 1 ? `/${parts.slice(0, -1).join('/')}/` : '/';
      const entity = managed(setting, name, path, [policy({ Effect: 'Allow', Action: '*', Resource: '*' })]);
      return { ...entity, arn: `arn:aws:iam::aws:policy${path}${name}` };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function group({ company, account }: Setting, name: string, details: { attached?: string[]; inline?: InlinePolicy[] }): Group {
  return {
    name,
    path: '/',
    id: uniqueId('AGPA', company.seed, 'group', name),
    arn: `arn:aws:iam::${account}:group/${name}`,
    created: company.ago(1000),
    attached: [],
    inline: [],
    ...details,
  };
}

function managed({ company, account }: Setting, name: string, path: string, documents: readonly PolicyDocument[]): ManagedPolicy {
  return {
    name,
    path,
    id: uniqueId('ANPA', company.seed, 'policy', name),
    arn: `arn:aws:iam::${account}:policy${path}${name}`,
    created: company.ago(500),
    versions: documents.map((document) => ({ document, created: company.ago(500) })),
  };
}
