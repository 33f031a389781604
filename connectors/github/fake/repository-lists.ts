import type { Repository } from './repositories.ts';
import type { Store } from './secrets.ts';
import type { VariableStore } from './variables.ts';

/** Names of secrets of one repository; never more than two in a store. */
export function repositorySecrets(repository: Repository, store: Store): readonly string[] {
  const kind = repository.number % 3;
  if (store === 'actions') return kind === 0 ? ['GROQ_API_KEY', 'NPM_TOKEN'] : kind === 1 ? ['SENTRY_TOKEN'] : [];
  if (store === 'agents') return kind === 0 ? ['COPILOT_MCP_KEY'] : [];
  return store === 'dependabot' && kind === 1 ? ['NPM_TOKEN'] : [];
}

export function repositoryVariables(repository: Repository, store: VariableStore): readonly string[] {
  if (store === 'agents') return [];
  return repository.number % 3 === 1 ? ['OLLAMA_HOST', 'REGION'] : [];
}

export function repositoryHooks(repository: Repository): readonly { id: number; host: string }[] {
  return repository.number % 3 === 0 ? [{ id: 51_000_000 + repository.number, host: 'hooks.chat.example' }] : [];
}
