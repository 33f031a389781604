import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { match } from '../../src/catalog/match.ts';
import { BRAIN, decided, matched, UNKNOWN, type Told } from './invented.ts';

describe('a grade', () => {
  test.each([
    ['oauth_client_id', 'brain-client'],
    ['github_app_id', '11'],
    ['bot_user_id', '12'],
    ['extension_id', 'abcdefgh'],
    ['aws_account_id', '123456789012'],
    ['credential_service', 'brain.example.com'],
    ['github_product', 'brain'],
  ])('is exact for an id that is given once and never again: %s', (type, value) => {
    expect(matched([type, value])).toEqual({
      verdict: 'ai',
      grade: 'exact',
      ...BRAIN,
      candidates: ['acme/brain'],
      reasons: [{ signal: { type, value }, grade: 'exact', speaksFor: 'acme/brain', why: `${type} ${value}` }],
      flags: [],
    });
  });

  test.each([
    ['github_app', 'brain-app', 'github_app brain-app'],
    ['bot_login', 'brain[bot]', 'bot_login brain[bot]'],
    ['package', 'npm:brain', 'package npm:brain'],
    ['service_principal', 'brain.acme.example', 'service_principal brain.acme.example'],
    ['action', 'Acme/Brain-Action@v1', 'action acme/brain-action'],
    ['domain', 'brain.example', 'host brain.example'],
    ['webhook_host', 'brain.example', 'host brain.example'],
    ['oidc_issuer', 'brain.example', 'host brain.example'],
    ['secret_name', 'BRAIN_API_KEY', 'secret named BRAIN_API_KEY'],
  ])('is strong for what only the vendor controls: %s', (type, value, why) => {
    expect(matched([type, value])).toEqual({
      verdict: 'ai',
      grade: 'strong',
      ...BRAIN,
      candidates: ['acme/brain'],
      reasons: [{ signal: { type, value }, grade: 'strong', speaksFor: 'acme/brain', why }],
      flags: [],
    });
  });

  test.each([
    ['app_name', 'Brain', 'calls itself "brain"'],
    ['extension_name', 'BRAIN!', 'calls itself "brain"'],
    ['iam_name', 'BrainRole', 'named BrainRole'],
  ])('is likely for a name that anybody may choose: %s', (type, value, why) => {
    expect(matched([type, value])).toEqual({
      verdict: 'ai',
      grade: 'likely',
      ...BRAIN,
      candidates: ['acme/brain'],
      reasons: [{ signal: { type, value }, grade: 'likely', speaksFor: 'acme/brain', why }],
      flags: [],
    });
  });

  test('is suspected for a value that others use too, and no product is named', () => {
    const signal = { type: 'package', value: 'npm:shared' };
    expect(matched(['package', 'npm:shared'])).toEqual({
      verdict: 'suspected',
      grade: 'suspected',
      candidates: ['acme/brain'],
      reasons: [{ signal, grade: 'suspected', speaksFor: 'acme/brain', why: 'package npm:shared, which others use too' }],
      flags: [],
    });
    expect(decided(['secret_name', 'SHARED_KEY'])).toEqual(['suspected', 'suspected', null, ['acme/brain'], []]);
  });

  test('is suspected for a name that speaks of AI, and there is no candidate', () => {
    expect(matched(['app_name', 'Team GPT helper'])).toEqual({
      verdict: 'suspected',
      grade: 'suspected',
      candidates: [],
      reasons: [
        {
          signal: { type: 'app_name', value: 'Team GPT helper' },
          grade: 'suspected',
          speaksFor: '',
          why: 'its name speaks of AI ("gpt")',
        },
      ],
      flags: [],
    });
  });

  test('is none where nothing matched, with no reason and no candidate', () => {
    const nothing = { verdict: 'unknown', grade: 'no', candidates: [], reasons: [], flags: [] };
    expect(matched()).toEqual(nothing);
    expect(matched(['app_name', 'Weather'], ['domain', 'weather.example'], ['colour', 'brain'])).toEqual(nothing);
    expect(matched(['app_name', ''], ['extension_name', '---'], ['secret_name', ''], ['domain', ''], ['iam_name', ''])).toEqual(nothing);
  });

  test('of one type does not come from a claim of another', () => {
    expect(decided(['oauth_client_id', 'brain'])).toEqual(UNKNOWN);
    expect(decided(['app_name', 'abcdefgh'])).toEqual(UNKNOWN);
    expect(decided(['secret_name', 'npm:brainy'])).toEqual(UNKNOWN);
  });
});

