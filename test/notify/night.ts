import type { Night, Notice } from '../../src/notify/notice.ts';

/** A night on which everything was read and nothing was found. */
export const QUIET: Night = {
  scan: 7,
  failure: null,
  unread: [],
  gaps: [],
  events: {},
  fresh: 0,
  findings: [],
  open: { high: 2, low: 1 },
  tickets: { waiting: 0, refused: 0 },
  audit: { number: 12, hash: 'ab'.repeat(32) },
};

export function noticeOf(night: Partial<Night> = {}): Notice {
  return {
    id: 'notice-0123456789abcdef',
    tenant: 'default',
    at: '2026-11-03T02:41:00.000Z',
    night: { ...QUIET, fresh: night.findings?.length ?? 0, ...night },
  };
}

/** A finding whose title is what somebody else chose. */
export function finding(title: string) {
  return { finding: '3fa41c02'.padEnd(64, '0'), severity: 'high', event: 'opened', title };
}

/** Names that somebody gives an app so that a notice mentions, links, formats or breaks. */
export const HOSTILE_TITLES = [
  '<!channel> <@U012AB3CD> <!here|now>',
  '<https://evil.example|Approve here>',
  '@channel @all @here @everyone',
  '`*bold*` _it_ ~no~ ```block```',
  '[Approve](https://evil.example/approve) ![x](https://evil.example/x.png)',
  'https://evil.example/approve www.evil.example mail@evil.example',
  '</b></li></ul><script>alert(1)</script><img src=x onerror=alert(1)>',
  '"><a href="https://evil.example">x</a><!--',
  '&lt;b&gt; &amp; &#x3c;script&#x3e;',
  'Tool\r\nBcc: victim@evil.example\r\n\r\nbody',
  '\n.\nMAIL FROM:<x>',
  '\u001B]8;;https://evil.example\u0007click\u001B]8;;\u0007 \u202Egpj.exe \u200B',
  'x'.repeat(5_000),
];
