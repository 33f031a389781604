import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { shown } from '../../src/tickets/markup/shown.ts';
import { inTitle, openSink } from '../tickets/benches.ts';
import { HOSTILE_MARKUP } from '../tickets/hostile-markup.ts';
import { sinkSuite } from '../tickets/sink-suite.ts';
import { comment, draft, outcomeOf, SIGNAL, trackerCases, type Bench } from '../tickets/tracker-cases.ts';
import type { Sink } from '../../src/tickets/sink.ts';
import { startMeddler, type Meddler } from './meddler.ts';
import { installedRedmine, startRedmine, type Redmine } from './redmine.ts';

// Our simulated trackers were written by those who wrote the sinks, and may share their mistakes. Redmine was not.

const version = installedRedmine();
const held = z.object({
  issue: z.object({
    subject: z.string(),
    description: z.string().nullish(),
    project: z.object({ id: z.int() }),
    status: z.object({ is_closed: z.boolean() }),
    journals: z.array(z.object({ notes: z.string().nullish() })),
  }),
});

const newest = z.object({ issues: z.array(z.object({ id: z.int() })) });

describe.skipIf(version === undefined)(`Redmine ${version ?? '[skipped: Redmine, its SQLite or WEBrick is not installed]'}`, () => {
  let redmine: Redmine;
  let meddler: Meddler;
  let sink: Sink;
  beforeAll(async () => {
    redmine = await startRedmine();
    meddler = await startMeddler(redmine.url);
    sink = await openRedmine({ address: meddler.url });
  });
  afterAll(async () => {
    await meddler?.close();
    await redmine?.close();
  });

  function openRedmine(settings: object = {}): Promise<Sink> {
    return openSink('redmine', { address: redmine.url, project: 'security', apiKey: { env: 'KEY' }, ...settings }, redmine.key);
  }

  async function ask(path: string): Promise<Response> {
    return fetch(redmine.url + path, { headers: { 'x-redmine-api-key': redmine.key } });
  }

  async function read(id: string) {
    const { issue } = held.parse(await (await ask(`/issues/${id}.json?include=journals`)).json());
    const comments = issue.journals.map(({ notes }) => notes ?? '').filter((notes) => notes !== '');
    return {
      title: whole(issue.subject),
      text: whole(issue.description ?? ''),
      comments: comments.map(whole),
      open: !issue.status.is_closed,
    };
  }

  /** What people are shown of an issue: of its text, and of what was said below. */
  async function shownTo(id: string): Promise<{ title: string; html: string; pieces: string[] }> {
    const page = await (await ask(`/issues/${id}`)).text();
    const pieces = [...page.matchAll(/<div class="wiki[^"]*"[^>]*>([\s\S]*?)<\/div>/g)].map(([, piece]) => piece!);
    const title = /<div class="subject">\s*<div><h3>([\s\S]*?)<\/h3>/.exec(page)?.[1] ?? '';
    return { title, html: pieces.join('\n'), pieces };
  }

  trackerCases('Redmine', async (): Promise<Bench> => {
    return {
      sink,
      held: read,
      async count() {
        const answer = (await (await ask('/issues.json?project_id=security&status_id=*&limit=1')).json()) as { total_count: number };
        return answer.total_count;
      },
      // Marks are written as references: what people see is held against the names below.
      literal: (name, field) => (field === 'title' ? inTitle(name) : referenced(name)),
      namesAtOnce: 30,
      nextWrite: (fault) => meddler.nextWrite(fault),
      async close() {},
    };
  });

  sinkSuite(
    'Redmine',
    async () => ({
      sink,
      async tickets() {
        const { issues } = newest.parse(await (await ask('/issues.json?project_id=security&status_id=*&sort=id:desc&limit=3')).json());
        return Promise.all(
          issues.map(async ({ id }) => {
            const { title, text, comments, open } = await read(String(id));
            const marker = /noctule-id: (noctule-[a-z0-9-]+)/.exec(text)?.[1] ?? '';
            return { id: String(id), marker, state: open ? ('open' as const) : ('closed' as const), title, body: text, comments };
          }),
        );
      },
      closeByHand: (id) => sink.close(id, comment(), SIGNAL),
      async close() {},
    }),
    { schedules: 0 },
  );

  for (const [formatting, setting] of [
    ['textile', 'textile'],
    ['markdown', 'common_mark'],
    ['markdown', 'markdown'],
  ] as const)
    it(`shows hostile names as text when it reads ${setting}: no link, no mention, no tag, no macro`, async () => {
      redmine.setFormatting(setting);
      const writer = await openRedmine({ formatting });
      const mails = redmine.mailed().length;
      for (let start = 0; start < HOSTILE_MARKUP.length; start += 40) {
        const names = HOSTILE_MARKUP.slice(start, start + 40);
        const document = {
          title: [{ name: names[1]! }],
          blocks: [
            { is: 'list' as const, items: names.map((name) => ['Called ', { name }, ' by its maker.']) },
            ...names.map((name) => ({ is: 'paragraph' as const, runs: [{ name }, ' stands first, and last ', { name }] })),
            { is: 'code' as const, text: names.join('\n') },
            { is: 'heading' as const, text: 'After all names' },
          ],
        };
        const { id } = await writer.create(draft({ document }), SIGNAL);
        await writer.comment(id, comment('Renamed to ', { name: names[2]! }, ' last night.'), SIGNAL);
        expect(await writer.find('noctule-bbbbbbbbbbbbbbbbbbbb', [], SIGNAL)).toEqual([]);
        const { html, title } = await shownTo(id);
        expect(tagsOf(html)).toEqual(OURS[formatting]);
        expect(tagsOf(title)).toEqual([]);
        expect(textOf(title)).toContain(inTitle(names[1]!).trim().slice(0, 60));
        const text = textOf(html);
        for (const name of names) expect(text).toContain(squeezed(`Called ${delimited(name, formatting)} by its maker.`));
        expect(text).toContain('After all names');
      }
      expect(redmine.mailed().length).toBe(mails);
      // The check can fail: the same instance mails whoever is mentioned, and links what is a link.
      const open = await ask('/issues.json').then(() =>
        fetch(`${redmine.url}/issues.json`, {
          method: 'POST',
          headers: { 'x-redmine-api-key': redmine.key, 'content-type': 'application/json' },
          body: JSON.stringify({
            issue: { project_id: 'security', subject: 'x', description: 'Hello @victim, see http://attacker.example' },
          }),
        }),
      );
      const { issue } = (await open.json()) as { issue: { id: number } };
      expect(tagsOf((await shownTo(String(issue.id))).html)).toContain('a');
      expect(redmine.mailed()).toContain('victim@corp.example');
    });

  it('says when the workflow keeps a ticket as it is, and that no ticket of another project is its own', async () => {
    const before = (await read(redmine.stuck)).open;
    expect(before).toBe(false);
    await expect(sink.reopen(redmine.stuck, comment(), SIGNAL)).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('workflow'),
    });
    await expect(sink.close(redmine.foreign, comment(), SIGNAL)).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('another project'),
    });
    const elsewhere = await openRedmine({ project: 'elsewhere' });
    const wanted = draft();
    const { id } = await sink.create(wanted, SIGNAL);
    expect(await outcomeOf(() => elsewhere.close(id, comment(), SIGNAL))).toBe('refused');
    expect(await elsewhere.find(wanted.marker, [], SIGNAL)).toEqual([]);
    expect((await read(id)).open).toBe(true);
  });

  it('leaves alone what people moved to another project, says where it is, and keeps it up where that is allowed', async () => {
    const wanted = draft();
    const { id } = await sink.create(wanted, SIGNAL);
    const { project } = z.object({ project: z.object({ id: z.int() }) }).parse(await (await ask('/projects/elsewhere.json')).json());
    const moved = await fetch(`${redmine.url}/issues/${id}.json`, {
      method: 'PUT',
      headers: { 'x-redmine-api-key': redmine.key, 'content-type': 'application/json' },
      body: JSON.stringify({ issue: { project_id: project.id } }),
    });
    expect(moved.ok).toBe(true);
    expect(await sink.get(id, SIGNAL)).toMatchObject({ id, state: 'open', elsewhere: 'project Elsewhere' });
    expect(await outcomeOf(() => sink.close(id, comment(), SIGNAL))).toBe('refused');
    expect(await sink.find(wanted.marker, [id], SIGNAL)).toEqual([]);
    const wider = await openRedmine({ alsoIn: ['elsewhere'] });
    expect((await wider.get(id, SIGNAL))!.elsewhere).toBeUndefined();
    expect((await wider.find(wanted.marker, [], SIGNAL)).map((one) => one.id)).toEqual([id]);
    await wider.close(id, comment(), SIGNAL);
    expect((await read(id)).open).toBe(false);
  });

  it('refuses a key that it does not know, and a project that is not there', async () => {
    const stranger = await openSink('redmine', { address: redmine.url, project: 'security', apiKey: { env: 'KEY' } }, 'f'.repeat(40));
    expect(await outcomeOf(() => stranger.create(draft(), SIGNAL))).toBe('refused');
    const lost = await openRedmine({ project: 'nowhere' });
    expect(await outcomeOf(() => lost.create(draft(), SIGNAL))).toBe('refused');
  });
});

