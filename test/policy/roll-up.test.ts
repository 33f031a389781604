import { expect, test } from 'vitest';
import { rollUp, type TenantLine } from '../../src/policy/roll-up.ts';

const none = { part: 0, of: 0 };
const line = (more: Partial<TenantLine>): TenantLine => ({
  tenant: 'a',
  scannedAt: '2026-10-01T02:00:00.000Z',
  integrations: 0,
  trustDebt: 0,
  owned: none,
  unsanctioned: none,
  standing: none,
  persona: 'between',
  claimed: undefined,
  gap: undefined,
  unread: { unread: 0, of: 3 },
  ...more,
});

test('a roll-up tells shares of tenants, and the gap between those that claim and those that are', () => {
  const tenants = [
    line({ claimed: 80, persona: 'ready' }),
    line({ claimed: 100, unsanctioned: { part: 1, of: 4 } }),
    line({ claimed: 79, unread: { unread: 1, of: 3 } }),
    line({ persona: 'ready' }),
  ];
  expect(rollUp(tenants)).toEqual({
    withUnsanctioned: { part: 1, of: 4 },
    // What was not read may hold some.
    unsanctionedUnknown: { part: 1, of: 4 },
    partlyUnread: { part: 1, of: 4 },
    claiming: { part: 2, of: 3 },
    ready: { part: 1, of: 3 },
    gap: expect.closeTo(100 / 3),
  });
  expect(rollUp([line({})]).gap).toBeUndefined();
});
