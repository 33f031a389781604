/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { bytesBelow, formsOf, newFolder, noctule, writeConfig } from '../../cli/run.ts';
import { openWorld, statementsOf, type World } from '../world.ts';
import { accountOf, plantRegions, plantRuntimes } from './estate.ts';
import { about, only, realGaps } from './reading.ts';
import { json } from './wire.ts';

// Secrets, and names of secrets.

const statement = statementsOf('aws');
const PLANTED = 'PLANTED-SECRET-VALUE-a8Kq2';

function plantVariables(world: World, names: readonly string[]): void {
  const variables = Object.fromEntries(names.map((name) => [name, PLANTED]));
  plantRegions(world, 'us-east-1');
  plantRuntimes(world, [{ id: 'orders-a1b2c3d4e5', variables }]);
  world.plant('lambda.ListFunctions', () => lambdaPage(variables));
  world.plant('ecs.ListTaskDefinitionFamilies', () => json({ families: ['web'] }));
  world.plant('ecs.DescribeTaskDefinition', () =>
    json({
      taskDefinition: {
        taskDefinitionArn: `arn:aws:ecs:us-east-1:${accountOf(world)}:task-definition/web:7`,
        family: 'web',
        revision: 7,
        status: 'ACTIVE',
        containerDefinitions: [
          { name: 'web', image: 'web:1', environment: Object.entries(variables).map(([name, value]) => ({ name, value })), secrets: [] },
        ],
      },
    }),
  );
}

const lambdaPage = (Variables: Record<string, string>) =>
  json({
    Functions: [
      {
        FunctionName: 'relay',
        FunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:relay',
        Runtime: 'nodejs22.x',
        Role: 'arn:aws:iam::111122223333:role/relay',
        Environment: { Variables },
      },
    ],
  });

statement('A51', async () => {
  const world = await openWorld('aws');
  plantVariables(world, ['OPENAI_API_KEY']);
  const collectors = ['agents', 'environment_names'];
  const night = await world.scan({ collectors });
  expect(about(night, 'OPENAI_API_KEY')).toHaveLength(3);
  const folder = newFolder();
  const own = { ...world.provider.config, collectors: await only('aws', collectors), pace: { perSecond: 1000, inFlight: 4 } };
  const file = writeConfig(folder, { aws: own });
  const run = (...args: string[]) => noctule([...args, '--config', file], { cwd: folder, env: world.provider.environment });
  const said = [await run('scan'), await run('findings', '--format', 'json'), await run('coverage', '--format', 'json')];
  expect(said[1]!.stdout).toContain('OPENAI_API_KEY');
  const everything = [
    world.written(),
    bytesBelow(folder),
    JSON.stringify(night),
    ...said.flatMap(({ stdout, stderr }) => [stdout, stderr]),
  ].join('\n');
  expect(everything).toContain('OPENAI_API_KEY');
  expect(formsOf(PLANTED).filter((form) => everything.includes(form))).toEqual([]);
});

statement('A52', async () => {
  const broken = async (breakIt: (world: World) => void) => {
    const world = await openWorld('aws');
    plantVariables(world, ['OPENAI_API_KEY']);
    breakIt(world);
    const night = await world.scan({ collectors: ['environment_names'] });
    expect(realGaps(night).map(({ collector, reason }) => [collector, reason])).toEqual([['environment_names', 'provider_error']]);
    expect(night.facts.filter(({ evidence }) => evidence.source === 'lambda.ListFunctions')).toEqual([]);
    expect(night.facts.filter(({ evidence }) => evidence.source === 'ecs.DescribeTaskDefinition')).toHaveLength(1);
    const said = `${JSON.stringify([night.gaps, night.source])} ${world.written()}`;
    expect(said).toContain('environment_names');
    expect(['PLANTED', 'Internal page', '{"Funct', 'FunctionName'].filter((text) => said.includes(text))).toEqual([]);
    return world;
  };
  const cut = await broken((world) => world.provider.faults.add({ operation: 'lambda.ListFunctions', fault: 'cut' }));
  expect(cut.provider.faults.struck.has('lambda.ListFunctions')).toBe(true);
  const half = JSON.stringify(lambdaPage({ OPENAI_API_KEY: PLANTED }).body).slice(0, -30);
  await broken((world) => world.plant('lambda.ListFunctions', () => ({ ...lambdaPage({}), body: half })));
  const page = `<!doctype html><title>Internal page</title>${PLANTED}`;
  await broken((world) =>
    world.plant('lambda.ListFunctions', () => ({ status: 500, headers: { 'content-type': 'text/html' }, body: page })),
  );
});

statement('A53', async () => {
  const world = await openWorld('aws');
  const ai = ['OPENAI_API_KEY', 'PROD_OPENROUTER_API_KEY'];
  plantVariables(world, [...ai, 'GITHUB_TOKEN', 'AWS_ACCESS_KEY_ID']);
  const others = ['GITHUB_TOKEN', 'AWS_ACCESS_KEY_ID', 'skillman-token', 'coherent/path', 'jean-claude', 'gemini-exchange/key'];
  const names = ['prod/anthropic-api-key', ...ai, ...others];
  world.plant('secrets-manager.ListSecrets', () =>
    json({
      SecretList: names.map((Name) => ({
        ARN: `arn:aws:secretsmanager:us-east-1:111122223333:secret:${Name}-Ab1Cd2`,
        Name,
        CreatedDate: 1_780_000_000,
      })),
    }),
  );
  world.plant('ssm.DescribeParameters', () => json({ Parameters: [] }));
  const night = await world.scan({ collectors: ['secret_names', 'environment_names'] });
  const stored = night.facts.filter(({ collector }) => collector === 'secret_names').map(({ subject }) => subject.name);
  expect(stored.sort()).toEqual([...names].sort());
  const found = new Map<string, Set<string>>();
  for (const { name, rule } of night.findings) found.set(name, (found.get(name) ?? new Set()).add(rule));
  for (const name of ['prod/anthropic-api-key', ...ai]) expect([name, ...(found.get(name) ?? [])]).toEqual([name, 'unapproved-ai-tool']);
  for (const name of others) expect([name, ...(found.get(name) ?? [])]).toEqual([name]);
  expect(about(night, 'OPENAI_API_KEY').filter(({ collector }) => collector === 'environment_names')).toHaveLength(2);
});
