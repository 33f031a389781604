import type { Company } from '../../../src/testing/company.ts';
import { written } from './dates.ts';

/** GitHub keeps four stores of secrets for an organisation. The same name may stand in several of them. */
export const STORES = ['actions', 'dependabot', 'codespaces', 'agents'] as const;
export type Store = (typeof STORES)[number];

/** GitHub tells the name of a secret and never its value. */
export interface OrganizationSecret {
  store: Store;
  name: string;
  visibility: 'all' | 'private' | 'selected';
  /** Days before night 0. */
  age: number;
  /** Set anew on that night. */
  rotated?: number;
  since?: number;
  until?: number;
  /** Of one that is given to chosen repositories: to how many, where there are that many. Absent = to one. */
  chosen?: number;
}

/** Whom a catalog would take the names for: those of the other names are nobody's business. */
export const AI_NAMES: readonly string[] = [
  'ANTHROPIC_API_KEY',
  'MISTRAL_API_KEY',
  'HF_TOKEN',
  'GEMINI_API_KEY',
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'COPILOT_MCP_NOTION_API_KEY',
  'COPILOT_MCP_SITE',
];

const SECRETS: readonly OrganizationSecret[] = [
  { store: 'actions', name: 'OPENAI_API_KEY', visibility: 'all', age: 380, rotated: 1 },
  { store: 'actions', name: 'ANTHROPIC_API_KEY', visibility: 'selected', age: 140, chosen: 3 },
  { store: 'actions', name: 'PROD_OPENROUTER_API_KEY', visibility: 'private', age: 33 },
  { store: 'actions', name: 'MISTRAL_API_KEY', visibility: 'selected', age: 0, since: 1 },
  { store: 'actions', name: 'NPM_TOKEN', visibility: 'all', age: 900 },
  { store: 'actions', name: 'DEPLOY_KEY', visibility: 'private', age: 700 },
  { store: 'actions', name: 'SLACK_WEBHOOK', visibility: 'all', age: 620 },
  { store: 'dependabot', name: 'NPM_TOKEN', visibility: 'all', age: 850 },
  { store: 'dependabot', name: 'HF_TOKEN', visibility: 'selected', age: 75, until: 2 },
  { store: 'codespaces', name: 'GEMINI_API_KEY', visibility: 'selected', age: 51, chosen: 2 },
  { store: 'codespaces', name: 'OPENAI_API_KEY', visibility: 'all', age: 52 },
  { store: 'codespaces', name: 'DOTFILES_TOKEN', visibility: 'private', age: 410 },
  { store: 'agents', name: 'COPILOT_MCP_NOTION_API_KEY', visibility: 'selected', age: 24 },
];

export function secretsOn(store: Store, night: number): readonly OrganizationSecret[] {
  return SECRETS.filter(
    (secret) => secret.store === store && night >= (secret.since ?? 0) && night < (secret.until ?? Number.POSITIVE_INFINITY),
  );
}

/** As GitHub writes it. */
export function secretRow(secret: OrganizationSecret, company: Company, login: string, origin: string, night: number) {
  const created = secret.since === undefined ? company.ago(secret.age, 2) : company.ago(0, 2, secret.since);
  const rotated = secret.rotated !== undefined && night >= secret.rotated ? company.ago(0, 3, secret.rotated) : created;
  return {
    name: secret.name,
    created_at: written(created),
    updated_at: written(rotated),
    visibility: secret.visibility,
    ...(secret.visibility === 'selected' && {
      selected_repositories_url: `${origin}/orgs/${login}/${secret.store}/secrets/${secret.name}/repositories`,
    }),
  };
}