describe('several signals', () => {
  test('of one product agree: the strongest decides and every reason is kept, the strongest first', () => {
    const told: Told = [
      ['app_name', 'Brain'],
      ['domain', 'www.brain.example'],
      ['oauth_client_id', 'brain-client'],
    ];
    const { reasons, ...rest } = matched(...told);
    expect(rest).toEqual({ verdict: 'ai', grade: 'exact', ...BRAIN, candidates: ['acme/brain'], flags: [] });
    expect(reasons.map(({ signal, grade, why }) => [signal.type, grade, why])).toEqual([
      ['oauth_client_id', 'exact', 'oauth_client_id brain-client'],
      ['domain', 'strong', 'host brain.example'],
      ['app_name', 'likely', 'calls itself "brain"'],
    ]);
  });

  test('that say the same of it are told once', () => {
    const { reasons } = matched(['iam_name', 'CortexOne'], ['iam_name', 'CortexTwo'], ['domain', 'scribe.example']);
    expect(reasons.map(({ why }) => why)).toEqual(['host scribe.example', 'named Cort…']);
  });

  test('that contradict each other lower strong to suspected, with both as candidates', () => {
    expect(decided(['domain', 'brain.example'], ['webhook_host', 'hooks.example'])).toEqual([
      'suspected',
      'suspected',
      null,
      ['acme/brain', 'acme/cortex'],
      [],
    ]);
  });

  test('that contradict each other lower likely to suspected', () => {
    expect(decided(['app_name', 'Brain'], ['iam_name', 'CortexReader'])).toEqual([
      'suspected',
      'suspected',
      null,
      ['acme/brain', 'acme/cortex'],
      [],
    ]);
  });

  test('of less weight do not lower a stronger one; they stay as further candidates', () => {
    expect(decided(['app_name', 'Brain'], ['domain', 'scribe.example'])).toEqual([
      'ai',
      'strong',
      'acme/cortex',
      ['acme/cortex', 'acme/brain'],
      [],
    ]);
  });

  test('do not lower an id, not even when another id speaks against it', () => {
    expect(decided(['oauth_client_id', 'brain-client'], ['oauth_client_id', 'scribe-client'])).toEqual([
      'ai',
      'exact',
      'acme/brain',
      ['acme/brain', 'globex/scribe'],
      [],
    ]);
    expect(decided(['oauth_client_id', 'scribe-client'], ['domain', 'brain.example'])).toEqual([
      'ai',
      'exact',
      'globex/scribe',
      ['globex/scribe', 'acme/brain'],
      [],
    ]);
  });
});

describe('an id and a name', () => {
  test('that differ: the id decides, and the match says that the name is another', () => {
    expect(decided(['app_name', 'Weather'], ['oauth_client_id', 'brain-client'])).toEqual([
      'ai',
      'exact',
      'acme/brain',
      ['acme/brain'],
      ['name_differs'],
    ]);
    expect(decided(['extension_name', 'Office'], ['extension_id', 'abcdefgh'])).toEqual([
      'ai',
      'exact',
      'acme/brain',
      ['acme/brain', 'initech/office'],
      ['name_differs'],
    ]);
  });

  test('that agree raise no flag, also where the name is one that others use too', () => {
    expect(decided(['oauth_client_id', 'brain-client'], ['app_name', 'Brain for Google Sheets'])[4]).toEqual([]);
    expect(decided(['oauth_client_id', 'scribe-client'], ['app_name', 'Scribe'])[4]).toEqual([]);
  });

  test('of which one is missing raise no flag', () => {
    expect(decided(['oauth_client_id', 'brain-client'])[4]).toEqual([]);
    expect(decided(['domain', 'brain.example'], ['app_name', 'Weather'])).toEqual(['ai', 'strong', 'acme/brain', ['acme/brain'], []]);
  });
});

