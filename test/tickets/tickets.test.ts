import { describe, expect, test } from 'vitest';
import { sightedIn } from '../../src/policy/acknowledgement.ts';
import { openDatabase } from '../../src/store/database.ts';
import { openStore } from '../../src/store/store.ts';
import { SinkError, type Sink } from '../../src/tickets/sink.ts';
import type { TicketPlan } from '../../src/tickets/world.ts';
import { MOST_READS as MOST_COUNTED } from '../../src/store/decisions.ts';
import { MOST_READS } from '../../src/tickets/settings.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { company, newFile, gone, there, unread } from './company.ts';
import { plannerOf, scanNight, type AppTonight } from './nights.ts';

const withheld = ({ plan }: { plan: TicketPlan }) => plan.withheld.map(({ reason, decisions }) => [reason, decisions]);

describe('a first run', () => {
  test('opens nothing for what was there before, and then only for what is new', async () => {
    const it = await company({ openExisting: false });
    const first = await it.night(0, { a: there, b: there });
    expect([await it.shown(), withheld(first)]).toEqual([[], [['baseline', 2]]]);
    await it.night(1, { a: there, b: there, c: there });
    expect(await it.shown()).toEqual(['1 open c']);
    // Gone and back is new, too.
    await it.night(2, { a: gone, b: there, c: there });
    await it.night(3, { a: there, b: there, c: there });
    expect(await it.shown()).toEqual(['1 open c', '2 open a']);
  });

  test('opens for all of it where that is asked for', async () => {
    const it = await company({ openExisting: false });
    await it.night(0, { a: there, b: there });
    await it.store.openExisting('default', ['queue']);
    await it.sync();
    expect(await it.shown()).toEqual(['1 open a', '2 open b']);
  });
});

describe('above the cap', () => {
  test('the gravest get tickets and one digest stands for the rest, until the next scans have opened those too', async () => {
    const it = await company({ maxCreatePerRun: 2 });
    const apps = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((app, index) => [app, { holders: index + 1, read: true }]));
    const first = await it.night(0, apps);
    expect(withheld(first)).toEqual([['over the cap', 3]]);
    expect(await it.shown()).toEqual(['1 open e', '2 open d', '3 open 3 more decisions about AI tools wait for a ticket']);
    // Syncing again is no new run.
    await it.sync();
    expect(await it.shown()).toHaveLength(3);
    await it.night(1, apps);
    expect(await it.shown()).toEqual([
      '1 open e',
      '2 open d',
      '3 open 1 more decisions about AI tools wait for a ticket',
      '4 open c',
      '5 open b',
    ]);
    await it.night(2, apps);
    expect((await it.shown()).filter((line) => line.includes('more decisions') || line.endsWith(' a'))).toEqual([
      '3 closed 1 more decisions about AI tools wait for a ticket',
      '6 open a',
    ]);
    // The next flood opens the same digest again.
    const flood = Object.fromEntries(['f', 'g', 'h'].map((app) => [app, there]));
    await it.night(3, { ...apps, ...flood });
    expect((await it.shown()).filter((line) => line.includes('more decisions'))).toEqual([
      '3 open 1 more decisions about AI tools wait for a ticket',
    ]);
  });
});

