import { describe, expect, test } from 'vitest';
import { judgementOf, transition } from '../../src/policy/findings.ts';
import type { Fact } from '../../src/policy/integration.ts';
import { hitsOf } from '../../src/policy/rules.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { grant, integration, NOW, policy, scopes, SIGNED } from './apps.ts';

describe('the policy', () => {
  test('a limit of people counts people, not things that nobody holds', () => {
    const { principal: _nobody, ...unheld } = grant('client-1', 'ChatGPT', { thing: 'grant/2' });
    const one = integration([grant('client-1', 'ChatGPT'), unheld]);
    const decided = policy({ approvals: [{ apps: ['client-1'], population: { most: 1 }, ...SIGNED }] });
    expect(standingOf(one, decided, NOW).is).toBe('approved');
  });
  test('two listings of one thing make the same integration in either order', () => {
    const facts: Fact[] = [
      grant('client-1', 'ChatGPT', { collector: 'grants', attributes: { seen: 'here' } }),
      grant('client-1', 'Chat GPT', { collector: 'installations', attributes: { seen: 'there' }, kind: 'app_installation' }),
    ];
    expect(integration(facts.toReversed())).toEqual(integration(facts));
  });

  test('a thing that only a log knows is the same in either order of its events', () => {
    const facts = [1, 2].map((number) =>
      grant('client-1', `ChatGPT ${number}`, { mode: 'log', collector: 'token_log', attributes: { number } }),
    );
    expect(integration(facts.toReversed())).toEqual(integration(facts));
  });
  test('two statements of one time make the same integration in either order', () => {
    const at = '2026-01-01T00:00:00.000Z';
    const facts = (['listed', 'report'] as const).map((from) =>
      grant('client-1', 'ChatGPT', { collector: from, lastUsedAt: { at, from } }),
    );
    expect(integration(facts.toReversed()).things[0]!.lastUsedAt).toEqual(integration(facts).things[0]!.lastUsedAt);
  });
  test('an acknowledged finding that has changed says so, and stays acknowledged until what was seen is held against it', () => {
    const rows = [scopes('openid'), scopes('openid', 'drive', 'gmail.modify')].map(
      (permissions) =>
        judgementOf(integration([grant('client-1', 'ChatGPT', { permissions })]), policy({}), NOW, () => undefined).findings[0]!,
    );
    expect(transition({ state: 'acknowledged', body: rows[0]!.body, unverifiedScan: null }, rows[1])).toEqual({
      state: 'acknowledged',
      events: ['changed'],
    });
  });
  test('an approval of somebody else makes the finding of a look-alike no milder', () => {
    const ORDER = ['low', 'medium', 'high', 'critical'];
    const one = integration([grant('client-1', 'ChatGPT', { permissions: scopes('drive', 'gmail.modify') })]);
    const severity = (decided: ReturnType<typeof policy>) => ORDER.indexOf(hitsOf(one, standingOf(one, decided, NOW))[0]!.severity);
    const approved = policy({ approvals: [{ product: 'openai/chatgpt', apps: ['the real one'], ...SIGNED }] });
    expect(severity(approved)).toBeGreaterThanOrEqual(severity(policy({})));
  });
});
