import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTracker } from '../tickets/tracker.ts';
import { actsOnTerminal, bytesBelow, formsOf, newFolder, noctule } from './run.ts';
import { workspace } from './workspace.ts';

const CANARY = 'CANARY-of-the-queue-8675309';

/** A program that passes each order on to a tracker, as an organisation's own might. */
function queueProgram(address: string): string {
  return `let text = ''; for await (const part of process.stdin) text += part;
    const { op, id, ticket, comment, marker, made } = JSON.parse(text);
    const { sinkAt } = await import(${JSON.stringify(new URL('../tickets/tracker.ts', import.meta.url).href)});
    const sink = sinkAt(${JSON.stringify(address)});
    const say = (answer) => process.stdout.write(JSON.stringify(answer), () => process.exit(0));
    try {
      if (process.env.QUEUE_TOKEN !== ${JSON.stringify(CANARY)}) throw { outcome: 'refused', message: 'no token' };
      if (op === 'find') say({ tickets: await sink.find(marker, made) });
      else if (op === 'get') say({ ticket: (await sink.get(id)) ?? null });
      else if (op === 'create') say({ ticket: await sink.create(ticket) });
      else { await sink[op](id, op === 'update' ? ticket : comment); say({}); }
    } catch ({ outcome = 'unknown', message, retryAfterMs }) { say({ error: { outcome, message, retryAfterMs } }); }`;
}