describe('a ticket', () => {
  test('is closed after two scans that read where it was, and never on one that did not', async () => {
    const it = await company();
    await it.night(0, { a: there });
    await it.night(1, { a: gone });
    expect(withheld(await it.sync())).toEqual([['waits for a scan that reads', 1]]);
    for (const night of [2, 3, 4]) await it.night(night, { a: unread });
    expect(await it.shown()).toEqual(['1 open a']);
    await it.night(5, { a: gone });
    expect(await it.shown()).toEqual(['1 closed a']);
    expect((await it.ticket('1')).comments).toEqual([expect.stringContaining('Gone: 2 scans that read where it was did not see it.')]);
  });

  test('about what is not so any more is not closed either by scans that did not read the place where its app still is', async () => {
    const it = await company();
    const key = { ...there, rule: 'never-expiring-ai-key' } as const;
    await it.night(0, { a: key });
    // The rule does not fire for it any more.
    await it.night(1, { a: { ...key, approved: true } });
    for (const night of [2, 3]) await it.night(night, { a: { ...key, approved: true, read: false } });
    expect((await it.ticket('1')).state).toBe('open');
    await it.night(4, { a: { ...key, approved: true } });
    expect((await it.ticket('1')).state).toBe('closed');
  });

  test.each([
    ['no-approval-gate', 'control', false],
    ['ai-secret-for-everything', 'control', true],
    ['leaver-holds-grant', 'identity', false],
  ] as const)('of %s is not closed by scans that did not read the %s that it rests on', async (rule, kind, own) => {
    const it = await company();
    const app = (listed: boolean, more: AppTonight = there): AppTonight => ({ ...more, rule, listed: { kind, read: listed, own } });
    await it.night(0, { a: app(true) });
    const fixed: AppTonight = { ...there, approved: true };
    await it.night(1, { a: app(true, fixed) });
    for (const night of [2, 3]) await it.night(night, { a: app(false, fixed) });
    // Nor by those that did not ask for it at all.
    for (const night of [4, 5]) await it.night(night, { a: { ...fixed, rule } });
    expect((await it.ticket('1')).state).toBe('open');
    await it.night(6, { a: app(true, fixed) });
    expect((await it.ticket('1')).state).toBe('closed');
  });

  test('is opened again when it returns, and after the window another one names it', async () => {
    const it = await company({ reopenWindowDays: 10 });
    await it.night(0, { a: there });
    for (const night of [1, 2]) await it.night(night, { a: gone });
    await it.night(5, { a: there });
    expect(await it.shown()).toEqual(['1 open a']);
    for (const night of [6, 7]) await it.night(night, { a: gone });
    await it.night(30, { a: there });
    expect(await it.shown()).toEqual(['1 closed a', '2 open a']);
    expect((await it.ticket('2')).body).toContain('An earlier ticket about the same: T-1.');
    expect((await it.ticket('2')).marker).toBe(`${(await it.ticket('1')).marker}-2`);
    const again = await it.plan();
    expect(again.wanted).toEqual([]);
  });

  test('that was closed here and then deleted is followed by another at once when it returns', async () => {
    const it = await company({ snoozeDays: 3 });
    await it.night(0, { a: there });
    for (const night of [1, 2]) await it.night(night, { a: gone });
    await it.tracker.deleteByHand('1');
    await it.night(3, { a: gone });
    const { outcome } = await it.night(4, { a: there });
    expect([await it.shown(), outcome.failures, outcome.refused]).toEqual([['2 open a'], [], 0]);
    expect((await it.ticket('2')).body).toContain('An earlier ticket about the same: T-1.');
  });

  test('of a digest that was closed here and then deleted is followed by another', async () => {
    const it = await company({ maxCreatePerRun: 1 });
    const three = { a: there, b: there, c: there };
    await it.night(0, three);
    for (const night of [1, 2]) await it.night(night, three);
    const [digest] = (await it.tracker.tickets()).filter(({ title }) => title.includes('more decisions'));
    expect(digest!.state).toBe('closed');
    await it.tracker.deleteByHand(digest!.id);
    const flood = { d: there, e: there, f: there, g: there, h: there, i: there };
    await it.night(3, { ...three, ...flood });
    expect((await it.shown()).filter((line) => line.includes('more decisions'))).toEqual([expect.stringContaining(' open ')]);
  });

  test('is closed at once by an approval or an exception, and not by a denial', async () => {
    const it = await company();
    const [a, b, c] = [3, 2, 1].map((holders) => ({ holders, read: true })) as [AppTonight, AppTonight, AppTonight];
    await it.night(0, { a, b, c });
    await it.night(1, { a: { ...a, approved: true }, b: { ...b, excepted: true }, c: { ...c, rule: 'denied-ai-tool' } });
    expect(await it.shown()).toEqual(['1 closed a', '2 closed b', '3 open AI tool that was denied: c']);
    expect((await it.ticket('1')).comments[0]).toContain('Approved; who answers for it: owner of a.');
    expect((await it.ticket('2')).comments[0]).toContain('Accepted until a day');
    // The approval is taken back.
    await it.night(2, { a, b, c });
    expect((await it.shown()).slice(0, 2)).toEqual(['1 open a', '2 open b']);
  });

  describe('of what went beyond an approval that stands all the time', () => {
    const limited = { ceiling: { data: { files: 'read' } }, decided: '2026-01-01' } as const;
    const within: AppTonight = { ...there, approved: true, approval: limited };
    const BESIDE = [
      'review-due',
      'entitlement-drift',
      'spread-of-ai-tool',
      'mixed-powers',
      'over-privileged-ai',
      'ai-above-people',
    ] as const;

    test.each(['approval-exceeded', ...BESIDE] as const)(
      'by %s is closed as any other, and nobody is said to have decided',
      async (rule) => {
        const it = await company();
        await it.night(0, { a: { ...within, beyond: true, rule } });
        await it.night(1, { a: within });
        expect((await it.shown())[0]).toMatch(/^1 open/);
        await it.night(2, { a: { ...within, read: false } });
        expect((await it.shown())[0]).toMatch(/^1 open/);
        await it.night(3, { a: within });
        expect((await it.shown())[0]).toMatch(/^1 closed/);
        expect((await it.ticket('1')).comments).toEqual([
          expect.stringContaining(
            rule === 'approval-exceeded'
              ? 'It keeps to its approval again: 2 scans that read where it was saw nothing beyond it. Who answers for it: owner of a.'
              : 'What was found is not so any more: 2 scans that read where it was saw nothing of it.',
          ),
        ]);
      },
    );

    test.each(['approval-exceeded', ...BESIDE] as const)('by %s is closed at once where somebody decided since', async (rule) => {
      const it = await company();
      await it.night(0, { a: { ...within, beyond: true, rule } });
      const raised = { ceiling: { data: { files: 'write' } }, decided: '2026-11-03' } as const;
      await it.night(1, { a: { ...within, approval: raised } });
      expect((await it.shown())[0]).toMatch(/^1 closed/);
      expect((await it.ticket('1')).comments).toEqual([expect.stringContaining('Approved; who answers for it: owner of a.')]);
    });

    test.each(['mixed-powers', 'over-privileged-ai', 'ai-above-people'] as const)(
      'by %s is not closed at once by a decision that says nothing of how much it may do',
      async (rule) => {
        const it = await company();
        await it.night(0, { a: { ...within, approval: {}, beyond: true, rule } });
        await it.night(1, { a: { ...within, approval: { decided: '2026-11-03' } } });
        expect((await it.shown())[0]).toMatch(/^1 open/);
      },
    );

    test('is not closed at once because another app came into its approval, or somebody else answers for it', async () => {
      const it = await company();
      await it.night(0, { a: { ...within, beyond: true } });
      await it.night(1, { a: { ...within, approval: { ...limited, apps: ['a', 'b'], owner: 'another' } } });
      expect((await it.shown())[0]).toMatch(/^1 open/);
    });

    test('is not closed at once where the policy of then is not kept any more', async () => {
      const it = await company();
      await it.night(0, { a: there });
      const database = openDatabase(it.path);
      database.exec('DELETE FROM document');
      database.close();
      await it.night(1, { a: within });
      expect(await it.shown()).toEqual(['1 open a']);
    });
  });

  test('that somebody closed is left alone for the days that were said, and opened again when it is still there', async () => {
    const it = await company({ snoozeDays: 3 });
    await it.night(0, { a: there });
    await it.tracker.closeByHand('1');
    const first = await it.ticket('1');
    // The scan does not know yet that it was closed, and asks for a rewrite and a comment.
    expect(withheld(await it.night(1, { a: { ...there, holders: 20 } }))).toEqual([['closed by somebody', 1]]);
    expect(await it.ticket('1')).toEqual(first);
    await it.night(3, { a: { ...there, holders: 40 } });
    expect(await it.shown()).toEqual(['1 closed a']);
    await it.night(4, { a: there });
    expect(await it.shown()).toEqual(['1 open a']);
    expect((await it.ticket('1')).comments).toEqual([
      expect.stringContaining('Closed by somebody on 2026-11-03; it is still there 3 days later.'),
    ]);
  });

  test('that somebody closed who had acknowledged all of it is left alone until it grows', async () => {
    const it = await company({ snoozeDays: 1 });
    await it.night(0, { a: there });
    const [{ key }] = rowsOf<{ key: string }>(it.path, 'SELECT key FROM finding') as [{ key: string }];
    const act = { act: 'acknowledged', text: '', actor: 'ada@host (claimed)', at: it.clock.now().toISOString() } as const;
    await it.store.actOn('default', key, act, sightedIn);
    await it.tracker.closeByHand('1');
    for (const night of [1, 5]) await it.night(night, { a: there });
    expect(await it.shown()).toEqual(['1 closed a']);
    await it.night(6, { a: { ...there, administrators: 1 } });
    expect(await it.shown()).toEqual(['1 open a']);
  });

  test('that somebody closed and that was settled since is opened at once when it returns', async () => {
    const it = await company();
    await it.night(0, { a: there });
    await it.tracker.closeByHand('1');
    for (const night of [1, 2, 3]) await it.night(night, { a: gone });
    await it.night(4, { a: there });
    expect(await it.shown()).toEqual(['1 open a']);
  });

  test('is rewritten when what it says changes, and commented at most once a day', async () => {
    const it = await company();
    await it.night(0, { a: there });
    await it.night(1, { a: { ...there, severity: 'critical' } });
    await it.scan(1, { a: { ...there, severity: 'medium', administrators: 1 } });
    await it.sync();
    const one = await it.ticket('1');
    expect(one.body).toContain('medium');
    expect(one.comments).toEqual([expect.stringContaining('It was high and is critical.')]);
    await it.night(2, { a: { ...there, severity: 'medium', administrators: 1 } });
    expect((await it.ticket('1')).comments.slice(1)).toEqual([
      expect.stringContaining('It was critical and is medium. An administrator holds it now.'),
    ]);
    const before = await it.ticket('1');
    await it.night(3, { a: { ...there, severity: 'medium', administrators: 1 } });
    expect(await it.ticket('1')).toEqual(before);
  });

  test('is not rewritten because the audit trail has gone on', async () => {
    const it = await company();
    await it.scan(0, { a: there });
    await it.sync({}, { audit: { number: 1, hash: 'a' } });
    await it.scan(1, { a: there });
    const { outcome } = await it.sync({}, { audit: { number: 2, hash: 'b' } });
    expect([outcome.keys, await it.shown()]).toEqual([[], ['1 open a']]);
  });

  test('that was never sent is withdrawn when nothing needs it any more', async () => {
    const it = await company();
    await it.scan(0, { a: there });
    await it.scan(1, { a: gone });
    await it.sync();
    expect([await it.shown(), rowsOf(it.path, 'SELECT * FROM outbox'), rowsOf(it.path, 'SELECT * FROM ticket')]).toEqual([[], [], []]);
  });

  test('holds names as literal runs alone, and its marker never holds one', async () => {
    const it = await company();
    const name = '@all </script> ``` #1 \u202E http://evil.example';
    await it.scan(0, { [`id of ${name}`]: { ...there, name } });
    const [{ payload, decision }] = rowsOf<{ payload: string; decision: string }>(it.path, 'SELECT payload, decision FROM outbox') as [
      { payload: string; decision: string },
    ];
    expect(decision).toMatch(/^[a-z2-7]{20}$/);
    const own = JSON.stringify(JSON.parse(payload), (_key, value: unknown) =>
      typeof value === 'object' && value !== null && ('name' in value || ('is' in value && value.is === 'code')) ? null : value,
    );
    expect(own).not.toMatch(/evil|script|@all/);
    await it.sync();
    expect(await it.shown()).toHaveLength(1);
  });
});

