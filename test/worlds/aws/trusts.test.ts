/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { type Night, statementsOf } from '../world.ts';
import { idOf, policy, trustOf } from './estate.ts';
import { AI_RULES, IAM_ONLY, OUTSIDE, ROOT, speaking, trusts, worldOf } from './reading.ts';

// Whom roles let in.

const statement = statementsOf('aws');
const boundTo = (id: string) => ({ StringEquals: { 'sts:ExternalId': id } });

/** Severities of `trust-without-condition` about what a role with this trust lets in, one scan for each role. */
async function openTrusts(
  trustsOfRoles: Record<string, string>,
  config: Readonly<Record<string, unknown>> = {},
): Promise<{ night: Night; severities: Record<string, string[]> }> {
  const severities: Record<string, string[]> = {};
  let last: Night | undefined;
  for (const [name, trust] of Object.entries(trustsOfRoles)) {
    last = await (await worldOf({ roles: { [name]: { trust } } })).scan({ collectors: IAM_ONLY, config });
    expect(trusts(last, name).length).toBeGreaterThan(0);
    severities[name] = last.findings.filter(({ rule }) => rule === 'trust-without-condition').map(({ severity }) => severity);
  }
  return { night: last!, severities };
}

statement('A30', async () => {
  const { severities } = await openTrusts({ open: trustOf({ AWS: ROOT }), bound: trustOf({ AWS: ROOT }, boundTo('a-5f2c')) });
  expect(severities).toEqual({ open: ['high'], bound: [] });
});

statement('A31', async () => {
  const { severities } = await openTrusts({
    star: trustOf({ AWS: ROOT }, { StringLike: { 'sts:ExternalId': '*' } }),
    'if-exists': trustOf({ AWS: ROOT }, { StringEqualsIfExists: { 'sts:ExternalId': 'a-5f2c' } }),
    case: trustOf({ AWS: ROOT }, { StringEquals: { 'STS:externalid': 'a-5f2c' } }),
    // Whoever is let in by one statement needs no other.
    'one-of-two': policy(
      { Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'sts:AssumeRole', Condition: boundTo('a-5f2c') },
      { Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'sts:*' },
    ),
    // Something is asked, and anybody of the other side has it.
    aside: trustOf({ AWS: ROOT }, { Bool: { 'aws:SecureTransport': 'true' } }),
  });
  expect(severities).toEqual({ star: ['high'], 'if-exists': ['high'], case: [], 'one-of-two': ['high'], aside: ['high'] });
});

statement('A32', async () => {
  const world = await worldOf({ roles: { shared: { trust: trustOf({ AWS: ROOT }) } } });
  const outside = await world.scan({ collectors: IAM_ONLY });
  expect(speaking(outside, OUTSIDE)).not.toEqual([]);
  const night = await (
    await worldOf({ roles: { shared: { trust: trustOf({ AWS: ROOT }) } } })
  ).scan({
    collectors: IAM_ONLY,
    config: { ownAccounts: [OUTSIDE] },
  });
  expect(trusts(night, 'shared').map(({ attributes }) => attributes['internal'])).toEqual([true]);
  expect(speaking(night, OUTSIDE)).toEqual([]);
});

statement('A33', async () => {
  const heldTo = (organisation: string) => trustOf('*', { StringEquals: { 'aws:PrincipalOrgID': organisation } });
  const { severities } = await openTrusts(
    { other: heldTo('o-zzzzzzzzzz'), none: trustOf('*'), ours: heldTo('o-a1b2c3d4e5') },
    { organizationId: 'o-a1b2c3d4e5' },
  );
  const ours = await (
    await worldOf({ roles: { ours: { trust: heldTo('o-a1b2c3d4e5') } } })
  ).scan({
    collectors: IAM_ONLY,
    config: { organizationId: 'o-a1b2c3d4e5' },
  });
  expect(trusts(ours, 'ours').map(({ attributes }) => attributes['internal'])).toEqual([true]);
  expect(severities).toEqual({ ours: [], other: ['high'], none: ['critical'] });
});

statement('A34', async () => {
  const night = await (
    await worldOf({
      roles: {
        digits: { trust: trustOf({ AWS: OUTSIDE }) },
        arn: { trust: trustOf({ AWS: `arn:aws:iam::${OUTSIDE}:role/team/reader` }) },
        root: { trust: trustOf({ AWS: ROOT }) },
        both: { trust: trustOf({ AWS: [OUTSIDE, ROOT] }) },
      },
    })
  ).scan({ collectors: IAM_ONLY });
  const parties = ['digits', 'arn', 'root', 'both'].map((name) => trusts(night, name).map(({ subject }) => subject.app));
  expect(parties).toEqual([[OUTSIDE], [OUTSIDE], [OUTSIDE], [OUTSIDE]]);
});

const GITHUB = 'token.actions.githubusercontent.com';

statement('A35', async () => {
  const federated = (conditions: unknown) =>
    trustOf({ Federated: `arn:aws:iam::111122223333:oidc-provider/${GITHUB}` }, conditions, 'sts:AssumeRoleWithWebIdentity');
  const { severities } = await openTrusts({
    anybody: federated({ StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' } }),
    star: federated({ StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' }, StringLike: { [`${GITHUB}:sub`]: '*' } }),
    'any-owner': federated({
      StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' },
      StringLike: { [`${GITHUB}:sub`]: '*:environment:production' },
    }),
    exact: federated({
      StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com', [`${GITHUB}:sub`]: 'repo:lanternworks/shop:ref:refs/heads/main' },
    }),
  });
  expect(severities).toEqual({ anybody: ['critical'], star: ['critical'], 'any-owner': ['critical'], exact: [] });
});

statement('A36', async () => {
  const dead = idOf('AROA', 'deleted long ago');
  const night = await (await worldOf({ roles: { left: { trust: trustOf({ AWS: dead }) } } })).scan({ collectors: IAM_ONLY });
  expect(night.findings.map(({ rule, severity, appId }) => [rule, severity, appId])).toEqual([['trust-of-deleted-party', 'low', dead]]);
});

statement('A37', async () => {
  const world = await worldOf({
    roles: {
      tracking: { trust: trustOf({ AWS: 'arn:aws:iam::725579432336:role/WandbIntegration' }, boundTo('w-1')) },
      hub: { trust: trustOf({ AWS: 'arn:aws:iam::754289655784:root' }, boundTo('h-1')) },
      images: { trust: trustOf({ AWS: 'arn:aws:iam::855262394183:root' }, boundTo('g-1')) },
    },
  });
  const night = await world.scan({ collectors: IAM_ONLY });
  const found = night.findings.filter(({ appId }) => appId === '725579432336');
  expect(found.map(({ rule }) => rule)).toEqual(['unapproved-ai-tool']);
  expect(`${found[0]!.title} ${found[0]!.body}`).toMatch(/Weights (&|and) Biases/);
  const shown = await world.cli(['show', found[0]!.key.slice(0, 12)]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/exact/);
  for (const weak of ['754289655784', '855262394183']) {
    expect(night.facts.filter(({ subject }) => subject.app === weak)).toHaveLength(1);
    expect(night.findings.filter(({ appId, rule }) => appId === weak && AI_RULES.has(rule))).toEqual([]);
  }
  expect(shown.stdout).toMatch(/https:\/\/[^\s]*(wandb|known_aws_accounts)/);
});
