import { expect, test } from 'vitest';
import type { Match } from '../../src/catalog/match.ts';
import { integrationOf } from '../../src/policy/integration.ts';
import { withKin, type Kin } from '../../src/policy/kin.ts';
import { standingOf } from '../../src/policy/standing.ts';
import { grant, NOW, policy, SIGNED } from './apps.ts';
import { app, MATCH, verdict } from './invented.ts';

const KIN: Kin = { client: 'c-1', connector: 'host', account: 'A9', name: 'Brain app', match: { ...MATCH, grade: 'exact' } };
const known = (clients: readonly string[]) => (clients.includes('c-1') ? KIN : undefined);
const acting = (match: Match = { ...verdict('unknown'), grade: 'likely' }) =>
  app({ match: { ...match, product: 'cloud/agents', candidates: ['cloud/agents'] }, actsAs: ['c-1'] });

test('what acts under the client id of an app is likely of its product, says why, and keeps what else it may be', () => {
  const { match } = withKin(acting(), known);
  expect(match).toMatchObject({ verdict: 'ai', grade: 'likely', product: 'acme/brain', productName: 'Brain', vendor: 'Acme' });
  expect(match.candidates).toEqual(['acme/brain', 'cloud/agents']);
  expect(match.reasons[0]).toMatchObject({
    grade: 'likely',
    speaksFor: 'acme/brain',
    why: 'acts as c-1, the client of Brain app at host, account A9',
  });
  expect(match.reasons.slice(1)).toEqual(MATCH.reasons);
});

test('a verdict that is as grave is taken over, with what is known of it and no more', () => {
  const { product: _unknown, productName: _unnamed, vendor: _nobody, ...bare } = MATCH;
  const kin = (): Kin => ({ ...KIN, match: { ...bare, grade: 'exact' } });
  const { match, alsoIs } = withKin(acting({ ...verdict('ai'), grade: 'strong' }), kin);
  expect([match.verdict, match.reasons[0]?.speaksFor, match.candidates, alsoIs]).toEqual(['ai', '', ['cloud/agents'], 'cloud/agents']);
  expect(Object.keys(match).filter((key) => ['product', 'productName', 'vendor'].includes(key))).toEqual([]);
});

test('an id of its own goes before, and so does being nobody else', () => {
  const own = acting({ ...MATCH, grade: 'exact' });
  expect(withKin(own, known)).toBe(own);
  const stranger = { ...acting(), actsAs: ['c-2'] };
  expect(withKin(stranger, known)).toBe(stranger);
  const itself = app({ clients: ['c-1'] });
  expect(withKin(itself, known)).toBe(itself);
});

test('the client ids of an app are told apart from those that it acts under', () => {
  const signals = ['github_client_id c-1', 'oauth_client_id c-2', 'oauth_client_id c-3', 'acts_as_client c-3', 'app_name c-4'].map(
    (text) => {
      const [type, value] = text.split(' ') as [string, string];
      return { type, value };
    },
  );
  const nothing = { match: () => MATCH, meaning: () => ({ dataClass: 'other', access: 'read', plain: '', known: false }) as const };
  const { clients, actsAs } = integrationOf('default', [grant('a', 'A', { signals })], nothing);
  expect({ clients, actsAs }).toEqual({ clients: ['c-1', 'c-2'], actsAs: ['c-3'] });
});

test('a verdict never becomes a milder one', () => {
  const milder = (): Kin => ({ ...KIN, match: { ...KIN.match, verdict: 'ai_feature' } });
  const own = acting({ ...verdict('ai'), grade: 'strong' });
  expect(withKin(own, milder)).toBe(own);
  expect(withKin(acting({ ...verdict('not_ai'), grade: 'no' }), milder).match.verdict).toBe('ai_feature');
});

test('a client id that anybody may enter approves nothing, and hides no denial', () => {
  const approvals = policy({ approvals: [{ product: 'acme/brain', ...SIGNED }] });
  expect(standingOf(withKin(acting(), known), approvals, NOW).is).not.toBe('approved');
  const denied = policy({
    approvals: [{ product: 'acme/brain', ...SIGNED }],
    denials: [{ product: 'evil/agent', reason: 'no' }],
  });
  const evil = app({ match: { ...MATCH, grade: 'strong', product: 'evil/agent' }, actsAs: ['c-1'] });
  expect(standingOf(withKin(evil, known), denied, NOW).is).toBe('denied');
});
