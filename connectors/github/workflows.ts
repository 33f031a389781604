/** What a workflow uses and may do, as far as its text says. */
export interface WorkflowFacts {
  /** `owner/repo` of each action and reusable workflow, without path and version. */
  actions: string[];
  /** `repository.contents:write` … as granted to the token of the workflow or of one of its jobs. */
  permissions: string[];
  triggers: string[];
  /** Names alone. */
  secrets: string[];
  environments: string[];
}

const USES = /^\s*(?:-\s+)?["']?uses["']?\s*:\s*["']?([\w.-]+\/[\w.-]+)(?:\/[^@\s"']*)?@/gm;
const SECRET = /\bsecrets\.([A-Za-z_]\w*)/g;
const LEVEL = /^\s+["']?([a-z-]+)["']?\s*:\s*["']?(read|write|none)["']?\s*(?:#.*)?$/;
const EVENTS = /^ {2,4}["']?([a-z_]+)["']?\s*:/;

/**
 * Reads the few things of a workflow that matter here from its lines: no program text is kept, and what is written in
 * an unusual way (anchors, flow maps over several lines) may be missed.
 */
export function workflowFacts(text: string): WorkflowFacts {
  const lines = text.split(/\r?\n/);
  return {
    actions: unique([...text.matchAll(USES)].map(([, action]) => action!.toLowerCase())),
    permissions: unique(permissionsIn(lines)),
    triggers: unique(triggersIn(lines)),
    secrets: unique([...text.matchAll(SECRET)].map(([, name]) => name!)),
    environments: unique([...text.matchAll(/^\s+environment\s*:\s*["']?([\w.-]+)/gm)].map(([, name]) => name!)),
  };
}

function* permissionsIn(lines: readonly string[]): Generator<string> {
  for (const [index, line] of lines.entries()) {
    const [, indent, inline] = /^(\s*)permissions\s*:\s*([^#]*)/.exec(line) ?? [];
    if (indent === undefined) continue;
    const said = inline!.trim();
    if (said === 'write-all' || said === 'read-all') yield `repository.all:${said.slice(0, said.indexOf('-'))}`;
    for (const [, name, level] of said.matchAll(/([a-z-]+)\s*:\s*(read|write)/g)) yield permission(name!, level!);
    if (said === '') yield* blockOf(lines, index, indent.length);
  }
}

function* blockOf(lines: readonly string[], start: number, indent: number): Generator<string> {
  for (const line of lines.slice(start + 1)) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    if (line.search(/\S/) <= indent) return;
    const [, name, level] = LEVEL.exec(line) ?? [];
    if (name !== undefined && level !== 'none') yield permission(name, level!);
  }
}

/** Workflows write hyphens where Apps write underscores: `pull-requests`, `pull_requests`. */
function permission(name: string, level: string): string {
  return `repository.${name.replaceAll('-', '_')}:${level}`;
}

function* triggersIn(lines: readonly string[]): Generator<string> {
  const start = lines.findIndex((line) => /^["']?on["']?\s*:/.test(line));
  if (start < 0) return;
  const inline = lines[start]!.slice(lines[start]!.indexOf(':') + 1).replace(/#.*/, '');
  yield* [...inline.matchAll(/[a-z_]+/g)].map(([event]) => event);
  for (const line of lines.slice(start + 1)) {
    if (/^\S/.test(line)) return;
    const [, event] = EVENTS.exec(line) ?? /^\s+-\s+([a-z_]+)/.exec(line) ?? [];
    if (event !== undefined && line.search(/\S/) <= 2) yield event;
  }
}

function unique(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}
