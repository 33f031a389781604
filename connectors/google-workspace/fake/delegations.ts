import type { Expected } from '../../../src/testing/fake.ts';
import { digits } from '../../../src/testing/random.ts';
import { scopes } from './apps.ts';

/** What an administrator did to a domain-wide delegation. No list of delegations exists; only the log tells of them. */
export interface DelegationDeed {
  kind: 'authorize' | 'remove';
  /** Numeric id of a service account. */
  clientId: string;
  /** Replaces what was authorised before. */
  scopes: readonly string[];
  /** Counted as in `Deed`. */
  day: number;
  /** Google writes the list in either way. */
  written: 'value' | 'multiValue';
}

const REPLACED = account('replaced');
const REMOVED = account('removed');

/** Newest first. */
export const DELEGATIONS: readonly DelegationDeed[] = [
  { kind: 'remove', clientId: REMOVED, scopes: [], day: 10, written: 'value' },
  { kind: 'authorize', clientId: REPLACED, scopes: delegated('calendar.readonly'), day: 20, written: 'value' },
  { kind: 'authorize', clientId: account('standing'), scopes: delegated('drive.readonly', 'gmail.readonly'), day: 30, written: 'value' },
  { kind: 'authorize', clientId: REMOVED, scopes: delegated('admin.directory.user.readonly'), day: 90, written: 'value' },
  {
    kind: 'authorize',
    clientId: REPLACED,
    scopes: delegated('calendar.readonly', 'gmail.modify', 'drive'),
    day: 120,
    written: 'multiValue',
  },
];

/** What an administrator keeps as the list, and what comes of holding it against the log. */
export const DECLARED: readonly { clientId: string; name: string; scopes: readonly string[] }[] = [
  { clientId: account('standing'), name: 'Backup', scopes: delegated('drive.readonly') },
  { clientId: REMOVED, name: 'Directory sync', scopes: delegated('admin.directory.user.readonly') },
  { clientId: account('older'), name: 'Archive, of old', scopes: delegated('gmail.readonly', 'drive.readonly') },
];

/** Who stands on the list or in the log is told of; the log still reaches back to all of it on the first nights. */
export const DECLARED_TRUTH: readonly Expected[] = [
  ...DECLARED.map(({ clientId, name }): Expected => ({ kind: 'control', ids: ['declared_delegation', clientId], name })),
  { kind: 'control', ids: ['declared_delegation', REPLACED], name: REPLACED },
];

function delegated(...names: readonly string[]): readonly string[] {
  return scopes(...names).slice(-names.length);
}

function account(label: string): string {
  return `1${digits(20, 'google-workspace', 'delegation', label)}`;
}
