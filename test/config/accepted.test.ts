import { expect, test } from 'vitest';
import { isAccepted } from '../../src/config/accepted.ts';

const GAP = { source: 'workspace', collector: 'grants', scope: 'customer/C01/user/1' };
const NOW = new Date('2026-11-02T23:00:00Z');

test.each<[string, object, boolean]>([
  ['a gap of the source', {}, true],
  ['the last day', { until: '2026-11-02' }, true],
  ['a day that is over', { until: '2026-11-01' }, false],
  ['another source', { source: 'other' }, false],
  ['its collector', { collector: 'grants' }, true],
  ['another collector', { collector: 'users' }, false],
  ['its place', { scope: GAP.scope }, true],
  ['a place around it', { scope: 'customer/C01/user' }, true],
  ['a place within it', { scope: `${GAP.scope}/key/1` }, false],
  ['a place whose name begins alike', { scope: 'customer/C01/us' }, false],
])('%s is accepted, or is not', (_, more, is) => {
  const entry = { source: 'workspace', reason: 'Known', owner: 'it', until: '2026-12-01', ...more };
  expect(isAccepted(GAP, { acceptedGaps: [entry] }, NOW)).toBe(is);
  expect(isAccepted(GAP, { acceptedGaps: [{ ...entry, source: 'another' }, entry] }, NOW)).toBe(is);
  expect(isAccepted(GAP, { acceptedGaps: [] }, NOW)).toBe(false);
});
