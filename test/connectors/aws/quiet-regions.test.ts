import { afterEach, describe, expect, test } from 'vitest';
import { startAws } from '../../../connectors/aws/fake/index.ts';
import { planText } from '../../../src/commands/plan.ts';
import { createCompany, type Company } from '../../../src/testing/company.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { companyDay, dawn, runNight, sourceOf, TENANT, type PlainSource } from '../../scan/night.ts';
import { temporaryFolder } from '../../store/facts.ts';
import { rowsOf } from '../../store/logical-dump.ts';

const file = temporaryFolder();
const open: FakeProvider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) await provider.close();
});

interface Site {
  company: Company;
  provider: FakeProvider;
  source: PlainSource;
  path: string;
}

/**
 * Three regions: in us-east-1 models are called, eu-central-1 has an agent and a function that nobody calls, and in the third is nothing.
 * In each of them our own calls are counted.
 */
async function start(quietRegionsEveryDays: number | undefined): Promise<Site> {
  const company = createCompany({ people: 60, today: companyDay() });
  const provider = await startAws(company, { regions: 3 });
  open.push(provider);
  const config = { ...provider.config, ...(quietRegionsEveryDays !== undefined && { quietRegionsEveryDays }) };
  const collectors = { ...ONLY, agents: true, models: true, environment_names: true };
  return { company, provider, path: file(), source: { name: 'aws', config: config as FakeProvider['config'], collectors } };
}
const ONLY = Object.fromEntries(
  ['identities', 'service_credentials', 'providers', 'assistants', 'machine_learning', 'secret_names'].map((id) => [id, false]),
);

/** Scans on some night, and answers how many regions were asked: about what is found in the quiet one, and about what is not. */
async function scan({ company, provider, source, path }: Site, night: number) {
  const before = provider.requests.length;
  const outcome = await runNight(path, {
    sources: [await sourceOf(source)],
    environment: provider.environment,
    from: dawn(company, night),
  });
  expect(outcome).toMatchObject({ state: 'concluded', sources: [{ bugs: [] }] });
  const sent = provider.requests.slice(before).map(({ operation }) => operation);
  const regions = (operation: string) => sent.filter((one) => one === operation).length;
  return { agents: regions('bedrock-agentcore-control.ListGateways'), models: regions('bedrock.ListGuardrails') };
}

const statesOf = ({ path }: Site) => rowsOf<{ state: string }>(path, 'SELECT DISTINCT state FROM observation').map(({ state }) => state);
const gapsOf = ({ path }: Site) =>
  rowsOf<{ collector: string; scope: string; reason: string; effect: string; byDesign: number }>(
    path,
    `SELECT collector, scope, reason, effect, by_design AS byDesign FROM gaps
     WHERE scan = (SELECT max(scan) FROM scans) AND scope LIKE '%/region/%' AND reason = 'not_of_interest' ORDER BY 1, 2`,
  );

describe('quiet regions', () => {
  test('are read every night unless the configuration says how often', async () => {
    const site = await start(undefined);
    expect([await scan(site, 0), await scan(site, 1)]).toEqual([
      { agents: 3, models: 3 },
      { agents: 3, models: 3 },
    ]);
    // For the models that were called: a page in each region, and two where some were.
    expect(site.provider.requests.filter(({ operation }) => operation === 'cloudwatch.ListMetrics')).toHaveLength(8);
  });

  test('are read on the first night, left for some, and read again when it is time', async () => {
    const site = await start(7);
    const nights = [];
    for (const night of [0, 1, 6, 7, 8]) nights.push(await scan(site, night));
    const all = { agents: 3, models: 3 };
    // What is known of a quiet region is read every night.
    const few = { agents: 2, models: 1 };
    expect(nights).toEqual([all, few, few, all, few]);
  });

  test('that are left are gaps by design, of the night on which they are left, and nothing known becomes doubtful', async () => {
    const site = await start(7);
    await scan(site, 0);
    expect(gapsOf(site)).toEqual([]);
    await scan(site, 1);
    const left = gapsOf(site);
    const region = (one: string) => expect.stringMatching(new RegExp(`/region/${one}$`));
    const quiet = {
      reason: 'not_of_interest',
      byDesign: 1,
      effect: expect.stringContaining(`nothing was found there on ${dawn(site.company, 0).toISOString().slice(0, 10)}`),
    };
    const third = left
      .find(({ collector }) => collector === 'agents')!
      .scope.split('/')
      .at(-1)!;
    expect(third).not.toMatch(/us-east-1|eu-central-1/);
    expect(left.filter(({ collector }) => ['agents', 'models', 'environment_names'].includes(collector))).toMatchObject([
      { collector: 'agents', scope: region(third), ...quiet },
      { collector: 'environment_names', scope: region(third), ...quiet },
      { collector: 'models', scope: region('eu-central-1'), ...quiet },
      { collector: 'models', scope: region(third), ...quiet },
    ]);
    expect(statesOf(site)).toEqual(['present']);
  });

  test('cannot be told where their metrics may not be listed, and are read then', async () => {
    const site = await start(7);
    site.provider.revoke('cloudwatch:ListMetrics');
    expect([await scan(site, 0), await scan(site, 1)]).toEqual([
      { agents: 3, models: 3 },
      { agents: 3, models: 3 },
    ]);
    expect(gapsOf(site)).toEqual([]);
  });

  test('are read again while something in them is refused, so that its gap stays', async () => {
    const site = await start(7);
    site.provider.revoke('bedrock:ListGuardrails');
    const refused = () =>
      rowsOf<{ scope: string }>(
        site.path,
        `SELECT scope FROM gaps WHERE scan = (SELECT max(scan) FROM scans) AND collector = 'models' AND reason = 'permission_denied'`,
      );
    const nights = [];
    for (const night of [0, 1, 2]) nights.push([(await scan(site, night)).models, refused().length]);
    expect(nights).toEqual([
      [3, 3],
      [3, 3],
      [3, 3],
    ]);
  });

  test('are left out of what the next night is planned to cost', async () => {
    const site = await start(7);
    await scan(site, 0);
    const before = site.provider.requests.length;
    await scan(site, 1);
    const sent = site.provider.requests.slice(before).filter(({ operation }) => !operation.startsWith('sts.')).length;
    const planned = planText([await sourceOf(site.source)], site.path, TENANT)
      .split('\n')
      .map((line) => Number(/^aws\s+\S+\s+(?:inventory|log)\s+(\d+)/.exec(line)?.[1] ?? 0));
    expect(planned.reduce((sum, requests) => sum + requests, 0)).toBe(sent);
  });
});
