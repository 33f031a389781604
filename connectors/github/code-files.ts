import { z } from 'zod';
import {
  defineCollector,
  path,
  type CollectContext,
  type Observation,
  type ScanEvent,
  type Scope,
  type Signal,
} from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { GRAPHQL, LISTS } from './operations.ts';
import { mcpApp, mcpServers, mcpSignals } from './mcp.ts';
import { readRepositories, repositoryQuery, type Walk } from './repositories.ts';
import { idOf } from './server.ts';
import { workflowFacts } from './workflows.ts';

const text = z.object({ isBinary: z.boolean().nullish(), isTruncated: z.boolean().optional(), text: z.string().nullish() });
const entries = z.array(z.object({ name: z.string(), type: z.string() }));
/** null = the folder is not there; an object without entries is a file of that name. */
const tree = z.object({ entries: entries.nullish() }).nullish();
const workflows = z
  .object({ entries: z.array(z.object({ name: z.string(), type: z.string(), object: text.nullish() })).nullish() })
  .nullish();
const id = z.int().transform(String);

const node = z.object({
  databaseId: id,
  nameWithOwner: z.string(),
  isArchived: z.boolean().optional(),
  root: tree,
  github: tree,
  vscode: tree,
  agents: tree,
  shared: tree,
  workflows,
  mcp: text.nullish(),
  editorMcp: text.nullish(),
});
type Node = z.infer<typeof node>;

/** One point a page, whatever is asked: neither files nor folders are connections. */
const FIELDS = `
        isArchived @include(if: $whole)
        root: object(expression: "HEAD:") @include(if: $whole) { ... on Tree { entries { name type } } }
        github: object(expression: "HEAD:.github") @include(if: $whole) { ... on Tree { entries { name type } } }
        vscode: object(expression: "HEAD:.vscode") @include(if: $whole) { ... on Tree { entries { name type } } }
        agents: object(expression: "HEAD:.github/agents") @include(if: $whole) { ... on Tree { entries { name type } } }
        shared: object(expression: "HEAD:agents") @include(if: $whole) { ... on Tree { entries { name type } } }
        workflows: object(expression: "HEAD:.github/workflows") @include(if: $whole) {
          ... on Tree { entries { name type object { ... on Blob { isBinary isTruncated text } } } }
        }
        mcp: object(expression: "HEAD:.mcp.json") @include(if: $whole) { ... on Blob { isBinary isTruncated text } }
        editorMcp: object(expression: "HEAD:.vscode/mcp.json") @include(if: $whole) { ... on Blob { isBinary isTruncated text } }`;

const CONTENTS = 'app:contents:read';

