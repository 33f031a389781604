import { expect, onTestFinished, test } from 'vitest';
import type { Observation } from '../../src/connector/index.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { createCompany } from '../../src/testing/company.ts';
import { runConnector } from '../../src/testing/runner.ts';
import { openWorld } from '../worlds/world.ts';
import { startFake } from '../scan/night.ts';

/** The keys that a list of a simulated provider has. */
async function keysOf(id: string, collector: string): Promise<Observation[]> {
  const provider = await startFake(id, createCompany({ people: 60 }));
  onTestFinished(() => provider.close());
  const run = await runConnector(await loadConnector(id), provider, { only: [collector], largestPage: 100 });
  const seen = run.collectors.flatMap(({ events }) => events.filter((event): event is Observation => event.type === 'observation'));
  return seen.filter(({ kind }) => kind === 'api_key');
}

test.each([
  ['aws', 'identities'],
  ['github', 'personal_access_tokens'],
])('a list of keys of %s says of some that they were never used, and of none both that and a date', async (id, collector) => {
  const keys = await keysOf(id, collector);
  const never = keys.filter(({ attributes }) => attributes['neverUsed'] === true);
  expect([never.length > 0, never.length < keys.length]).toEqual([true, true]);
  expect(never.filter(({ lastUsedAt }) => lastUsedAt)).toEqual([]);
});

test('a row of the report that has no information on use says nothing of none', async () => {
  const keys = await keysOf('aws', 'identities');
  const said = new Map(keys.map(({ attributes }) => [attributes['lastUsed'], attributes['neverUsed']]));
  expect([said.get('N/A'), said.get('known'), said.get('no_information')]).toEqual([true, undefined, undefined]);
});

test('a token that opens AI services, was never used, and is there for long is a finding', async () => {
  const world = await openWorld('github', { people: 60 });
  world.plant('GET /orgs/{org}/personal-access-tokens', (_request, _nth, usual) => {
    const answer = usual();
    const [first, ...rest] = answer.body as object[];
    const unused = { token_name: 'claude', token_last_used_at: null, token_expired: false, access_granted_at: '2025-01-01T00:00:00Z' };
    return { ...answer, body: [{ ...first, ...unused }, ...rest] };
  });
  const { findings } = await world.scan({ collectors: ['personal_access_tokens'] });
  const details = findings.filter(({ rule }) => rule === 'unused-ai-access').flatMap(({ explained }) => explained['details'] as string[]);
  expect(details.filter((one) => /^claude of .+ was never used, and is there since 2025-01-01$/.test(one))).not.toEqual([]);
});
