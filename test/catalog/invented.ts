import { createCatalog } from '../../src/catalog/catalog.ts';
import { match, type Match } from '../../src/catalog/match.ts';

/** A catalog of invented products, so that a rule can be read without knowing who makes what. */
export const SMALL = createCatalog({
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
    commit_trailer: { 'generated with [brain]': 'acme/brain', 'made-with: cortex': 'acme/cortex' },
    action: { 'acme/brain-action': 'acme/brain' },
    package: {
      'npm:brain': 'acme/brain',
      'npm:brainy': '!brainy',
      'npm:shared': '?acme/brain',
      'npm:@brain/*': 'acme/brain',
      'pypi:brain-kit': 'acme/brain',
      'cargo:brain-kit': 'acme/brain',
      'composer:brain/*': 'acme/brain',
      'go:code.example/sdk/brain': 'acme/brain',
      'maven:org.others.brain/*': 'acme/brain',
      'nuget:acme.brain': 'acme/brain',
    },
    github_owner: { 'acme-ai': 'acme/brain', mixed: '?acme/brain' },
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

export type Told = readonly (readonly [type: string, value: string])[];

export function matched(...told: Told): Match {
  return match(
    SMALL,
    told.map(([type, value]) => ({ type, value })),
  );
}

/** The parts of a match that a rule decides; the reasons have tests of their own. */
export function decided(...told: Told) {
  const { verdict, grade, product, candidates, flags } = matched(...told);
  return [verdict, grade, product ?? null, candidates, flags];
}

export const BRAIN = { product: 'acme/brain', productName: 'Brain', vendor: 'Acme' };
export const UNKNOWN = ['unknown', 'no', null, [], []];
