import type { Company } from '../../../src/testing/company.ts';
import { type Account, accountOf, accountRow } from './accounts.ts';
import { MCP_CANARY } from './code.ts';
import { written } from './dates.ts';
import type { Repository } from './repositories.ts';
import type { Store } from './secrets.ts';
import type { Runner } from './settings.ts';
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

export interface Environment {
  id: number;
  name: string;
  secrets: readonly string[];
  variables: readonly string[];
  /** Numbers of the people who have to approve. */
  reviewers: readonly number[];
}

/** One that somebody guards, and one that holds a key and nobody guards. A name may hold anything. */
export function environmentsOf({ number, id }: Repository): readonly Environment[] {
  if (number % 3 !== 0) return [];
  return [
    { id: id * 2, name: 'production', secrets: ['DEPLOY_TOKEN'], variables: ['REGION'], reviewers: [0, 1] },
    { id: id * 2 + 1, name: 'agents/eu', secrets: ['ANTHROPIC_API_KEY', 'MISTRAL_API_KEY'], variables: [], reviewers: [] },
  ];
}

/** As GitHub writes it. */
export function environmentRow(environment: Environment, repository: Repository, organization: Account, company: Company, origin: string) {
  const { id, name, reviewers } = environment;
  const full = `${organization.login}/${repository.name}`;
  const people = reviewers.filter((number) => number < company.people);
  return {
    id,
    node_id: Buffer.from(`011:Environment${id}`).toString('base64'),
    name,
    url: `${origin}/repos/${full}/environments/${encodeURIComponent(name)}`,
    html_url: `https://github.com/${full}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: written(company.ago(120)),
    updated_at: written(company.ago(120)),
    protection_rules: [
      { id: id + 7, node_id: 'R1', type: 'wait_timer', wait_timer: 30 },
      ...(people.length > 0
        ? [
            {
              id: id + 8,
              node_id: 'R2',
              type: 'required_reviewers',
              prevent_self_review: true,
              reviewers: people.map((number) => ({ type: 'User', reviewer: accountRow(accountOf(company, number), origin) })),
            },
          ]
        : []),
    ],
    deployment_branch_policy: null,
  };
}

export function repositoryRunners({ number }: Repository): readonly Runner[] {
  return number % 3 === 2 ? [{ id: 4_000 + number, name: `bench-${number}`, labels: ['self-hosted', 'Linux', 'X64', 'vllm'] }] : [];
}

/** The package that the tests take for AI, among others. */
export const AI_PACKAGE = 'npm:@anthropic-ai/sdk';

export function packagesOf({ number }: Repository): readonly string[] {
  return number % 3 === 0
    ? ['npm/%40anthropic-ai/sdk@0.71.0', 'npm/left-pad@1.3.0', 'pypi/requests@2.32.0']
    : ['golang/github.com/spf13/cobra@v1.9.0'];
}

/** As GitHub writes it. */
export function sbomOf(repository: Repository, login: string, company: Company) {
  return {
    sbom: {
      SPDXID: 'SPDXRef-DOCUMENT',
      spdxVersion: 'SPDX-2.3',
      creationInfo: { created: written(company.ago(0)), creators: ['Tool: GitHub.com-Dependency-Graph'] },
      name: `com.github.${login}/${repository.name}`,
      dataLicense: 'CC0-1.0',
      documentNamespace: `https://spdx.org/spdxdocs/protobom/${repository.id}`,
      packages: packagesOf(repository).map((locator, index) => ({
        SPDXID: `SPDXRef-${index}`,
        name: locator.split('@')[0]!,
        versionInfo: locator.split('@').at(-1)!,
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
        externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: `pkg:${locator}` }],
      })),
    },
  };
}

/** What the coding agent may use there: for some repositories a server with a key in its settings, and a host with one in its address. */
export function agentSettings({ number }: Repository) {
  const isSet = number % 3 === 0;
  return {
    mcp_configuration: isSet
      ? {
          mcpServers: {
            errors: {
              type: 'local',
              command: 'npx',
              args: ['@errors/mcp', `--key=${MCP_CANARY}`],
              env: { TOKEN: MCP_CANARY },
              tools: ['*'],
            },
            notes: { type: 'http', url: `https://mcp.notion.com/mcp?key=${MCP_CANARY}`, tools: ['*'] },
          },
        }
      : null,
    enabled_tools: { codeql: true, copilot_code_review: true, secret_scanning: true, dependency_vulnerability_checks: true },
    require_actions_workflow_approval: !isSet,
    is_firewall_enabled: true,
    is_firewall_recommended_allowlist_enabled: true,
    custom_allowlist: isSet ? ['errors.example', `https://api.errors.example/${MCP_CANARY}`] : [],
    is_automations_enabled: isSet,
    require_write_access_for_automation_triggers: true,
  };
}
