import { describe, expect, test } from 'vitest';
import { openWorld } from '../../worlds/world.ts';

const LATEST = 'GET /orgs/{org}/copilot/metrics/reports/organization-28-day/latest';
const FILE = 'GET copilot-reports/{+file}';
const COLLECTORS = ['copilot_usage'];

/** A report of one file, with these lines. */
async function reported(...lines: (object | string)[]) {
  return reportedOf(['2026-11-20', '2026-11-20'], ...lines);
}

/** The same, about the days from the first to the last. */
async function reportedOf([report_start_day, report_end_day]: [string, string], ...lines: (object | string)[]) {
  const world = await openWorld('github');
  const download_links = ['https://copilot-reports.github.com/organization-28-day-report/a.json?se=x&sig=y'];
  world.plant(LATEST, () => ({ status: 200, body: { download_links, report_start_day, report_end_day } }));
  world.plant(FILE, () => ({
    status: 200,
    body: lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  }));
  const { facts, gaps } = await world.scan({ collectors: COLLECTORS });
  return { facts, gaps: gaps.map(({ reason, effect }) => `${reason}: ${effect}`) };
}

const day = (date: string, people: number, more: object = {}) => ({ day: date, daily_active_users: people, ...more });

describe('the report of how much Copilot is used', () => {
  test('is read from all its files, and names nobody', async () => {
    const world = await openWorld('github');
    const { facts, gaps } = await world.scan({ collectors: COLLECTORS });
    expect(gaps).toEqual([]);
    expect(world.asked.filter(({ operation }) => operation === FILE)).toHaveLength(2);
    expect(facts).toHaveLength(1);
    const [{ principal, attributes, subject, kind }] = facts as [(typeof facts)[0]];
    expect([kind, subject, principal]).toEqual(['usage', { app: 'copilot', name: 'Copilot' }, undefined]);
    expect(new Date(attributes['until'] as string).getTime() - new Date(attributes['from'] as string).getTime()).toBe(27 * 86_400_000);
    expect(Object.keys(attributes['models'] as object)).toEqual(['claude-opus-4.6']);
  });

  test('adds what was done over the days, takes people from the last day, and the last use from the last day with any', async () => {
    const ide = (name: string, asked: number, offered: number | null) => ({
      ide: name,
      user_initiated_interaction_count: asked,
      code_generation_activity_count: offered,
    });
    const { facts, gaps } = await reportedOf(
      ['2026-11-18', '2026-11-20'],
      {
        day_totals: [
          day('2026-11-20', 0, { monthly_active_users: 5, monthly_active_chat_users: null }),
          day('2026-11-18', 3, { totals_by_ide: [ide('vscode', 2, 3)] }),
        ],
      },
      '',
      {
        day_totals: [
          day('2026-11-19', 2, { user_initiated_interaction_count: 7, totals_by_ide: [ide('vim', 1, null), ide('vscode', 1, 0)] }),
        ],
      },
    );
    expect(gaps).toEqual([]);
    expect(facts.map(({ lastUsedAt }) => lastUsedAt)).toEqual([{ at: '2026-11-19T00:00:00.000Z', from: 'report' }]);
    expect(facts[0]!.attributes).toEqual({
      from: '2026-11-18',
      until: '2026-11-20',
      inDay: { people: 0 },
      inWeek: {},
      inMonth: { people: 5 },
      interactions: 7,
      editors: { vscode: 6, vim: 1 },
      features: {},
      models: {},
    });
  });

  test('that tells of no use states none, and claims to have looked', async () => {
    expect(await reported({ day_totals: [day('2026-11-20', 0)] })).toEqual({ facts: [], gaps: [] });
  });

  test('that leaves out days says what it has, and that it has not all', async () => {
    const { facts, gaps } = await reportedOf(['2026-11-17', '2026-11-20'], { day_totals: [day('2026-11-18', 3), day('2026-11-16', 9)] });
    expect(facts.map(({ lastUsedAt }) => lastUsedAt?.at)).toEqual(['2026-11-18T00:00:00.000Z']);
    expect(gaps).toEqual([
      'truncated: How much Copilot is used is unknown in whole: of the days from 2026-11-17 to 2026-11-20 the files leave out 3',
    ]);
  });

  const noReport = /^not_observable: How much Copilot is used is unknown: GitHub has made no report$/;
  const empty = /^truncated: .* the files leave out 28$/;
  test.each([
    ['is not made', { status: 204 }, {}, noReport],
    ['has no files', {}, { download_links: [] }, noReport],
    ['is an empty file', {}, {}, empty],
    ['is of days that end before they begin', {}, { report_start_day: '2026-11-20', report_end_day: '2026-10-24' }, /^provider_error: /],
  ])('that %s says nothing of the use that was told the night before', async (_how, answer, body, said) => {
    const world = await openWorld('github');
    expect((await world.scan({ collectors: COLLECTORS })).facts.map(({ state }) => state)).toEqual(['present']);
    world.plant(LATEST, (_request, _nth, usual) => {
      const told = usual();
      return 'status' in answer ? { status: 204, body: '' } : { ...told, body: { ...(told.body as object), ...body } };
    });
    world.plant(FILE, () => ({ status: 200, body: '' }));
    const { facts, gaps } = await world.scan({ collectors: COLLECTORS, night: 1 });
    expect(facts.map(({ state }) => state)).toEqual(['unverified']);
    expect(gaps.map(({ reason, effect }) => `${reason}: ${effect}`)).toEqual([expect.stringMatching(said)]);
  });

  test.each([
    ['that is no JSON', ['{"day_totals":', '<html>'], 'A line of the report is no JSON'],
    ['of another shape', [{ day: '2026-11-20', daily_active_users: 3 }], 'A line of the report has another shape than documented'],
    [
      'that tells of a day twice',
      [{ day_totals: [day('2026-11-20', 3)] }, { day_totals: [day('2026-11-20', 4)] }],
      'The report tells of one day twice',
    ],
  ])('%s is a gap, and nothing is concluded of it', async (_how, lines, said) => {
    expect(await reported(...lines)).toEqual({ facts: [], gaps: [`provider_error: How much Copilot is used is unknown: ${said}`] });
  });
});
