import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citedBy } from '../../src/policy/citations.ts';
import type { FindingBody } from '../../src/policy/findings.ts';
import type { RuleId } from '../../src/policy/rule-list.ts';
import { documentOf } from '../../src/tickets/body.ts';
import type { Block } from '../../src/tickets/document.ts';
import { adf, type AdfNode } from '../../src/tickets/markup/adf.ts';
import { GITHUB, markdown, REDMINE_MARKDOWN } from '../../src/tickets/markup/markdown.ts';
import { MAIL, plain, SERVICENOW } from '../../src/tickets/markup/plain.ts';
import { shown, titleLine } from '../../src/tickets/markup/shown.ts';
import { slack } from '../../src/tickets/markup/slack.ts';
import { textile } from '../../src/tickets/markup/textile.ts';
import type { DecidedFinding } from '../../src/tickets/world.ts';
import { HOSTILE_MARKUP } from './hostile-markup.ts';
import { hostileText } from './hostile-text.ts';

/** What no text may do, whoever wrote the name: checked for each name of the list, and for others that nobody thought of. */
function forEveryName(check: (name: string) => void): void {
  for (const name of HOSTILE_MARKUP) check(name);
  fc.assert(fc.property(hostileText, check), { numRuns: 2_000 });
}

function around(name: string): Block[] {
  return [{ is: 'paragraph', runs: ['The app ', { name }, ' may read mail.'] }];
}

const ALL: readonly Block[] = [
  { is: 'heading', text: 'What & why' },
  { is: 'paragraph', runs: ['The app ', { name: 'Write_Helper *beta* `x`' }, ' may read all mail: 1 < 2.'] },
  { is: 'list', items: [['Granted by ', { name: 'ada@corp.example' }], ['Seen.']] },
  { is: 'code', text: '{\n  "app": "<1234>"\n}' },
];

