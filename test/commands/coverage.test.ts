import { describe, expect, test } from 'vitest';
import { coverageCommand, gapLines, type CoverageOptions } from '../../src/commands/coverage.ts';
import type { GapRow } from '../../src/store/read.ts';
import type { StatementRow } from '../../src/store/rows.ts';
import { ACCOUNT, dateOf, fact, said, scan } from '../store/facts.ts';
import { folderWith } from './asked.ts';

const at = (tail: string) => `${ACCOUNT}/${tail}`;
const gap = (tail: string, more: Partial<StatementRow> = {}): StatementRow => ({
  ...said('gap', at(tail)),
  effect: 'Its grants are unknown',
  ...more,
});
const AUDIT = { permission: 'admin.reports.audit.readonly' };
const DESIGN = { byDesign: true, reason: 'not_observable', effect: 'Nobody can see that' };

const covered = said('covered', ACCOUNT);
const ACCEPTED = { source: 'workspace', scope: at('user'), reason: 'Known', owner: 'it', until: '2026-11-05' };
const ask = await folderWith(
  async (store) => {
    const known = [gap('user/1'), gap('user/2'), gap('logs', { ...AUDIT, effect: 'No log is read' }), gap('apps', DESIGN)];
    await scan(store, 0, { grants: { statements: [covered, ...known] } });
    await scan(store, 1, { grants: { statements: [covered, ...known.slice(1)] } });
    const { scanId } = await scan(store, 3, {
      grants: { rows: [fact('9')], statements: [covered, ...known, gap('user/7', { reason: 'rate_limited' })] },
      users: { statements: [covered, gap('user/2')] },
    });
    const about = { scanId, connector: 'google-workspace', state: 'partly' as const };
    await store.recordSource({ ...about, source: 'a', account: 'C01', accountName: 'Lanternworks', message: 'Half of it' });
    await store.recordSource({ ...about, source: 'b', account: 'C02', accountName: null, message: null });
    await store.recordSource({ ...about, source: 'c', account: null, accountName: null, message: null });
    // A place that was read by chance shows what its log did not name.
    await scan(store, 4, { grants: { rows: [fact('9'), fact('8')], statements: [{ ...said('covered', at('user/8')), spotCheck: true }] } });
  },
  { formatVersion: 1, sources: {}, acceptedGaps: [ACCEPTED] },
);
const coverage = (more: Partial<CoverageOptions> = {}) =>
  ask((context) => coverageCommand(context, { config: 'config.json', format: 'text', asOf: '3', ...more }));
const listed = async (more: Partial<CoverageOptions> = {}) => {
  const { gaps } = JSON.parse((await coverage({ ...more, format: 'json' })).out) as { gaps: Record<string, string | number | boolean>[] };
  return gaps.map((one) => `${one['collector']} ${String(one['scope']).slice(ACCOUNT.length + 1)}`);
};

