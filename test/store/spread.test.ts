import { describe, expect, test } from 'vitest';
import type { FindingBody } from '../../src/policy/findings.ts';
import { openReader } from '../../src/store/read.ts';
import { openStore } from '../../src/store/store.ts';
import { BY_ID, BY_NAME, breakOff, have, type Night, type Read } from './account-nights.ts';
import { dateOf, temporaryFolder, TENANT } from './facts.ts';

const file = temporaryFolder();

const DRIVE = 'https://www.googleapis.com/auth/drive';

const old: Read = { apps: [{ signals: BY_ID }] };
const nothing: Read = { apps: [] };

/** Where something has spread to, by what stands open in the end. */
function spreadIn(path: string): { place: string; severity: string; details: readonly string[] }[] {
  const reader = openReader(path);
  const found = reader.findings({ tenant: TENANT, rule: 'spread-of-ai-tool', states: ['open'], limit: -1 });
  reader.close();
  return found.map(({ connector, account, appId, severity, body }) => ({
    place: `${connector}/${account} ${appId}`,
    severity,
    details: (JSON.parse(body) as FindingBody).details,
  }));
}

/** Has these nights, each on its day, and says to where something has spread in the end. The scan of the day that is `cut` is never judged. */
async function after(
  nights: Readonly<Record<number, Night>>,
  { catalogs = {}, cut }: { catalogs?: Readonly<Record<number, string>>; cut?: number } = {},
): Promise<string[]> {
  const path = file();
  const store = openStore(path);
  for (const [day, night] of Object.entries(nights))
    if (Number(day) === cut) await breakOff(store, cut, night);
    else await have(store, Number(day), night, catalogs[Number(day)]);
  await store.close();
  return spreadIn(path)
    .map(({ place }) => place)
    .toSorted();
}

const HERE = ['google-workspace/C2 app'];

