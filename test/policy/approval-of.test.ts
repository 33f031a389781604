import { expect, test } from 'vitest';
import { approvalOf } from '../../src/policy/approval-of.ts';
import { NOW, policy, SIGNED } from './apps.ts';
import { app } from './invented.ts';

const approval = (more: object) => ({ ...SIGNED, owner: JSON.stringify(more), ...more });

test('the approval of an app is the first that is about it and has not ended', () => {
  const entries = [
    { apps: ['app-2'] },
    { apps: ['app-1'], accounts: ['A2'] },
    { apps: ['app-1'], expires: '2026-11-01' },
    { product: 'acme/brain' },
  ];
  const decided = policy({ approvals: entries.map(approval) });
  expect(approvalOf(app(), decided, NOW)).toMatchObject({ product: 'acme/brain' });
  expect(approvalOf(app(), policy({ approvals: entries.slice(0, 3).map(approval) }), NOW)).toBeUndefined();
});
