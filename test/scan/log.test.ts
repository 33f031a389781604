import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FindingBody } from '../../src/policy/findings.ts';
import { openReader } from '../../src/store/read.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { temporaryFolder } from '../store/facts.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake, TENANT } from './night.ts';

const file = temporaryFolder();
const company = smallCompany();
let google: FakeProvider;
beforeAll(async () => {
  google = await startFake('google-workspace', company);
});
afterAll(() => google.close());

/** Findings that a log alone dates, and how many events of the log are stored. */
function dated(path: string): { since: Map<string, string>; events: number } {
  const reader = openReader(path);
  try {
    const since = new Map<string, string>();
    const events = new Set<string>();
    for (const { key, connector, account, appId, body } of reader.findings({ tenant: TENANT, limit: -1 })) {
      const { since: from } = JSON.parse(body) as FindingBody;
      if (from !== 'unknown' && from.from === 'log') since.set(key, from.at);
      for (const view of reader.observationsOfApp({ tenant: TENANT, connector, account, appId }, -1))
        if (view.mode === 'log') events.add(view.body);
    }
    return { since, events: events.size };
  } finally {
    reader.close();
  }
}

test('a grant that is still there keeps its date after the provider has forgotten the event', async () => {
  const path = file();
  const sources = [await sourceOf({ name: 'workspace', config: google.config })];
  const night = (number: number) => runNight(path, { sources, environment: google.environment, from: dawn(company, number) });
  await night(0);
  const before = dated(path);
  expect(before.since.size).toBeGreaterThan(3);
  // Google keeps 180 days: of what the first night read, it has nothing any more.
  await night(400);
  const reader = openReader(path);
  expect([...reader.lastSizes(TENANT, 'workspace').values()]).toMatchObject([{ tokenEvents_authorize: 0, tokenEvents_revoke: 0 }]);
  reader.close();
  expect(dated(path)).toEqual(before);
});
