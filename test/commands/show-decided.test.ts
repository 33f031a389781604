import { expect, test } from 'vitest';
import { decidedOf } from '../../src/commands/show-decided.ts';

const AT = '2026-10-01T09:00:00.000Z';
const ADA = { user: '1042', email: 'ada@corp.example' };

test('a decision is told with what it was, for whom, by whom and when, the newest first', () => {
  const grantedAt = { at: '2026-11-02T00:00:00.000Z', from: 'log' } as const;
  expect(
    decidedOf([
      { attributes: { state: 'trusted', unit: '/Sales', decidedAt: AT, decidedBy: ADA } },
      { attributes: { decidedBy: ADA }, grantedAt },
    ]),
  ).toEqual(['authorised by ada@corp.example on 2026-11-02', 'trusted for /Sales by ada@corp.example on 2026-10-01']);
});

test('whoever has no address is told by the id, and nobody is made up where the log names nobody', () => {
  const decided = { state: 'blocked', decidedAt: AT };
  expect(decidedOf([{ attributes: { ...decided, decidedBy: { user: '1042' } } }])).toEqual(['blocked by 1042 on 2026-10-01']);
  expect(decidedOf([{ attributes: { ...decided, decidedBy: null } }])).toEqual([
    'blocked by somebody whom the log does not name on 2026-10-01',
  ]);
});

test('what nobody decided, or on no day that is known, is no decision', () => {
  expect(
    decidedOf([{ attributes: { state: 'trusted', takenAt: AT } }, { attributes: { state: 'authorised, not declared', decidedBy: ADA } }]),
  ).toEqual([]);
});
