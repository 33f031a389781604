import type { PermissionDocument } from '../../src/connector/index.ts';

/**
 * Reading the values of secrets, calling models and minting tokens: nothing that is read needs it, and a role that is given more by
 * mistake shall not have it either.
 */
const NEVER = [
  'bedrock:InvokeModel*',
  'bedrock:InvokeAgent',
  'bedrock:InvokeFlow',
  'bedrock:CallWithBearerToken',
  'bedrock-agentcore:GetResourceApiKey',
  'bedrock-agentcore:GetResourceOauth2Token',
  'bedrock-agentcore:GetWorkloadAccessToken*',
  'lambda:GetFunction',
  'lambda:InvokeFunction',
  'secretsmanager:BatchGetSecretValue',
  'secretsmanager:GetSecretValue',
  'ssm:GetParameter',
  'ssm:GetParameterHistory',
  'ssm:GetParameters',
  'ssm:GetParametersByPath',
  'sts:GetWebIdentityToken',
];

const ROLE = 'NoctuleReadOnly';

/** What is asked of the organisation is asked by the scanner itself, and is none of the role's. */
const isAbove = (permission: string) => permission.startsWith('organizations:');

function policyOf(permissions: readonly string[]) {
  const own = permissions.filter((permission) => !isAbove(permission));
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'NoctuleReads', Effect: 'Allow', Action: [...new Set(own)].sort(), Resource: '*' },
      { Sid: 'NoctuleNever', Effect: 'Deny', Action: NEVER, Resource: '*' },
    ],
  };
}

/** Of the principal that Noctule runs as: it lists accounts and steps into their roles, and reads nothing else. */
function scannerPolicy(permissions: readonly string[]): string {
  const policy = {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'NoctuleLists', Effect: 'Allow', Action: [...new Set(permissions.filter(isAbove))].sort(), Resource: '*' },
      { Sid: 'NoctuleStepsInto', Effect: 'Allow', Action: 'sts:AssumeRole', Resource: `arn:*:iam::*:role/${ROLE}` },
    ],
  };
  return `${JSON.stringify(policy, null, 2)}\n`;
}

/** The policy of the role that reads, in the forms that it is usually set up by. */
export const documents: readonly PermissionDocument[] = [
  { id: 'policy', title: 'IAM policy, as JSON', text: (permissions) => `${JSON.stringify(policyOf(permissions), null, 2)}\n` },
  { id: 'scanner', title: 'IAM policy of the principal that reads an organisation, as JSON', text: scannerPolicy },
  { id: 'terraform', title: 'role with its policy, for Terraform', text: terraform },
  { id: 'cloudformation', title: 'role with its policy, as a template for a CloudFormation stack or StackSet', text: cloudformation },
];

function terraform(permissions: readonly string[]): string {
  return `variable "scanner_arn" {
  description = "ARN of the principal that Noctule runs as"
  type        = string
}

variable "external_id" {
  description = "Random value that Noctule is configured with"
  type        = string
  sensitive   = true
}

resource "aws_iam_role" "noctule" {
  name                 = "${ROLE}"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.scanner_arn }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })
}

resource "aws_iam_role_policy" "noctule" {
  name   = "${ROLE}"
  role   = aws_iam_role.noctule.id
  policy = <<-JSON
${indented(JSON.stringify(policyOf(permissions), null, 2), 4)}
  JSON
}

output "role_arn" {
  value = aws_iam_role.noctule.arn
}
`;
}

/** In JSON, which CloudFormation takes like YAML. */
function cloudformation(permissions: readonly string[]): string {
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: { Ref: 'ScannerArn' } },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': { Ref: 'ExternalId' } } },
      },
    ],
  };
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'The role that Noctule reads this account with',
    Parameters: {
      ScannerArn: { Type: 'String', Description: 'ARN of the principal that Noctule runs as' },
      ExternalId: { Type: 'String', NoEcho: true, MinLength: 2, Description: 'Random value that Noctule is configured with' },
    },
    Resources: {
      NoctuleRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: ROLE,
          MaxSessionDuration: 3600,
          AssumeRolePolicyDocument: trust,
          Policies: [{ PolicyName: ROLE, PolicyDocument: policyOf(permissions) }],
        },
      },
    },
    Outputs: { RoleArn: { Value: { 'Fn::GetAtt': ['NoctuleRole', 'Arn'] } } },
  };
  return `${JSON.stringify(template, null, 2)}\n`;
}

function indented(text: string, by: number): string {
  return text.replace(/^/gm, ' '.repeat(by));
}