describe('what has spread', () => {
  test('says where it is since when, where it was before, and what it could do nowhere', async () => {
    const path = file();
    const store = openStore(path);
    const reads = [{ ...nothing, connector: 'github', collector: 'apps' }];
    const known = { C1: old, C3: { apps: [{ permissions: [DRIVE] }] } };
    await have(store, 0, { ...known, C2: nothing, G1: reads });
    await have(store, 1, {
      ...known,
      C2: { apps: [{ permissions: [DRIVE, 'https://mail.google.com/'] }] },
      G1: [{ ...reads[0]!, apps: [{ permissions: ['metadata:read'] }] }],
    });
    await store.close();
    const before = ['google-workspace/C1', 'google-workspace/C3'].map((place) => `Known before: ${place}, since 2026-11-02`);
    expect(spreadIn(path)).toEqual([
      {
        place: 'google-workspace/C2 app',
        severity: 'high',
        details: [
          'It is in another account: google-workspace/C2, since 2026-11-03',
          ...before,
          'It could do so nowhere before: mail: nothing → write',
        ],
      },
      {
        place: 'github/G1 app',
        severity: 'low',
        details: ['It is on another plane: github/G1, since 2026-11-03', ...before, 'It could do so nowhere before: other: nothing → read'],
      },
    ]);
  });

  test('was there before also where it has gone since, and not where it comes later than the other', async () => {
    expect(await after({ 0: { C1: old, C2: nothing }, 1: { C1: nothing, C2: nothing }, 2: { C1: nothing, C2: old } })).toEqual(HERE);
    expect(await after({ 0: { C1: nothing, C2: nothing }, 1: { C1: old, C2: old } })).toEqual([]);
    expect(await after({ 0: { C1: old, C2: old }, 1: { C1: old, C2: old } })).toEqual([]);
  });

  test('is told where its account was read whole before it came, and no gap but by design was left', async () => {
    const to = (...before: Read[]) =>
      after({ ...before.map((C2) => ({ C1: old, C2 })), [before.length]: { C1: old, C2: { apps: [{ at: 'apps/new' }] } } });
    expect(await to(nothing)).toEqual(HERE);
    expect(await to({ apps: false })).toEqual([]);
    expect(await to({ apps: false }, nothing, { apps: false })).toEqual(HERE);
    expect(await to({ gap: { at: 'apps/of-ada', byDesign: false } })).toEqual([]);
    expect(await to({ gap: { at: 'apps/of-ada', byDesign: true } })).toEqual(HERE);
    for (const at of ['apps/new', 'apps']) {
      const left: Read = { gap: { at, byDesign: true } };
      expect(await to(left)).toEqual([]);
      expect(await to(nothing, left)).toEqual(HERE);
    }
    expect(await to({ covered: 'apps/new', gap: { at: 'apps', byDesign: true } })).toEqual(HERE);
    expect(await to({ covered: 'apps' })).toEqual(HERE);
    expect(await to({ covered: 'apps/old' })).toEqual([]);
    expect(await to({ covered: 'apps/ne' })).toEqual([]);
  });

  test('is not told of what a new source, a new reader, or one that sees more by now, has found', async () => {
    const known = { C1: old };
    expect(await after({ 0: known, 1: { ...known, C2: old } })).toEqual([]);
    expect(await after({ 0: known, 1: { ...known, C2: old }, 2: { ...known, C2: old } })).toEqual([]);
    const [list, other] = [{ ...nothing }, { ...old, collector: 'other' }];
    expect(await after({ 0: { ...known, C2: list }, 1: { ...known, C2: [list, other] } })).toEqual([]);
    // That an older reader states something of it later tells nothing of when it came.
    const both = { ...known, C2: [old, other] };
    expect(await after({ 0: { ...known, C2: list }, 1: { ...known, C2: [list, other] }, 2: both })).toEqual([]);
    expect(await after({ 0: { ...known, C2: list }, 1: both })).toEqual(HERE);
    expect(await after({ 0: { ...known, C2: list }, 1: { ...known, C2: { ...old, version: 2 } } })).toEqual([]);
    expect(await after({ 0: { ...known, C2: list }, 1: { ...known, C2: old } }, { catalogs: { 1: 'another' } })).toEqual([]);
    // Of logs, none shows what there is.
    expect(await after({ 0: { ...known, C2: { ...nothing, mode: 'log' } }, 1: { ...known, C2: { ...old, mode: 'log' } } })).toEqual([]);
  });

  test('was not read before the reading that first saw it, though only a later scan was judged', async () => {
    const both = { C1: old, C2: old };
    expect(await after({ 0: { C1: old }, 1: both, 2: both }, { cut: 1 })).toEqual([]);
    expect(await after({ 0: { C1: old, C2: { apps: false } }, 1: both, 2: both }, { cut: 1 })).toEqual([]);
    expect(await after({ 0: { C1: old, C2: nothing }, 1: both, 2: both }, { cut: 1 })).toEqual(HERE);
    expect(await after({ 0: { C1: old }, 1: { C1: old, C2: nothing }, 2: both }, { cut: 1 })).toEqual(HERE);
  });

  test('is known by ids where it was, and was nowhere in its own account, by its name alone neither', async () => {
    const name = { apps: [{ signals: BY_NAME }] };
    const [named, joined] = [{ id: 'named', signals: BY_NAME }, { id: 'joined' }];
    expect(await after({ 0: { C1: old, C2: { apps: [named] } }, 1: { C1: old, C2: { apps: [named, joined] } } })).toEqual([]);
    expect(await after({ 0: { C1: old, C2: { apps: [named] } }, 1: { C1: old, C2: { apps: [joined] } } })).toEqual([]);
    expect(await after({ 0: { C1: old, C2: nothing }, 1: { C1: old, C2: { apps: [named, joined] } } })).toEqual([
      'google-workspace/C2 joined',
      'google-workspace/C2 named',
    ]);
    expect(await after({ 0: { C1: name, C2: nothing }, 1: { C1: name, C2: old } })).toEqual([]);
    expect(await after({ 0: { C1: old, C2: nothing }, 1: { C1: old, C2: name } })).toEqual(HERE);
    const second = { apps: [{}, { id: 'second' }] };
    expect(await after({ 0: { C1: old, C2: old }, 1: { C1: old, C2: second } })).toEqual([]);
    expect(await after({ 0: { C1: old, C2: nothing }, 1: { C1: old, C2: second } })).toEqual([
      'google-workspace/C2 app',
      'google-workspace/C2 second',
    ]);
    expect(await after({ 0: { C1: old, C2: nothing }, 1: { C1: old, C2: old }, 2: { C1: old, C2: second } })).toEqual(HERE);
  });

  test('follows what becomes known of where it was, although nothing is new of itself', async () => {
    const name = { apps: [{ signals: BY_NAME }] };
    const came = { 0: { C3: old, C2: nothing }, 1: { C3: old, C2: old } };
    expect(await after({ ...came, 2: { C3: name, C2: old } })).toEqual([]);
    expect(await after({ ...came, 2: { C3: name, C2: old }, 3: { C3: old, C2: old } })).toEqual(HERE);
    expect(await after({ 0: { C3: name, C2: nothing }, 1: { C3: name, C2: old }, 2: { C3: old, C2: old } })).toEqual(HERE);
  });

  test('is not told where it was only likely the same, since it acts under the id of an app that came with it', async () => {
    const acting = { apps: [{ signals: [{ type: 'acts_as_client', value: 'client' }] }] };
    const owner = { apps: [{ signals: [...BY_ID, { type: 'test_client_id', value: 'client' }] }] };
    expect(await after({ 0: { C1: acting, C2: nothing }, 1: { C1: acting, C2: owner }, 2: { C1: acting, C2: owner } })).toEqual([]);
    expect(await after({ 0: { C1: nothing, C2: owner }, 1: { C1: acting, C2: owner } })).toEqual(['google-workspace/C1 app']);
  });

  test('is told for ninety days', async () => {
    const both = { C1: old, C2: old };
    expect(await after({ 0: { C1: old, C2: nothing }, 1: both, 90: both })).toEqual(HERE);
    expect(await after({ 0: { C1: old, C2: nothing }, 1: both, 91: both })).toEqual([]);
  });

  test('rests on nothing that pruning takes, where the scan that first saw it is kept', async () => {
    const [path, there] = [file(), { apps: [{ at: 'apps/new' }] }];
    const store = openStore(path);
    const before: Read[] = [nothing, { gap: { at: 'apps/of-ada', byDesign: false } }, { covered: 'apps/of-ada', byLog: true }];
    for (const [day, C2] of [...before, there, there].entries()) await have(store, day, { C1: old, C2 });
    const grown = (permissions: readonly string[]) => ({ apps: [{ at: 'apps/new', permissions }] });
    await have(store, 60, { C1: grown([DRIVE]), C2: grown([DRIVE]) });
    const at = dateOf(63);
    const horizon = new Date(at.getTime() - 60 * 86_400_000);
    const { scans } = await store.prune(TENANT, { before: horizon, keepDays: 60, actor: 'ada', at: at.toISOString(), plan: false });
    expect(scans).toBe(3);
    await have(store, 63, { C1: grown([DRIVE]), C2: grown([DRIVE, 'openid']) });
    await store.close();
    expect(spreadIn(path)).toMatchObject([{ place: HERE[0], severity: 'high' }]);
  });
});
