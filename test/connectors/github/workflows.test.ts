import { expect, test } from 'vitest';
import { mcpServers } from '../../../connectors/github/mcp.ts';
import { workflowFacts } from '../../../connectors/github/workflows.ts';

const NOTHING = { actions: new Map(), models: [], triggers: [], secrets: [], environments: [] };

test('a workflow says what it uses, may do, waits for and needs', () => {
  const text = `name: review
on:
  pull_request_target:
    types: [opened]
  schedule:
    - cron: '0 3 * * *'
permissions: # of all jobs
  contents: write

  pull-requests: read
  issues: none
jobs:
  one:
    permissions: { models: read, id-token: write }
    environment: production
    steps:
      - uses: Vendor/Agent-Action/sub/path@v1 # pinned
      - name: quoted
        "uses": 'vendor/other@0123abc'
      - uses: ./.github/actions/own
      - uses: docker://alpine:3
      - run: echo "\${{ secrets.SOME_KEY }} uses: not/this@v1"
  two:
    uses: vendor/flows/.github/workflows/run.yml@main
`;
  expect(workflowFacts(text)).toEqual({
    // A job that says what it may do, may do nothing else.
    actions: new Map([
      ['vendor/agent-action', ['repository.id_token:write', 'repository.models:read']],
      ['vendor/flows', ['repository.contents:write', 'repository.pull_requests:read']],
      ['vendor/other', ['repository.id_token:write', 'repository.models:read']],
    ]),
    models: ['repository.id_token:write', 'repository.models:read'],
    triggers: ['pull_request_target', 'schedule'],
    secrets: ['SOME_KEY'],
    environments: ['production'],
  });
});

test.each([
  ['on: [push, pull_request]\n', { ...NOTHING, triggers: ['pull_request', 'push'] }],
  ['"on": workflow_dispatch\n', { ...NOTHING, triggers: ['workflow_dispatch'] }],
  ['on:\n  - push\r\npermissions: write-all\r\n', { ...NOTHING, triggers: ['push'] }],
  ['on:\n- push\n- pull_request\njobs: {}\n', { ...NOTHING, triggers: ['pull_request', 'push'] }],
  ['on:\n    push:\n        branches: [main]\n    issues:\n', { ...NOTHING, triggers: ['issues', 'push'] }],
  ['on: { push: { branches: [main] } }\n', { ...NOTHING, triggers: ['push'] }],
  ['on: {\n  push: { branches: [main] },\n  "issues": {}\n}\n', { ...NOTHING, triggers: ['issues', 'push'] }],
  ['on: push # and no other\n', { ...NOTHING, triggers: ['push'] }],
  ['', NOTHING],
  ['not: [yaml', NOTHING],
])('%j is read as far as it goes', (text, facts) => {
  expect(workflowFacts(text)).toEqual(facts);
});

const job = (text: string, before = '') =>
  workflowFacts(`${before}jobs:\n  one:\n${text.replaceAll(/^/gm, '    ')}\n    steps:\n      - uses: a/b@v1\n`);

test.each([
  ['environment: agents', ['agents']],
  ['environment:\n  name: agents\n  url: https://agents.example', ['agents']],
  ['environment:\n  url: https://agents.example\n  name: "agents one" # guarded', ['agents one']],
  ['environment: { name: agents, url: "https://agents.example" }', ['agents']],
  ['environment: ${{ inputs.where }}', ['${{ inputs.where }}']],
  ['with:\n  environment: none of GitHub', []],
])('the environment of a job is read where it is written as %j', (text, environments) => {
  expect(job(text).environments).toEqual(environments);
});

test.each([
  ['env:\n  KEY: ${{ secrets.ONE }}', ['ONE']],
  ['env:\n  KEY: ${{ secrets[\'ONE\'] }} ${{ secrets[ "TWO" ] }}', ['ONE', 'TWO']],
  ['uses: a/b/.github/workflows/c.yml@v1\nsecrets: inherit', ['*']],
  ['uses: a/b/.github/workflows/c.yml@v1\nsecrets:\n  key: ${{ secrets.ONE }}', ['ONE']],
  ['env:\n  ALL: ${{ toJSON(secrets) }}', ['*']],
])('secrets are named where they are written as %j', (text, secrets) => {
  expect(job(text).secrets).toEqual(secrets);
});

