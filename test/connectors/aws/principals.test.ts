import { describe, expect, test } from 'vitest';
import { granted } from '../../../connectors/aws/permissions.ts';
import { grantedToUser, roleEvents, userEvents } from '../../../connectors/aws/principals.ts';
import { roleDetail, userDetail } from '../../../connectors/aws/schema.ts';
import type { Gap, Observation, ScanEvent } from '../../../src/connector/index.ts';

const NOW = new Date('2026-11-02T02:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const around = {
  account: 'account/111122223333',
  ownAccount: '111122223333',
  own: { accounts: [], organizationId: undefined, read: [] },
  shared: { groups: new Map(), policies: new Map() },
  now: NOW,
};
const document = (...statements: object[]) => encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
const servedBy = (...services: string[]) => document({ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' });

function role(more: object): { fact: Observation; gaps: Gap[] } {
  const raw = {
    RoleId: 'AROAONE',
    RoleName: 'one',
    Arn: 'arn:aws:iam::111122223333:role/one',
    Path: '/',
    CreateDate: daysAgo(200),
    AssumeRolePolicyDocument: servedBy('ec2.amazonaws.com'),
    ...more,
  };
  return told([...roleEvents(around, roleDetail.parse(raw))]);
}

function told(events: readonly ScanEvent[]): { fact: Observation; gaps: Gap[] } {
  return { fact: events[0] as Observation, gaps: events.filter((event): event is Gap => event.type === 'gap') };
}

describe('a role', () => {
  test.each([
    ['that is old and without use is idle', { RoleLastUsed: {} }, 'not in the last 400 days'],
    ['that was used is not', { RoleLastUsed: { LastUsedDate: daysAgo(399) } }, undefined],
    ['that is young is not', { RoleLastUsed: {}, CreateDate: daysAgo(89) }, undefined],
    ['of whose use nothing is said is not', {}, undefined],
    ['of whose age nothing is said is not', { RoleLastUsed: {}, CreateDate: undefined }, undefined],
    ["of AWS's own is not", { RoleLastUsed: {}, Path: '/aws-service-role/support.amazonaws.com/' }, undefined],
  ])('%s', (_what, more, idle) => {
    expect(role(more).fact.attributes['idle']).toBe(idle);
  });

  test.each([
    ['bedrock-agentcore.amazonaws.com', true],
    ['runtime-identity.bedrock-agentcore.amazonaws.com', true],
    ['sagemaker.amazonaws.com.cn', true],
    ['ec2.amazonaws.com', false],
    ['bedrock.example.com', false],
    ['not-bedrock.amazonaws.com', false],
  ])('that %s may assume is one that agents run as: %s', (service, runs) => {
    const { fact } = role({ AssumeRolePolicyDocument: servedBy(service) });
    expect(fact.principal!.traits.includes('agent_runtime')).toBe(runs);
    expect(fact.attributes['runsAgentsOf']).toEqual(runs ? [service] : undefined);
  });
});

describe('a policy that cannot be read', () => {
  const broken = { PolicyName: 'p', PolicyDocument: 'no document' };
  const all = { PolicyName: 'q', PolicyDocument: document({ Effect: 'Allow', Action: 'bedrock:*', Resource: '*' }) };

  test('is a gap beside the role, whose level is unknown unless another policy says more', () => {
    const { fact, gaps } = role({ RolePolicyList: [broken] });
    expect(fact.attributes).toMatchObject({ aiLevel: 'unknown', unparsedPolicy: true });
    expect(gaps).toMatchObject([{ scope: 'account/111122223333/role/AROAONE/policy', reason: 'provider_error' }]);
    expect(role({ RolePolicyList: [broken, all] }).fact.attributes['aiLevel']).toBe('service-wildcard');
    expect(role({ RolePolicyList: [all] }).gaps).toEqual([]);
    expect(granted({ attached: [], inline: [] }, around.shared).aiLevel).toBe('none');
  });

  test('is a gap beside the user', () => {
    const raw = { UserId: 'AIDAONE', UserName: 'one', Arn: 'arn:aws:iam::111122223333:user/one', UserPolicyList: [broken] };
    const user = userDetail.parse(raw);
    const { fact, gaps } = told([...userEvents(around, user, grantedToUser(user, around.shared))]);
    expect(fact.attributes['aiLevel']).toBe('unknown');
    expect(gaps).toMatchObject([{ scope: 'account/111122223333/user/AIDAONE/policy' }]);
  });
});
