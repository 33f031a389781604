import { describe, expect, test } from 'vitest';
import { decided, matched, UNKNOWN } from './invented.ts';

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

describe('a home page that an app says it has', () => {
  test('is worth no more than a name: its maker wrote it', () => {
    expect(decided(['home_page', 'www.brain.example'])).toEqual(['ai', 'likely', 'acme/brain', ['acme/brain'], []]);
    expect(matched(['home_page', 'www.brain.example']).reasons.map(({ why }) => why)).toEqual(['says that its home is www.brain.example']);
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

describe('a namespace that only the vendor may publish in', () => {
  const said = (type: string, value: string) => {
    const { grade, product, reasons } = matched([type, value]);
    return [grade, product ?? null, reasons[0]?.why ?? null];
  };

  test.each([
    ['action', 'Acme-AI/anything@v1', 'of acme-ai on GitHub'],
    ['action', 'acme-ai/tools/.github/workflows/review.yml@main', 'of acme-ai on GitHub'],
    ['package', 'githubactions:Acme-AI/anything', 'of acme-ai on GitHub'],
    ['package', 'githubactions:acme/brain-action', 'action acme/brain-action'],
    ['package', 'go:github.com/Acme-AI/sdk-go/v3', 'of acme-ai on GitHub'],
    ['package', 'golang:brain.example/sdk/v2', 'host brain.example'],
    ['package', 'go:code.example/sdk/brain/v2/option', 'package of code.example/sdk/brain'],
    ['package', 'swift:github.com/acme-ai/swift-sdk', 'of acme-ai on GitHub'],
    ['package', 'maven:io.github.acme-ai/brain-java', 'of acme-ai on GitHub'],
    ['package', 'maven:example.brain.sdk:client', 'host brain.example'],
    ['package', 'maven:example.brain/client', 'host brain.example'],
    ['package', 'maven:org.others.brain/client', 'package of org.others.brain'],
    ['package', 'packagist:Brain/sdk', 'package of brain'],
    ['package', 'nuget:Acme.Brain', 'package nuget:acme.brain'],
    ['package', 'crates:brain_kit', 'package cargo:brain-kit'],
  ])("%s %s is the vendor's", (type, value, why) => {
    // A vendor's repositories also hold tools for its own builds, which are no AI.
    expect(said(type, value)).toEqual([why.endsWith('on GitHub') ? 'likely' : 'strong', 'acme/brain', why]);
  });

  test.each([
    ['action', 'acme-ai-fan/anything'],
    ['action', 'others/acme-ai'],
    ['package', 'go:github.com/others/acme-ai'],
    ['package', 'go:brain.example.attacker.test/sdk'],
    ['package', 'go:code.example/sdk/brainless'],
    ['package', 'maven:com.notbrain/client'],
    ['package', 'maven:org.others/client'],
    ['package', 'maven:brain.example/client'],
    ['package', 'composer:others/sdk'],
    ['package', 'npm:acme-ai/sdk'],
    ['package', 'gem:acme-ai'],
    ['package', 'go:github.com'],
    ['package', 'maven:io.github'],
    ['package', 'acme-ai'],
  ])('%s %s is not', (type, value) => {
    expect(matched([type, value]).product).toBeUndefined();
  });

  test('decides nothing where others publish in it too', () => {
    expect(said('action', 'mixed/anything')).toEqual(['suspected', null, 'of mixed on GitHub, which others use too']);
  });
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

test('a line that a tool signs commits with is known whatever picture stands before it and wherever its link leads', () => {
  const product = (line: string) => decided(['commit_trailer', line])[2];
  expect(
    [
      'Generated with [Brain]',
      '🤖 Generated with [Brain](https://brain.example/code?v=2)',
      '  -- generated with [BRAIN].',
      'Made-with: Cortex',
    ].map(product),
  ).toEqual(['acme/brain', 'acme/brain', 'acme/brain', 'acme/cortex']);
  for (const line of ['Generated with Brain', 'Not generated with [Brain]', 'Generated with [Brain] and care', 'Made-with: love'])
    expect(decided(['commit_trailer', line]), line).toEqual(UNKNOWN);
});
