import { expect, test } from 'vitest';
import { approvalsOf, isNewSince, wasDenied, type JudgedApp } from '../../src/policy/approval-of.ts';
import { NOW, policy, SIGNED } from './apps.ts';
import { app, reach } from './invented.ts';

const approval = (more: object) => ({ ...SIGNED, owner: JSON.stringify(more), ...more });
const approvals = (...entries: readonly object[]) => policy({ approvals: entries.map(approval) });
const judged = (more: Partial<JudgedApp> = {}): JudgedApp => ({ ...app(), holders: 3, reach: [reach('files', 'read')], ...more });

test('the approvals of an app are those that are about it, have not ended, and that it keeps to, in whichever order they stand', () => {
  const entries = [
    { apps: ['app-2'] },
    { apps: ['app-1'], accounts: ['A2'] },
    { apps: ['app-1'], expires: '2026-11-01' },
    { apps: ['app-1'], ceiling: { data: { mail: 'read' } } },
    { apps: ['app-1'], population: { most: 2 } },
    { apps: ['app-1'], ceiling: { data: { files: 'read' } }, review: '2026-12-01' },
    { product: 'acme/brain', population: { most: 3 } },
  ];
  const kept = [{ product: 'acme/brain' }, { review: '2026-12-01' }];
  expect(approvalsOf(judged(), approvals(...entries), NOW)).toMatchObject(kept);
  expect(approvalsOf(judged(), approvals(...entries.toReversed()), NOW)).toMatchObject(kept);
  expect(approvalsOf(judged({ sanctioned: false }), approvals(...entries), NOW)).toEqual([]);
});

test('an approval is news where no entry about the app said the same of it before, whoever else stands in it and whoever answers', () => {
  const now = approvals({ apps: ['app-1'], ceiling: { data: { files: 'read' } } }).approvals[0]!;
  const isNew = (...before: readonly object[]) => isNewSince(approvals(...before), now, judged());
  expect(isNew({ apps: ['app-0', 'app-1'], ceiling: { data: { files: 'read' } }, owner: 'forgotten-1' })).toBe(false);
  expect(isNew({ product: 'acme/brain', ceiling: { data: { files: 'read' } } })).toBe(false);
  expect(isNew({ apps: ['app-2'], ceiling: { data: { files: 'read' } } })).toBe(true);
  expect(isNew({ apps: ['app-1'], ceiling: { data: { files: 'write' } } })).toBe(true);
  expect(isNew()).toBe(true);
});

test('an app was denied by an entry with its id or its product', () => {
  const denied = (entry: object) => wasDenied(policy({ denials: [{ reason: 'no', ...entry }] }), judged());
  expect([denied({ apps: ['app-1'] }), denied({ product: 'acme/brain' }), denied({ apps: ['app-2'] })]).toEqual([true, true, false]);
});
