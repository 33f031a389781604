import type { Company } from '../../../src/testing/company.ts';
import { written } from './dates.ts';

/** Planted where a scanner has no business: GitHub sends the values of variables along with their names. */
export const VARIABLE_CANARY = 'canary-variable-value-1b9d';

export const VARIABLE_STORES = ['actions', 'agents'] as const;
export type VariableStore = (typeof VARIABLE_STORES)[number];

export interface Variable {
  store: VariableStore;
  name: string;
  visibility: 'all' | 'private' | 'selected';
  age: number;
  /** As of a secret. */
  chosen?: number;
}

const VARIABLES: readonly Variable[] = [
  { store: 'actions', name: 'AZURE_OPENAI_ENDPOINT', visibility: 'all', age: 200 },
  { store: 'actions', name: 'OPENAI_BASE_URL', visibility: 'selected', age: 40 },
  { store: 'actions', name: 'REGION', visibility: 'all', age: 700 },
  { store: 'agents', name: 'COPILOT_MCP_SITE', visibility: 'selected', age: 24 },
];

export function variablesOf(store: VariableStore): readonly Variable[] {
  return VARIABLES.filter((variable) => variable.store === store);
}

export function variableRow(variable: Variable, company: Company, login: string, origin: string) {
  const at = written(company.ago(variable.age));
  return {
    name: variable.name,
    value: VARIABLE_CANARY,
    created_at: at,
    updated_at: at,
    visibility: variable.visibility,
    ...(variable.visibility === 'selected' && {
      selected_repositories_url: `${origin}/orgs/${login}/${variable.store}/variables/${variable.name}/repositories`,
    }),
  };
}
