import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCompiled } from '../../src/catalog/catalog.ts';
import type { Fact } from '../../src/policy/integration.ts';
import { hitsOf, type RuleId } from '../../src/policy/rules.ts';
import { standingOf, type Standing } from '../../src/policy/standing.ts';
import { catalog, grant, integration, NOW, policy, scopes, SIGNED } from './apps.ts';

const products = [...catalog.products()];
const FOREIGN = '999888777666-impostor0impostor0impostor0impost.apps.googleusercontent.com';
const rulesOf = (facts: readonly Fact[], decided: ReturnType<typeof policy>, now = NOW): RuleId[] => {
  const one = integration(facts);
  return hitsOf(one, standingOf(one, decided, now)).map(({ rule }) => rule);
};
const standing = (facts: readonly Fact[], decided: ReturnType<typeof policy>, now = NOW) => standingOf(integration(facts), decided, now).is;

const HOMOGLYPHS: Readonly<Record<string, readonly string[]>> = {
  a: ['а', 'ɑ', 'α', 'á', 'ａ'],
  c: ['с', 'ç', 'ｃ'],
  e: ['е', 'ε', 'é', '℮'],
  h: ['һ', 'ｈ'],
  i: ['і', 'ı', 'ι', '1'],
  l: ['ӏ', '1', '|', 'I'],
  o: ['о', 'ο', '0', 'ö'],
  p: ['р', 'ρ'],
  t: ['т', 'τ'],
  u: ['υ', 'ü'],
  x: ['х', 'χ'],
  y: ['у'],
};
const INVISIBLE = ['\u200b', '\u200d', '\ufeff', '\u00ad', '\u2060', '\u034f', '\u202e', '\u3164'];

/** A name as somebody writes it who wants to be taken for the product. */
function disguised(name: string): fc.Arbitrary<string> {
  const letters = Array.from(name).map((letter) =>
    fc.oneof(
      { arbitrary: fc.constantFrom(letter, letter.toUpperCase(), letter.toLowerCase()), weight: 6 },
      { arbitrary: fc.constantFrom(...(HOMOGLYPHS[letter.toLowerCase()] ?? [letter])), weight: 2 },
      { arbitrary: fc.constantFrom(...INVISIBLE).map((invisible) => `${letter}${invisible}`), weight: 1 },
    ),
  );
  const around = fc.constantFrom('', ' ', ' Plus', ' for Google Sheets', ' (official)', ' by OpenAI', '™', ' v2', ' Enterprise Inc.', '\n');
  const before = fc.constantFrom('', '', '', 'The ', 'My ', '\u202e', '"');
  return fc.tuple(before, fc.tuple(...letters), around).map(([head, middle, tail]) => `${head}${middle.join('')}${tail}`);
}

const pretended = fc.constantFrom(...products).chain((product) => disguised(product.name).map((name) => ({ product, name })));

