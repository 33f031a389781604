import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/**
 * Who may import whom. Closed by default: a folder that is not named here fails.
 * `types:` allows type-only imports of an area; packages stand as their names; `node` is the platform.
 */
const MAY: Readonly<Record<string, readonly string[]>> = {
  'src/text': ['zod', 'node'],
  'src/audit': ['@noble/hashes', 'node'],
  'src/secret': ['zod', 'node'],
  'src/http': ['undici', 'node'],
  'src/connector': ['src/text', 'src/secret', 'src/http', 'zod', 'p-limit', 'node'],
  'src/testing': ['src/connector', 'src/secret', 'src/text', 'vitest', 'node'],
  'src/catalog': ['types:src/connector', 'src/text', 'zod', 'node'],
  'src/policy': ['types:src/connector', 'src/connector', 'src/catalog', 'src/text', 'zod', 'node'],
  'src/identity': ['types:src/connector', 'src/text'],
  // Between a connector and the store: names in, pseudonyms out.
  'src/persons': ['src/connector', 'src/secret', 'src/text', 'node'],
  'src/store': [
    'types:src/connector',
    'types:src/identity',
    'types:src/policy',
    'types:src/catalog',
    'types:src/tickets',
    'src/audit',
    'src/text',
    'better-sqlite3',
    'node',
  ],
  'src/scan': ['src/connector', 'src/catalog', 'src/persons', 'src/policy', 'src/secret', 'src/store', 'types:src/tickets', 'node'],
  // The queue and its plan; a tracker is reached by the guarded fetch alone, and judges nothing.
  'src/tickets': [
    'src/connector',
    'types:src/catalog',
    'types:src/store',
    'src/policy',
    'src/http',
    'src/secret',
    'src/text',
    'zod',
    'node',
  ],
  'src/config': [
    'src/connector',
    'src/catalog',
    'src/schedule',
    'src/secret',
    'src/text',
    'src/policy',
    'src/scan',
    'src/tickets',
    'zod',
    'jsonc-parser',
    'node',
  ],
  'src/schedule': ['types:src/connector', 'croner', 'node'],
  'src/notify': [
    'types:src/audit',
    'types:src/connector',
    'types:src/secret',
    'types:src/tickets',
    'src/http',
    'src/text',
    'nodemailer',
    'node',
  ],
  'src/report': ['types:src/connector', 'types:src/policy', 'types:src/store', 'src/text', 'hyparquet-writer'],
  'src/commands': [
    'src/audit',
    'src/connector',
    'src/catalog',
    'src/config',
    'src/http',
    'src/identity',
    'src/notify',
    'src/persons',
    'src/policy',
    'src/report',
    'src/scan',
    'src/schedule',
    'src/secret',
    'src/store',
    'src/testing',
    'src/text',
    'src/tickets',
    'types:connectors',
    'node',
  ],
  'src/cli': ['src/commands', 'types:src/connector', 'src/identity', 'src/policy', 'src/report', 'src/text', 'commander'],
  'src/cli.ts': ['src/cli', 'src/commands', 'node'],
};

/** Packages of the SDKs, each for its own connector alone. */
const SDKS: Readonly<Record<string, readonly string[]>> = {
  github: ['@octokit/rest', '@octokit/auth-app'],
  aws: 'account bedrock bedrock-agent bedrock-agentcore-control cloudtrail cloudwatch ecs eventbridge iam identitystore lambda marketplace-agreement organizations qbusiness sagemaker secrets-manager ssm sso-admin sts'
    .split(' ')
    .map((service) => `@aws-sdk/client-${service}`)
    .concat('@aws-sdk/credential-providers'),
  'google-workspace': ['googleapis', 'google-auth-library'],
};

interface Import {
  file: string;
  target: string;
  typeOnly: boolean;
}

const files = globSync('{src,connectors}/**/*.ts');
const imports = files.flatMap(importsOf);