describe('what a scan could not see', () => {
  test('is what is new, what is still unread and for how long, and how much cannot be seen by design', async () => {
    const { out, err, code } = await coverage();
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^source +connector +account +state +message$/),
      expect.stringMatching(/^[- ]+$/),
      expect.stringMatching(/^a +google-workspace +Lanternworks +partly +Half of it$/),
      expect.stringMatching(/^b +google-workspace +C02 +partly$/),
      expect.stringMatching(/^c +google-workspace +unknown +partly$/),
      '',
      'New since last night (3)',
      '  workspace grants, users: permission_denied [accepted], tonight, 2 places, such as customer/C01/user/1',
      '    Its grants are unknown',
      '  workspace grants: rate_limited [accepted], tonight, customer/C01/user/7',
      '    Its grants are unknown',
      '',
      'Still unread (2)',
      '  workspace grants: permission_denied, for 3 days, customer/C01/logs',
      '    No log is read. Grant admin.reports.audit.readonly.',
      '  workspace grants: permission_denied [accepted], for 3 days, customer/C01/user/2',
      '    Its grants are unknown',
      '',
      'Cannot be seen by design: 1. `noctule coverage --format json` lists them.',
      '',
    ]);
    expect((await coverage({ asOf: '1' })).out).toContain('Still unread (0)\n  none\n');
  });

  test('is asked for by each of its fields, and by what could be read the night before', async () => {
    const all = ['grants apps', 'grants logs', 'grants user/1', 'grants user/2', 'grants user/7', 'users user/2'];
    expect(await listed()).toEqual(all);
    expect(await listed({ collector: 'users' })).toEqual(['users user/2']);
    expect(await listed({ reason: 'rate_limited' })).toEqual(['grants user/7']);
    expect(await listed({ permission: AUDIT.permission })).toEqual(['grants logs']);
    expect(await listed({ source: 'workspace', connector: ['google-workspace', 'github'], account: 'C01' })).toEqual(all);
    expect(await listed({ source: 'other' })).toEqual([]);
    expect(await listed({ new: true })).toEqual(['grants user/1', 'grants user/7', 'users user/2']);
    // What cannot be seen by design is nothing new, though it was not said before.
    expect(await listed({ new: true, asOf: '1' })).toEqual(['grants logs', 'grants user/1', 'grants user/2']);
  });

  test('is a table, too, page by page in each order', async () => {
    const { code, out, err } = await coverage({ format: 'table' });
    expect([code, err, out.trimEnd().split('\n').length]).toEqual([0, '', 8]);
    expect(out).toMatch(/^source +where +collector +place +reason +permission +effect +since +by design +accepted\n/);
    for (const [sort, first] of [
      ['place', 'grants apps'],
      ['since', 'grants apps'],
      ['reason', 'grants apps'],
    ] as const) {
      const whole = await listed({ sort });
      expect([sort, whole[0], whole.length]).toEqual([sort, first, 6]);
      const pages: string[] = [];
      for (let after: string | undefined; ;) {
        const page = { format: 'json' as const, sort, limit: 2, ...(after !== undefined && { after }) };
        pages.push(...(await listed(page)));
        after = /go on with --after (\S+)/.exec((await coverage(page)).err)?.[1];
        if (after === undefined) break;
      }
      expect(pages).toEqual(whole);
    }
    expect((await listed({ sort: 'reason' })).slice(-1)).toEqual(['grants user/7']);
    expect(await listed({ sort: 'since' })).not.toEqual(await listed());
    expect((await coverage({ format: 'csv', after: 'workspace/nowhere' })).refused).toContain('the page before said');
    for (const asked of [{ limit: 3 }, { after: 'x' }, { sort: 'since' as const }])
      expect((await coverage(asked)).refused).toContain('Give --format table');
  });

  test('names what was never opened first: without places it has no gaps, and none is not nothing', async () => {
    const shut = await folderWith(
      async (store) => {
        const { scanId } = await scan(store, 0, { grants: { statements: [covered] } });
        const about = { scanId, connector: 'google-workspace', account: null, accountName: null };
        await store.recordSource({ ...about, source: 'shut\u001b[2J', state: 'unread', message: 'The key is refused' });
      },
      { formatVersion: 1, sources: {} },
    );
    const { out } = await shut((context) => coverageCommand(context, { config: 'config.json', format: 'text' }));
    expect(out).toContain('\nNothing of shut‹001B›[2J was read in that scan.\n\nNew since last night (0)\n  none\n');
  });

  test('says of a change log that it is not believed', async () => {
    const told = 'The change log behind workspace grants misses changes: what it vouched for is not believed, and all is read again.';
    expect((await coverage({ asOf: '4' })).out).toContain(told);
    expect((await coverage()).out).not.toContain('misses changes');
    expect(JSON.parse((await coverage({ asOf: '4', format: 'json' })).out)).toMatchObject({
      scan: { id: 4 },
      sources: [],
      doubtedLogs: [{ source: 'workspace', collector: 'grants' }],
      requests: [],
    });
  });

  test('is a list, too, and what nobody accepts any more is not accepted', async () => {
    const { out } = await coverage({ format: 'csv' });
    expect(out.trimEnd().split(/\r?\n/)).toEqual([
      'source,where,collector,place,reason,permission,effect,since,by design,accepted',
      'workspace,google-workspace C01,grants,customer/C01/apps,not_observable,,Nobody can see that,2026-11-02,yes,no',
      'workspace,google-workspace C01,grants,customer/C01/logs,permission_denied,admin.reports.audit.readonly,No log is read,2026-11-02,no,no',
      'workspace,google-workspace C01,grants,customer/C01/user/1,permission_denied,,Its grants are unknown,2026-11-05,no,yes',
      'workspace,google-workspace C01,grants,customer/C01/user/2,permission_denied,,Its grants are unknown,2026-11-02,no,yes',
      'workspace,google-workspace C01,grants,customer/C01/user/7,rate_limited,,Its grants are unknown,2026-11-05,no,yes',
      'workspace,google-workspace C01,users,customer/C01/user/2,permission_denied,,Its grants are unknown,2026-11-05,no,yes',
    ]);
    expect((await coverage({ asOf: '4' })).out).not.toContain('[accepted]');
  });

  test('is told without what was accepted where no configuration says so, or one that is none', async () => {
    const elsewhere = await coverage({ config: 'none.json', db: 'noctule.db', format: 'json' });
    expect(elsewhere.err).toBe('Names of persons in it: ids of people whose access could not be read.\n');
    expect(elsewhere.out.match(/"accepted": \w+/g)).toEqual(Array.from({ length: 6 }, () => '"accepted": false'));
    const broken = await folderWith((store) => scan(store, 0, { grants: { statements: [covered, gap('user/1')] } }).then(() => {}), {
      acceptedGaps: [{ source: 'workspace' }],
    });
    const { code, out, err } = await broken((context) => coverageCommand(context, { config: 'config.json', format: 'json' }));
    expect([code, out.includes('user/1'), out.includes('"accepted": false')]).toEqual([0, true, true]);
    expect(err).toContain('No gap is shown as accepted until that is mended.');
  });
});

