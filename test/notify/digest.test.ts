import { describe, expect, test } from 'vitest';
import { documentOf, subjectOf } from '../../src/notify/digest.ts';
import { htmlText, plainText, slackText } from '../../src/notify/markup.ts';
import { hasNews } from '../../src/notify/notice.ts';
import { finding, HOSTILE_TITLES, noticeOf, QUIET } from './night.ts';

const GAP = { source: 'github', collector: 'members', reason: 'permission_denied', places: 3, isNew: true };
const UNREAD = { source: 'workspace', message: 'The credential was refused', scan: 7, readSince: false };

describe('what a night is told by', () => {
  test('is one page: what was found, what is open, and the head of the audit trail', () => {
    const text = plainText(
      documentOf(
        noticeOf({
          events: { opened: 1, returned: 1, resolved: 4 },
          findings: [finding('ChatGPT'), { ...finding('Claude'), event: 'returned' }],
        }),
      ),
    );
    expect(text).toBe(`2 new findings
--------------

- high: “ChatGPT” (noctule show 3fa41c02)
- high, returned: “Claude” (noctule show 3fa41c02)

Of earlier ones: 4 resolved.

Open findings: 3 (2 high, 1 low).

Scan 7. Audit trail: event 12, ${'ab'.repeat(32)}. Notice notice-0123456789abcdef.
`);
  });

  test('says which tickets wait or were refused, and nothing where none does', () => {
    const told = (tickets: { waiting: number; refused: number } | null) => plainText(documentOf(noticeOf({ tickets })));
    expect(told({ waiting: 2, refused: 1 })).toContain(
      'Tickets, from before this scan: 2 writes wait, 1 was refused. `noctule tickets status` says why.',
    );
    expect(told({ waiting: 0, refused: 2 })).toContain('Tickets, from before this scan: 2 were refused.');
    for (const none of [{ waiting: 0, refused: 0 }, null]) expect(told(none)).not.toContain('Tickets');
  });

  test('counts what it lists: what nobody has to look at any more, and what came back twice, is not counted again', () => {
    const notice = noticeOf({ events: { opened: 20, returned: 1, reopened: 1 }, fresh: 12, findings: Array(10).fill(finding('ChatGPT')) });
    expect(subjectOf(notice)).toContain('12 new findings, 3 open');
    const text = plainText(documentOf(notice));
    expect(text).toMatch(/^12 new findings\n/);
    expect(text).toContain('… and 2 more');
  });

  test('says what could not be read before any finding, in the subject and in every form', () => {
    const notice = noticeOf({ unread: [UNREAD], gaps: [GAP], events: { opened: 1 }, findings: [finding('ChatGPT')] });
    expect(subjectOf(notice)).toBe('Noctule (default): 1 source unread, 3 places unread, 1 new finding, 3 open');
    for (const text of [plainText, htmlText, slackText].map((write) => write(documentOf(notice)))) {
      expect(text.indexOf('nothing was read')).toBeGreaterThan(-1);
      expect(text.indexOf('nothing was read')).toBeLessThan(text.indexOf('ChatGPT'));
      expect(text.indexOf('members: 3 places, permission denied, new')).toBeLessThan(text.indexOf('ChatGPT'));
    }
  });

  test('says of a source that was read since that it was not, and in which scan', () => {
    const text = plainText(documentOf(noticeOf({ unread: [{ ...UNREAD, scan: 6, readSince: true }] })));
    expect(text).toContain('- workspace: nothing was read in scan 6, and it was read since. “The credential was refused”');
  });

  test('says why a night ended without a scan, and calls nothing quiet', () => {
    const notice = noticeOf({ scan: null, failure: 'noctule.db is locked by another process' });
    expect(subjectOf(notice)).toBe('Noctule (default): the night ended without a scan');
    expect(plainText(documentOf(notice))).not.toMatch(/No new findings|Open findings/);
  });

  test('a night has news where anything moved, failed, or could not be read for the first time', () => {
    expect(hasNews(QUIET)).toBe(false);
    expect(hasNews({ ...QUIET, gaps: [{ ...GAP, isNew: false }] })).toBe(false);
    for (const news of [{ gaps: [GAP] }, { unread: [UNREAD] }, { events: { resolved: 1 } }, { failure: 'x' }])
      expect(hasNews({ ...QUIET, ...news }), JSON.stringify(news)).toBe(true);
  });
});

describe('a name that somebody else chose', () => {
  const forms = HOSTILE_TITLES.map((title) => {
    const document = documentOf(
      noticeOf({ unread: [{ ...UNREAD, message: title }], events: { opened: 1 }, findings: [finding(title)], failure: title }),
    );
    return { title, slack: slackText(document), html: htmlText(document), plain: plainText(document) };
  });

  test('neither mentions, links nor formats in a channel', () => {
    for (const { title, slack } of forms) {
      // Of the sign that begins a mention or a link, none is left; what is quoted stands in spans of code on one line.
      expect(slack, title).not.toMatch(/[<>]/);
      expect(slack, title).not.toMatch(/@(?!\u200B)/);
      const outside = slack.replaceAll(/`[^`\n]*`/g, '');
      expect(outside, title).not.toContain('`');
      expect(outside, title).not.toMatch(/evil|channel|script|Bcc/);
    }
  });

  test('is text in a page: there is no tag that is not ours, and nothing that a mail program makes a link of', () => {
    const own = /<(!doctype html|html lang="en"|head|meta charset="utf-8"|\/?(?:head|body|html|h3|p|ul|li|b|pre))>/g;
    for (const { title, html } of forms) {
      const rest = html.replaceAll(own, '');
      expect(rest, title).not.toMatch(/[<>"']/);
      expect(rest, title).not.toMatch(/https?:\/\/|www\.\w|\w@\w|\w\.example/);
    }
  });

  test('stays on its line of a text, within its length, without anything that a terminal acts on', () => {
    for (const { title, plain } of forms) {
      expect(plain, title).not.toMatch(/https?:\/\/|www\.\w|\w@\w/);
      expect(
        plain
          .replaceAll('\n', '')
          .replaceAll('\u2060', '')
          .match(/[\p{Cc}\p{Cf}]/gu),
        title,
      ).toBeNull();
      expect(Math.max(...plain.split('\n').map((line) => line.length)), title).toBeLessThan(700);
      expect(
        plain.split('\n').filter((line) => /^(Bcc|MAIL FROM|\.)/.test(line)),
        title,
      ).toEqual([]);
    }
  });

  test('never stands in a subject', () => {
    for (const title of HOSTILE_TITLES)
      expect(
        subjectOf(
          noticeOf({
            events: { opened: 1 },
            findings: [finding(title)],
            unread: [{ source: 'github', message: title, scan: 7, readSince: false }],
          }),
        ),
      ).toBe('Noctule (default): 1 source unread, 1 new finding, 3 open');
  });
});
