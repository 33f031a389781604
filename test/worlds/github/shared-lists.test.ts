import { describe, expect, test } from 'vitest';
import { openWorld, type Night, type World } from '../world.ts';
import { factsOf, gapsIn, range } from './nights.ts';
import { installation } from './rows.ts';
import { asksOf, INSTALLATIONS, linked, ok, refusal } from './wire.ts';

const TOKENS = 'GET /orgs/{org}/personal-access-tokens';
const PAGE = 'GET /apps/{app_slug}';
const LOG = 'GET /orgs/{org}/audit-log';
/** All that read the list of installed apps. */
const READERS = ['app_installations', 'app_listings', 'audit_log'];

describe('a list that several collectors read', () => {
  test('is asked for once in a scan, and each states what it states alone', async () => {
    const world = await openWorld('github');
    const collectors = [...READERS, 'personal_access_tokens', 'token_reach'];
    const together = await world.scan({ collectors });
    expect([asksOf(world, INSTALLATIONS), asksOf(world, TOKENS)].map(({ length }) => length)).toEqual([1, 1]);
    for (const collector of collectors) {
      const alone = await (await openWorld('github')).scan({ collectors: [collector] });
      expect(toldOf(together, collector), collector).toEqual(toldOf(alone, collector));
      expect(toldOf(alone, collector).length, collector).toBeGreaterThan(0);
    }
    const next = await world.scan({ collectors, night: 1 });
    expect(asksOf(world, INSTALLATIONS)).toHaveLength(2);
    expect(gapsIn(next)).toEqual([]);
  });

  test('is given to the others page by page, whole, and with the doubts of the first', async () => {
    const world = await openWorld('github');
    plantApps(world, 250, 251);
    const night = await world.scan({ collectors: READERS });
    expect(asksOf(world, INSTALLATIONS)).toHaveLength(3);
    expect(gapsIn(night).map(({ collector, reason }) => [collector, reason])).toEqual([
      ['app_installations', 'truncated'],
      ['app_listings', 'truncated'],
    ]);
    expect(factsOf(night, 'app_installations')).toHaveLength(250);
    expect(asksOf(world, PAGE)).toHaveLength(250);
  });

  test('and that breaks off is kept for nobody: each asks for itself, and says for itself what it did not read', async () => {
    const world = await openWorld('github');
    plantApps(world, 150, 150, 2);
    const night = await world.scan({ collectors: READERS });
    expect(asksOf(world, INSTALLATIONS).filter(({ url }) => !url.searchParams.has('page'))).toHaveLength(READERS.length);
    expect(new Set(gapsIn(night).map(({ collector }) => collector))).toEqual(new Set(READERS));
    expect(asksOf(world, PAGE)).toHaveLength(100);
    expect(asksOf(world, LOG).length).toBeGreaterThan(0);
  });

  test('and that is longer than a thousand rows is kept for nobody', async () => {
    const world = await openWorld('github');
    plantApps(world, 1001, 1001);
    const night = await world.scan({ collectors: ['app_installations', 'audit_log'] });
    expect(asksOf(world, INSTALLATIONS)).toHaveLength(22);
    expect(gapsIn(night)).toEqual([]);
    expect(factsOf(night, 'app_installations')).toHaveLength(1001);
  });
});

describe('the page of an app', () => {
  const apps = [
    installation({ id: 1, appId: 347_564, slug: 'coderabbitai' }),
    // Somebody else has the slug by now.
    installation({ id: 2, appId: 91_000_001, slug: 'claude' }),
    installation({ id: 3, appId: 91_000_002, slug: 'nobody-knows-it' }),
  ];

  test('is asked for whatever is known of it: it tells what the app asks for by now', async () => {
    const world = await openWorld('github');
    world.plant(INSTALLATIONS, () => ok({ total_count: apps.length, installations: apps }));
    await world.scan({ collectors: ['app_installations', 'app_listings'] });
    expect(asksOf(world, PAGE).map(({ url }) => url.pathname)).toEqual(['/apps/coderabbitai', '/apps/claude', '/apps/nobody-knows-it']);
  });
});

/** So many apps of which nobody knows anything, 100 a page; GitHub speaks of `total`, and fails at page `lost`. */
function plantApps(world: World, count: number, total: number, lost?: number): void {
  const apps = range(1, count).map((id) => installation({ id, appId: 91_000_000 + id, slug: `app-${id}` }));
  world.plant(INSTALLATIONS, ({ url }) => {
    const page = Number(url.searchParams.get('page') ?? 1);
    if (page === lost) return refusal(422, 'Validation Failed');
    const next = new URL(url);
    next.searchParams.set('page', String(page + 1));
    return ok(
      { total_count: total, installations: apps.slice((page - 1) * 100, page * 100) },
      page * 100 < count ? linked({ next: next.href }) : {},
    );
  });
}

function toldOf(night: Night, collector: string): object[] {
  return factsOf(night, collector).map(({ nativeId, scope, state, attributes }) => ({ nativeId, scope, state, attributes }));
}