describe('the whole of a document', () => {
  it('as Markdown', () => {
    expect(markdown(ALL, GITHUB, 'noctule-id: noctule-x')).toBe(
      [
        '### What \\& why',
        'The app ``Write_Helper *beta* `x` `` may read all mail: 1 \\< 2.'.replace('``W', '`` W'),
        '- Granted by `ada@corp.example`\n- Seen.',
        '```\n{\n  "app": "<1234>"\n}\n```',
        'noctule-id: noctule-x',
      ].join('\n\n'),
    );
  });

  it('as Textile', () => {
    expect(textile(ALL, 'noctule-id: noctule-x')).toBe(
      [
        'h3. What &#38; why',
        'The app \u201cWrite_Helper &#42;beta&#42; &#96;x&#96;\u201d may read all mail: 1 &#60; 2.',
        '* Granted by \u201cada&#64;corp.example\u201d\n* Seen.',
        '<pre>\n{\n  "app": "<1234>"\n}\n</pre>',
        'noctule-id: noctule-x',
      ].join('\n\n'),
    );
  });

  it('as a document of Atlassian', () => {
    expect(adf(ALL, 'noctule-id: noctule-x')).toEqual({
      version: 1,
      type: 'doc',
      content: [
        { type: 'heading', attrs: { level: 3 }, content: [{ type: 'text', text: 'What & why' }] },
        {
          type: 'paragraph',
          content: [
            { type: 'text', text: 'The app ' },
            { type: 'text', text: 'Write_Helper *beta* `x`', marks: [{ type: 'code' }] },
            { type: 'text', text: ' may read all mail: 1 < 2.' },
          ],
        },
        {
          type: 'bulletList',
          content: [
            {
              type: 'listItem',
              content: [
                {
                  type: 'paragraph',
                  content: [
                    { type: 'text', text: 'Granted by ' },
                    { type: 'text', text: 'ada@corp.example', marks: [{ type: 'code' }] },
                  ],
                },
              ],
            },
            { type: 'listItem', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Seen.' }] }] },
          ],
        },
        { type: 'codeBlock', content: [{ type: 'text', text: '{\n  "app": "<1234>"\n}' }] },
        { type: 'paragraph', content: [{ type: 'text', text: 'noctule-id: noctule-x' }] },
      ],
    });
  });

  it('as plain text', () => {
    expect(plain(ALL, MAIL, 'noctule-id: noctule-x')).toBe(
      [
        'WHAT & WHY',
        'The app \u201cWrite_Helper *beta* `x`\u201d may read all mail: 1 < 2.',
        '- Granted by \u201cada@\u200bcorp.example\u201d\n- Seen.',
        '    {\n      "app": "<1234>"\n    }',
        'noctule-id: noctule-x',
      ].join('\n\n'),
    );
  });

  it('as mrkdwn of Slack', () => {
    expect(slack(ALL, 'Sent by Noctule')).toBe(
      [
        '*What &amp; why*',
        'The app `Write_Helper *beta* \u02cbx\u02cb` may read all mail: 1 &lt; 2.',
        '• Granted by `ada@\u200bcorp.example`\n• Seen.',
        '```\n{\n  "app": "&lt;1234&gt;"\n}\n```',
        'Sent by Noctule',
      ].join('\n\n'),
    );
  });
});

describe('a name, whatever is in it', () => {
  it('is one visible line', () => {
    forEveryName((name) => {
      expect(shown(name)).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u);
    });
  });

  it('is one code span of Markdown, by the rule of the specification', () => {
    forEveryName((name) => {
      const line = markdown(around(name), GITHUB, 'end').split('\n\n')[0]!;
      expect(codeSpans(line)).toEqual({ codes: [shown(name)], rest: 'The app  may read mail.' });
    });
  });

  it('is words, spaces and references in Textile, and nothing that opens a mark', () => {
    forEveryName((name) => {
      const line = textile(around(name), 'end').split('\n\n')[0]!;
      const [, inside] = /^The app \u201c([\s\S]*)\u201d may read mail\.$/.exec(line)!;
      const words = inside!.replace(/&#(?:82|114);(?=\d)/g, 'x').replace(/&#\d+;/g, '\u00a4');
      // Marks stand within words alone, where Redmine reads none; and no word is a revision.
      expect(words.replace(/(?<=[a-z0-9])[._-](?=[a-z0-9])/gi, '')).not.toMatch(/[!-/:-@[-`{-~]|r\d/i);
      expect(words).not.toMatch(/www\./i);
    });
  });

  it('ends no literal lines of Textile, and is no macro there', () => {
    forEveryName((name) => {
      const text = textile([{ is: 'code', text: name }], 'end');
      expect(text.match(/<\/?(?:code|pre|kbd|notextile|redpre)\b/gi)).toEqual(['<pre', '</pre']);
      expect(text).not.toContain('{{');
    });
  });

  it('ends no literal lines of Markdown', () => {
    forEveryName((name) => {
      const [open, ...lines] = markdown([{ is: 'code', text: name }], GITHUB, 'end').split('\n');
      const close = lines.slice(0, -2).filter((line) => new RegExp(`^ {0,3}\`{${open!.length},}\\s*$`).test(line));
      expect(open).toMatch(/^`{3,}$/);
      expect(close).toEqual([open]);
    });
  });

  it('is one text node in a document of Atlassian, and no node is of another kind', () => {
    forEveryName((name) => {
      const document = adf([...around(name), { is: 'code', text: name }], 'end');
      expect(document.content[0]!.content![1]).toEqual({ type: 'text', text: shown(name), marks: [{ type: 'code' }] });
      const all = [...nodes(document.content)];
      expect(new Set(all.map(({ type }) => type))).toEqual(new Set(['paragraph', 'codeBlock', 'text']));
      expect(all.filter(({ text }) => text === '')).toEqual([]);
    });
  });

  it('neither mentions nor links nor opens a tag in plain text, and cannot close its quotation marks', () => {
    forEveryName((name) => {
      for (const field of [MAIL, SERVICENOW]) {
        const text = plain([...around(name), { is: 'code', text: name }], field, 'end');
        expect(text).not.toMatch(/:\/\/|\bwww\.|@\[|\[\/?code/i);
        expect(text.match(/[\u201c\u201d]/g)!.slice(0, 2)).toEqual(['\u201c', '\u201d']);
      }
      expect(plain(around(name), MAIL, 'end')).not.toMatch(/@(?!\u200b)/);
    });
  });

  it('opens neither a mention nor a link nor a command in mrkdwn', () => {
    forEveryName((name) => {
      const text = slack([...around(name), { is: 'code', text: name }]);
      expect(text.replace(/&(?:amp|lt|gt);/g, '')).not.toMatch(/[<>&]/);
      expect(text).not.toMatch(/:\/\/|@(?!\u200b)/);
      expect(text.match(/`+/g)).toEqual(['`', '`', '```', '```']);
    });
  });

  it('mentions nobody in the source of Redmine, which is where it looks', () => {
    forEveryName((name) => {
      const blocks: Block[] = [...around(name), { is: 'code', text: name }, ...around(name), { is: 'code', text: '@victim' }];
      // As lib/redmine/acts/mentionable.rb of Redmine 5.0 does it, and stricter: any letter after the sign would do.
      const markdownLeft = markdown(blocks, REDMINE_MARKDOWN, 'end').replace(/(~~~|```)(.*?)(~~~|```)/gs, '');
      const textileLeft = textile(blocks, 'end').replace(/<pre>(.*?)<\/pre>/gs, '');
      for (const left of [markdownLeft, textileLeft]) expect(left).not.toMatch(/@[A-Za-z0-9_.-]|\{\{/);
    });
  });

  it('holds none of the marks by which tickets and comments are found', () => {
    forEveryName((name) => {
      const blocks: Block[] = [...around(name), { is: 'list', items: [[{ name }]] }, { is: 'code', text: name }];
      const texts = [
        markdown(blocks, GITHUB, 'end'),
        markdown(blocks, REDMINE_MARKDOWN, 'end'),
        textile(blocks, 'end'),
        JSON.stringify(adf(blocks, 'end')),
        plain(blocks, SERVICENOW, 'end'),
        slack(blocks, 'end'),
      ];
      for (const text of texts) expect(text).not.toMatch(/noctule-(?:id|note)/i);
    });
  });

  it('makes a title of one line that mentions nobody, is no address, and is not too long', () => {
    forEveryName((name) => {
      const title = titleLine(['Unapproved: ', { name }], 120);
      expect(title.length).toBeLessThanOrEqual(120);
      expect(title).not.toMatch(/[\p{Cc}\u2028\u2029]|@(?!\u200b)|:\/\/|\bwww\./iu);
      expect(title.isWellFormed()).toBe(true);
    });
  });
});

describe('more than fits', () => {
  const items = Array.from({ length: 3_000 }, (_, index) => [`Person ${index} of a long list of people`]);
  const blocks: readonly Block[] = [
    { is: 'paragraph', runs: ['First.'] },
    { is: 'list', items },
    { is: 'paragraph', runs: ['Last.'] },
  ];

  it('is cut within a list, and says so', () => {
    const texts = {
      markdown: markdown(blocks, { most: 5_000 }, 'end'),
      servicenow: plain(blocks, SERVICENOW, 'end'),
      textile: textile(blocks, 'end'),
      adf: JSON.stringify(adf(blocks, 'end')),
      slack: slack(blocks, 'end'),
    };
    expect(texts.markdown.length).toBeLessThanOrEqual(5_000);
    expect(texts.servicenow.length).toBeLessThanOrEqual(3_900);
    expect(texts.textile.length).toBeLessThanOrEqual(60_000);
    expect(texts.adf.length).toBeLessThanOrEqual(32_000);
    expect(texts.slack.length).toBeLessThanOrEqual(39_000);
    for (const text of Object.values(texts)) {
      for (const words of ['First.', 'Person 9 of', 'did not fit', 'end']) expect(text).toContain(words);
      expect(text).not.toContain('Last.');
    }
  });
});

describe.each(['approval', 'keys', 'incident'] as const)('ten findings of long names in one ticket of %s', (group) => {
  const FULL: Readonly<Record<typeof group, readonly RuleId[]>> = {
    approval: ['unapproved-ai-tool', 'over-privileged-ai', 'mixed-powers', 'entitlement-drift'],
    keys: ['old-ai-key', 'never-expiring-ai-key', 'standing-key-reaches-ai'],
    incident: ['exposed-key', 'leaked-ai-secret', 'known-compromised'],
  };
  const long = 'Wörter & <Zeichen> @all `x` '.repeat(12);
  const told = Array.from({ length: 10 }, (_, index) => {
    const rules = FULL[group];
    return findingOf(rules[index % rules.length]!, `${long}${index}`, group === 'approval' && index % 2 === 0);
  });
  const { blocks } = documentOf({ group }, told, null);
  const headings = blocks.flatMap((block) => (block.is === 'heading' ? [block.text] : []));
  const frameworks = [...new Set(told.flatMap(({ rule }) => citedBy(rule).map(({ id }) => id)))];
  const footer = `Audit trail of Noctule: event 1234, head ${'a'.repeat(64)}\nnoctule-id: noctule-${'a'.repeat(20)}`;
  const texts = {
    markdown: markdown(blocks, GITHUB, footer),
    'markdown in a small field': markdown(blocks, { most: 3_900 }, footer),
    'redmine, small': markdown(blocks, { ...REDMINE_MARKDOWN, most: 3_900 }, footer),
    servicenow: plain(blocks, SERVICENOW, footer),
    textile: textile(blocks, footer),
    adf: JSON.stringify(adf(blocks, footer)),
    slack: slack(blocks, footer),
  };

  it.each(Object.entries(texts))('as %s keep every heading, what to do and which controls are meant', (name, text) => {
    const most = { markdown: 65_000, textile: 60_000, adf: 32_000, slack: 39_000 }[name] ?? 3_900;
    expect(text.length).toBeLessThanOrEqual(most);
    for (const heading of headings) expect(text.toLowerCase()).toContain(heading.toLowerCase());
    expect(text).toContain('Ask who needs it');
    const lines = text.replaceAll('\\', '').replaceAll('\u200b', '').replaceAll('&#45;', '-');
    expect(frameworks.filter((id) => !lines.includes(id))).toEqual([]);
  });

  it('holds one entry of the policy that can be copied', () => {
    const entries = texts.servicenow.split('\n').filter((line) => line.startsWith('    {'));
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) expect(() => JSON.parse(entry) as unknown).not.toThrow();
  });
});

function findingOf(rule: RuleId, name: string, isApprovable: boolean): DecidedFinding {
  const target = {
    apps: [`client-${name.length}-${'0123456789'.repeat(7)}.apps.example`],
    connectors: ['google-workspace'],
    accounts: ['C01'],
  };
  const body: FindingBody = {
    why: 'It has access.',
    details: Array.from({ length: 5 }, (_, index) => `${name} ${index}`),
    match: { grade: 'likely', reasons: [name, name, name], flags: [] },
    can: Array.from({ length: 12 }, (_, index) => `${index} ${name}`),
    holders: { count: 40, some: Array.from({ length: 5 }, (_, index) => `${index} ${name}`), leavers: 1, administrators: 2 },
    things: { count: 40, unverified: 0 },
    since: 'unknown',
    lastUsed: 'unknown',
    risk: [],
    taken: 'unknown',
    remedy: 'Ask who needs it, take it away where nobody does, and let each of the others have what the task needs and no more than that.',
    approve: {
      ...target,
      ceiling: { data: { files: 'read', mail: 'read' } },
      owner: 'WHO ANSWERS FOR IT',
      approver: 'WHO',
      reason: 'WHY',
      expires: 'YYYY-MM-DD',
    },
    deny: { ...target, reason: 'WHY' },
    settledBy: isApprovable ? ['approval', 'denial'] : [],
  };
  return {
    key: 'f'.repeat(24) + String(name.length).padStart(8, '0'),
    connector: 'google-workspace',
    account: name,
    rule,
    appId: name,
    product: null,
    severity: 'high',
    rank: 1,
    state: 'open',
    body: JSON.stringify(body),
    firstScan: 1,
    stateScan: 1,
    unverifiedSince: '2026-11-02T02:00:00.000Z',
    readGone: 0,
    appName: name,
    appState: 'present',
    appGrade: 'likely',
    appBody: null,
  };
}

/** Code spans as CommonMark 0.31.2 defines them (section 6.1): a run of backticks is closed by the next run of the same length. */
function codeSpans(line: string): { codes: string[]; rest: string } {
  const codes: string[] = [];
  let rest = '';
  for (let at = 0; at < line.length;) {
    if (line[at] === '\\') {
      rest += line[at + 1];
      at += 2;
      continue;
    }
    const run = /^`+/.exec(line.slice(at))?.[0];
    if (run === undefined) {
      rest += line[at];
      at += 1;
      continue;
    }
    const close = [...line.slice(at + run.length).matchAll(/`+/g)].find(([one]) => one === run);
    if (!close) return { codes, rest: rest + line.slice(at) };
    const inner = line.slice(at + run.length, at + run.length + close.index);
    codes.push(/^ .*[^ ].* $/s.test(inner) ? inner.slice(1, -1) : inner);
    at += run.length * 2 + close.index;
  }
  return { codes, rest };
}

function* nodes(content: readonly AdfNode[]): Generator<AdfNode> {
  for (const node of content) {
    yield node;
    yield* nodes(node.content ?? []);
  }
}
