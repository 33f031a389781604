import { expect, test } from 'vitest';
import { mcpServers } from '../../../connectors/github/mcp.ts';
import { workflowFacts } from '../../../connectors/github/workflows.ts';

const NOTHING = { actions: [], permissions: [], triggers: [], secrets: [], environments: [] };

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
    actions: ['vendor/agent-action', 'vendor/flows', 'vendor/other'],
    permissions: ['repository.contents:write', 'repository.id_token:write', 'repository.models:read', 'repository.pull_requests:read'],
    triggers: ['pull_request_target', 'schedule'],
    secrets: ['SOME_KEY'],
    environments: ['production'],
  });
});

test.each([
  ['on: [push, pull_request]\n', { ...NOTHING, triggers: ['pull_request', 'push'] }],
  ['"on": workflow_dispatch\n', { ...NOTHING, triggers: ['workflow_dispatch'] }],
  ['on:\n  - push\r\npermissions: write-all\r\n', { ...NOTHING, triggers: ['push'], permissions: ['repository.all:write'] }],
  ['', NOTHING],
  ['not: [yaml', NOTHING],
])('%j is read as far as it goes', (text, facts) => {
  expect(workflowFacts(text)).toEqual(facts);
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
