import { z } from 'zod';
import type { Signal } from '../../src/connector/index.ts';

/** A server that a configuration names. Environment, headers and arguments have no field: they may hold keys. */
export interface McpServer {
  name: string;
  host?: string;
  /** Base name of the program that is started. */
  command?: string;
}

const server = z.object({ url: z.string().optional(), serverUrl: z.string().optional(), command: z.string().optional() });
const servers = z.record(z.string().min(1), server);
const configuration = z.object({ mcpServers: servers.optional(), servers: servers.optional() });

/** The servers of a configuration, by name; undefined = it is none. Both of the keys that clients use are known. */
export function mcpServers(text: string): McpServer[] | undefined {
  return serversOf(jsonOf(text));
}

/** The same of a configuration that is no text any more. */
export function serversOf(said: unknown): McpServer[] | undefined {
  const parsed = configuration.safeParse(said);
  if (!parsed.success) return undefined;
  const named = Object.entries({ ...parsed.data.mcpServers, ...parsed.data.servers });
  return named.map(([name, { url, serverUrl, command }]) => {
    const address = url ?? serverUrl ?? '';
    const program = command?.split(/[\\/]/).at(-1)?.split(/\s/)[0];
    return { name, ...(URL.canParse(address) && { host: new URL(address).hostname }), ...(program && { command: program }) };
  });
}

export function mcpSignals({ name, host }: McpServer): Signal[] {
  const hosts = host ? ['mcp_server', 'domain'].map((type) => ({ type, value: host })) : [];
  return [...hosts, { type: 'app_name', value: name }];
}

/** A server is known by its host; one that is started here has its name and its program alone. */
export function mcpApp({ name, host, command }: McpServer): string[] {
  return ['mcp', host ?? `${name}:${command ?? 'unknown'}`];
}

/** Editors allow comments: whole lines of them are dropped. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '').replace(/^\s*\/\/.*$/gm, ''));
  } catch {
    return undefined;
  }
}