test.each(['text', 'csv'] as const)('what could not be seen goes to a file as %s where that is asked for', async (format) => {
  const { out, err } = await coverage({ format, output: `coverage.${format}` });
  expect([out, err]).toEqual(['', expect.stringMatching(/^Written: .*coverage\.\w+\. Names of persons in it: .*ids of people.*\.\n$/)]);
});

test('how long a gap has stood is rounded: no night starts at the second at which the one before it started', () => {
  const row = { source: 's', connector: 'c', account: 'a', collector: 'one', scope: 'p', reason: 'stale', permission: null, effect: 'e' };
  const since = (hours: number) =>
    gapLines([{ ...row, byDesign: 0, known: 1, since: dateOf(0).toISOString() }], dateOf(0).getTime() + hours * 3_600_000).split(',')[1];
  expect([11, 13, 35, 37].map(since)).toEqual([' for less than a day', ' for 1 day', ' for 1 day', ' for 2 days']);
});

test('gaps that differ in place or collector alone are one line, which has stood since the oldest of them', () => {
  const one = {
    source: 's',
    connector: 'c',
    account: 'a',
    collector: 'one',
    scope: 'p',
    reason: 'stale',
    permission: null,
    effect: 'e',
    byDesign: 0,
  };
  const gaps: GapRow[] = [
    { ...one, known: 1, since: dateOf(3).toISOString() },
    { ...one, known: 1, scope: 'q', since: dateOf(1).toISOString() },
    { ...one, known: 1, collector: 'two', since: dateOf(4).toISOString() },
    { ...one, known: 1, effect: 'f', since: dateOf(4).toISOString() },
    { ...one, known: 1, permission: 'f', effect: '', since: dateOf(4).toISOString() },
  ];
  expect(gapLines(gaps, dateOf(5).getTime())).toBe(
    '  s one, two: stale, for 4 days, 2 places, such as p\n    e\n  s one: stale, for 1 day, p\n    f\n  s one: stale, for 1 day, p\n    . Grant f.\n',
  );
});