describe('tickets', () => {
  let site: Awaited<ReturnType<typeof workspace>>;
  let tracker: Awaited<ReturnType<typeof startTracker>>;
  const run = (...args: string[]) =>
    noctule([...args, '-c', site.config], { env: { ...site.provider.environment, QUEUE_TOKEN_OF_NOCTULE: CANARY } });

  beforeAll(async () => {
    tracker = await startTracker({ now: () => new Date(Date.now() + 3_600_000), sleep: async () => {} });
    const program = join(newFolder(), 'queue.mjs');
    writeFileSync(program, queueProgram(tracker.address));
    const sinks = {
      queue: {
        kind: 'exec',
        argv: [process.execPath, program],
        place: 'the queue of the test',
        environment: { QUEUE_TOKEN: { env: 'QUEUE_TOKEN_OF_NOCTULE' } },
        findableAfterSeconds: 30,
      },
    };
    site = await workspace({ config: { tickets: { sinks, maxCreatePerRun: 2 } } });
    await site.scan();
  });
  afterAll(() => tracker.close());

  test('are not opened by a first scan, and what would be is shown by the verb alone', async () => {
    const [plain, plan] = await Promise.all([run('tickets'), run('tickets', 'plan')]);
    expect(plain).toEqual(plan);
    expect(plain).toMatchObject({ code: 0, stderr: expect.stringMatching(/queue: \d+ without: they were open when/) });
    expect(plain.stderr).toContain('0 writes. Nothing was sent');
    const asked = await run('tickets', 'plan', '--open-existing', '--format', 'json');
    const rows = JSON.parse(asked.stdout) as { op: string; state: string }[];
    expect(rows.map(({ op, state }) => `${op} ${state}`)).toEqual(['create new', 'create new', 'create new']);
    expect(await tracker.tickets()).toEqual([]);
  });

  test('are opened by a sync that is asked for what was there, told to the audit trail, and hold no secret', async () => {
    const synced = await run('tickets', 'sync', '--open-existing');
    expect(synced).toMatchObject({ code: 0, stderr: expect.stringContaining('queue (the queue of the test): 3 opened.') });
    const tickets = await tracker.tickets();
    expect(tickets.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
    expect(tickets.at(-1)!.title).toMatch(/^\d+ more decisions/);
    const log = JSON.parse((await run('audit', 'log', '--format', 'json', '--limit', '1')).stdout) as {
      action: string;
      hash: string;
      details: object;
    }[];
    expect(log).toMatchObject([
      { action: 'tickets.synced', details: { done: { create: 3 }, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } },
    ]);
    expect(synced.stderr).toContain(`head ${log[0]!.hash}.`);
    expect(actsOnTerminal(synced.stdout + synced.stderr)).toEqual([]);
    const bytes = bytesBelow(site.folder) + JSON.stringify([synced, tickets]);
    for (const form of formsOf(CANARY)) expect(bytes.includes(form), form).toBe(false);
  });

  test('are told with the indicator of the app that they are about', async () => {
    const plan = JSON.parse((await run('findings', '--format', 'json', '--limit', '0')).stdout) as { appId: string }[];
    const told = await Promise.all(
      [...new Set(plan.map(({ appId }) => appId))].map(async (app) => {
        const { tickets } = JSON.parse((await run('ioc', app, '--format', 'json')).stdout) as {
          tickets: { label: string; state: string }[];
        };
        return { app, tickets: tickets.map(({ label, state }) => `${label} ${state}`) };
      }),
    );
    const about = told.filter(({ tickets }) => tickets.length > 0);
    // The third sums up what is left, and is about no app in particular.
    expect(new Set(about.flatMap(({ tickets }) => tickets))).toEqual(new Set(['T-1 open', 'T-2 open']));
    expect((await run('ioc', about[0]!.app)).stdout).toMatch(/^Tickets +queue T-\d, open/m);
  });

  test('are held against the tracker, and what somebody did there is told', async () => {
    await tracker.closeByHand('1');
    const { code, stdout, stderr } = await run('tickets', 'status', '--format', 'json');
    const rows = JSON.parse(stdout) as { ticket: string; title: string; verdict: string }[];
    expect([code, rows.map(({ ticket, verdict }) => `${ticket} ${verdict}`).sort()]).toEqual([
      0,
      ['T-1 closed by somebody', 'T-2 as known', 'T-3 as known'],
    ]);
    expect(rows.find(({ ticket }) => ticket === 'T-3')!.title).toMatch(/^\d+ more decisions that wait for a ticket$/);
    expect(stderr).toContain('queue: 3 tickets, 0 writes wait');
  });

  test('of a tracker that refuses end with 6, and are there afterwards', async () => {
    const refused = await noctule(['tickets', 'status', '-c', site.config], {
      env: { ...site.provider.environment, QUEUE_TOKEN_OF_NOCTULE: 'another' },
    });
    expect([refused.code, refused.stderr.includes('no token')]).toEqual([6, true]);
    expect((await run('tickets', 'sync', '--sink', 'queeu')).code).toBe(2);
    const unset = await noctule(['tickets', 'sync', '-c', site.config], { env: site.provider.environment });
    expect([unset.code, unset.stderr.includes('queue: it cannot be opened: ')]).toEqual([6, true]);
  });

  test('are given no credential of a source, not even the same value under another name', async () => {
    const [value] = Object.values(site.provider.environment);
    const shared = await noctule(['tickets', 'sync', '-c', site.config], {
      env: { ...site.provider.environment, QUEUE_TOKEN_OF_NOCTULE: value! },
    });
    expect([shared.code, shared.stderr.includes('is given the credential of the source "workspace"')]).toEqual([2, true]);
  });
});

test('a tracker that cannot be opened is told of, and keeps none of the others from getting its tickets', async () => {
  const folder = newFolder();
  const answers = `let text = ''; for await (const part of process.stdin) text += part; const { op, ticket } = JSON.parse(text);
    process.stdout.write(JSON.stringify(op === 'create' ? { ticket: { id: ticket.marker, label: 'Q', state: 'open' } } : {}));`;
  writeFileSync(join(folder, 'healthy.mjs'), answers);
  const healthy = { kind: 'exec', argv: [process.execPath, join(folder, 'healthy.mjs')], place: 'a healthy queue' };
  const broken = { ...healthy, place: 'a broken queue', environment: { TOKEN: { env: 'NOBODY_SET_THIS_VARIABLE' } } };
  const site = await workspace({ config: { tickets: { sinks: { broken, healthy }, maxCreatePerRun: 1 } } });
  await site.scan();
  const synced = await site.run('tickets', 'sync', '--open-existing');
  expect(synced).toMatchObject({ code: 6, stderr: expect.stringContaining('healthy (a healthy queue): 2 opened.') });
  expect(synced.stderr).toMatch(/^broken: it cannot be opened: .*NOBODY_SET_THIS_VARIABLE/m);
  expect(synced.stderr).toMatch(/^broken \(A program of your own\): nothing to write, 2 wait\.$/m);
  const status = await site.run('tickets', 'status', '--format', 'json');
  expect([status.code, (JSON.parse(status.stdout) as { sink: string }[]).map(({ sink }) => sink)]).toEqual([6, ['healthy', 'healthy']]);
  expect(status.stderr).toMatch(/^broken: it cannot be opened: /m);
});

describe('a write of which nobody can tell', () => {
  /** Keeps each order, and dies over the first two creations. */
  const program = (orders: string) => `import { appendFileSync, readFileSync, existsSync } from 'node:fs';
    let text = ''; for await (const part of process.stdin) text += part;
    const before = existsSync(${JSON.stringify(orders)}) ? readFileSync(${JSON.stringify(orders)}, 'utf8').split('\\n').filter(Boolean) : [];
    appendFileSync(${JSON.stringify(orders)}, JSON.stringify(JSON.parse(text)) + '\\n');
    if (JSON.parse(text).op === 'create' && before.length < 2) process.exit(1);
    const id = 'Q-' + (before.length + 1);
    process.stdout.write(JSON.stringify(JSON.parse(text).op === 'create' ? { ticket: { id, label: id, state: 'open' } } : {}));`;

  test('is settled by whoever looked, told to the audit trail, and goes on from there', async () => {
    const folder = newFolder();
    const orders = join(folder, 'orders');
    writeFileSync(join(folder, 'blind.mjs'), program(orders));
    const blind = { kind: 'exec', argv: [process.execPath, join(folder, 'blind.mjs')], place: 'a queue that nobody can ask' };
    const site = await workspace({ config: { tickets: { sinks: { blind }, maxCreatePerRun: 1 } } });
    await site.scan();
    const sent = () => readFileSync(orders, 'utf8').trim().split('\n');
    const run = (...args: string[]) => site.run('tickets', ...args);
    const synced = await run('sync', '--open-existing');
    expect([synced.code, sent().length]).toEqual([6, 2]);
    const status = await run('status');
    const [first, second] = [...status.stderr.matchAll(/`noctule tickets settle (\d+)`/g)].map(([, number]) => number!);
    expect(status.stderr).toMatch(/blind: nobody can tell whether the create of \w{20} was written: The program gave no answer/);
    // Nothing more is sent of them until somebody says so.
    expect([(await run('sync')).code, sent().length]).toEqual([6, 2]);

    for (const wrong of [
      ['settle', first!],
      ['settle', '999', '--as', 'done', '--ticket', 'Q-1'],
      ['settle', first!, '--as', 'done'],
      ['settle', first!, '--as', 'perhaps'],
    ])
      expect((await run(...wrong)).code, wrong.join(' ')).toBe(2);
    expect(await run('settle', first!, '--as', 'done', '--ticket', 'Q-1')).toMatchObject({
      code: 0,
      stderr: 'blind: the create of Q-1 counts as written.\n',
    });
    expect((await run('settle', first!, '--as', 'done', '--ticket', 'Q-1')).code).toBe(2);
    expect(await run('settle', second!, '--as', 'done', '--ticket', 'Q-1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Q-1 is the ticket of another decision') as string,
    });
    expect((await run('settle', second!, '--as', 'not-done')).stderr).toMatch(/^blind: the create of \w{20} is sent by the next sync\.\n$/);
    const log = JSON.parse((await site.run('audit', 'log', '--format', 'json', '--limit', '2')).stdout) as {
      action: string;
      details: object;
    }[];
    expect(log).toMatchObject([
      { action: 'tickets.settled', details: { write: Number(second), op: 'create', as: 'not-done' } },
      { action: 'tickets.settled', details: { write: Number(first), op: 'create', as: 'done', ticket: 'Q-1' } },
    ]);

    expect([(await run('sync')).code, sent().length]).toEqual([0, 3]);
    expect(JSON.parse(sent()[2]!)).toMatchObject({
      op: 'create',
      ticket: { marker: (JSON.parse(sent()[1]!) as { ticket: { marker: string } }).ticket.marker },
    });
    // Who got it can prove whether the trail was rewritten since, and the trail tells what was handed out.
    const { audit } = (JSON.parse(sent()[2]!) as { ticket: { audit: { number: number; hash: string } } }).ticket;
    expect((await site.run('audit', 'verify', '--head', audit.hash)).code).toBe(0);
    const [synced3] = JSON.parse((await site.run('audit', 'log', '--format', 'json', '--limit', '1')).stdout) as { details: object }[];
    expect(synced3).toMatchObject({ action: 'tickets.synced', number: audit.number + 1, details: { head: audit.hash } });
    const rows = JSON.parse((await run('status', '--format', 'json')).stdout) as { ticket: string }[];
    expect(rows.map(({ ticket }) => ticket).sort()).toEqual(['Q-1', 'Q-3']);
  });
});

