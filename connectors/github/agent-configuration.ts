import { path, type Observation, type Scope } from '../../src/connector/index.ts';
import { webPage, type Config } from './config.ts';
import { control } from './control.ts';
import type { Part } from './deep.ts';
import { leaf, readLeaf } from './inventory.ts';
import { mcpApp, mcpSignals, type McpServer } from './mcp.ts';
import { agentSettings, type AgentSettings, type Repository } from './schema.ts';

export const AGENT = 'GET /repos/{owner}/{repo}/copilot/cloud-agent/configuration';

/** What the coding agent of a repository may use: MCP servers, and hosts beyond its firewall. */
export function agentConfiguration(config: Config, root: string): Part {
  return {
    name: 'agent',
    list: AGENT,
    read: (context, of) =>
      readLeaf(
        context,
        leaf<AgentSettings>({
          one: AGENT,
          parameters: { owner: of.owner.login, repo: of.name },
          place: [root, of.id, 'agent'],
          effect: `What the coding agent of ${of.full_name} may use is unknown`,
          schema: agentSettings,
          observe: (data, scope) => settingsOf(data, of, scope, webPage(config, `/${of.full_name}/settings/copilot/coding_agent`)),
        }),
      ),
  };
}

function settingsOf(data: AgentSettings, of: Repository, scope: Scope, url: string): Observation[] {
  const settings = control(
    ['agent', of.id],
    `Coding agent of ${of.full_name}`,
    { scope, source: AGENT, url },
    {
      repository: of.id,
      repositoryName: of.full_name,
      gate: data.require_actions_workflow_approval ? 'present' : 'absent',
      firewall: data.is_firewall_enabled,
      recommendedHosts: data.is_firewall_recommended_allowlist_enabled,
      hosts: [...new Set(data.custom_allowlist)].filter((host) => host !== '').sort(),
      automations: data.is_automations_enabled,
      mcp: data.mcp_configuration === undefined ? 'unreadable' : data.mcp_configuration.length,
    },
  );
  return [settings, ...(data.mcp_configuration ?? []).map((server) => serverOf(server, of, scope, url))];
}

function serverOf(server: McpServer, of: Repository, scope: Scope, url: string): Observation {
  const { name, host, command } = server;
  return {
    type: 'observation',
    thing: path('repository', of.id, 'agent_mcp', name),
    nativeId: path('repository', of.id, 'agent_mcp', name),
    kind: 'code_evidence',
    scope,
    subject: { app: path(...mcpApp(server)), name },
    signals: mcpSignals(server),
    permissions: [],
    attributes: {
      repository: of.id,
      repositoryName: of.full_name,
      server: name,
      ...(host && { host }),
      ...(command && { command }),
    },
    evidence: { source: AGENT, url },
  };
}
