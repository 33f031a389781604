import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Comment, Draft, Marker, Sink } from '../../src/tickets/sink.ts';
import { SinkError } from '../../src/tickets/sink.ts';
import type { Run } from '../../src/tickets/document.ts';
import type { Fault } from './fakes/tracker.ts';
import { HOSTILE_MARKUP } from './hostile-markup.ts';

/** A tracker and the sink that writes to it. */
export interface Bench {
  sink: Sink;
  /** What the tracker holds of a ticket: texts as they were written, in the tracker's own mark-up. */
  held(id: string): Promise<{ title: string; text: string; comments: readonly string[]; open: boolean }>;
  /** How many tickets of ours there are. */
  count(): Promise<number>;
  /** The name as it has to stand in the text that the tracker keeps, or in what it makes of it. */
  literal(name: string, field: 'text' | 'title'): string;
  /** How many hostile names are put into one ticket: fewer where a text is short, more where the tracker is slow. */
  namesAtOnce?: number;
  /** The next request that changes a ticket fares so. */
  nextWrite(fault: Fault): void;
  /** New tickets are found that much later, in milliseconds. */
  lag?(milliseconds: number): void;
  close(): Promise<void>;
}

export const SIGNAL = new AbortController().signal;

let drafts = 0;

export function draft(over: Partial<Draft> = {}): Draft {
  drafts++;
  return {
    marker: marker(),
    idempotencyKey: randomUUID(),
    severity: 'high',
    document: {
      title: ['Unapproved AI tool: ', { name: `Tool ${drafts}` }],
      blocks: [
        { is: 'heading', text: 'What was found' },
        { is: 'paragraph', runs: ['The app ', { name: 'Write_Helper *beta*' }, ' may read all mail.'] },
        { is: 'list', items: [['Granted by ', { name: 'ada@corp.example' }], ['Seen on 2026-11-22.']] },
        { is: 'code', text: '{\n  "app": "1234",\n  "note": "approved until 2027"\n}' },
      ],
    },
    ...over,
  };
}

export function marker(): Marker {
  return `noctule-sf1-${randomUUID().replaceAll('-', '').slice(0, 26)}`;
}

export function comment(...words: (string | Run)[]): Comment {
  return { idempotencyKey: randomUUID(), paragraphs: [words.length === 0 ? ['Seen again last night.'] : words] };
}

