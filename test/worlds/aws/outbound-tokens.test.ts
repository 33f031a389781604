/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { openWorld, statementsOf } from '../world.ts';
import { CLAUDE_PLATFORM, policy } from './estate.ts';
import { IAM_ONLY, role, worldOf } from './reading.ts';

// Tokens for outside services.

const statement = statementsOf('aws');

statement('A43', async () => {
  const world = await openWorld('aws');
  const night = await world.scan({ collectors: ['identities', 'providers'] });
  expect(world.asked.map(({ body }) => new URLSearchParams(body).get('Action'))).toContain('GetOutboundWebIdentityFederationInfo');
  expect(
    night.facts
      .filter(({ kind }) => kind === 'control')
      .map(({ attributes }) => JSON.stringify(attributes))
      .join(),
  ).toMatch(/off|false|disabled/i);
  expect(night.source.state).toBe('read');
});

const mint = (audience: string, operator = 'ForAnyValue:StringEquals') => ({
  Effect: 'Allow' as const,
  Action: 'sts:GetWebIdentityToken',
  Resource: '*',
  Condition: { [operator]: { 'sts:IdentityTokenAudience': audience } },
});

statement('A44', async () => {
  const night = await (
    await worldOf({ roles: { keyless: { inline: { mint: policy(mint('https://api.openai.com/v1')) } }, plain: {} } })
  ).scan({ collectors: IAM_ONLY });
  const found = night.findings.filter(({ rule }) => rule === 'unapproved-ai-tool');
  expect(found).toHaveLength(1);
  expect(found[0]!.product).toMatch(/^openai\//);
  expect(found[0]!.body).toContain('keyless');
  expect(
    night.facts
      .filter(({ kind, attributes }) => kind === 'trust' && attributes['trusts'] === 'audience')
      .map(({ principal }) => principal!.name),
  ).toEqual(['keyless']);
});

statement('A45', async () => {
  const audience = 'https://api.anthropic.com';
  const night = await (
    await worldOf({
      roles: {
        managed: { attached: ['AnthropicInferenceAccess'] },
        copied: {
          inline: {
            p: policy({
              ...mint(audience),
              Condition: { ...mint(audience).Condition, StringEquals: { 'aws:CalledViaLast': CLAUDE_PLATFORM } },
            }),
          },
        },
        own: { inline: { p: policy(mint(audience)) } },
      },
    })
  ).scan({ collectors: IAM_ONLY });
  expect(role(night, 'managed').attributes['aiLevel']).not.toBe('none');
  const minting = night.facts.filter(({ kind, attributes }) => kind === 'trust' && attributes['trusts'] === 'audience');
  expect(minting.map(({ principal }) => principal!.name)).toEqual(['own']);
});