describe('a decision', () => {
  test('keeps its id and its ticket when the catalog names the app, and takes in what else is that product', async () => {
    const it = await company();
    await it.night(0, { a: there });
    const [before] = rowsOf<{ id: string }>(it.path, 'SELECT id FROM decision');
    await it.night(1, { a: { ...there, product: 'vendor/product' } });
    expect(rowsOf(it.path, 'SELECT id, product, app_id FROM decision')).toEqual([
      { id: before!.id, product: 'vendor/product', app_id: null },
    ]);
    await it.night(2, { a: { ...there, product: 'vendor/product' }, b: { ...there, product: 'vendor/product' } });
    expect(await it.shown()).toEqual(['1 open vendor/product (a) and 1 more']);
  });

  test('of two apps that turn out to be one product goes on in one ticket, and the other says so', async () => {
    const it = await company();
    await it.night(0, { a: there, b: there });
    await it.night(1, { a: { ...there, product: 'vendor/product' }, b: { ...there, product: 'vendor/product' } });
    const tickets = await it.tracker.tickets();
    expect(tickets.map(({ state }) => state).sort()).toEqual(['closed', 'open']);
    expect(tickets.find(({ state }) => state === 'closed')!.comments).toEqual([
      expect.stringContaining('goes on in the ticket of that product'),
    ]);
    expect(rowsOf(it.path, 'SELECT count(*) AS members FROM decision_finding GROUP BY decision')).toEqual([{ members: 2 }]);
  });

  test('is another for each group of rules: a leaked key does not hide behind an approval', async () => {
    const it = await company();
    await it.night(0, { a: { ...there, product: 'vendor/product' }, b: { ...there, product: 'vendor/product', rule: 'leaked-ai-secret' } });
    expect(await it.shown()).toHaveLength(2);
  });
});

