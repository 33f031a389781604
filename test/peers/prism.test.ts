import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connector } from '../../connectors/github/index.ts';
import type { Connector } from '../../src/connector/index.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { runConnector, type Run } from '../../src/testing/runner.ts';
import description from '../contracts/github/description.json' with { type: 'json' };
import { installedPrism, startPrism, type Prism } from './prism.ts';

// Our simulated GitHub was written by those who wrote the connector, and may share their mistakes. Prism answers by GitHub's own
// description of its API, whatever we think of it.

const version = installedPrism();
/** Answered to Apps alone, or described by hand. */
const NOT_ASKED = new Set([
  'GET /app/installations',
  'POST /app/installations/{installation_id}/access_tokens',
  'GET /orgs/{org}/personal-access-tokens',
  'GET /orgs/{org}/personal-access-tokens/{pat_id}/repositories',
  'GET /orgs/{org}/personal-access-token-requests',
  'GET /orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories',
  'POST /graphql',
  // Of an enterprise, which this source does not name, and of another host.
  'GET /enterprises/{enterprise}/copilot/billing/seats',
  'GET /enterprises/{enterprise}/copilot/custom-agents',
  'GET copilot-reports/{+file}',
]);

describe.skipIf(version === undefined)(
  `a scan of GitHub's own description by Prism ${version ?? '[skipped: prism is not installed]'}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'noctule-prism-'));
    let prism: Prism;
    let run: Run;
    beforeAll(async () => {
      const file = join(folder, 'github.json');
      writeFileSync(file, JSON.stringify(openApi()));
      const headers = { 'x-oauth-scopes': 'admin:org, admin:org_hook, repo, read:org, security_events' };
      prism = await startPrism(file, { headers, queries: { Repositories: ONE_REPOSITORY } });
      const provider = {
        config: { organization: 'lanternworks', baseUrl: prism.url, token: { env: 'TOKEN' }, profile: 'deep' },
        environment: { TOKEN: 'ghp_x' },
      };
      // What an enterprise holds itself is read of none.
      const only = connector.collectors.flatMap(({ id, level }) => (level === undefined ? [id] : []));
      run = await runConnector(connector as unknown as Connector, provider as unknown as FakeProvider, { largestPage: 100, only });
    });
    afterAll(async () => {
      await prism?.close();
      rmSync(folder, { recursive: true });
    });

    it('asks nothing that the description does not allow', () => {
      expect(run.refused).toBeUndefined();
      const wrong = prism.exchanges.filter(({ status, violations, path }) => path !== '/graphql' && (status >= 400 || violations !== ''));
      expect(wrong).toEqual([]);
    });

    it('asks every operation that a token may', () => {
      const asked = prism.exchanges.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
      const unasked = Object.entries(description.operations)
        .filter(([id]) => !NOT_ASKED.has(id))
        .filter(([, { method, path }]) => !asked.some((request) => patternOf(method, path).test(request)))
        .map(([id]) => id);
      expect(unasked).toEqual([]);
    });

    it('understands every answer that the description allows', () => {
      expect(run.collectors.flatMap(({ error }) => error ?? [])).toEqual([]);
      const faults = run.collectors.flatMap(({ collector, events }) =>
        events.flatMap((event) => (event.type === 'gap' && event.reason === 'provider_error' ? [`${collector.id}: ${event.effect}`] : [])),
      );
      // GraphQL is no part of the description.
      expect(faults.filter((fault) => !/^(code_files|code_authors|deploy_keys|repository_rules):/.test(fault))).toEqual([]);
      const seen = run.collectors
        .filter(({ events }) => events.some(({ type }) => type === 'observation'))
        .map(({ collector }) => collector.id);
      expect(seen).toContain('repository_settings');
      expect(seen.length).toBeGreaterThan(10);
    });
  },
);

function patternOf(method: string, path: string): RegExp {
  return new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

/** Repositories are listed by GraphQL, which is no part of the description: without one nothing would be asked of any. */
const ONE_REPOSITORY = {
  organization: {
    repositories: {
      totalCount: 1,
      pageInfo: { hasNextPage: false, endCursor: null },
      nodes: [{ databaseId: 1, nameWithOwner: 'lanternworks/lantern', pushedAt: '2026-11-01T00:00:00Z' }],
    },
  },
};

/** The description that the other tests use, in the form that Prism reads. */
function openApi(): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [id, operation] of Object.entries(description.operations)) {
    if (id === 'POST /graphql') continue;
    const { method, path, query, responses } = operation as {
      method: string;
      path: string;
      query: Query;
      responses: Record<string, unknown>;
    };
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
    const inQuery = Object.entries(query.properties ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: query.required?.includes(name) ?? false,
      schema,
    }));
    const answers = Object.entries(responses).map(([status, schema]) => [
      status,
      { description: status, ...(schema !== false && { content: { 'application/json': { schema } } }) },
    ]);
    (paths[path] ??= {})[method.toLowerCase()] = { parameters: [...inPath, ...inQuery], responses: Object.fromEntries(answers) };
  }
  const whole = { openapi: '3.1.0', info: { title: 'GitHub', version: '1' }, paths, components: { schemas: description.$defs } };
  return JSON.parse(JSON.stringify(whole).replaceAll('#/$defs/', '#/components/schemas/'), asGithubIs) as object;
}

/**
 * What the description leaves open, and Prism then makes up: ids are positive, the plan that has everything is called so, and secrets
 * are given to chosen repositories, which are asked for then alone.
 */
function asGithubIs(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('type' in value)) return value;
  if (value.type === 'integer' && !('minimum' in value)) return { ...value, minimum: 1, maximum: 2 ** 31 };
  if (key === 'visibility' && 'enum' in value) return { type: 'string', enum: ['selected'] };
  const { properties } = value as { properties?: Record<string, object> };
  if (key === 'plan' && properties?.['name'])
    return { ...value, properties: { ...properties, name: { type: 'string', enum: ['enterprise'] } } };
  return value;
}

interface Query {
  properties?: Readonly<Record<string, object>>;
  required?: readonly string[];
}
