import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ACCESS } from '../../../connectors/github/fake/access.ts';
import { fake } from '../../../connectors/github/fake/index.ts';
import { connector } from '../../../connectors/github/index.ts';
import { LISTS } from '../../../connectors/github/operations.ts';
import type { Connector } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector } from '../../../src/testing/runner.ts';

const MODULES = new URL('../../../node_modules/', import.meta.url);
/** GitHub's published description of its API, with its words. What Enterprise Cloud alone has is not in it. */
const DESCRIPTION = readFileSync(new URL('@octokit/openapi-types/types.d.ts', MODULES), 'utf8');
/** Lists of which GitHub's words name another scope than we do, and why. */
const OTHERWISE = [
  // A scope that does not exist.
  ['GET /orgs/{org}/installations', 'admin:org', ['admin:read']],
  // Private repositories ask for `repo` besides, and are what is read.
  ['GET /orgs/{org}/actions/secrets/{secret_name}/repositories', 'repo', ['admin:org']],
  ['GET /orgs/{org}/agents/secrets/{secret_name}/repositories', 'repo', ['admin:org']],
];

describe('of a classic token', () => {
  test('no list asks for another scope than GitHub names for it, and where one is enough that only reads, for that', () => {
    const asked = Object.entries(LISTS).flatMap(([list, needs]) =>
      'token' in needs ? [[list, needs.token.slice('token:'.length)] as const] : [],
    );
    expect(asked.filter(([list]) => scopesFor(list) !== undefined).length).toBeGreaterThan(25);
    expect(unlike(asked)).toEqual(OTHERWISE);
  });

  test('the simulated GitHub asks for no other', () => {
    const asked = Object.entries(ACCESS).filter(([list, { token }]) => list in LISTS && !['any', 'never'].includes(token));
    expect(unlike(asked.map(([list, { token }]) => [list, token] as const))).toEqual([OTHERWISE[0]]);
  });

  test('an owner needs no more than `read:org` for what only reads', async () => {
    const github = await fake.start(createCompany({ people: 12 }), { plan: 'saml' });
    try {
      for (const permission of github.permissions) if (permission !== 'token:read:org') github.revoke(permission);
      const { app: _app, ...alone } = github.config;
      const only = [
        'members',
        'external_identities',
        'sso_credentials',
        'copilot_seats',
        'copilot_spaces',
        'copilot_usage',
        'copilot_policy',
      ];
      const run = await runConnector(connector as unknown as Connector, { ...github, config: alone }, { only });
      const gaps = run.collectors.flatMap(({ events }) => events.filter(({ type }) => type === 'gap'));
      expect(run.collectors.map(({ collector }) => collector.id)).toEqual(
        connector.collectors.map(({ id }) => id).filter((id) => only.includes(id)),
      );
      expect(gaps).toMatchObject([{ permission: 'token:admin:org', effect: expect.stringContaining('Where coding agents may work') }]);
    } finally {
      await github.close();
    }
  });
});

/** Those of which one is enough, by GitHub's words; undefined = it has none about scopes. */
function scopesFor(list: string): string[] | undefined {
  const [method, path] = list.split(' ');
  const start = DESCRIPTION.indexOf(`"${path}": {`);
  const words = start < 0 ? '' : DESCRIPTION.slice(start, DESCRIPTION.indexOf(`    ${method!.toLowerCase()}: `, start));
  const said = /\(classic\) needs? [^.]*? scopes?\b/.exec(words)?.[0];
  return said === undefined ? undefined : [...said.matchAll(/`([^`]+)`/g)].map(([, scope]) => scope!);
}

function unlike(asked: readonly (readonly [list: string, scope: string])[]) {
  return asked.flatMap(([list, scope]) => {
    const named = scopesFor(list);
    const best = named?.filter((each) => each.startsWith('read:')) ?? [];
    return named === undefined || (best.length > 0 ? best : named).includes(scope) ? [] : [[list, scope, named]];
  });
}