/** Tags that our own mark-up makes, in alphabetical order. */
const OURS = {
  textile: ['h3', 'li', 'p', 'pre', 'ul'],
  markdown: ['code', 'h3', 'li', 'p', 'pre', 'ul'],
};

/** Which tags there are, whatever stands in them. Redmine adds an anchor to each heading. */
function tagsOf(html: string): string[] {
  const own = html.replace(/<a name="[A-Za-z-]+"><\/a>|<a href="#[A-Za-z-]+" class="wiki-anchor">&para;<\/a>/g, '');
  return [...new Set([...own.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag!.toLowerCase()))].sort();
}

const REFERENCES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', nbsp: '\u00a0' };

/** What stands there to be read. */
function textOf(html: string): string {
  const bare = html
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (all, ten?: string, sixteen?: string, word?: string) => {
      if (ten) return String.fromCodePoint(Number(ten));
      if (sixteen) return String.fromCodePoint(Number.parseInt(sixteen, 16));
      return REFERENCES[word!] ?? all;
    });
  return squeezed(whole(bare));
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function whole(text: string): string {
  return text.replaceAll('\u200b', '');
}

function delimited(name: string, formatting: 'textile' | 'markdown'): string {
  return formatting === 'markdown' ? shown(name) : `\u201c${shown(name).replace(/[\u201c-\u201f]/g, '"')}\u201d`;
}

/** As Textile is written: the marks of a name as numeric references. Its letters alone are compared here. */
function referenced(name: string): string {
  return /[a-z]{3,}/i.exec(shown(name))?.[0] ?? '';
}
