import { afterEach, expect, test } from 'vitest';
import { fake } from '../../../connectors/aws/fake/index.ts';
import { connector } from '../../../connectors/aws/index.ts';
import type { Connector, Gap, Observation } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import type { FakeProvider, FakeOptions } from '../../../src/testing/fake.ts';
import { runConnector } from '../../../src/testing/runner.ts';

const open: FakeProvider[] = [];
afterEach(async () => {
  for (const provider of open.splice(0)) await provider.close();
});

async function start(options: FakeOptions = {}, config: object = {}): Promise<FakeProvider> {
  const provider = await fake.start(createCompany({ people: 12 }), options);
  open.push(provider);
  return { ...provider, config: { ...provider.config, ...config } };
}

async function read(provider: FakeProvider) {
  const run = await runConnector(connector as Connector, provider, { only: ['agreements'] });
  const events = run.collectors.flatMap((collector) => collector.events);
  return {
    account: run.account!.scope,
    seen: events.filter((event): event is Observation => event.type === 'observation'),
    gaps: events.filter((event): event is Gap => event.type === 'gap'),
    covered: events.filter((event) => event.type === 'covered').map(({ scope }) => scope),
  };
}

test('agreements in force say what was bought, of whom and until when, by ids alone', async () => {
  const provider = await start();
  const asked: string[] = [];
  provider.watch(({ body }, operation) => void (operation?.startsWith('marketplace') && asked.push(body)));
  const { account, seen, gaps, covered } = await read(provider);
  expect([gaps, covered]).toEqual([[], [account]]);
  expect(seen.map(({ subject, signals, attributes }) => [subject, signals, attributes['productTypes']])[1]).toEqual([
    { app: 'marketplace_product/prod-0a1b2c3d4e5f6', name: 'prod-0a1b2c3d4e5f6' },
    [
      { type: 'aws_marketplace_product', value: 'prod-0a1b2c3d4e5f6' },
      { type: 'aws_account_id', value: '012345678910' },
    ],
    ['MachineLearningProduct'],
  ]);
  // Where no end was agreed upon, none is said: such an agreement can be given notice of.
  expect(seen.map(({ expiresAt }) => typeof expiresAt)).toEqual(['undefined', 'object', 'undefined']);
  const filters = (JSON.parse(asked[0]!) as { filters: { name: string; values: string[] }[] }).filters;
  expect(filters.map(({ name, values }) => [name, ...values])).toEqual([
    ['PartyType', 'Acceptor'],
    ['AgreementType', 'PurchaseAgreement'],
    ['Status', 'ACTIVE'],
  ]);
});

test('the Marketplace is asked in its own region, whichever are read', async () => {
  const { seen } = await read(await start({}, { regions: ['eu-central-1'] }));
  expect(seen).toHaveLength(3);
});

test('a list that breaks off closes nothing, and keeps what it had', async () => {
  const provider = await start();
  provider.faults.add({ operation: 'marketplace-agreement.SearchAgreements', fault: 403, nth: 2 });
  const { account, seen, gaps } = await read(provider);
  expect(seen).toHaveLength(2);
  expect(gaps).toMatchObject([{ scope: `${account}/marketplace_agreement`, permission: 'aws-marketplace:SearchAgreements' }]);
});

test('that nothing was bought is known', async () => {
  const { account, seen, gaps, covered } = await read(await start({ empty: true }));
  expect([seen, gaps, covered]).toEqual([[], [], [account]]);
});