describe('a name approves nothing', () => {
  test('an app with a foreign id is not approved by the approval of a product, for every product of the catalog under its own name', () => {
    const approved = products.filter(({ id, name }) => {
      const is = standing([grant(FOREIGN, name)], policy({ approvals: [{ product: id, ...SIGNED }] }));
      return is === 'approved' || is === 'exceeded' || is === 'expired';
    });
    expect(products.length).toBeGreaterThan(100);
    expect(approved.map(({ id }) => id)).toEqual([]);
  });

  test('nor by the home page that its maker says it has, for every product that has a domain', () => {
    const homes = Object.entries(readCompiled().claims['domain']!).flatMap(([host, ids]) =>
      [ids].flat().flatMap((id) => (/^[!?=]/.test(id) ? [] : [{ host, product: id }])),
    );
    const approved = homes.filter(({ host, product }) => {
      const app = { ...grant(FOREIGN, 'Repo helper'), signals: [{ type: 'home_page', value: host }] };
      return !['undecided', 'look-alike'].includes(standing([app], policy({ approvals: [{ product, ...SIGNED }] })));
    });
    expect(homes.length).toBeGreaterThan(500);
    expect(approved).toEqual([]);
  });

  test('nor under any disguise of it, unless the match is exact or strong', () => {
    fc.assert(
      fc.property(pretended, ({ product, name }) => {
        const one = integration([grant(FOREIGN, name)]);
        const { is } = standingOf(one, policy({ approvals: [{ product: product.id, ...SIGNED }] }), NOW);
        expect(['exact', 'strong'].includes(one.match.grade)).toBe(false);
        expect(['undecided', 'look-alike']).toContain(is);
      }),
      { numRuns: 1500 },
    );
  });

  test('nor when everything in the catalog is approved at once, by product and by the ids of other apps', () => {
    const everything = policy({ approvals: products.map(({ id }) => ({ product: id, apps: [`${id} app`], ...SIGNED })) });
    fc.assert(
      fc.property(pretended, ({ name }) => {
        expect(['undecided', 'look-alike']).toContain(standing([grant(FOREIGN, name)], everything));
      }),
      { numRuns: 300 },
    );
  });

  test('an app that the approval lists by its id is approved, whatever it calls itself', () => {
    fc.assert(
      fc.property(pretended, ({ product, name }) => {
        expect(standing([grant(FOREIGN, name)], policy({ approvals: [{ apps: [FOREIGN], ...SIGNED }] }))).toBe('approved');
        expect(standing([grant(FOREIGN, name)], policy({ approvals: [{ product: product.id, apps: [FOREIGN], ...SIGNED }] }))).toBe(
          'approved',
        );
      }),
      { numRuns: 200 },
    );
  });

  test('an app that is known by its id is approved by the approval of its product, whatever it calls itself', () => {
    const client = '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com';
    const known = integration([grant(client, 'whatever')]).match;
    expect(known.grade).toBe('exact');
    fc.assert(
      fc.property(pretended, ({ name }) => {
        expect(standing([grant(client, name)], policy({ approvals: [{ product: known.product!, ...SIGNED }] }))).toBe('approved');
      }),
      { numRuns: 200 },
    );
  });

  test('what calls itself like an approved product is a look-alike of it', () => {
    const decided = policy({ approvals: [{ product: 'openai/chatgpt', apps: ['the real one'], ...SIGNED }] });
    for (const name of ['ChatGPT', 'chatgpt', 'СhatGРТ', 'Chat\u200bGPT', 'ChatGPT Enterprise', 'ChatGPT by OpenAI'])
      expect(rulesOf([grant(FOREIGN, name)], decided), name).toEqual(['look-alike-of-approved']);
    expect(rulesOf([grant('the real one', 'ChatGPT')], decided)).toEqual([]);
  });

  test('a denial by product reaches the look-alikes too: a name is enough to be denied', () => {
    const decided = policy({ denials: [{ product: 'openai/chatgpt', reason: 'no' }] });
    expect(standing([grant(FOREIGN, 'ChatGPT')], decided)).toBe('denied');
    expect(standing([grant(FOREIGN, 'Zoom')], decided)).toBe('undecided');
  });

  test('a denial stands above every approval', () => {
    const decided = policy({ approvals: [{ apps: [FOREIGN], ...SIGNED }], denials: [{ apps: [FOREIGN], reason: 'no' }] });
    expect(rulesOf([grant(FOREIGN, 'ChatGPT')], decided)).toEqual(['denied-ai-tool']);
  });
});

