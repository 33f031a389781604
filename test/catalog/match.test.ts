import { describe, expect, test } from 'vitest';
import { createCatalog, loadCatalog } from '../../src/catalog/catalog.ts';
import { match, type Match } from '../../src/catalog/match.ts';

/** A catalog of invented products, so that a rule can be read without knowing who makes what. */
const SMALL = createCatalog({
  hash: 'small',
  products: {
    'acme/brain': ['Brain', 'Acme', 'assistants', 'ai'],
    'acme/cortex': ['Cortex', 'Acme', 'model-apis', 'ai'],
    'globex/scribe': ['Scribe', 'Globex', 'meeting-notetakers', 'ai'],
    'initech/office': ['Office', 'Initech', 'other', 'ai_feature'],
    'initech/sheets': ['Sheets', 'Initech', 'other', 'ai_feature'],
  },
  claims: {
    oauth_client_id: { 'brain-client': 'acme/brain', 'clinic-client': '!brain-clinic', 'scribe-client': 'globex/scribe' },
    github_app_id: { '11': 'acme/brain', '21': 'acme/cortex' },
    bot_user_id: { '12': 'acme/brain' },
    extension_id: { abcdefgh: 'acme/brain' },
    aws_account_id: { '123456789012': 'acme/brain' },
    credential_service: { 'brain.example.com': 'acme/brain' },
    github_product: { brain: 'acme/brain' },
    github_app: { 'brain-app': 'acme/brain', scribe: 'globex/scribe', helper: '?acme/brain' },
    bot_login: { 'brain[bot]': 'acme/brain' },
    action: { 'acme/brain-action': 'acme/brain' },
    package: {
      'npm:brain': 'acme/brain',
      'npm:brainy': '!brainy',
      'npm:shared': '?acme/brain',
      'npm:@brain/*': 'acme/brain',
      'pypi:brain-kit': 'acme/brain',
    },
    oauth_project_number: { '77': 'acme/brain' },
    config_file: {
      '.brain/**': 'acme/brain',
      '**/BRAIN.md': 'acme/brain',
      '.github/agents/*.brain.md': 'acme/brain',
      'brain.lock': 'acme/brain',
    },
    service_principal: { 'brain.acme.example': 'acme/brain' },
    app_name: {
      brain: 'acme/brain',
      'brain clinic': '!brain-clinic',
      scribe: ['?globex/scribe', '?acme/cortex'],
      suite: ['?initech/office', '?initech/sheets'],
      mixture: ['?initech/office', '?acme/cortex'],
      office: 'initech/office',
      cortex: '?acme/cortex',
      monet: '=acme/brain',
      mo: 'acme/brain',
    },
    domain: { local: 'acme/brain', 'brain.example': 'acme/brain', 'api.scribe.example': 'globex/scribe', 'scribe.example': 'acme/cortex' },
    webhook_host: { 'hooks.example': 'acme/cortex' },
    oidc_issuer: { 'login.example': 'acme/cortex' },
    secret_name: { BRAIN_API_KEY: 'acme/brain', SHARED_KEY: '?acme/brain' },
    iam_name: { BrainRole: 'acme/brain', 'Cort*': 'acme/cortex', 'CortexAdmin*': 'acme/brain', 'Abc*': 'acme/brain' },
  },
});

type Told = readonly (readonly [type: string, value: string])[];

function matched(...told: Told): Match {
  return match(
    SMALL,
    told.map(([type, value]) => ({ type, value })),
  );
}

/** The parts of a match that a rule decides; the reasons have tests of their own. */
function decided(...told: Told) {
  const { verdict, grade, product, candidates, flags } = matched(...told);
  return [verdict, grade, product ?? null, candidates, flags];
}

const BRAIN = { product: 'acme/brain', productName: 'Brain', vendor: 'Acme' };
const UNKNOWN = ['unknown', 'no', null, [], []];

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

