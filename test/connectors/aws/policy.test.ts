import { afterEach, describe, expect, test } from 'vitest';
import { fake } from '../../../connectors/aws/fake/index.ts';
import { connector } from '../../../connectors/aws/index.ts';
import { documents } from '../../../connectors/aws/policy.ts';
import type { Connector } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector } from '../../../src/testing/runner.ts';

const open: FakeProvider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) await provider.close();
});

const declared = [...new Set(connector.collectors.flatMap(({ permissions }) => permissions.map(({ id }) => id)))].sort();
const text = (id: string) => documents.find((document) => document.id === id)!.text(declared);

interface Policy {
  Statement: { Sid: string; Effect: string; Action: string[]; Resource: string }[];
}
const policy = JSON.parse(text('policy')) as Policy;
const [allowed, denied] = policy.Statement.map(({ Action }) => Action);

describe('the policy that is printed', () => {
  test('allows what a scan really asks for, and nothing that none asks for', async () => {
    const provider = await fake.start(createCompany({ people: 60 }));
    open.push(provider);
    await runConnector(connector as Connector, provider);
    const permissionOf = new Map(connector.operations.map(({ id, permission }) => [id, permission ?? id]));
    const asked = new Set(provider.requests.map(({ operation }) => permissionOf.get(operation)!));
    // Neither belongs to the role: the one is open to all, the other is the scanner's own.
    for (const own of ['sts:GetCallerIdentity', 'sts:AssumeRole']) expect(asked.delete(own)).toBe(true);
    const above = ['organizations:DescribeOrganization', 'organizations:ListAccounts'];
    for (const own of above) expect(asked.delete(own)).toBe(true);
    expect(allowed).toEqual([...asked].sort());
    const scanner = JSON.parse(text('scanner')) as { Statement: { Action: string | string[]; Resource: string }[] };
    expect(scanner.Statement.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [above, '*'],
      ['sts:AssumeRole', 'arn:*:iam::*:role/NoctuleReadOnly'],
    ]);
  });

  test('allows reading alone, and denies nothing that it allows', () => {
    expect(
      allowed!.filter(
        (action) =>
          !/^[a-z-]+:(?:Get|List|Describe|LookupEvents$|SearchAgreements$|GenerateCredentialReport$|GenerateServiceLastAccessedDetails$)/.test(
            action,
          ),
      ),
    ).toEqual([]);
    const pattern = (action: string) => new RegExp(`^${action.replaceAll('*', '.*')}$`);
    expect(allowed!.filter((action) => denied!.some((never) => pattern(never).test(action)))).toEqual([]);
  });

  test('fits into an inline policy of a role', () => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 10,240 characters, white space not counted.
    expect(text('policy').replaceAll(/\s/g, '').length).toBeLessThan(10_240);
  });

  test('is the same for Terraform and CloudFormation, with a role that asks for the external id', () => {
    const inner = /<<-JSON\n([\s\S]*?)\n {2}JSON/.exec(text('terraform'))?.[1];
    expect(JSON.parse(inner!)).toEqual(policy);
    expect(text('terraform')).toContain('Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }');
    const role = JSON.parse(text('cloudformation')).Resources.NoctuleRole.Properties;
    expect(role.Policies[0].PolicyDocument).toEqual(policy);
    expect(role.AssumeRolePolicyDocument.Statement[0].Condition).toEqual({ StringEquals: { 'sts:ExternalId': { Ref: 'ExternalId' } } });
  });

  test('no terraform interpolation hides in it', () => {
    expect(text('terraform')).not.toMatch(/[$%]\{/);
  });
});
