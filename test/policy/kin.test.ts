import { expect, test } from 'vitest';
import { integrationOf } from '../../src/policy/integration.ts';
import { withKin, type Kin } from '../../src/policy/kin.ts';
import { grant } from './apps.ts';
import { app, MATCH, verdict } from './invented.ts';

const KIN: Kin = { client: 'c-1', connector: 'host', account: 'A9', name: 'Brain app', match: { ...MATCH, grade: 'exact' } };
const known = (clients: readonly string[]) => (clients.includes('c-1') ? KIN : undefined);
const acting = (match = verdict('unknown')) =>
  app({ match: { ...match, product: 'cloud/agents', candidates: ['cloud/agents'] }, actsAs: ['c-1'] });

test('what acts under the client id of an app is of its product, says why, and keeps what else it may be', () => {
  const { match } = withKin(acting(), known);
  expect(match).toMatchObject({ verdict: 'ai', grade: 'exact', product: 'acme/brain', productName: 'Brain', vendor: 'Acme' });
  expect(match.candidates).toEqual(['acme/brain', 'cloud/agents']);
  expect(match.reasons[0]).toMatchObject({
    grade: 'exact',
    speaksFor: 'acme/brain',
    why: 'acts as c-1, the client of Brain app at host, account A9',
  });
  expect(match.reasons.slice(1)).toEqual(MATCH.reasons);
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