describe('a host', () => {
  test('belongs to the narrowest domain that is claimed, on label borders', () => {
    const product = (value: string) => decided(['domain', value])[2];
    expect([
      product('brain.example'),
      product('a.b.brain.example'),
      product('BRAIN.Example.'),
      product('notbrain.example'),
      product('brain.example.attacker.test'),
      product('scribe.example'),
      product('api.scribe.example'),
      product('v2.api.scribe.example'),
      // A name without a dot is a name within somebody's own network.
      product('printer.local'),
      product('local'),
      product('.'),
    ]).toEqual(['acme/brain', 'acme/brain', 'acme/brain', null, null, 'acme/cortex', 'globex/scribe', 'globex/scribe', null, null, null]);
  });

  test('of a web hook or an issuer may be claimed as such or as a domain; a domain is no web hook', () => {
    expect(decided(['webhook_host', 'eu.hooks.example'])[2]).toBe('acme/cortex');
    expect(decided(['oidc_issuer', 'login.example'])[2]).toBe('acme/cortex');
    expect(decided(['domain', 'hooks.example'])).toEqual(UNKNOWN);
    expect(decided(['webhook_host', 'login.example'])).toEqual(UNKNOWN);
  });

  test('is told with the domain that was claimed, not with the whole of it', () => {
    expect(matched(['webhook_host', 'a.brain.example']).reasons.map(({ why }) => why)).toEqual(['host brain.example']);
  });
});

describe('the name of a secret', () => {
  test('is looked up without what teams put around it', () => {
    const product = (value: string) => decided(['secret_name', value])[2];
    expect([
      product('brain_api_key'),
      product('PROD_BRAIN_API_KEY'),
      product('VITE_BRAIN_API_KEY_STAGING'),
      product('NEXT_PUBLIC_BRAIN_API_KEY'),
      product('brain-api-key'),
      product('BRAIN.API.KEY_2'),
      product('INITECH_BRAIN_API_KEY'),
      product('INITECH_PAYROLL_BRAIN_API_KEY'),
      product('A_B_C_BRAIN_API_KEY'),
      product('BRAINY_API_KEY'),
      product('API_KEY'),
    ]).toEqual([...Array.from({ length: 9 }, () => 'acme/brain'), null, null]);
  });

  test('is told as the catalog spells it', () => {
    expect(matched(['secret_name', 'prod-brain-api-key']).reasons.map(({ why }) => why)).toEqual(['secret named BRAIN_API_KEY']);
  });
});

describe('the name of an IAM role or user', () => {
  test('is compared whole, or by the longest prefix of at least four letters', () => {
    const product = (value: string) => decided(['iam_name', value])[2];
    expect([
      product('BrainRole'),
      product('BranRole'),
      product('Cort'),
      product('CortexReader'),
      product('CortexAdmin'),
      product('CortexAdminOfTheNight'),
      product('cortexReader'),
      product('Cor'),
      product('Abc'),
      product('Abcdef'),
    ]).toEqual(['acme/brain', null, 'acme/cortex', 'acme/cortex', 'acme/brain', 'acme/brain', null, null, null, null]);
  });

  test('is told with the prefix that matched', () => {
    expect(matched(['iam_name', 'CortexReader']).reasons.map(({ why }) => why)).toEqual(['named Cort…']);
  });
});

test('an action is compared without case and without its version', () => {
  for (const value of ['acme/brain-action', 'ACME/brain-action@v4', 'acme/brain-action@refs/heads/main@{1}'])
    expect(decided(['action', value]), value).toEqual(['ai', 'strong', 'acme/brain', ['acme/brain'], []]);
  expect(decided(['action', 'acme/other-action@v4'])).toEqual(UNKNOWN);
  // Elsewhere a letter's case and a sign are part of the value.
  expect(decided(['service_principal', 'Brain.acme.example'])).toEqual(UNKNOWN);
});

