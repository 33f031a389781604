import type { Company } from '../../../src/testing/company.ts';
import { written } from './dates.ts';
import { repositoryCount, type Repository } from './repositories.ts';

/** Planted where a scanner has no business: a key in the settings of an MCP server. */
export const MCP_CANARY = 'canary-mcp-header-key-40be91';

const REVIEW = `name: review
on:
  pull_request:
    types: [opened]
permissions:
  contents: write
  pull-requests: write
  models: read
jobs:
  review:
    runs-on: ubuntu-latest
    environment: agents
    steps:
      - uses: actions/checkout@v5
      - uses: anthropics/claude-code-action@v1
        with:
          anthropic_api_key: \${{ secrets.ANTHROPIC_API_KEY }}
`;
const BUILD = `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
`;
const MCP = JSON.stringify({
  mcpServers: {
    notion: { url: 'https://mcp.notion.com/mcp', headers: { Authorization: `Bearer ${MCP_CANARY}` } },
    docs: { command: '/usr/local/bin/npx', args: ['-y', 'docs-server', `--key=${MCP_CANARY}`], env: { API_KEY: MCP_CANARY } },
  },
});
const EDITOR_MCP = `{
  // what the editor starts
  "servers": { "search": { "type": "http", "url": "https://mcp.exa.ai/mcp?key=${MCP_CANARY}" } }
}`;

/** Files of the repositories, by kind: with an agent, with an editor's rules, without any. */
const KINDS: readonly Readonly<Record<string, string>>[] = [
  {
    'README.md': 'Read me.',
    'CLAUDE.md': 'Be brief.',
    '.mcp.json': MCP,
    '.github/workflows/review.yml': REVIEW,
    '.github/workflows/build.yml': BUILD,
    '.github/agents/release-notes.agent.md': 'Write release notes.',
  },
  { 'README.md': 'Read me.', '.cursorrules': 'Be brief.', '.vscode/mcp.json': EDITOR_MCP, '.vscode/settings.json': '{}' },
  { 'README.md': 'Read me.', '.github/workflows/build.yml': BUILD },
];

export function filesOf(repository: Repository): Readonly<Record<string, string>> {
  // Somebody made this one and never put anything into it.
  return repository.number === 4 ? {} : KINDS[repository.number % KINDS.length]!;
}

/** What the tests take for AI: the catalog is none of this server's business. */
export const AI_FILES: readonly string[] = ['CLAUDE.md', '.cursorrules'];
export const AI_ACTION = 'anthropics/claude-code-action';

/** Ids, as a scanner of this world has to find them: file, action, right to use models, MCP server. */
export function evidenceIn(repository: Repository): string[][] {
  const files = Object.keys(filesOf(repository));
  return [
    ...files.filter((file) => AI_FILES.includes(file)).map((file) => ['file', file]),
    ...(files.includes('.github/workflows/review.yml')
      ? [
          ['workflow', 'review.yml', AI_ACTION],
          ['workflow', 'review.yml', 'models'],
        ]
      : []),
    ...(files.includes('.mcp.json')
      ? [
          ['mcp', 'notion'],
          ['mcp', 'docs'],
        ]
      : []),
    ...(files.includes('.vscode/mcp.json') ? [['mcp', 'search']] : []),
  ];
}

/** A path at the tip of the default branch, as GraphQL shows it; null = there is nothing. */
export function objectAt(repository: Repository, expression: string): Record<string, unknown> | null {
  const files = filesOf(repository);
  const path = expression.replace(/^HEAD:/, '');
  if (files[path] !== undefined) return blob(files[path]);
  const prefix = path === '' ? '' : `${path}/`;
  const names = new Set(
    Object.keys(files)
      .filter((file) => file.startsWith(prefix))
      .map((file) => file.slice(prefix.length).split('/')[0]!),
  );
  if (names.size === 0) return null;
  const entries = [...names].sort().map((name) => {
    const text = files[`${prefix}${name}`];
    return { name, type: text === undefined ? 'tree' : 'blob', object: text === undefined ? { __typename: 'Tree' } : blob(text) };
  });
  return { __typename: 'Tree', entries };
}

function blob(text: string): Record<string, unknown> {
  return { __typename: 'Blob', byteSize: text.length, isBinary: false, isTruncated: false, text };
}

export interface DeployKey {
  id: string;
  title: string;
  readOnly: boolean;
}

/** Few repositories have one: a mirror here and there, and an agent that was given its own. */
export function deployKeysOf({ number, id }: Repository): DeployKey[] {
  const key = (nth: number, title: string, readOnly: boolean): DeployKey => ({ id: `DK_${id}_${nth}`, title, readOnly });
  if (number === 0) return [key(1, 'devin', false), key(2, 'deploy', false)];
  return number % 20 === 1 ? [key(1, 'mirror', true)] : [];
}

export function deployKeyNode(key: DeployKey, company: Company) {
  return { ...key, enabled: true, verified: true, createdAt: written(company.ago(300)) };
}

export function pushedAt(company: Company, { number }: Repository): string {
  return written(company.ago(0, 1 + Math.floor((number / repositoryCount(company)) * 4000)));
}

/** The address and the login are what the tests take for AI. The colleague called Claude is none. */
export const AI_EMAIL = 'noreply@anthropic.com';
export const AI_BOT = 'devin-ai-integration[bot]';
/** Of its user: the same in REST. */
export const AI_BOT_ID = 158_243_242;

export function commitsOf({ number }: Repository, company: Company) {
  const at = (days: number) => written(company.ago(days));
  const human = { committedDate: at(1), message: 'Fix a typo\n\nby Claude', author: { email: 'claude.reiher@lanternworks.example' } };
  const helped = { committedDate: at(2), message: `Add tests\n\nCo-authored-by: Claude <${AI_EMAIL}>`, author: human.author };
  return number % 3 === 0 ? [human, helped, { ...helped, committedDate: at(5) }] : [human];
}

export function pullsOf({ number }: Repository, company: Company) {
  const bot = { __typename: 'Bot', login: AI_BOT.replace('[bot]', ''), databaseId: AI_BOT_ID };
  const person = { __typename: 'User', login: 'claude' };
  const at = written(company.ago(3));
  if (number % 3 !== 1) return [{ createdAt: at, mergedAt: at, latestOpinionatedReviews: reviewsOf(), author: person }];
  return [
    { createdAt: at, mergedAt: at, latestOpinionatedReviews: reviewsOf(['APPROVED', 'User']), author: bot },
    { createdAt: at, mergedAt: at, latestOpinionatedReviews: reviewsOf(['APPROVED', 'Bot'], ['DISMISSED', 'User']), author: bot },
    { createdAt: at, mergedAt: null, latestOpinionatedReviews: reviewsOf(), author: bot },
  ];
}

function reviewsOf(...reviews: readonly (readonly [state: string, by: 'User' | 'Bot'])[]) {
  return { totalCount: reviews.length, nodes: reviews.map(([state, __typename]) => ({ state, author: { __typename } })) };
}
