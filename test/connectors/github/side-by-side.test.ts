import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fake, type GithubFake } from '../../../connectors/github/fake/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { seededRandom } from '../../../src/testing/random.ts';
import { companyDay, dawn, runNight, sourceOf } from '../../scan/night.ts';
import { temporaryFolder } from '../../store/facts.ts';
import { logicalDump, rowsOf } from '../../store/logical-dump.ts';

const file = temporaryFolder();
const company = createCompany({ people: 60, today: companyDay() });
/** Moments at which a scan is stopped are drawn anew in each run; a failure names the seed. */
const seed = process.env['NOCTULE_TEST_SEED'] ?? String(randomInt(1_000_000));
const STOPS = 8;
let github: GithubFake;

/**
 * Two nights with everything that is read of an organisation, side by side if several requests may be under way, and otherwise one collector after the other.
 * Stopped after so many requests, a night is gone on with.
 */
async function nights(inFlight: number, stops: readonly number[] = []): Promise<{ path: string; scans: number }> {
  const sideBySide = await sourceOf({ name: 'github', config: { ...github.config, profile: 'deep' } });
  const inARow = sideBySide.connector.collectors.map(({ lane: _lane, ...collector }) => collector);
  const plain = inFlight > 1 ? sideBySide : { ...sideBySide, connector: { ...sideBySide.connector, collectors: inARow } };
  const collectors = { repository_packages: true };
  const source = { ...plain, collectors, pace: { ...plain.pace, inFlight } };
  const path = file();
  const left = [...stops];
  let scans = 0;
  for (const night of [0, 1]) {
    github.night(night);
    for (let state = ''; state !== 'concluded'; scans++) {
      const controller = new AbortController();
      const stop = left.shift();
      const until = stop === undefined ? Number.POSITIVE_INFINITY : github.requests.length + stop;
      const timer = setInterval(() => github.requests.length >= until && controller.abort(new Error('stopped')), 1);
      const outcome = await runNight(path, {
        sources: [source],
        environment: github.environment,
        from: new Date(dawn(company, night).getTime() + scans * 60_000),
        signal: controller.signal,
      }).finally(() => clearInterval(timer));
      state = outcome.state;
      expect(outcome.sources.flatMap(({ bugs }) => bugs)).toEqual([]);
    }
  }
  return { path, scans };
}

/** All that is known. How far a walk had come, and what it had sent by then, is of how many were under way. */
const known = (path: string) => logicalDump(path).replaceAll(/"cursor":(?:null|"(?:[^"\\]|\\.)*")/g, '"cursor":"-"');
/** What each collector asked, on both nights. When a token is renewed is up to the clock. */
const sent = (path: string) =>
  rowsOf<{ collector: string; operation: string; first: number }>(
    path,
    "SELECT collector, operation, first FROM request_count WHERE operation NOT LIKE '%/access_tokens' ORDER BY scan_id, collector, operation",
  );

describe('an organisation that is read by several requests at once', () => {
  let alone: string;
  beforeAll(async () => {
    github = await fake.start(company, { latency: 2 });
    alone = (await nights(1)).path;
  });
  afterAll(() => github.close());

  test('is known as it is by one after the other, and each collector asks as often', async () => {
    const { path } = await nights(6);
    expect(known(path)).toBe(known(alone));
    expect(sent(path)).toEqual(sent(alone));
    expect(
      new Set(rowsOf<{ collector: string }>(path, 'SELECT collector FROM collector').map(({ collector }) => collector)).size,
    ).toBeGreaterThan(20);
  });

  test('and stopped at any moment is known so in the end', async () => {
    const random = seededRandom(seed);
    const most = sent(alone).reduce((sum, { first }) => sum + first, 0) / 3;
    const stops = Array.from({ length: STOPS }, () => 1 + Math.floor(random() * most));
    const { path, scans } = await nights(6, stops);
    expect(scans, `seed ${seed}`).toBeGreaterThan(3);
    expect(known(path), `seed ${seed}, stopped after ${stops.join(', ')} requests`).toBe(known(alone));
  });

  test('has its lists read before single repositories, so that these are what a short night leaves', async () => {
    const plain = await sourceOf({ name: 'github', config: { ...github.config, profile: 'deep' } });
    const source = { ...plain, pace: { perSecond: 10, inFlight: 10 }, timeBudgetMinutes: 0.5 };
    const path = file();
    github.night(0);
    await runNight(path, { sources: [source], environment: github.environment, from: dawn(company, 0), speed: 20 });
    const left = rowsOf<{ collector: string }>(path, `SELECT DISTINCT collector FROM gaps WHERE reason = 'over_budget'`);
    expect(left.map(({ collector }) => collector)).toEqual(['repository_settings']);
  });
});