describe('a package', () => {
  test('is compared without its version; the registry of PyPI knows neither case nor the kind of hyphen', () => {
    expect(decided(['package', 'npm:brain@1.0.0'])).toEqual(['ai', 'strong', 'acme/brain', ['acme/brain'], []]);
    expect(decided(['package', 'pypi:Brain_Kit'])).toEqual(['ai', 'strong', 'acme/brain', ['acme/brain'], []]);
    expect(decided(['package', 'npm:Brain_Kit'])[1]).toBe('likely');
  });

  test('of a scope that only the vendor may publish in is the vendor’s, whatever it is called', () => {
    expect(matched(['package', 'npm:@brain/anything@2.0.0'])).toMatchObject({
      verdict: 'ai',
      grade: 'strong',
      product: 'acme/brain',
      reasons: [{ why: 'package of @brain' }],
    });
    expect(decided(['package', 'npm:@brainy/anything'])).toEqual(UNKNOWN);
    expect(decided(['package', 'pypi:@brain/anything'])[1]).not.toBe('strong');
  });
});

describe('an OAuth client of a known project', () => {
  test('is as good as the project, which is the vendor’s own', () => {
    expect(matched(['oauth_client_id', '77-abc.apps.googleusercontent.com'])).toMatchObject({
      verdict: 'ai',
      grade: 'strong',
      product: 'acme/brain',
      reasons: [{ why: 'client of the project 77' }],
    });
    for (const other of ['7-abc.apps.googleusercontent.com', '778-abc.apps.googleusercontent.com', '77-abc.example', '77'])
      expect(decided(['oauth_client_id', other]), other).toEqual(UNKNOWN);
  });
});

describe('a file of a tool', () => {
  test('is known by its whole path, its name anywhere, its folder, or what its name ends with', () => {
    const product = (value: string) => decided(['config_file', value])[2];
    expect([
      product('.brain/settings.json'),
      product('.brain/deep/below/x'),
      product('BRAIN.md'),
      product('packages/web/BRAIN.md'),
      product('.github/agents/review.brain.md'),
      product('brain.lock'),
    ]).toEqual(Array.from({ length: 6 }, () => 'acme/brain'));
    expect([
      product('.brain'),
      product('src/.brain/settings.json'),
      product('XBRAIN.md'),
      product('.github/agents/brain.md'),
      product('.github/agents/deep/review.brain.md'),
      product('src/brain.lock'),
      product(''),
    ]).toEqual([null, null, null, null, null, null, null]);
  });
});

describe('a name within a longer one', () => {
  test('at the start says whose the app is', () => {
    expect(decided(['app_name', 'Brain Connector Deluxe'])).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
    expect(matched(['app_name', 'Brain Deluxe']).reasons.map(({ why }) => why)).toEqual(['names "brain"']);
  });

  test('further on is what the app may work with: a suspicion', () => {
    expect(decided(['app_name', 'Invoices for Brain users'])).toEqual(['suspected', 'suspected', null, ['acme/brain'], []]);
  });

  test('is nothing where the word is ordinary, short or used by others, unless the name speaks of AI', () => {
    expect(decided(['app_name', 'Cortex Invoices'])).toEqual(UNKNOWN);
    expect(decided(['app_name', 'Monet Invoices'])).toEqual(UNKNOWN);
    expect(decided(['app_name', 'Mo Invoices'])).toEqual(UNKNOWN);
    expect(decided(['app_name', 'Monet'])).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
    expect(decided(['app_name', 'Monet LLM helper'])).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
    expect(decided(['app_name', 'Scribe of our LLM'])).toEqual(['suspected', 'suspected', null, ['globex/scribe', 'acme/cortex'], []]);
  });

  test('of a general product beside a word of AI is a suspicion: whose AI that is, nobody can say', () => {
    expect(decided(['app_name', 'Office Polls Deluxe'])).toEqual(['ai_feature', 'likely', 'initech/office', ['initech/office'], []]);
    expect(decided(['app_name', 'Office GPT Deluxe'])).toEqual(['suspected', 'suspected', null, ['initech/office'], []]);
    expect(decided(['app_name', 'Polls for Office users'])).toEqual(UNKNOWN);
  });

  test('is found with other spaces, and that is no disguise', () => {
    expect(decided(['app_name', 'Br ain'])).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
  });

  test('of the negative catalog counts where it is of several words', () => {
    expect(decided(['app_name', 'Uptown Brain Clinic'])).toEqual(['not_ai', 'no', null, [], []]);
  });
});