test.each([
  ['x: y', '', ['repository.default']],
  ['permissions: {}', '', []],
  ['permissions: {}', 'permissions: write-all\n', []],
  ['x: y', 'permissions: {}\n', []],
  ['x: y', 'permissions: { contents: "write", issues: none }\n', ['repository.contents:write']],
  ['permissions:\n    id-token: write', 'permissions: read-all\n', ['repository.id_token:write']],
  ['x: y', 'permissions: &most # for all\n  contents: write\n', ['repository.contents:write']],
  ['permissions: *most', 'permissions: &most\n  contents: write\n', ['repository.contents:write']],
])('an action may do what its job says, or the workflow, or the default: %j after %j', (text, before, permissions) => {
  expect(job(text, before).actions).toEqual(new Map([['a/b', permissions]]));
});

test('an action may not do what another job may', () => {
  const text = `on: push
permissions:
  contents: read
jobs:
  deploy:
    permissions:
      contents: write
    steps:
    - uses: actions/checkout@v5
    - run: |
        echo uses: not/this@v1
  review:
    steps:
    - name: step
      uses: vendor/agent@v1
    - { uses: 'vendor/other@v1', with: { x: y } }
`;
  expect([...workflowFacts(text).actions]).toEqual([
    ['actions/checkout', ['repository.contents:write']],
    ['vendor/agent', ['repository.contents:read']],
    ['vendor/other', ['repository.contents:read']],
  ]);
});

test.each([
  ['deep maps', Array.from({ length: 3_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['deep flow', `on: ${'{a: '.repeat(200_000)}`],
  ['closed flow', `on: ${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['aliases', `a: &a [x]\n${'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n'.repeat(20_000)}`],
  ['one line', `on: ${'x '.repeat(500_000)}`],
  ['spaces', `on${' '.repeat(1_000_000)}x\npermissions:${' '.repeat(1_000_000)}x`],
  ['dashes', `${'- '.repeat(500_000)}x`],
  ['quotes', `${'"'.repeat(500_000)}: ${"'".repeat(500_000)}`],
  ['colons', `${'a: '.repeat(300_000)}\n${'secrets['.repeat(100_000)}`],
  ['many permissions', `jobs:\n  a:\n${'    permissions:\n'.repeat(50_000)}`],
  ['many actions', `jobs:\n${Array.from({ length: 20_000 }, (_, id) => `  j${id}:\n    uses: a/b${id}@v1\n`).join('')}`],
  ['many jobs', `jobs:\n${'  a:\n    uses: a/b@v1\n'.repeat(20_000)}`],
])('hostile text is read in a time that grows with its length: %s', (_what, text) => {
  // Each character is looked at a few times at most; what is quadratic would take minutes for any of these.
  expect(() => workflowFacts(text)).not.toThrow();
});

test('of an MCP configuration nothing is kept but names, hosts and programs', () => {
  const text = `{
    // started by the editor
    "mcpServers": {
      "remote": { "url": "https://user:KEY@mcp.vendor.example:8443/KEY?key=KEY", "headers": { "Authorization": "KEY" } },
      "local": { "command": "C:\\\\tools\\\\uvx.exe", "args": ["--key", "KEY"], "env": { "TOKEN": "KEY" } }
    },
    "servers": { "line": { "command": "/usr/bin/npx -y KEY" }, "odd": {} }
  }`;
  const servers = mcpServers(text);
  expect(servers).toEqual([
    { name: 'remote', host: 'mcp.vendor.example' },
    { name: 'local', command: 'uvx.exe' },
    { name: 'line', command: 'npx' },
    { name: 'odd' },
  ]);
  expect(JSON.stringify(servers)).not.toContain('KEY');
});

test.each(['', 'null', '[]', '{"mcpServers": []}', '{"mcpServers": {"x": {"url": 1}}}'])('%j is no MCP configuration', (text) => {
  expect(mcpServers(text)).toBeUndefined();
});
