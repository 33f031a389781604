import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Source } from '../../../src/scan/engine.ts';
import { changedFields } from '../../../src/scan/rows.ts';
import { openReader } from '../../../src/store/read.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { dawn, runNight, smallCompany, sourceOf, startFake, TENANT } from '../../scan/night.ts';
import { temporaryFolder } from '../../store/facts.ts';

const file = temporaryFolder();
const company = smallCompany();
let github: FakeProvider;
beforeAll(async () => void (github = await startFake('github', company)));
afterAll(() => github.close());

/** What the last night told of installed apps, in words. */
async function appsAfter(path: string, source: Source, night: number): Promise<string[]> {
  github.night(night);
  const { scanId } = await runNight(path, { sources: [source], environment: github.environment, from: dawn(company, night) });
  if (night === 0) return [];
  const reader = openReader(path);
  const rows = reader.diff(TENANT, scanId - 1, scanId).map((row) => {
    const fields = row.before === null ? [] : changedFields(row.before, row.body).map(({ field }) => field);
    return [row.class, (JSON.parse(row.body) as { subject: { name: string } }).subject.name, ...fields].join(' ');
  });
  reader.close();
  return rows.toSorted();
}

test('an app that is installed again is returned and not new; one that is renamed is the same by another name', async () => {
  const path = file();
  const source = { ...(await sourceOf({ name: 'github', config: github.config })), collectors: only('app_installations') };
  await appsAfter(path, source, 0);
  expect(await appsAfter(path, source, 1)).toEqual([
    'appeared gemini-code-assist',
    'changed augmentcode permissions',
    'changed qodo-merge principal.name signals subject.name',
    'gone windsurf-bot',
  ]);
  // The installation has another id than before.
  expect(await appsAfter(path, source, 2)).toEqual(['returned windsurf-bot']);

  function only(id: string): Record<string, boolean> {
    return Object.fromEntries(sourceCollectors.map((collector) => [collector, collector === id]));
  }
});

const sourceCollectors = (
  await sourceOf({ name: 'github', config: { connector: 'github', organization: 'x', token: { env: 'X' } } })
).connector.collectors.map(({ id }) => id);