describe('a finding', () => {
  test('is acknowledged, assigned and commented, and `show` and `findings` say so', async () => {
    const site = await workspace({ people: 3 });
    await site.scan();
    const listed = async () =>
      JSON.parse((await site.run('findings', '--format', 'json')).stdout) as {
        id: string;
        state: string;
        assigned: string;
        comments: number;
      }[];
    const { id } = (await listed())[0]!;
    expect(await site.run('assign', id, 'ada@corp.example')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('assigned to ada@corp.example.'),
    });
    for (const nobody of ['', ' '])
      expect(await site.run('assign', id, nobody)).toMatchObject({ code: 2, stderr: expect.stringContaining('`nobody` takes it back') });
    expect((await site.run('comment', id, 'Asked \u001b[31mthe vendor')).code).toBe(0);
    expect((await site.run('acknowledge', id, '--note', 'Until May')).code).toBe(0);
    expect((await listed()).find((one) => one.id === id)).toMatchObject({
      state: 'acknowledged',
      assigned: 'ada@corp.example',
      comments: 1,
    });
    const { stdout } = await site.run('show', id);
    expect(stdout).toContain('Assigned    ada@corp.example');
    expect(stdout).toMatch(/History +\d{4}-\d\d-\d\d assigned to ada@corp\.example by /);
    expect(stdout).toMatch(/acknowledged by .*: Until May/);
    expect(actsOnTerminal(stdout)).toEqual([]);
    expect((await site.run('acknowledge', id)).code).toBe(2);
    expect((await site.run('comment', id, ' ')).code).toBe(2);
    // Nothing has grown: the next scan leaves it as it is.
    await site.scan();
    expect((await listed()).find((one) => one.id === id)).toMatchObject({ state: 'acknowledged' });
  });
});