describe('a name that only the vendor can have taken', () => {
  test('is as good as its word beside the id that belongs to it, or beside none', () => {
    expect(decided(['github_app', 'brain-app'], ['github_app_id', '11'])).toEqual(['ai', 'exact', 'acme/brain', ['acme/brain'], []]);
    expect(decided(['bot_login', 'brain[bot]'], ['bot_user_id', '12'])).toEqual(['ai', 'exact', 'acme/brain', ['acme/brain'], []]);
    expect(decided(['github_app', 'brain-app'], ['bot_user_id', '99'])).toEqual(['ai', 'strong', 'acme/brain', ['acme/brain'], []]);
  });

  // A slug or a login can be given up and taken by somebody else.
  test.each([
    ['github_app', 'brain-app', 'github_app_id'],
    ['bot_login', 'brain[bot]', 'bot_user_id'],
  ])('is only likely beside an id that is not known to be its own: %s', (type, value, idType) => {
    const { reasons, ...rest } = matched([type, value], [idType, '99']);
    expect(rest).toEqual({ verdict: 'ai', grade: 'likely', ...BRAIN, candidates: ['acme/brain'], flags: ['id_differs'] });
    expect(reasons).toEqual([
      {
        signal: { type, value },
        grade: 'likely',
        speaksFor: 'acme/brain',
        why: `${type} ${value}, with an id that is not known to be its own`,
        flag: 'id_differs',
      },
    ]);
  });

  test('loses nothing by an id where the catalog knows no id of the product', () => {
    expect(decided(['github_app', 'scribe'], ['github_app_id', '99'])).toEqual(['ai', 'strong', 'globex/scribe', ['globex/scribe'], []]);
  });

  test('is no better for it where others use the name too', () => {
    expect(decided(['github_app', 'helper'], ['github_app_id', '99'])).toEqual(['suspected', 'suspected', null, ['acme/brain'], []]);
  });

  test('is only likely beside the id of another product, which decides', () => {
    expect(decided(['github_app', 'brain-app'], ['github_app_id', '21'])).toEqual([
      'ai',
      'exact',
      'acme/cortex',
      ['acme/cortex', 'acme/brain'],
      ['id_differs'],
    ]);
  });

  test('is contradicted by the id of another product: the id decides', () => {
    expect(decided(['github_app', 'scribe'], ['github_app_id', '11'])).toEqual([
      'ai',
      'exact',
      'acme/brain',
      ['acme/brain', 'globex/scribe'],
      [],
    ]);
  });
});

describe('the negative catalog', () => {
  test('outranks names: what is known not to be AI is said to be so, with its own reasons alone', () => {
    const signal = { type: 'app_name', value: 'Brain Clinic' };
    expect(matched(['app_name', 'Brain Clinic'], ['extension_name', 'Brain'])).toEqual({
      verdict: 'not_ai',
      grade: 'no',
      candidates: [],
      reasons: [{ signal, grade: 'likely', speaksFor: '!brain-clinic', why: 'calls itself "brain clinic"' }],
      flags: [],
    });
    expect(decided(['oauth_client_id', 'clinic-client'], ['app_name', 'Brain'])).toEqual(['not_ai', 'no', null, [], []]);
    expect(decided(['oauth_client_id', 'clinic-client'], ['domain', 'brain.example'])).toEqual(['not_ai', 'no', null, [], []]);
    expect(decided(['package', 'npm:brainy'], ['app_name', 'my gpt'])).toEqual(['not_ai', 'no', null, [], []]);
    expect(decided(['package', 'npm:brainy'])).toEqual(['not_ai', 'no', null, [], []]);
  });

  test('outranks neither an id nor what only the vendor controls', () => {
    expect(decided(['app_name', 'Brain Clinic'], ['oauth_client_id', 'brain-client'])).toEqual([
      'ai',
      'exact',
      'acme/brain',
      ['acme/brain'],
      ['name_differs'],
    ]);
    expect(decided(['app_name', 'Brain Clinic'], ['domain', 'brain.example'])).toEqual(['ai', 'strong', 'acme/brain', ['acme/brain'], []]);
  });
});

describe('a disguised name', () => {
  test.each([
    ['a Cyrillic letter', 'Brаin'],
    ['Cyrillic capitals', 'ВRАIN'],
    ['a zero-width space', 'Br\u200bain'],
    ['a soft hyphen', 'Br\u00adain'],
    ['a Hangul filler', 'Br\u3164ain'],
    ['an accent', 'Bráin'],
    ['an accent that stands apart', 'Bra\u0301in'],
    ['turned reading directions', '\u202ebra\u202cin'],
    ['a disguise before the tail of the name', 'Brаin for Google Sheets'],
  ])('is at most likely and says that it is disguised: %s', (_how, name) => {
    const { reasons, ...rest } = matched(['app_name', name]);
    expect(rest).toEqual({ verdict: 'ai', grade: 'likely', ...BRAIN, candidates: ['acme/brain'], flags: ['disguised'] });
    expect(reasons).toEqual([
      {
        signal: { type: 'app_name', value: name },
        grade: 'likely',
        speaksFor: 'acme/brain',
        why: 'calls itself "brain" in disguised letters',
        flag: 'disguised',
      },
    ]);
  });

  test('may have a digit for a letter', () => {
    expect(decided(['app_name', '0ffice'])).toEqual(['ai_feature', 'likely', 'initech/office', ['initech/office'], ['disguised']]);
  });

  test('of a thing with a known id is said to be disguised, and no other name than its own', () => {
    expect(decided(['oauth_client_id', 'brain-client'], ['app_name', 'Brаin'])).toEqual([
      'ai',
      'exact',
      'acme/brain',
      ['acme/brain'],
      ['disguised'],
    ]);
  });

  test('that others use too is suspected', () => {
    expect(decided(['app_name', 'Cоrtex'])[1]).toBe('suspected');
    expect(matched(['app_name', 'Cоrtex']).reasons.map(({ why }) => why)).toEqual([
      'calls itself "cortex" in disguised letters, which others use too',
    ]);
  });

  test('in full-width letters is no disguise: the letters are the same', () => {
    expect(decided(['app_name', 'Ｂｒａｉｎ'])).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
  });
});

