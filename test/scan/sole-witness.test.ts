import { afterAll, beforeAll, expect, test } from 'vitest';
import { fake, type GithubFake } from '../../connectors/github/fake/index.ts';
import { openReader } from '../../src/store/read.ts';
import { temporaryFolder } from '../store/facts.ts';
import { dawn, runNight, smallCompany, sourceOf, TENANT } from './night.ts';

const LOG = 'GET /orgs/{org}/audit-log';
const file = temporaryFolder();
const company = smallCompany();
let github: GithubFake;
beforeAll(async () => {
  github = await fake.start(company);
});
afterAll(() => github.close());

const READERS = ['audit_log', 'code_authors', 'sso_credentials', 'oauth_apps', 'app_installations', 'code_files', 'members'];

/** What is open about OAuth apps and authors of code after a night. */
async function foundOn(path: string, night: number, events: readonly object[] = []) {
  github.night(night);
  github.plant(LOG, (_request, _nth, usual) => {
    const { body, ...rest } = usual();
    return { ...rest, body: [...events, ...(body as object[])] };
  });
  const source = await sourceOf({ name: 'code', config: github.config });
  const collectors = Object.fromEntries(source.connector.collectors.map(({ id }) => [id, READERS.includes(id)]));
  await runNight(path, { sources: [{ ...source, collectors }], environment: github.environment, from: dawn(company, night) });
  const reader = openReader(path);
  try {
    return reader
      .findings({ tenant: TENANT, limit: -1 })
      .filter(({ appId }) => /^(oauth_app|author)\//.test(appId))
      .map(({ rule, appId, state, unverifiedSince, body }) => {
        const { since, lastUsed, holders } = JSON.parse(body) as Record<'since' | 'lastUsed', { at: string } | 'unknown'> & {
          holders: { count: number };
        };
        const date = since === 'unknown' ? lastUsed : since;
        return `${rule} ${appId} ${state} ${unverifiedSince === null ? '' : 'unverified'} ${date === 'unknown' ? '' : 'dated'} ${holders.count}`;
      })
      .toSorted();
  } finally {
    reader.close();
  }
}

/** An event of an hour of a night, about one of the apps of this world. */
function event(action: string, app: number, night: number, more: object = {}): object {
  const at = dawn(company, night).getTime() - 30 * 60_000;
  return {
    '@timestamp': at,
    _document_id: `event-${action}-${app}-${night}`,
    action,
    actor: 'an-owner',
    actor_id: 1,
    created_at: at,
    data: { oauth_application_id: app, oauth_application_name: app === 1_990_101 ? 'Cursor' : 'Devin' },
    ...more,
  };
}

test('OAuth apps and authors of code that a log alone can tell of are judged, until it tells that they are out', async () => {
  const path = file();
  // One of the two pull requests of Devin that were merged was approved by a program alone.
  const gateless = 'no-approval-gate author/devin-ai-integration[bot] open unverified dated 1';
  const authors = [
    'unapproved-ai-tool author/devin-ai-integration[bot] open unverified dated 1',
    'unapproved-ai-tool author/noreply@anthropic.com open unverified dated 0',
  ];
  const cursor = 'oauth_app/1990101';
  expect(await foundOn(path, 0)).toEqual([gateless, `suspected-ai-tool ${cursor} open unverified dated 2`, ...authors]);
  // Devin was asked for since, and no more than that: what was denied, Lovable, is let in by nothing.
  const asked = await foundOn(path, 1);
  expect(asked).toEqual([
    gateless,
    `suspected-ai-tool ${cursor} open unverified dated 2`,
    'suspected-ai-tool oauth_app/1990404 open unverified  1',
    ...authors,
  ]);
  const blocked = await foundOn(path, 2, [event('org.oauth_app_access_blocked', 1_990_101, 2)]);
  expect(blocked).toEqual(asked.filter((one) => !one.includes(cursor)));
  const again = await foundOn(path, 3, [event('org.oauth_app_access_unblocked', 1_990_101, 3)]);
  expect(again.find((one) => one.includes(cursor))).toBe(`suspected-ai-tool ${cursor} open unverified dated 1`);
});