/** What repositories hold of AI tools on their default branch: configuration, workflows that use AI, lists of MCP servers. */
export const codeFiles = defineCollector<Config, Client>({
  id: 'code_files',
  title: 'AI tools in repositories',
  version: 2,
  kinds: ['code_evidence', 'agent'],
  mode: 'inventory',
  lane: 'files',
  operations: [GRAPHQL],
  permissions: [
    { id: CONTENTS, purpose: 'Read names of files, workflows and lists of MCP servers', required: false, orElse: [LISTS[GRAPHQL].token] },
  ],
  limits: [
    'Agents of an enterprise, and those that people keep for themselves, are not read',
    'A file says that somebody prepared a repository for a tool, not that the tool has access',
    'Only the default branch is read: its root, .github, .vscode and the workflows',
    'Files and actions that the catalog does not know are not kept',
    'What a workflow may do that says nothing of it is stated as the default, whatever that is set to',
    'Of MCP servers only name, host and name of the command are kept: settings of a server often hold keys',
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('repositories', 25),
  collect: (context) => readRepositories(context, walkOf(context)),
});

function walkOf(context: CollectContext<Config, Client>): Walk<Node> {
  return {
    query: repositoryQuery('CodeFiles', FIELDS, node),
    place: ['code'],
    effect: 'Which AI tools repositories are prepared for is unknown',
    permission: CONTENTS,
    largest: 25,
    observe: (found, place) => [
      ...filesOf(context, found, place),
      ...workflowsOf(context, found, place),
      ...serversOf(context, found, place),
      ...agentsOf(context, found, place),
    ],
  };
}

type Context = CollectContext<Config, Client>;

function* filesOf(context: Context, found: Node, place: Scope): Generator<ScanEvent> {
  const folders = [
    ['', found.root],
    ['.github/', found.github],
    ['.vscode/', found.vscode],
    ['.github/workflows/', found.workflows],
  ] as const;
  for (const [folder, { entries: all } = {}] of folders.map(([name, content]) => [name, content ?? {}] as const))
    for (const { name, type } of all ?? []) {
      const file = `${folder}${name}`;
      const signals = fileSignals(file, name, type);
      if (isOfInterest(context, signals)) yield evidence(context, found, place, ['file', file], { name: file, path: file, signals });
    }
}

/** The catalog keeps globs; a folder stands for all that is in it, and a name for itself wherever it lies. */
function fileSignals(file: string, name: string, type: string): Signal[] {
  const values = type === 'tree' ? [`${file}/**`, `${file}/`] : [file, `**/${name}`];
  return values.map((value) => ({ type: 'config_file', value }));
}

function* workflowsOf(context: Context, found: Node, place: Scope): Generator<ScanEvent> {
  for (const { name, object } of found.workflows?.entries ?? []) {
    const file = `.github/workflows/${name}`;
    if (object && (object.isTruncated === true || typeof object.text !== 'string')) {
      yield unread(place, found, file);
      continue;
    }
    const facts = workflowFacts(object?.text ?? '');
    const { models, triggers, secrets, environments } = facts;
    const attributes = { workflow: file, triggers, secrets, environments };
    for (const [action, permissions] of facts.actions) {
      const signals = [{ type: 'action', value: action }];
      if (isOfInterest(context, signals))
        yield evidence(context, found, place, ['workflow', name, 'action', action], {
          name: action,
          path: file,
          signals,
          permissions,
          attributes,
          app: ['action', action],
        });
    }
    if (models.length > 0)
      yield evidence(context, found, place, ['workflow', name, 'models'], {
        name: 'Models from a workflow',
        path: file,
        signals: [{ type: 'github_product', value: 'models' }],
        permissions: models,
        attributes,
        app: ['permission', 'models'],
      });
  }
}

function* serversOf(context: Context, found: Node, place: Scope): Generator<ScanEvent> {
  for (const [file, blob] of [
    ['.mcp.json', found.mcp],
    ['.vscode/mcp.json', found.editorMcp],
  ] as const) {
    if (!blob) continue;
    const servers = blob.isTruncated === true || typeof blob.text !== 'string' ? undefined : mcpServers(blob.text);
    if (!servers) yield unread(place, found, file);
    for (const server of servers ?? []) {
      const { name, host, command } = server;
      yield evidence(context, found, place, ['mcp', file, name], {
        name,
        path: file,
        signals: mcpSignals(server),
        attributes: { server: name, ...(host && { host }), ...(command && { command }) },
        app: mcpApp(server),
      });
    }
  }
}

/** The repositories in which an organisation keeps agents for all others. https://docs.github.com/en/copilot/how-tos/administer-copilot/manage-for-organization/prepare-for-custom-agents */
const SHARED = new Set(['.github', '.github-private']);

/** Agents that somebody made for this repository, or for all. A file of instructions is one, whatever is in it. */
function* agentsOf(context: Context, found: Node, place: Scope): Generator<ScanEvent> {
  const isShared = SHARED.has(found.nameWithOwner.split('/')[1]!);
  for (const [folder, content] of [
    ['.github/agents', found.agents],
    ['agents', isShared ? found.shared : undefined],
  ] as const)
    for (const { name, type } of content?.entries ?? []) {
      if (type !== 'blob' || !name.endsWith('.md')) continue;
      const file = `${folder}/${name}`;
      yield {
        ...evidence(context, found, place, ['agent', file], {
          name: name.replace(/(\.agent)?\.md$/, ''),
          path: file,
          signals: [{ type: 'github_product', value: 'copilot' }],
          attributes: { forAll: isShared },
          app: ['agent', idOf(context.config, found.databaseId), file],
        }),
        kind: 'agent',
      };
    }
}

function isOfInterest(context: Context, signals: readonly Signal[]): boolean {
  const interest = context.interest(signals);
  return interest === 'ai' || interest === 'suspected';
}

interface Evidence {
  name: string;
  /** The file that it stands in. */
  path: string;
  signals: readonly Signal[];
  permissions?: readonly string[];
  attributes?: Observation['attributes'];
  /** The app, where it is not the file itself. */
  app?: readonly string[];
}

function evidence(context: Context, found: Node, scope: Scope, id: readonly string[], said: Evidence): Observation {
  return {
    type: 'observation',
    thing: path('repository', found.databaseId, ...id),
    nativeId: path('repository', found.databaseId, ...id),
    kind: 'code_evidence',
    scope,
    subject: { app: path(...(said.app ?? id)), name: said.name },
    signals: said.signals,
    permissions: said.permissions ?? [],
    attributes: {
      repository: found.databaseId,
      repositoryName: found.nameWithOwner,
      path: said.path,
      ...(found.isArchived === true && { archived: true }),
      ...said.attributes,
    },
    evidence: { source: GRAPHQL, url: webPage(context.config, `/${found.nameWithOwner}/blob/HEAD/${said.path}`) },
  };
}

function unread(place: Scope, found: Node, file: string): ScanEvent {
  return {
    type: 'gap',
    scope: place,
    reason: 'truncated',
    effect: `${file} of ${found.nameWithOwner} is too large, or not what its name says`,
  };
}