describe('an approval', () => {
  const CLIENT = 'client-1';
  const app = (permissions: string[], more: Partial<Fact> = {}) => grant(CLIENT, 'ChatGPT', { permissions, ...more });
  const approve = (limits: object) => policy({ approvals: [{ product: 'openai/chatgpt', apps: [CLIENT], ...limits, ...SIGNED }] });

  test('holds to the end of its last day, in UTC, and is expired from the next moment on', () => {
    const decided = approve({ expires: '2026-11-02' });
    const at = (time: string) => rulesOf([app(scopes('openid'))], decided, new Date(time));
    expect([
      at('2026-11-01T12:00:00Z'),
      at('2026-11-02T23:59:59.999Z'),
      at('2026-11-03T00:00:00Z'),
      at('2026-11-03T00:30:00+02:00'),
    ]).toEqual([[], [], ['approval-expired'], []]);
  });

  test('covers beyond its day of review, in UTC, and asks for the review from the next moment on', () => {
    const decided = approve({ review: '2026-11-02' });
    const at = (time: string) => rulesOf([app(scopes('openid'))], decided, new Date(time));
    expect([
      at('2026-11-01T12:00:00Z'),
      at('2026-11-02T23:59:59.999Z'),
      at('2026-11-03T00:00:00Z'),
      at('2036-01-01T00:00:00Z'),
      at('2026-11-03T00:30:00+02:00'),
    ]).toEqual([[], [], ['review-due'], ['review-due'], []]);
  });

  test('that is due for review says so only where nothing graver holds, and no other approval covers', () => {
    const due = { review: '2026-01-01' };
    const openid = [app(scopes('openid'))];
    expect(rulesOf([app(scopes('drive'))], approve({ ...due, ceiling: { data: {} } }))).toEqual(['approval-exceeded']);
    expect(rulesOf(openid, approve({ ...due, expires: '2026-02-01' }))).toEqual(['approval-expired']);
    const both = [due, {}].map((limits) => ({ apps: [CLIENT], ...limits, ...SIGNED }));
    for (const approvals of [both, both.toReversed()]) expect(rulesOf(openid, policy({ approvals }))).toEqual([]);
    expect(rulesOf(openid, policy({ approvals: [both[0]!], denials: [{ apps: [CLIENT], reason: 'no' }] }))).toEqual(['denied-ai-tool']);
  });

  test('that has expired does not stand in the way of another that is in force', () => {
    const both = [{ expires: '2020-01-01' }, { expires: '2030-01-01' }].map((limits) => ({ apps: [CLIENT], ...limits, ...SIGNED }));
    expect(standing([app([])], policy({ approvals: both }))).toBe('approved');
    expect(standing([app([])], policy({ approvals: both.toReversed() }))).toBe('approved');
  });

  test('without a ceiling covers whatever the app may do', () => {
    expect(standing([app(scopes('openid', 'gmail.modify', 'drive', 'admin.directory.user'))], approve({}))).toBe('approved');
  });

  test('with a ceiling covers what it names, up to what it names, and nothing else but name and address', () => {
    const decided = approve({ ceiling: { data: { files: 'read', calendar: 'write' } } });
    const verdict = (...names: string[]) => standing([app(scopes(...names))], decided);
    expect([
      verdict('openid', 'userinfo.email', 'userinfo.profile'),
      verdict('openid', 'drive.readonly'),
      verdict('drive.readonly', 'calendar'),
      verdict('calendar.readonly'),
      verdict('drive'),
      verdict('gmail.readonly'),
      verdict('openid', 'this.is.no.scope.that.anybody.knows'),
    ]).toEqual(['approved', 'approved', 'approved', 'approved', 'exceeded', 'exceeded', 'exceeded']);
  });

  test('with an empty ceiling covers signing in alone', () => {
    const decided = approve({ ceiling: { data: {} } });
    expect([standing([app(scopes('openid'))], decided), standing([app(scopes('openid', 'drive.readonly'))], decided)]).toEqual([
      'approved',
      'exceeded',
    ]);
  });

  test('says what exceeds it', () => {
    const decided = approve({
      ceiling: { data: { files: 'read' }, permissions: scopes('drive.readonly', 'drive') },
      population: { most: 1 },
    });
    const facts = [app(scopes('drive', 'gmail.readonly')), app([], { thing: 'grant/2', principal: { id: '2', name: 'bela', traits: [] } })];
    const found = standingOf(integration(facts), decided, NOW);
    expect(found.is === 'exceeded' && [...found.excess].sort()).toEqual([
      '2 holders, approved for 1',
      'files: write, approved for read',
      'mail: read, approved for nothing',
      'permission https://www.googleapis.com/auth/gmail.readonly',
    ]);
  });

  test('is no narrower for a wider ceiling: more may be allowed, never less', () => {
    const ALL = [
      'openid',
      'drive.readonly',
      'drive',
      'gmail.readonly',
      'gmail.modify',
      'calendar.readonly',
      'calendar',
      'contacts.readonly',
    ];
    const data = fc.dictionary(fc.constantFrom('files', 'mail', 'calendar', 'contacts'), fc.constantFrom('read', 'write', 'admin'), {
      noNullPrototype: true,
    });
    const POWER = { read: 1, write: 2, admin: 3 } as Readonly<Record<string, number>>;
    fc.assert(
      fc.property(fc.subarray(ALL), data, data, (names, one, other) => {
        const wider = { ...one };
        for (const [kind, access] of Object.entries(other))
          if ((POWER[access] ?? 0) > (POWER[wider[kind] ?? ''] ?? 0)) wider[kind] = access;
        const narrow = standing([app(scopes(...names))], approve({ ceiling: { data: one } }));
        const wide = standing([app(scopes(...names))], approve({ ceiling: { data: wider } }));
        expect(narrow === 'approved' && wide !== 'approved').toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('holds in the connectors and accounts that it names, and nowhere else', () => {
    const where = (limits: object) => standing([app([])], approve(limits));
    expect([
      where({ connectors: ['google-workspace'] }),
      where({ connectors: ['github'] }),
      where({ accounts: ['C01'] }),
      where({ accounts: ['C0'] }),
      where({ connectors: ['google-workspace', 'github'], accounts: ['C02', 'C01'] }),
    ]).toEqual(['approved', 'undecided', 'approved', 'undecided', 'approved']);
  });

  test('that is added takes back no approval, lifts no denial, and adds no finding but that this app exceeds, outlived or imitates it, or that it is due for review', () => {
    const target = fc.record(
      {
        product: fc.constantFrom('openai/chatgpt', 'anthropic/claude', 'otter/otter'),
        apps: fc.constantFrom([CLIENT], ['other'], [CLIENT, 'other']),
        connectors: fc.constantFrom(['google-workspace'], ['github']),
      },
      { requiredKeys: [] },
    );
    const entry = fc
      .record({
        target,
        expires: fc.constantFrom(undefined, '2020-01-01', '2030-01-01'),
        review: fc.constantFrom({}, { review: '2020-01-01' }, { review: '2030-01-01' }, { reviewed: '2026-10-01', reviewEvery: 30 }),
        stage: fc.constantFrom(undefined, 'probation', 'approved'),
        ceiling: fc.constantFrom(undefined, { data: {} }, { data: { files: 'read' } }),
      })
      .filter(({ target: { product, apps } }) => product !== undefined || apps !== undefined)
      .map(({ target: about, expires, review, stage, ceiling }) => ({
        ...about,
        ...(expires && { expires }),
        ...review,
        ...(stage && (expires || stage === 'approved') && { stage }),
        ...(ceiling && { ceiling }),
        ...SIGNED,
      }));
    const denial = target
      .filter(({ product, apps }) => product !== undefined || apps !== undefined)
      .map((about) => ({ ...about, reason: 'no' }));
    const FURTHER: Readonly<Record<Standing['is'], readonly Standing['is'][]>> = {
      denied: ['denied'],
      approved: ['approved'],
      'review-due': ['review-due', 'approved'],
      exceeded: ['exceeded', 'review-due', 'approved'],
      // Of two that have ended, the one that ended last is told.
      expired: ['expired', 'probation-over', 'exceeded', 'review-due', 'approved'],
      'probation-over': ['probation-over', 'expired', 'exceeded', 'review-due', 'approved'],
      'look-alike': ['look-alike', 'expired', 'probation-over', 'exceeded', 'review-due', 'approved'],
      undecided: ['undecided', 'look-alike', 'expired', 'probation-over', 'exceeded', 'review-due', 'approved'],
    };
    const RAISED = new Set<RuleId>(['approval-exceeded', 'approval-expired', 'probation-over', 'review-due', 'look-alike-of-approved']);
    const name = fc.constantFrom('ChatGPT', 'Claude', 'Otter.ai', 'Zoom', 'Some GPT helper', 'Calendly');
    const left = fc.constantFrom('active' as const, 'suspended' as const);
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 3 }),
        fc.array(denial, { maxLength: 1 }),
        entry,
        name,
        left,
        (approvals, denials, added, called, status) => {
          const facts = [grant(CLIENT, called, { principal: { id: '1', name: 'ada', traits: [], standing: status } })];
          const before = policy({ approvals, denials });
          const after = policy({ approvals: [...approvals, added], denials });
          const was = standing(facts, before);
          const is = standing(facts, after);
          expect(FURTHER[was], `${was} -> ${is}`).toContain(is);
          const [old, now] = [new Set(rulesOf(facts, before)), rulesOf(facts, after)];
          const news = now.filter((rule) => !old.has(rule));
          expect(news.filter((rule) => !RAISED.has(rule))).toEqual([]);
          // Where nothing was to be decided before, only an approval that names this very app can raise a question.
          const decisions = (rules: Iterable<RuleId>) =>
            [...rules].filter((rule) => rule !== 'leaver-holds-grant' && rule !== 'never-expiring-ai-key');
          const imitatesOutOfNothing = decisions(old).length === 0 && news.includes('look-alike-of-approved');
          expect(imitatesOutOfNothing).toBe(false);
          expect(decisions(now).length).toBeLessThanOrEqual(1);
          // Where something was to be decided, an approval never adds to it; out of nothing, only its own end and limits speak.
          const ownLimits = added.expires !== undefined || added.ceiling !== undefined || 'review' in added || 'reviewEvery' in added;
          expect(decisions(now).length > decisions(old).length && !ownLimits).toBe(false);
          expect(decisions(old).length > 0 && decisions(now).length > decisions(old).length).toBe(false);
        },
      ),
      { numRuns: 1500 },
    );
  });
});