describe('who may import whom', () => {
  test('every folder of src is named in the table', () => {
    const areas = new Set(globSync('src/**/*.ts').map(areaOf));
    expect([...areas].filter((area) => MAY[area] === undefined)).toEqual([]);
  });

  test('no area of src imports what the table does not allow it', () => {
    const wrong = imports
      .filter(({ file }) => file.startsWith('src/'))
      .filter(({ file, target, typeOnly }) => {
        const allowed = MAY[areaOf(file)] ?? [];
        return areaOf(file) !== target && !allowed.includes(target) && !(typeOnly && allowed.includes(`types:${target}`));
      });
    expect(wrong).toEqual([]);
  });

  test('a connector imports the contract, secrets, its own SDK, and nothing else of ours', () => {
    const wrong = imports
      .filter(({ file }) => /^connectors\/[^/]+\/(?!fake\/)/.test(file))
      .filter(({ file, target }) => {
        const id = file.split('/')[1]!;
        return !['src/connector', 'src/secret', 'zod', 'p-limit', 'node', `connectors/${id}`, ...(SDKS[id] ?? [])].includes(target);
      });
    expect(wrong).toEqual([]);
  });

  test('of the commands, the demo alone starts simulated providers', () => {
    const starters = imports.filter(({ file, target }) => file.startsWith('src/commands/') && target === 'src/testing');
    expect([...new Set(starters.map(({ file }) => file))]).toEqual(['src/commands/demo.ts']);
  });

  test('a simulated provider does not share a line with its connector', () => {
    const wrong = imports
      .filter(({ file }) => /^connectors\/[^/]+\/fake\//.test(file))
      .filter(({ file, target }) => !['src/testing', 'zod', 'node', `connectors/${file.split('/')[1]}/fake`].includes(target));
    expect(wrong).toEqual([]);
  });

  test('connectors take time and environment from their context alone', () => {
    const wrong = files
      .filter((file) => /^connectors\/[^/]+\/(?!fake\/)/.test(file))
      .filter((file) => /process\.env|Date\.now|setTimeout|setInterval/.test(readFileSync(file, 'utf8')));
    expect(wrong).toEqual([]);
  });

  test('src/policy and src/identity name no provider, and only the entries of processes touch the process', () => {
    const provider = /\b(github|aws|amazon|google|workspace|octokit)\b/i;
    const judgement = globSync('src/{identity,policy}/**/*.ts').filter((file) =>
      provider.test(withoutComments(readFileSync(file, 'utf8'))),
    );
    expect(judgement).toEqual([]);
    const process = files
      .filter((file) => file.startsWith('src/') && file !== 'src/cli.ts' && !file.startsWith('src/testing/'))
      .filter((file) =>
        /\bprocess\.(?!platform|pid|kill|versions|execPath|getBuiltinModule)/.test(withoutComments(readFileSync(file, 'utf8'))),
      );
    expect(process).toEqual([]);
  });

  test('no identifier of the catalog stands in a connector outside its simulated provider', () => {
    const compiled = JSON.parse(readFileSync('src/catalog/compiled.json', 'utf8')) as { claims: Record<string, Record<string, unknown>> };
    // The last are variables that an SDK of the provider reads by itself.
    const itself = ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_BEARER_TOKEN_BEDROCK'];
    const own = new Set(['copilot', 'google', 'github', 'aws', 'googleapis.com', 'github.com', ...itself]);
    const identifiers = [
      'oauth_client_id',
      'github_app',
      'credential_service',
      'domain',
      'package',
      'secret_name',
      'managed_policy',
      'service_principal',
    ]
      .flatMap((type) => Object.keys(compiled.claims[type] ?? {}))
      .filter((value) => value.length > 5 && !own.has(value));
    const sources = files
      .filter((file) => /^connectors\/[^/]+\/(?!fake\/)/.test(file))
      .map((file) => ({ file, text: withoutComments(readFileSync(file, 'utf8')) }));
    const found = sources.flatMap(({ file, text }) =>
      identifiers.filter((value) => text.includes(`'${value}'`) || text.includes(`"${value}"`)).map((value) => `${file}: ${value}`),
    );
    expect(found).toEqual([]);
  });
});

function importsOf(file: string): Import[] {
  const text = withoutComments(readFileSync(file, 'utf8'));
  const found: Import[] = [];
  for (const match of text.matchAll(
    /(import|export)\s+(type\s+)?([^'"();]*?\bfrom\s+)?['"]([^'"\n]+)['"]|(?:import|getBuiltinModule)\(\s*['"]([^'"]+)['"]\s*\)/g,
  )) {
    const specifier = match[4] ?? match[5]!;
    const named = match[3] ?? '';
    const everyNameIsType =
      /^\s*\{/.test(named) && [...named.matchAll(/[\w$]+(?:\s+as\s+\w+)?\s*[,}]/g)].length > 0 && !/[{,]\s*(?!type\b)[\w$]+/.test(named);
    found.push({ file, target: targetOf(file, specifier), typeOnly: match[2] !== undefined || everyNameIsType });
  }
  return found;
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node';
  if (specifier.startsWith('.')) return areaOf(normalize(join(dirname(file), specifier)));
  const [scope, name] = specifier.split('/');
  return specifier.startsWith('@') ? `${scope}/${name}` : scope!;
}

/** The folder that a file belongs to: `src/scan`, `connectors/aws`, `connectors/aws/fake`. */
function areaOf(file: string): string {
  const parts = file.split('/');
  if (parts[0] === 'connectors') return parts[2] === 'fake' ? parts.slice(0, 3).join('/') : parts.slice(0, 2).join('/');
  return parts.slice(0, 2).join('/');
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