/** What every tracker has to do, whichever it is: each case is a way in which tickets were once doubled, lost or turned into an attack. */
export function trackerCases(name: string, open: () => Promise<Bench>): void {
  describe(`a ticket in ${name}`, () => {
    let bench: Bench;
    let sink: Sink;
    beforeAll(async () => {
      bench = await open();
    });
    beforeEach(() => {
      sink = bench.sink;
      bench.lag?.(0);
    });
    afterAll(() => bench?.close());

    it('is made with its text, is open, and is found by its marker alone', async () => {
      const wanted = draft();
      const made = await sink.create(wanted, SIGNAL);
      expect(made).toMatchObject({ state: 'open', url: expect.stringMatching(/^https?:\/\//) });
      expect(made.label).not.toBe('');
      expect((await sink.find(wanted.marker, [], SIGNAL)).map(({ id }) => id)).toEqual([made.id]);
      expect(await sink.find(marker(), [], SIGNAL)).toEqual([]);
      expect(await sink.get(made.id, SIGNAL)).toMatchObject({ id: made.id, label: made.label, state: 'open' });
      const held = await bench.held(made.id);
      expect(held.title).toContain('Unapproved AI tool');
      for (const words of ['may read all mail.', 'Granted by', 'approved until 2027', wanted.marker]) expect(held.text).toContain(words);
    });

    it('holds the head of the audit trail of its last batch, as do its comments, and is found all the same', async () => {
      const audit = (digit: string) => ({ number: 7, hash: digit.repeat(64) });
      const wanted = { ...draft(), audit: audit('a') };
      const made = await sink.create(wanted, SIGNAL);
      expect((await bench.held(made.id)).text).toContain(`event 7, head ${'a'.repeat(64)}`);
      await sink.update(made.id, { ...wanted, audit: audit('b') }, SIGNAL);
      await sink.comment(made.id, { ...comment(), audit: audit('c') }, SIGNAL);
      const { text, comments } = await bench.held(made.id);
      expect([text.includes('b'.repeat(64)), text.includes('a'.repeat(64))]).toEqual([true, false]);
      expect(comments.join()).toContain(`event 7, head ${'c'.repeat(64)}`);
      expect((await sink.find(wanted.marker, [], SIGNAL)).map(({ id }) => id)).toEqual([made.id]);
    });

    it('changes its text in place, and nothing else', async () => {
      const first = draft();
      const { id } = await sink.create(first, SIGNAL);
      await sink.comment(id, comment('A note that stays.'), SIGNAL);
      const next = draft({ marker: first.marker });
      await sink.update(
        id,
        { ...next, document: { title: ['Another title'], blocks: [{ is: 'paragraph', runs: ['Another text.'] }] } },
        SIGNAL,
      );
      const held = await bench.held(id);
      expect(held.title).toBe('Another title');
      expect(held.text).toContain('Another text.');
      expect(held.text).not.toContain('may read all mail.');
      expect(held.comments.join()).toContain('A note that stays.');
      expect((await sink.find(first.marker, [], SIGNAL)).map((one) => one.id)).toEqual([id]);
    });

    it('says a thing once, however often it is told to', async () => {
      const { id } = await sink.create(draft(), SIGNAL);
      const said = comment('It has administrators now.');
      for (let time = 0; time < 3; time++) await sink.comment(id, said, SIGNAL);
      await sink.comment(id, comment('And another thing.'), SIGNAL);
      const { comments } = await bench.held(id);
      expect(comments.filter((text) => text.includes('It has administrators now.'))).toHaveLength(1);
      expect(comments).toHaveLength(2);
    });

    it('closes with a word, stays closed without another, is found closed, and opens again', async () => {
      const wanted = draft();
      const { id } = await sink.create(wanted, SIGNAL);
      await sink.close(id, comment('It was not seen in two scans.'), SIGNAL);
      await sink.close(id, comment('Never to be said.'), SIGNAL);
      expect(await sink.get(id, SIGNAL)).toMatchObject({ state: 'closed' });
      expect(await sink.find(wanted.marker, [], SIGNAL)).toMatchObject([{ id, state: 'closed' }]);
      await sink.reopen(id, comment('It is back.'), SIGNAL);
      await sink.reopen(id, comment('Never to be said either.'), SIGNAL);
      expect(await sink.get(id, SIGNAL)).toMatchObject({ state: 'open' });
      const { comments, open: isOpen } = await bench.held(id);
      expect(isOpen).toBe(true);
      expect(comments).toHaveLength(2);
      expect(comments.join()).not.toContain('Never to be said');
    });

    it('that is not there is said to be none, and is not written to', async () => {
      const { id } = await sink.create(draft(), SIGNAL);
      const other = id.replace(/[0-9a-f]/g, (digit) => (digit === '9' ? '8' : '9'));
      expect(await sink.get(other, SIGNAL)).toBeUndefined();
      const before = await bench.count();
      for (const write of [
        () => sink.update(other, draft(), SIGNAL),
        () => sink.comment(other, comment(), SIGNAL),
        () => sink.close(other, comment(), SIGNAL),
        () => sink.reopen(other, comment(), SIGNAL),
        () => sink.close('../../users/1', comment(), SIGNAL),
      ])
        expect(await outcomeOf(write)).toBe('refused');
      expect(await bench.count()).toBe(before);
    });

    it('shows hostile names as the text that they are, in its title, its text and its comments', async () => {
      for (const some of chunks(HOSTILE_MARKUP, bench.namesAtOnce ?? 6)) {
        const { id } = await sink.create(
          draft({
            document: {
              title: ['App ', { name: some[0]! }],
              blocks: [
                { is: 'list', items: some.map((one): Run[] => ['Called ', { name: one }, ' by its maker.']) },
                { is: 'code', text: some.join('\n') },
              ],
            },
          }),
          SIGNAL,
        );
        await sink.comment(id, comment('Renamed to ', { name: some.at(-1)! }, '.'), SIGNAL);
        const held = await bench.held(id);
        expect(held.title).toContain(bench.literal(some[0]!, 'title'));
        for (const one of some) expect(held.text).toContain(bench.literal(one, 'text'));
        expect(held.comments[0]).toContain(bench.literal(some.at(-1)!, 'text'));
      }
    });

    it('with more text than fits is made all the same, and says that there is more', async () => {
      const items = Array.from({ length: 4000 }, (_, index): Run[] => ['Held by ', { name: `person-${index}@corp.example` }]);
      const { id } = await sink.create(
        draft({ document: { title: [{ name: 'x'.repeat(5000) }], blocks: [{ is: 'list', items }] } }),
        SIGNAL,
      );
      const { text } = await bench.held(id);
      expect(text).toContain('person-1');
      expect(text).toContain('did not fit');
    });

    it('is not doubled when the answer is lost after it was made: it is unknown, and then found', async () => {
      for (const fault of ['lost_after', 'error_after', 'page'] as const) {
        const wanted = draft();
        bench.lag?.(Number.MAX_SAFE_INTEGER);
        bench.nextWrite(fault);
        expect([fault, await outcomeOf(() => sink.create(wanted, SIGNAL))]).toEqual([fault, 'unknown']);
        const early = await sink.find(wanted.marker, [], SIGNAL);
        expect(early.length).toBeLessThanOrEqual(sink.findableAfterMs === 0 ? 1 : 0);
        bench.lag?.(0);
        expect(await sink.find(wanted.marker, [], SIGNAL)).toHaveLength(1);
        // Where a second write under the same key makes no second ticket, it may be made.
        if (sink.dropsRepeats) await sink.create(wanted, SIGNAL);
        expect(await sink.find(wanted.marker, [], SIGNAL)).toHaveLength(1);
      }
    });

    it('is not made when the tracker refuses or is busy, and says which', async () => {
      const before = await bench.count();
      const outcomes: unknown[] = [];
      for (const fault of ['refused', 'throttled', 'lost_before', 'error_before', 'redirect'] as const) {
        bench.nextWrite(fault);
        outcomes.push([fault, await outcomeOf(() => sink.create(draft(), SIGNAL))]);
      }
      expect(outcomes).toEqual([
        ['refused', 'refused'],
        ['throttled', 'busy'],
        // Nobody here can tell these two from those where it was made.
        ['lost_before', 'unknown'],
        ['error_before', 'unknown'],
        ['redirect', 'refused'],
      ]);
      expect(await bench.count()).toBe(before);
    });

    it('closes once when the answer to its closing is lost, with one word', async () => {
      for (const fault of ['lost_after', 'lost_before', 'error_after'] as const) {
        const { id } = await sink.create(draft(), SIGNAL);
        const word = comment('It was not seen in two scans.');
        bench.nextWrite(fault);
        expect([fault, await outcomeOf(() => sink.close(id, word, SIGNAL))]).toEqual([fault, 'unknown']);
        await sink.close(id, word, SIGNAL);
        const held = await bench.held(id);
        expect([fault, held.open, held.comments.length]).toEqual([fault, false, 1]);
      }
    });
  });
}

/** What a call came to: its outcome, or `done`. */
export async function outcomeOf(call: () => Promise<unknown>): Promise<SinkError['outcome'] | 'done'> {
  try {
    await call();
    return 'done';
  } catch (error) {
    if (error instanceof SinkError) return error.outcome;
    throw error;
  }
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
}
