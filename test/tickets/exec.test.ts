import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secret/secret.ts';
import { exec } from '../../src/tickets/sinks/exec.ts';
import type { Draft, Sink } from '../../src/tickets/sink.ts';
import { SinkError } from '../../src/tickets/sink.ts';
import { newFolder } from '../cli/run.ts';
import { sinkSuite, type TrackedTicket, type TrackerUnderTest, type TrackerWorld } from './sink-suite.ts';
import { startTracker } from './tracker.ts';

const never = new AbortController().signal;
const draft: Draft = {
  marker: 'noctule-aaaaaaaaaaaaaaaaaaaa',
  idempotencyKey: 'key',
  severity: 'high',
  document: { title: ['An app: ', { name: '$(reboot); `id`' }], blocks: [] },
};

/** A sink of a program of a few lines of JavaScript, in which `order` is what it was told. */
function program(lines: string, more: object = {}): Sink {
  const folder = newFolder();
  writeFileSync(
    join(folder, 'program.mjs'),
    `let text = ''; for await (const part of process.stdin) text += part; const order = JSON.parse(text);
     const say = (answer) => process.stdout.write(JSON.stringify(answer));\n${lines}`,
  );
  const settings = exec.config.parse({ argv: [process.execPath, 'program.mjs', '$HOME; id'], place: 'a program', ...more });
  return exec.open(settings, () => new Secret('CANARY-secret'), {
    now: () => new Date(),
    sleep: async () => {},
    folder,
    environment: { PATH: '/usr/bin', HOME: '/nowhere', GITHUB_TOKEN: 'CANARY-scanner' },
  });
}

async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof SinkError)) throw error;
    return [error.outcome, error.message, error.retryAfterMs];
  }
}

/** A process that ended and that nobody has asked after yet does not run. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}

const ticket = { id: '7', label: 'Q-7', url: 'https://queue.example/7', state: 'open' };

describe('the exec sink', () => {
  test('tells the program what is wanted, with no shell between, and no variable but its own', async () => {
    const sink = program(
      `say({ ticket: { ...${JSON.stringify(ticket)}, label: JSON.stringify([order, process.argv.slice(2), process.env]).slice(0, 490) } });`,
      { environment: { QUEUE_TOKEN: { env: 'QUEUE_TOKEN' } } },
    );
    const made = await sink.create(draft, never);
    expect(made.label).toContain('"op":"create"');
    const env = program(`say({ ticket: { ...${JSON.stringify(ticket)}, label: JSON.stringify([process.argv.slice(2), process.env]) } });`, {
      environment: { QUEUE_TOKEN: { env: 'QUEUE_TOKEN' } },
    });
    expect(JSON.parse((await env.create(draft, never)).label)).toEqual([
      ['$HOME; id'],
      { PATH: '/usr/bin', HOME: '/nowhere', QUEUE_TOKEN: 'CANARY-secret' },
    ]);
  });

  test('takes what was refused, and when to come back, from the answer', async () => {
    const sink = program(`say({ error: { outcome: 'busy', message: 'later', retryAfterMs: 5000 } });`);
    expect(await outcomeOf(sink.create(draft, never))).toEqual(['busy', 'later', 5000]);
    const refusing = program(`say({ error: { outcome: 'refused', message: 'never' } });`);
    expect(await outcomeOf(refusing.update('7', draft, never))).toEqual(['refused', 'never', undefined]);
  });

  test.each([
    ['dies', `process.exit(3);`],
    ['says something else', `say('thanks');`],
    ['says no JSON', `process.stdout.write('<html>');`],
    ['answers without a ticket', `say({});`],
    ['never ends', `setInterval(() => {}, 1000);`],
    ['never ends talking', `const part = 'x'.repeat(100_000); const talk = () => process.stdout.write(part, talk); talk();`],
    ['says a link that is none', `say({ ticket: { ...${JSON.stringify(ticket)}, url: 'javascript:alert(1)' } });`],
  ])('what a program did that %s is unknown, and nothing where it only looks', async (_how, lines) => {
    const sink = program(lines, { timeoutSeconds: 1, findableAfterSeconds: 0 });
    expect(await outcomeOf(sink.create(draft, never))).toMatchObject(['unknown', expect.any(String), undefined]);
    expect(await outcomeOf(sink.find(draft.marker, [], never))).toMatchObject(['busy', expect.any(String), undefined]);
  });

  test.each([
    ['goes on', 'setInterval(() => {}, 1000);'],
    ['ends', 'process.exit(0);'],
  ])('a program that %s while one that it started holds its output keeps its time, and what it started ends too', async (_how, lines) => {
    const folder = newFolder();
    const file = join(folder, 'pid');
    const sink = program(
      `const { spawn } = await import('node:child_process');
       const { writeFileSync } = await import('node:fs');
       const inner = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 120_000)'], { stdio: ['ignore', 'inherit', 'ignore'] });
       writeFileSync(${JSON.stringify(file)}, String(inner.pid));
       ${lines}`,
      // Time for a slow machine to start both.
      { timeoutSeconds: 6 },
    );
    const began = performance.now();
    expect(await outcomeOf(sink.create(draft, never))).toMatchObject(['unknown', expect.any(String), undefined]);
    expect(performance.now() - began).toBeLessThan(60_000);
    const pid = Number(readFileSync(file, 'utf8'));
    await expect.poll(() => isRunning(pid), { timeout: 30_000 }).toBe(false);
  });

  test('a program that cannot be started did nothing', async () => {
    const settings = exec.config.parse({ argv: ['/nowhere/at-all'], place: 'a program' });
    const sink = exec.open(settings, () => new Secret(''), { now: () => new Date(), sleep: async () => {} });
    expect(await outcomeOf(sink.create(draft, never))).toEqual(['refused', 'The program cannot be started', undefined]);
  });

  test('one that cannot find says so, and its tickets are not asked for', () => {
    expect('findableAfterMs' in program('')).toBe(false);
    expect(program('', { findableAfterSeconds: 5 }).findableAfterMs).toBe(5000);
  });
});

/** The simulated tracker behind a program, which passes each order on to its sink. */
async function behindProgram(world: TrackerWorld): Promise<TrackerUnderTest> {
  const tracker = await startTracker(world);
  const module = new URL('tracker.ts', import.meta.url).href;
  const sink = program(
    `const { sinkAt } = await import(${JSON.stringify(module)});
     const sink = sinkAt(${JSON.stringify(tracker.address)});
     const { op, id, ticket, comment, marker, made } = order;
     try {
       if (op === 'find') say({ tickets: await sink.find(marker, made) });
       else if (op === 'get') say({ ticket: (await sink.get(id)) ?? null });
       else if (op === 'create') say({ ticket: await sink.create(ticket) });
       else { await sink[op](id, op === 'update' ? ticket : comment); say({}); }
     } catch ({ outcome, message, retryAfterMs }) { say({ error: { outcome, message, retryAfterMs } }); }
     process.exit(0);`,
    { findableAfterSeconds: 30 },
  );
  return {
    sink,
    tickets: async (): Promise<readonly TrackedTicket[]> => tracker.tickets(),
    closeByHand: tracker.closeByHand,
    close: tracker.close,
  };
}

sinkSuite('a program', behindProgram, { schedules: 0 });
