/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { openWorld, statementsOf } from '../world.ts';
import { accountOf, activeKey, ago, PASSWORD, plantEstate, policy, SERVED, trustOf } from './estate.ts';
import { about, DETAILS, IAM_ONLY, role, speaking, trusts, user, worldOf } from './reading.ts';

// What people and programs are, and what they can do with AI.

const statement = statementsOf('aws');

statement('A21', async () => {
  const night = await (
    await worldOf({
      roles: { young: { created: ago(30), lastUsed: {} }, old: { created: ago(200), lastUsed: {} } },
    })
  ).scan({ collectors: IAM_ONLY });
  const said = (name: string) => JSON.stringify([role(night, name).attributes, speaking(night, name)]);
  expect(said('old')).toMatch(/stale|400 days/i);
  expect(said('young')).not.toMatch(/stale|400 days/i);
});

statement('A22', async () => {
  const night = await (
    await worldOf({ users: { mixed: { report: { ...PASSWORD, ...activeKey() } }, program: { report: activeKey() } } })
  ).scan({ collectors: IAM_ONLY });
  const traits = (name: string) => new Set(about(night, name).flatMap(({ principal }) => principal?.traits ?? []));
  expect([...traits('mixed')]).toEqual(expect.arrayContaining(['interactive_login', 'standing_credential']));
  expect([...traits('program')]).not.toContain('interactive_login');
  const said = (name: string) => JSON.stringify([about(night, name).map(({ attributes }) => attributes), speaking(night, name)]);
  expect(said('mixed')).toMatch(/shared|human ?(\+|and) ?machine/i);
});

statement('A23', async () => {
  const night = await (
    await worldOf({ roles: { runner: { trust: trustOf({ Service: 'bedrock-agentcore.amazonaws.com' }) }, plain: { trust: SERVED } } })
  ).scan({ collectors: IAM_ONLY });
  expect(role(night, 'runner').principal!.traits).toContain('agent_runtime');
  expect(role(night, 'plain').principal!.traits).not.toContain('agent_runtime');
  expect(JSON.stringify([role(night, 'runner'), ...trusts(night, 'runner')])).toContain('bedrock-agentcore.amazonaws.com');
});

statement('A24', async () => {
  const inline = { p: policy({ Effect: 'Allow', Action: 'bedrock:*', Resource: '*' }) };
  const night = await (await worldOf({ users: { wanda: { report: PASSWORD, inline } } })).scan({ collectors: IAM_ONLY });
  const { principal, attributes } = user(night, 'wanda');
  expect(principal!.traits).toContain('interactive_login');
  expect(principal!.traits).not.toContain('agent_runtime');
  expect(principal!.traits).not.toContain('workload');
  expect(attributes['aiLevel']).toBe('service-wildcard');
});

/** How far a role with these statements gets with AI services. */
async function levelsOf(policies: Record<string, Parameters<typeof policy>>): Promise<Record<string, unknown>> {
  const roles = Object.entries(policies).map(([name, statements]) => [name, { inline: { p: policy(...statements) } }]);
  const night = await (await worldOf({ roles: Object.fromEntries(roles) })).scan({ collectors: IAM_ONLY });
  return Object.fromEntries(Object.keys(policies).map((name) => [name, role(night, name).attributes['aiLevel']]));
}

statement('A25', async () => {
  const levels = await levelsOf({
    broad: [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }],
    narrow: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
  });
  expect(levels).toEqual({ broad: 'admin', narrow: 'none' });
});

statement('A26', async () => {
  const levels = await levelsOf({
    odd: [{ Effect: 'Allow', Action: 'Bedrock:invokemodel*', Resource: '*' }],
    mark: [{ Effect: 'Allow', Action: 'BEDROCK:Invoke?odel', Resource: '*' }],
    other: [{ Effect: 'Allow', Action: 'Bedrocks:invokemodel*', Resource: '*' }],
  });
  expect(levels).toEqual({ odd: 'invoke-star', mark: 'invoke-star', other: 'none' });
});

const ALLOW_BEDROCK = { Effect: 'Allow', Action: 'bedrock:*', Resource: '*' } as const;

statement('A27', async () => {
  const levels = await levelsOf({
    denied: [ALLOW_BEDROCK, { Effect: 'Deny', Action: 'bedrock:*', Resource: '*' }],
    allowed: [ALLOW_BEDROCK, { Effect: 'Deny', Action: 's3:*', Resource: '*' }],
  });
  expect(levels).toEqual({ denied: 'none', allowed: 'service-wildcard' });
  // Wherever both come from: a group allows, a policy of the customer's own denies.
  const world = await openWorld('aws');
  const deny = policy({ Effect: 'Deny', Action: ['bedrock:*'], Resource: ['*'] });
  plantEstate(world, {
    groups: { lab: { inline: { p: policy(ALLOW_BEDROCK) } } },
    policies: { 'no-models': deny },
    users: { ann: { groups: ['lab'] }, ben: { groups: ['lab'], attached: [`arn:aws:iam::${accountOf(world)}:policy/no-models`] } },
  });
  const night = await world.scan({ collectors: IAM_ONLY });
  expect([user(night, 'ann').attributes['aiLevel'], user(night, 'ben').attributes['aiLevel']]).toEqual(['service-wildcard', 'none']);
});

statement('A28', async () => {
  const levels = await levelsOf({
    'at-times': [
      ALLOW_BEDROCK,
      { Effect: 'Deny', Action: 'bedrock:*', Resource: '*', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } },
    ],
    somewhere: [ALLOW_BEDROCK, { Effect: 'Deny', Action: 'bedrock:*', Resource: 'arn:aws:bedrock:*::foundation-model/other.*' }],
  });
  expect(levels).toEqual({ 'at-times': 'service-wildcard', somewhere: 'service-wildcard' });
});

statement('A29', async () => {
  const world = await worldOf({
    roles: { phantom: { attached: ['AmazonBedrockLimitedAccess'] }, reader: { attached: ['job-function/ViewOnlyAccess'] } },
  });
  const night = await world.scan({ collectors: IAM_ONLY });
  expect(role(night, 'phantom').attributes['aiLevel']).toBe('service-wildcard');
  expect(role(night, 'reader').attributes['aiLevel']).toBe('none');
  const operations = new Set(world.asked.map(({ operation }) => operation).filter((operation) => operation?.startsWith('iam.')));
  expect(operations).toEqual(new Set(['iam.GenerateCredentialReport', DETAILS, 'iam.GetCredentialReport']));
  expect(night.sent(DETAILS).first).toBe(1);
});
