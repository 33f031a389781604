import { expect, test } from 'vitest';
import { decidingEntries } from '../../src/policy/deciding.ts';
import type { Recognised } from '../../src/policy/standing.ts';
import { NOW, policy, SIGNED } from './apps.ts';

const app: Recognised = { connector: 'provider', account: 'A1', appId: 'app-1', match: { product: 'acme/brain', grade: 'likely' } };
const other = { apps: ['app-2'], ...SIGNED };
const told = (decided: object) =>
  decidingEntries(app, policy(decided), NOW).map(
    (one) => `${one.list}[${one.index}]${one.list === 'approvals' && one.isOver ? ' over' : ''}`,
  );

test('the approvals in force that are about an app decide about it, each with its place in the file', () => {
  const ended = { apps: ['app-1'], expires: '2026-01-31', ...SIGNED };
  const lasts = { apps: ['app-1', 'app-2'], ...SIGNED };
  expect(told({ approvals: [other, ended, lasts, lasts] })).toEqual(['approvals[2]', 'approvals[3]']);
  expect(told({ approvals: [other, ended] })).toEqual(['approvals[1] over']);
  expect(told({ approvals: [other] })).toEqual([]);
});

test('a denial goes before all approvals, and a name approves nothing', () => {
  const approvals = [{ apps: ['app-1'], ...SIGNED }];
  expect(
    told({
      approvals,
      denials: [
        { apps: ['app-2'], reason: 'no' },
        { product: 'acme/brain', reason: 'no' },
      ],
    }),
  ).toEqual(['denials[1]']);
  expect(told({ approvals: [{ product: 'acme/brain', ...SIGNED }] })).toEqual([]);
  expect(told({ approvals: [{ ...approvals[0], accounts: ['A2'] }] })).toEqual([]);
});