describe('ambiguity', () => {
  test('is an outcome: every product that it may be is a candidate', () => {
    expect(decided(['app_name', 'Scribe'])).toEqual(['suspected', 'suspected', null, ['globex/scribe', 'acme/cortex'], []]);
  });

  test('among general products is a general product: whichever it is, AI is not what it is for', () => {
    expect(decided(['app_name', 'Suite'])).toEqual(['ai_feature', 'suspected', null, ['initech/office', 'initech/sheets'], []]);
  });

  test('between a general product and one for AI is a suspicion', () => {
    expect(decided(['app_name', 'Mixture'])).toEqual(['suspected', 'suspected', null, ['initech/office', 'acme/cortex'], []]);
  });

  test('ends with a second signal that is sure', () => {
    expect(decided(['app_name', 'Scribe'], ['domain', 'api.scribe.example'])).toEqual([
      'ai',
      'strong',
      'globex/scribe',
      ['globex/scribe', 'acme/cortex'],
      [],
    ]);
  });
});

test('a general product with AI features is never said to be AI', () => {
  expect(matched(['app_name', 'Office'])).toEqual({
    verdict: 'ai_feature',
    grade: 'likely',
    product: 'initech/office',
    productName: 'Office',
    vendor: 'Initech',
    candidates: ['initech/office'],
    reasons: [
      { signal: { type: 'app_name', value: 'Office' }, grade: 'likely', speaksFor: 'initech/office', why: 'calls itself "office"' },
    ],
    flags: [],
  });
});

describe('the catalog that is shipped', () => {
  const catalog = loadCatalog();
  const judged = (...told: Told) => {
    const { verdict, grade, product, flags } = match(
      catalog,
      told.map(([type, value]) => ({ type, value })),
    );
    return [verdict, grade, product ?? null, flags];
  };
  const CONTEXT_AI = '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com';

  test('knows the published client of Context.ai under any display name', () => {
    expect(judged(['oauth_client_id', CONTEXT_AI])).toEqual(['ai', 'exact', 'context-ai/context-ai', []]);
    expect(judged(['oauth_client_id', CONTEXT_AI], ['app_name', 'Context.ai'])).toEqual(['ai', 'exact', 'context-ai/context-ai', []]);
    for (const name of ['Weather', 'ChatGPT', 'AWS Copilot', 'Zoom', '', 'Соntext.ai for Gmail helpers'])
      expect(judged(['app_name', name], ['oauth_client_id', CONTEXT_AI]).slice(0, 3), name).toEqual([
        'ai',
        'exact',
        'context-ai/context-ai',
      ]);
  });

  test('knows what everybody knows', () => {
    expect(judged(['app_name', 'ChatGPT'])).toEqual(['ai', 'likely', 'openai/chatgpt', []]);
    expect(judged(['app_name', 'СhatGРТ'])).toEqual(['ai', 'likely', 'openai/chatgpt', ['disguised']]);
    expect(judged(['secret_name', 'PROD_OPENAI_API_KEY'])).toEqual(['ai', 'strong', 'openai/api', []]);
    expect(judged(['webhook_host', 'api.openai.com'])).toEqual(['ai', 'strong', 'openai/api', []]);
    expect(judged(['package', 'npm:openai'])).toEqual(['ai', 'strong', 'openai/api', []]);
  });

  test('takes what a longer name begins with for no product, where that is two ordinary words', () => {
    expect(judged(['package', 'npm:ai-pdf-builder'])).toEqual(['ai', 'strong', 'next-frontier-builds/ai-pdf-builder', []]);
    expect(judged(['package', 'npm:ai-pdf-reader'])[2]).not.toBe('aipdf/aipdf');
    expect(judged(['app_name', 'aiPDF'])).toEqual(['ai', 'likely', 'aipdf/aipdf', []]);
  });

  test('takes a name that others use too for a suspicion, and a general tool for what it is', () => {
    expect(judged(['app_name', 'Gemini'])).toEqual(['suspected', 'suspected', null, []]);
    expect(judged(['app_name', 'Zoom'])).toEqual(['ai_feature', 'suspected', null, []]);
  });

  test.each([
    ['app_name', 'AWS Copilot'],
    ['app_name', 'JasperReports'],
    ['app_name', 'Fathom Analytics'],
    ['package', 'npm:groq'],
    ['package', 'npm:@google/chatbase'],
    ['service_principal', 'cloudtrail.amazonaws.com'],
  ])('knows a look-alike for what it is: %s %s', (type, value) => {
    expect(judged([type, value])).toEqual(['not_ai', 'no', null, []]);
  });
});