describe('a tracker that fails', () => {
  const failing =
    (outcome: SinkError['outcome'], more: Partial<Sink> = {}) =>
    (sink: Sink): Sink => ({
      ...sink,
      ...more,
      create: () => Promise.reject(new SinkError(outcome, 'it does not want to')),
    });
  const apps = Object.fromEntries(Array.from({ length: 8 }, (_, number) => [`app-${number}`, there]));

  test('with refusals is left alone after five in a row, and asked again after a day', async () => {
    let refuses = true;
    const it = await company({}, (sink) => ({
      ...sink,
      create: (ticket, signal) => (refuses ? Promise.reject(new SinkError('refused', 'no permission')) : sink.create(ticket, signal)),
    }));
    const { outcome } = await it.night(0, apps);
    expect([outcome.refused, outcome.waiting]).toEqual([5, 3]);
    expect(outcome.failures).toContain('refused 5 times in a row; the last time: no permission');
    refuses = false;
    // What waited was never refused.
    await it.sync();
    expect(await it.shown()).toHaveLength(3);
    await it.night(1, apps);
    expect(await it.shown()).toHaveLength(8);
  });

  test.each([1e12, 1e17])('that asks for %d milliseconds of patience is asked again after a day', async (retryAfterMs) => {
    let busy = true;
    const it = await company({}, (sink) => ({
      ...sink,
      create: (ticket, signal) =>
        busy ? Promise.reject(new SinkError('busy', 'come later', { retryAfterMs })) : sink.create(ticket, signal),
    }));
    const { outcome } = await it.night(0, { a: there });
    expect([outcome.waiting, outcome.failures]).toEqual([1, ['come later']]);
    busy = false;
    await it.scan(1, { a: there });
    await it.clock.sleep(60_000);
    await it.sync();
    expect(await it.shown()).toEqual(['1 open a']);
  });

  test('that refuses to look for a ticket before it is made says why', async () => {
    const it = await company({}, (sink) => ({ ...sink, find: () => Promise.reject(new SinkError('refused', 'older than 4.2')) }));
    const { outcome } = await it.night(0, { a: there });
    expect([outcome.refused, outcome.failures]).toEqual([1, [expect.stringMatching(/^\w{20} cannot be looked for: older than 4\.2$/)]]);
  });

  test('that cannot be asked, and whose answer is lost, is told as unknown and never sent to again', async () => {
    let sent = 0;
    const it = await company({}, (sink) => {
      const { findableAfterMs: _cannot, ...blind } = sink;
      return {
        ...blind,
        create: () => {
          sent++;
          return Promise.reject(new SinkError('unknown', 'no answer'));
        },
      };
    });
    for (const night of [0, 1, 2]) {
      const { outcome } = await it.night(night, { a: there });
      expect([outcome.unknown, sent]).toEqual([1, 1]);
      expect(outcome.failures.at(-1)).toMatch(
        /^nobody can tell whether the create of \w+ was written: no answer\. `noctule tickets settle 1` is for who looked$/,
      );
    }
  });

  test('that gets a request long after its connection ended makes one ticket of it', async () => {
    let marker: string | undefined;
    let sentAt = Number.POSITIVE_INFINITY;
    const it = await company({}, (sink) => ({
      ...sink,
      find(asked, made, signal) {
        // It arrived a minute after it was sent, when every ticket of then would be listed.
        if (marker !== undefined && it.clock.now().getTime() - sentAt >= 60_000)
          it.tracker.put({ id: '1', marker, state: 'open', title: 'a', body: '', comments: [] });
        return sink.find(asked, made, signal);
      },
      create(ticket) {
        marker ??= ticket.marker;
        sentAt = Math.min(sentAt, it.clock.now().getTime());
        return Promise.reject(new SinkError('unknown', 'no answer'));
      },
    }));
    await it.night(0, { a: there });
    expect(await it.shown()).toEqual(['1 open a']);
    expect(rowsOf(it.path, 'SELECT op, state, attempts FROM outbox')).toEqual([{ op: 'create', state: 'done', attempts: 1 }]);
  });

  test('that drops repeats is sent to again under the same key', async () => {
    const keys: string[] = [];
    const it = await company({}, (sink) => {
      const { findableAfterMs: _cannot, ...blind } = sink;
      return {
        ...blind,
        dropsRepeats: true,
        create: async (ticket, signal) => {
          keys.push(ticket.idempotencyKey);
          const made = await sink.create(ticket, signal);
          if (keys.length === 1) throw new SinkError('unknown', 'no answer');
          return made;
        },
      };
    });
    await it.night(0, { a: there });
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test('ends its turn where a write was taken out of the queue while it was sent', async () => {
    const queue: { path?: string } = {};
    const it = await company({}, (sink) => ({
      ...sink,
      create: async (...given) => {
        const database = openDatabase(queue.path!);
        database.exec('DELETE FROM outbox WHERE id = 1');
        database.close();
        return sink.create(...given);
      },
    }));
    queue.path = it.path;
    const { outcome } = await it.night(0, { a: there, b: there });
    expect([outcome.bugs, outcome.failures, await it.shown()]).toEqual([[], [], ['1 open a', '2 open b']]);
  });

  test('with a refusal to a ticket that is gone, or after which there is another, is told of it no longer', async () => {
    let isGone = false;
    const refused = () => Promise.reject(new SinkError('refused', 'no such ticket'));
    const it = await company({ reopenWindowDays: 5 }, (sink) => ({
      ...sink,
      get: async (id, signal) => (isGone && id === '1' ? undefined : sink.get(id, signal)),
      update: (...given) => (isGone ? refused() : sink.update(...given)),
      comment: (...given) => (isGone ? refused() : sink.comment(...given)),
      reopen: () => refused(),
    }));
    const grown = { ...there, administrators: 1 };
    await it.night(0, { a: there, b: there });
    for (const night of [1, 2]) await it.night(night, { a: there, b: gone });
    isGone = true;
    const { outcome } = await it.night(3, { a: grown, b: there });
    // The one that is gone is known to be; that the other cannot be opened again has to be told.
    expect([outcome.refused, outcome.failures.at(-1)]).toEqual([1, expect.stringMatching(/^reopen of /)]);
    isGone = false;
    const later = await it.night(9, { a: grown, b: there });
    expect([later.outcome.refused, (await it.shown()).at(-1)]).toEqual([0, '3 open b']);
  });

  test('never keeps a scan from ending', async () => {
    const it = await company({}, failing('busy'));
    await it.night(0, apps);
    await it.scan(1, apps);
    expect(rowsOf(it.path, 'SELECT count(*) AS n FROM scan WHERE judged = 1')).toEqual([{ n: 2 }]);
  });
});

test('a plan shows what a sync would do, and keeps nothing', async () => {
  const it = await company();
  await scanNight(it.store, 'default', 0, { a: there }, { planner: 'none' });
  await it.scan(1, { a: there });
  const tables = () => ['decision', 'ticket', 'outbox', 'ticket_sink'].map((table) => rowsOf(it.path, `SELECT * FROM ${table}`));
  const before = tables();
  await it.scan(2, { a: { ...there, severity: 'critical' } });
  await it.sync();
  const shown = await it.plan();
  expect(shown.wanted).toEqual([]);
  expect(before[2]).toHaveLength(1);
  const fresh = openStore(newFile());
  await scanNight(fresh, 'default', 0, { a: there }, { planner: 'none' });
  const plan = await fresh.planTickets('default', plannerOf({ a: there }, new Date()), 'look');
  expect(plan.wanted.map(({ op, title }) => [op, title])).toEqual([['create', 'AI tool that nobody approved: a']]);
  expect(await fresh.waitingWrites('default', 'queue')).toEqual([]);
  await fresh.close();
});

test('as many scans are counted as a configuration may ask for', () => {
  expect(MOST_COUNTED).toBe(MOST_READS);
});