describe('a name that others use too', () => {
  test('is likely beside a second signal: a word of AI, or of the category of one of them', () => {
    expect(decided(['app_name', 'Cortex: AI for all'])).toEqual(['ai', 'likely', 'acme/cortex', ['acme/cortex'], []]);
    expect(decided(['app_name', 'Scribe (meeting notes)'])).toEqual([
      'ai',
      'likely',
      'globex/scribe',
      ['globex/scribe', 'acme/cortex'],
      [],
    ]);
    expect(matched(['app_name', 'Cortex: AI for all']).reasons.map(({ why }) => why)).toEqual(['calls itself "cortex" and says "ai"']);
  });

  test('stays a suspicion where the word speaks for several, or for a general product', () => {
    expect(decided(['app_name', 'Scribe: AI'])[1]).toBe('suspected');
    expect(decided(['app_name', 'Suite: AI'])).toEqual(['ai_feature', 'suspected', null, ['initech/office', 'initech/sheets'], []]);
  });
});

describe('a name in a namespace of somebody else', () => {
  test.each([
    ['package', 'npm:brain-tools'],
    ['package', 'pypi:brain-tools'],
    ['package', 'npm:@others/brain-tools'],
    ['action', 'others/brain-review@v1'],
    ['github_app', 'brain-review'],
    ['bot_login', 'brain-review[bot]'],
  ])('is likely where it begins with a product: %s %s', (type, value) => {
    expect(decided([type, value])).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
  });

  test.each([
    ['package', 'npm:tools-for-brain', ['acme/brain']],
    ['action', 'others/with-brain', ['acme/brain']],
    ['github_app', 'my-llm-reviewer', []],
    ['action', 'some-ai/reviewer', []],
    ['package', 'npm:@some-ai/reviewer', []],
    ['iam_name', 'svc-llm-gateway', []],
    ['secret_name', 'LLM_GATEWAY_URL', []],
  ])('is a suspicion where it names one further on, or speaks of AI: %s %s', (type, value, candidates) => {
    expect(decided([type as string, value as string])).toEqual(['suspected', 'suspected', null, candidates, []]);
  });
});

test('a credential of a product is likely the product’s under any name for credentials; an ordinary word is a suspicion', () => {
  expect(decided(['secret_name', 'BRAIN_TOKEN'])).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
  expect(decided(['secret_name', 'PAYROLL_BRAIN_SECRET_DEV'])).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
  expect(decided(['secret_name', 'BR_AIN_TOKEN'])).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
  expect(decided(['secret_name', 'MONET_TOKEN'])).toEqual(['suspected', 'suspected', null, ['acme/brain'], []]);
  expect(decided(['secret_name', 'CORTEX_KEY'])).toEqual(['suspected', 'suspected', null, ['acme/cortex'], []]);
  expect(decided(['secret_name', 'OFFICE_KEY'])).toEqual(UNKNOWN);
});

test('an IAM name is read by its words and capitals, wherever the product stands in it', () => {
  for (const name of ['svc-brain-batch', 'PayrollBrainRole', 'payroll_brain', 'BrAin-batch'])
    expect(decided(['iam_name', name]), name).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
  for (const name of ['monet', 'svc-monet', 'cortex', 'brainstorm']) expect(decided(['iam_name', name]), name).toEqual(UNKNOWN);
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

  test('takes a name that others use too for a suspicion, and a general tool for what it is', () => {
    expect(judged(['app_name', 'Gemini'])).toEqual(['suspected', 'suspected', null, []]);
    expect(judged(['app_name', 'Zoom'])).toEqual(['ai_feature', 'suspected', null, []]);
  });

  test.each([
    ['app_name', 'AWS Copilot'],
    ['app_name', 'JasperReports'],
    ['app_name', 'Fathom Analytics'],
    ['package', 'npm:groq'],
    ['service_principal', 'cloudtrail.amazonaws.com'],
  ])('knows a look-alike for what it is: %s %s', (type, value) => {
    expect(judged([type, value])).toEqual(['not_ai', 'no', null, []]);
  });
});
